from django.apps import AppConfig


class TherapyConfig(AppConfig):
    name = "interlude.record.therapy"
    label = "therapy"
