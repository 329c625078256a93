"""A signed-in browser for each role, and a patient on the way to a plan, at the time of the test run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from interlude.record.accounts.models import StaffMember
from interlude.record.patients.models import Patient
from interlude.record.plans import services
from interlude.record.plans.models import Course
from tests.record.plans.support import make_eligible, signed_course, version


@pytest.fixture
def today(the_clinic: object) -> datetime:
    return timezone.now()


@pytest.fixture
def as_(client: Client) -> Callable[[StaffMember], Client]:
    """`as_(lena)` is the browser of that person."""

    def sign_in(who: StaffMember) -> Client:
        client.force_login(who)
        return client

    return sign_in


@pytest.fixture
def eligible(noor: Patient, lena: StaffMember, today: datetime) -> Patient:
    make_eligible(noor, by=lena, at=today)
    return noor


@pytest.fixture
def draft(eligible: Patient, lena: StaffMember, today: datetime) -> Course:
    return services.draft_course(by=lena, at=today, patient=eligible, protocol_version=version())


@pytest.fixture
def signed(noor: Patient, lena: StaffMember, amal: StaffMember, jonas: StaffMember, today: datetime) -> Course:
    return signed_course(noor, by=lena, at=today)
