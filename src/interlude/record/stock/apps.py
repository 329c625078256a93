from django.apps import AppConfig


class StockConfig(AppConfig):
    name = "interlude.record.stock"
    label = "stock"
