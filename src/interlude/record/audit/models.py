from __future__ import annotations

from django.db import models


class AuditEntry(models.Model):
    """What was done, when, by whom, to what. Written with the change it describes; never changed.

    Holds identifiers and codes only, no names and no free text, so that erasing a patient's texts
    leaves the trail whole.
    """

    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64)
    actor_role = models.CharField(max_length=32, blank=True)
    what = models.CharField(max_length=80)
    about_type = models.CharField(max_length=64)
    about_id = models.CharField(max_length=64)
    patient_id = models.UUIDField(null=True, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["patient_id", "id"]),
            models.Index(fields=["what", "id"]),
            models.Index(fields=["about_type", "about_id"]),
        ]
