from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "interlude.interfaces.gateway"
    label = "gateway"
