from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from interlude.record.measures import services
from interlude.record.measures.models import Assignment
from interlude.record.patients.models import Patient

NINE = [str(number) for number in range(1, 10)]


@pytest.fixture
def phq9(noor: Patient, now: datetime) -> Assignment:
    """A PHQ-9 that Noor may answer now."""
    return services.assign(by=noor, at=now, patient=noor, instrument="phq9", due_at=now + timedelta(hours=2))


@pytest.fixture
def tap(noor: Patient) -> Callable[..., None]:
    """`tap(assignment, "111110000", at)`: one answer for each digit, "-" for a question left out."""

    def taps(assignment: Assignment, digits: str, at: datetime) -> None:
        for item, digit in zip(NINE, digits, strict=True):
            if digit != "-":
                services.answer_item(by=noor, at=at, assignment=assignment, item=item, value=int(digit))

    return taps
