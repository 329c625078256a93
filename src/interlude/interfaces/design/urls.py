from __future__ import annotations

from django.urls import path

from interlude.interfaces.design.views import styleguide

urlpatterns = [path("", styleguide, name="styleguide")]
