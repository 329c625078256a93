from __future__ import annotations

from django.urls import path

from interlude.interfaces.staff.administration import views

urlpatterns = [
    path("administration", views.administration, name="administration"),
    path("administration/clinic", views.clinic, name="administration_clinic"),
    path("administration/sites/new", views.site, name="administration_new_site"),
    path("administration/sites/<uuid:site_id>", views.site, name="administration_site"),
    path("administration/sites/<uuid:site_id>/hours", views.hours, name="administration_hours"),
    path("administration/rooms/new", views.room, name="administration_new_room"),
    path("administration/rooms/<uuid:room_id>", views.room, name="administration_room"),
    path("administration/chairs/new", views.chair, name="administration_new_chair"),
    path("administration/chairs/<uuid:chair_id>", views.chair, name="administration_chair"),
    path("administration/numbers", views.numbers, name="administration_numbers"),
    path("administration/staff/new", views.staff, name="administration_new_staff"),
    path("administration/staff/<uuid:staff_id>", views.staff, name="administration_staff"),
    path("administration/staff/<uuid:staff_id>/link", views.staff_link, name="administration_staff_link"),
    path("administration/trail", views.trail, name="administration_trail"),
]
