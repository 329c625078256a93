from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "interlude.record.plans"
    label = "plans"
