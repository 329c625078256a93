from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "interlude.interfaces.portal"
    label = "portal"
