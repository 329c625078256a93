from __future__ import annotations

from django.urls import path

from interlude.interfaces.staff.calendar import appointment, booking, series, views

urlpatterns = [
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/print/", views.calendar_print, name="calendar_print"),
    path("courses/<uuid:course_id>/series/", series.series, name="series"),
    path("appointments/book/", booking.book, name="book"),
    path("appointments/<uuid:appointment_id>/", appointment.appointment, name="appointment"),
    path("appointments/<uuid:appointment_id>/move/", appointment.appointment_move, name="appointment_move"),
    path("appointments/<uuid:appointment_id>/cancel/", appointment.appointment_cancel, name="appointment_cancel"),
    path("appointments/<uuid:appointment_id>/mark/", appointment.appointment_mark, name="appointment_mark"),
    path("appointments/<uuid:appointment_id>/driver/", appointment.appointment_driver, name="appointment_driver"),
]
