from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "interlude.record.devices"
    label = "devices"
