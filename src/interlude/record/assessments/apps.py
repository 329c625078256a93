from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "interlude.record.assessments"
    label = "assessments"
