from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "interlude.record.measures"
    label = "measures"
