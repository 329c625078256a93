from __future__ import annotations

from django.db import models


class SubjectKey(models.Model):
    """The key of one patient, wrapped by the master key. Deleting the row erases the patient's texts."""

    subject_id = models.UUIDField(primary_key=True)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
