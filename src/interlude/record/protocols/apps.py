from django.apps import AppConfig


class ProtocolsConfig(AppConfig):
    name = "interlude.record.protocols"
    label = "protocols"
