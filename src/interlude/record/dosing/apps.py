from django.apps import AppConfig


class DosingConfig(AppConfig):
    name = "interlude.record.dosing"
    label = "dosing"
