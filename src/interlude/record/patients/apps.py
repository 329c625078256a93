from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "interlude.record.patients"
    label = "patients"
