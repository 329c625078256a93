from django.apps import AppConfig


class WorklistConfig(AppConfig):
    name = "interlude.record.worklist"
    label = "worklist"
