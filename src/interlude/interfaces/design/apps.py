from django.apps import AppConfig


class DesignConfig(AppConfig):
    name = "interlude.interfaces.design"
    label = "design"
