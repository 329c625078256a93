from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.models import AuditEntry
from interlude.record.patients import services
from interlude.record.patients.models import Patient
from interlude.record.patients.queries import patients_for, search

pytestmark = pytest.mark.django_db


def register(mira: StaffMember, now: datetime, family: str, given: str, born: date, **more: bool) -> Patient:
    return services.register(by=mira, at=now, family_name=family, given_name=given, born_on=born, **more)


@pytest.mark.parametrize(
    ("family", "given", "born", "caught"),
    [
        ("Haas", "Noor", date(1981, 7, 14), True),  # the same person again
        ("HAAS ", "noor", date(1990, 1, 1), True),  # the same names, whatever the birth date
        ("Noor", "Haas", date(1981, 7, 14), True),  # names the wrong way round
        ("Haas", "Nora", date(1981, 7, 14), True),  # family name and birth date agree
        ("Haas", "Nora", date(1990, 1, 1), False),
        ("Haase", "Noor", date(1981, 7, 14), False),
    ],
)
def test_a_second_registration_is_caught(
    noor: Patient, mira: StaffMember, now: datetime, family: str, given: str, born: date, caught: bool
) -> None:
    if not caught:
        assert register(mira, now, family, given, born).number == "K-00002"
        return
    with pytest.raises(services.PossibleDuplicate, match="K-00001"):
        register(mira, now, family, given, born)
    assert Patient.objects.count() == 1


def test_two_people_of_one_name_are_registered_once_compared(noor: Patient, mira: StaffMember, now: datetime) -> None:
    other = register(mira, now, "Haas", "Noor", date(1990, 1, 1), is_another_person=True)
    entry = AuditEntry.objects.get(what="patients.registered", about_id=str(other.pk))
    assert entry.detail == {"compared_with": ["K-00001"]}


def test_a_birth_date_in_the_future_is_refused(mira: StaffMember, now: datetime) -> None:
    with pytest.raises(Refused) as refused:
        register(mira, now, "Haas", "Noor", now.date() + timedelta(days=1))
    assert refused.value.field == "born_on"
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("family", "text", "found"),
    [
        ("Müller", "mue", True),
        ("Müller", "mull", True),
        ("Müller", "müll", True),
        ("Müller", "noor mü", True),
        ("Müller", "mx", False),
        ("Al Rashid", "rash", True),
        ("Müller", "K-00001", True),
    ],
)
def test_search_finds_by_beginnings(mira: StaffMember, now: datetime, family: str, text: str, found: bool) -> None:
    patient = register(mira, now, family, "Noor", date(1981, 7, 14))
    assert search(mira, text) == ([patient] if found else [])


def test_a_therapist_sees_the_own_patients_only(
    noor: Patient, jonas: StaffMember, mira: StaffMember, now: datetime
) -> None:
    assert not patients_for(jonas).exists()
    services.join_care_team(by=mira, at=now, patient=noor, staff=jonas)
    assert list(patients_for(jonas)) == [noor]


def test_the_portal_opens_with_link_and_birth_date_and_closes_after_five_wrong_dates(
    noor: Patient, lena: StaffMember, now: datetime
) -> None:
    token = services.invite_to_portal(by=lena, at=now, patient=noor)
    assert services.open_portal(token=token, born_on=date(1981, 7, 14), at=now) == noor
    for _attempt in range(services.WRONG_BIRTH_DATES_ALLOWED):
        with pytest.raises(Refused):
            services.open_portal(token=token, born_on=date(1981, 7, 15), at=now)
    with pytest.raises(Refused, match="has ended"):
        services.open_portal(token=token, born_on=date(1981, 7, 14), at=now)
