from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.cache import caches

from interlude.domain.refusals import Refused
from interlude.record.accounts import services
from interlude.record.accounts.models import Signature, StaffMember
from interlude.record.patients.models import Patient
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_a_signature_needs_the_password_and_binds_the_content(lena: StaffMember, noor: Patient, now: datetime) -> None:
    caches["throttle"].clear()
    content = {"dose_mg": "35"}
    with pytest.raises(Refused) as refused:
        services.sign(by=lena, password="wrong", meaning="order", about=noor, content=content, at=now)
    assert refused.value.field == "password"
    assert not Signature.objects.exists()
    signature = services.sign(by=lena, password=PASSWORD, meaning="order", about=noor, content=content, at=now)
    assert signature.content_sha256 == services.content_hash({"dose_mg": "35"})
    assert signature.content_sha256 != services.content_hash({"dose_mg": "350"})


def test_guessing_at_a_signature_is_slowed_down(lena: StaffMember, noor: Patient, now: datetime) -> None:
    caches["throttle"].clear()
    for _attempt in range(services.FAILURES_BEFORE_WAIT):
        with pytest.raises(Refused, match="not right"):
            services.sign(by=lena, password="x", meaning="order", about=noor, content={}, at=now)
    with pytest.raises(Refused, match="Too many"):
        services.sign(by=lena, password=PASSWORD, meaning="order", about=noor, content={}, at=now)
    caches["throttle"].clear()


def test_a_one_time_link_works_once(lena: StaffMember, amal: StaffMember, now: datetime) -> None:
    token = services.make_one_time_link(by=lena, at=now, staff=amal)
    services.set_password_by_link(token=token, password="seven quiet herons", at=now)
    with pytest.raises(Refused, match="used up"):
        services.set_password_by_link(token=token, password="seven quiet herons", at=now)
    late = services.make_one_time_link(by=lena, at=now, staff=amal)
    with pytest.raises(Refused, match="too old"):
        services.staff_of_link(token=late, at=now + timedelta(days=8))


def test_the_last_administrator_stays(staff: object, now: datetime, lena: StaffMember) -> None:
    aylin = staff("administrator", "aylin")  # type: ignore[operator]
    with pytest.raises(Refused, match="last administrator"):
        services.change_staff(
            by=lena,
            at=now,
            staff=aylin,
            display_name="Aylin",
            role="administrator",
            is_administrator=True,
            is_active=False,
            language="",
        )
