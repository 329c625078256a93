from __future__ import annotations

from django.urls import path

from interlude.interfaces.staff.devices import views

urlpatterns = [
    path("devices", views.devices, name="devices"),
    path("devices/new", views.device, name="device_new"),
    path("devices/<uuid:device_id>", views.device, name="device"),
    path("devices/<uuid:device_id>/chair", views.assign, name="device_assign"),
    path("devices/quarantine", views.quarantine, name="quarantine"),
    path("devices/quarantine/<uuid:item_id>", views.resolve, name="quarantine_resolve"),
    path("devices/messages/<int:message_id>", views.message, name="device_message"),
]
