from django.apps import AppConfig


class FollowupConfig(AppConfig):
    name = "interlude.record.followup"
    label = "followup"
