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
    list(Patient.objects.select_for_update().filter(pk=patient_id).values_list("pk"))
    list(Chair.objects.select_for_update().filter(pk__in=set(chair_ids)).order_by("pk").values_list("pk"))
    list(StaffMember.objects.select_for_update().filter(pk__in=set(staff_ids)).order_by("pk").values_list("pk"))
