from django.apps import AppConfig


class CliConfig(AppConfig):
    name = "interlude.interfaces.cli"
    label = "cli"
