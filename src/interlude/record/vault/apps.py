from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "interlude.record.vault"
    label = "vault"
