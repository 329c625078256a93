from __future__ import annotations

from uuid import UUID

from django.db import transaction

from interlude.record.vault import cipher
from interlude.record.vault.models import SubjectKey


@transaction.atomic
def erase_subject(*, subject_id: UUID) -> None:
    """Delete a patient's key: every encrypted text of the patient reads as erased from now on."""
    SubjectKey.objects.filter(pk=subject_id).delete()
    cipher.forget_subject_key(subject_id)
