from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "interlude.record.audit"
    label = "audit"
