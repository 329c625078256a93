from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "interlude.interfaces.staff"
    label = "staff"
