from __future__ import annotations

from django.urls import include, path

from interlude.config.views import healthz, set_mode

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("mode", set_mode, name="set_mode"),
    path("design/", include(("interlude.interfaces.design.urls", "design"))),
    path("p/", include(("interlude.interfaces.portal.urls", "portal"))),
    path("", include(("interlude.interfaces.staff.urls", "staff"))),
]
