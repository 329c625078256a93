"""Recovery: criteria with their evidence, the driver, the way home, the report and the sheet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from interlude.record.dosing import services
from interlude.record.dosing.models import Discharge, Session
from tests.record.dosing.builders import PASSWORD, Clinic, fresh

pytestmark = pytest.mark.django_db

YES = (
    "oriented",
    "oxygen",
    "walks",
    "drinks",
    "iv_removed",
    "instructions",
    "driver_present",
    "phone_check",
    "integration",
)


def resting(clinic: Clinic, started: int = 125, stopped: int = 80) -> Session:
    clinic.at = timezone.now() - timedelta(minutes=started + 15)
    session = clinic.running(after=timedelta(minutes=15))
    services.complete(by=clinic.nurse, at=timezone.now() - timedelta(minutes=stopped), session=session)
    return fresh(session)


def meet_all(client: Client, session: Session) -> None:
    page = f"/sessions/{session.pk}/recovery"
    for scale, codes in (
        ("aldrete", ("activity", "respiration", "circulation", "consciousness", "oxygen")),
        ("padss", ("vital_signs", "gait", "nausea", "pain", "bleeding")),
    ):
        client.post(f"{page}/score/{scale}", {f"item_{code}": "2" for code in codes})
    client.post(f"{page}/score/moaas", {"item_level": "5"})
    client.post(f"{page}/score/cadss6", {f"item_{code}": "0" for code in ("1", "2", "6", "7", "15", "22")})
    client.post(f"{page}/vitals", {"nibp_sys": "126", "nibp_dia": "80"})
    text = client.get(page).content.decode()
    for item in YES:
        code = text.split(f'id="{item}-yes" name="')[1].split('"')[0]
        assert client.post(f"{page}/answer", {"item": item, code: "yes"}).status_code == 302
    client.post(f"{page}/answer", {"item": "no_new_risk", "new_risk_state": "no"})


def home(client: Client, session: Session, **more: Any) -> Any:
    data = {
        "driver_name": "Tom Doe",
        "driver_phone": "+49 30 5550101",
        "identity_checked": "on",
        "instructions_given": "on",
        **more,
    }
    return client.post(f"/sessions/{session.pk}/discharge", data)


def test_nobody_goes_home_before_the_criteria_and_the_page_says_which(client: Client, clinic: Clinic) -> None:
    session = resting(clinic)
    client.force_login(clinic.nurse)
    page = client.get(f"/sessions/{session.pk}/recovery").content.decode()
    assert "Cannot go home yet" in page
    assert "Walks without help" in page
    assert "Tom Doe" in page
    assert 'aria-disabled="true"' in page.split('id="discharge-button"')[0].rsplit("<button", 1)[1] or (
        'aria-disabled="true"' in page.split('id="discharge-button"')[1].split(">")[0]
    )
    answer = home(client, session)
    assert answer.status_code == 422
    assert "Not ready to go home." in answer.content.decode()
    assert not Discharge.objects.exists()


def test_the_whole_way_home(client: Client, clinic: Clinic) -> None:
    session = resting(clinic)
    client.force_login(clinic.nurse)
    meet_all(client, session)
    page = client.get(f"/sessions/{session.pk}/recovery").content.decode()
    assert "Cannot go home yet" not in page
    assert "Minimum stay is over" in page
    assert "15 of 15 met" in page
    missing = home(client, session, identity_checked="")
    assert missing.status_code == 422
    assert 'id="id_identity_checked_error"' in missing.content.decode()
    answer = home(client, session)
    assert answer.headers["Location"] == f"/sessions/{session.pk}/report"
    assert fresh(session).phase == "discharged"
    report = client.get(f"/sessions/{session.pk}/report").content.decode()
    for text in ("Taken home by", "Tom Doe", "DOSE given", "Discharged", "126/80", "PADSS 10"):
        assert text in report
    assert client.get(f"/sessions/{session.pk}/recovery").headers["Location"].endswith("/report")
    sheet = client.get(f"/sessions/{session.pk}/discharge.pdf")
    assert sheet.headers["Content-Type"] == "application/pdf"
    assert sheet.content.startswith(b"%PDF")


def test_only_a_physician_shortens_the_stay_with_reason_and_password(client: Client, clinic: Clinic) -> None:
    session = resting(clinic, started=60, stopped=20)
    client.force_login(clinic.nurse)
    meet_all(client, session)
    page = client.get(f"/sessions/{session.pk}/recovery").content.decode()
    assert "Only a physician may shorten it." in page
    assert "shorten_reason" not in page
    assert home(client, session).status_code == 422
    client.force_login(clinic.physician)
    page = client.get(f"/sessions/{session.pk}/recovery").content.decode()
    assert "shorten_reason" in page
    assert "Cannot go home yet" not in page
    without = home(client, session, password=PASSWORD)
    assert without.status_code == 422
    assert 'id="id_shorten_reason_error"' in without.content.decode()
    wrong = home(client, session, shorten_reason="Lives next door", password="wrong")
    assert wrong.status_code == 422
    assert 'id="id_password_error"' in wrong.content.decode()
    assert not Discharge.objects.exists()
    assert home(client, session, shorten_reason="Lives next door", password=PASSWORD).status_code == 302
    assert Discharge.objects.get().stay_shortened_reason == "Lives next door"


def test_another_way_out_needs_words(client: Client, clinic: Clinic) -> None:
    session = resting(clinic)
    client.force_login(clinic.nurse)
    assert client.post(f"/sessions/{session.pk}/leave", {"way": "transfer"}).status_code == 422
    client.post(f"/sessions/{session.pk}/leave", {"way": "transfer", "note": "Chest pain, ambulance called"})
    assert fresh(session).phase == "transferred"


def test_there_is_no_sheet_before_the_discharge_and_no_criteria_before_the_end(client: Client, clinic: Clinic) -> None:
    session = clinic.running()
    client.force_login(clinic.nurse)
    assert client.get(f"/sessions/{session.pk}/discharge.pdf").status_code == 404
    assert client.post(f"/sessions/{session.pk}/recovery/answer", {"item": "walks"}).status_code == 404
    assert client.post(f"/sessions/{session.pk}/discharge").status_code == 404
