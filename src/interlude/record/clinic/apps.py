from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "interlude.record.clinic"
    label = "clinic"
