from __future__ import annotations

from django.urls import path

from interlude.interfaces.staff.entrance import views
from interlude.interfaces.staff.live import live

urlpatterns = [
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("welcome/<str:token>", views.first_password, name="first_password"),
    path("live/stream", live, name="live"),
]
