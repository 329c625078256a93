from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.test import Client

from interlude.record.accounts.models import StaffMember
from interlude.record.clinic.models import Chair
from interlude.record.patients import services as patients
from interlude.record.plans.models import Comfort, Consent, ConsentWithdrawal, Course, Driver
from tests.record.dosing.builders import Clinic, make_lot

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(lena: StaffMember, tomasz: StaffMember, amal: StaffMember, chairs: list[Chair], now: datetime) -> Clinic:
    return Clinic(lena, tomasz, amal, chairs, make_lot(amal, now), now)


@pytest.fixture
def course(clinic: Clinic) -> Course:
    """A signed course with a session the day after tomorrow at 09:30; consent and driver are given."""
    course = clinic.course(clinic.patient(), clinic.version())
    clinic.appointment(course, at=clinic.at + timedelta(days=2, minutes=30))
    return course


@pytest.fixture
def hers(course: Course, enter: Callable[[str], Client], mira: StaffMember, now: datetime) -> Client:
    return enter(patients.invite_to_portal(by=mira, at=now, patient=course.patient))


def test_home_counts_fasting_back_in_clock_times(hers: Client) -> None:
    page = hers.get("/p/").content.decode()
    for words in ("Sat 14-Mar-2026", "at 09:30", "03:30", "07:30", "Tom Doe takes you home", "You have signed"):
        assert words in page, words


def test_home_without_an_appointment(noors: Client) -> None:
    assert "No appointment is booked" in noors.get("/p/").content.decode()
    assert noors.get("/p/ride").headers["Location"] == "/p/"
    assert noors.get("/p/agreement").status_code == 404
    assert noors.get("/p/wishes").status_code == 404


def test_the_driver_is_named_and_offered_again(hers: Client, course: Course, now: datetime) -> None:
    assert "Tom Doe" in hers.get("/p/ride").content.decode()
    bad = hers.post("/p/ride", {"name": "Noor Haas", "phone": "12"}).content.decode()
    assert "may not drive" in bad
    assert "Error:" in bad.split("</title>")[0]
    assert Driver.objects.count() == 1
    with patch("django.utils.timezone.now", return_value=now + timedelta(minutes=2)):
        hers.post("/p/ride", {"name": "Eva Lind", "phone": "+49 30 5550102"})
    assert "Eva Lind takes you home" in hers.get("/p/").content.decode()
    assert Driver.objects.latest("named_at").named_by_kind == "patient"


def test_the_signed_text_is_read_again_word_for_word_and_taken_back(hers: Client, course: Course) -> None:
    given = Consent.objects.get()
    signed = f"/p/agreement/{given.pk}"
    assert hers.get("/p/agreement").headers["Location"] == signed
    page = hers.get(signed).content.decode()
    assert given.text.topics[0]["heading"] in page
    assert "Signed by <strong>Noor Haas</strong>" in page
    hers.post(signed)
    assert ConsentWithdrawal.objects.get().by_kind == "patient"
    assert "You took this agreement back" in hers.get(signed).content.decode()
    again = hers.get("/p/agreement").content.decode()
    assert "Consent was taken back." in again
    sha256 = given.text_sha256
    missing = hers.post("/p/agreement", {"text_sha256": sha256, "signed_name": "Noor Haas"}).content.decode()
    assert "Error:" in missing.split("</title>")[0]
    other = {"text_sha256": "0" * 64, "signed_name": "Noor Haas", "agrees": "on"}
    assert "Reload the page" in hers.post("/p/agreement", other).content.decode()
    assert Consent.objects.count() == 1
    done = hers.post("/p/agreement", {"text_sha256": sha256, "signed_name": "Noor Haas", "agrees": "on"})
    newest = Consent.objects.latest("signed_at")
    assert Consent.objects.count() == 2
    assert (newest.channel, newest.text_sha256) == ("portal", sha256)
    assert done.status_code == 302


def test_somebody_elses_consent_is_not_there(noors: Client, course: Course) -> None:
    given = Consent.objects.get()
    assert noors.get(f"/p/agreement/{given.pk}").status_code == 404
    assert noors.post(f"/p/agreement/{given.pk}").status_code == 404
    assert not ConsentWithdrawal.objects.exists()


def test_wishes_are_kept_and_may_stay_empty(hers: Client, course: Course) -> None:
    hers.post("/p/wishes", {"seat": "bed", "eye_mask": "yes", "blanket": "no", "music": "Slow piano"})
    row = Comfort.objects.get()
    assert (row.seat, row.eye_mask, row.blanket, row.music) == ("bed", True, False, "Slow piano")
    assert "Slow piano" in hers.get("/p/wishes").content.decode()
    hers.post("/p/wishes", {"music": ""})
    assert Comfort.objects.count() == 2
    bad = hers.post("/p/wishes", {"seat": "hammock"}).content.decode()
    assert "Error:" in bad.split("</title>")[0]


def test_the_pages_belong_to_the_patient_of_the_link(hers: Client, course: Course) -> None:
    assert "Hello Noor" in hers.get("/p/").content.decode()
    assert hers.session["portal"]["patient"] == str(course.patient_id)
