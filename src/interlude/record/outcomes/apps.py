from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "interlude.record.outcomes"
    label = "outcomes"
