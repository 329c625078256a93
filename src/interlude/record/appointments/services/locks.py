"""One booking at a time on what it takes.

On SQLite the transaction itself is the lock (BEGIN IMMEDIATE: one writer). On PostgreSQL the rows of the patient,
the chairs and the people are locked, always in this order and by key, so that two bookings cannot wait for
each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from interlude.record.accounts.models import StaffMember
from interlude.record.clinic.models import Chair
from interlude.record.patients.models import Patient


def lock(*, patient_id: UUID, chair_ids: Iterable[UUID], staff_ids: Iterable[UUID]) -> None:
    """Hold everybody else's booking of these back until this transaction ends."""
    lock_patient(patient_id)
    chairs = Chair.objects.select_for_update(no_key=True).filter(pk__in=set(chair_ids))
    list(chairs.order_by("pk").values_list("pk"))
    people = StaffMember.objects.select_for_update(no_key=True).filter(pk__in=set(staff_ids))
    list(people.order_by("pk").values_list("pk"))


def lock_patient(patient_id: UUID) -> None:
    """The first lock of every verb of this room. Rows that refer to the patient can still be written."""
    list(Patient.objects.select_for_update(no_key=True).filter(pk=patient_id).values_list("pk"))
