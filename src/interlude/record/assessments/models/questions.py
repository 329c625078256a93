from __future__ import annotations

from django.db import models

from interlude.record.assessments.models.base import PatientRow


class QuestionForPatient(PatientRow):
    """One question of the catalogue that the patient is asked in the portal. Append-only.

    It is open until any answer to it is charted after it was asked: a `Fact` with a `number` above `after_number`.
    """

    code = models.CharField(max_length=60)
    after_number = models.PositiveIntegerField()

    class Meta:
        ordering = ["recorded_at", "id"]
        indexes = [models.Index(fields=["patient", "code"])]
