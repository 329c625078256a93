from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "interlude.record.appointments"
    label = "appointments"
