from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "interlude.record.accounts"
    label = "accounts"
