"""The gate page: lines, the order, the start."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from interlude.record.accounts.models import StaffMember
from interlude.record.dosing.models import GateAnswer, Observation, RateSegment, Session, SessionOrder
from tests.record.dosing.builders import PASSWORD, Clinic, fresh

pytestmark = pytest.mark.django_db


def post(client: Client, session: Session, item: str, **data: Any) -> Any:
    return client.post(f"/sessions/{session.pk}/gate/answer", {"item": item, **data})


def clock(at: datetime) -> str:
    return timezone.localtime(at).strftime("%H:%M")


@pytest.fixture
def session(client: Client, clinic: Clinic) -> Session:
    client.force_login(clinic.nurse)
    return clinic.checked_in()


def test_each_line_has_a_shape_and_a_word(client: Client, session: Session) -> None:
    page = client.get(f"/sessions/{session.pk}/gate").content.decode()
    assert page.count("Not answered") > 5
    assert 'id="line-consent"' in page
    assert 'data-state="ok"' in page
    assert "Cannot start yet" in page
    assert "order for this session is not signed" in page.replace("&#x27;", "'")


def test_a_question_is_answered_in_one_tap_and_the_others_are_left_alone(client: Client, session: Session) -> None:
    answer = post(client, session, "identity", identity_checked="yes")
    assert answer.status_code == 302
    assert GateAnswer.objects.get().values == {"identity_checked": True}


def test_htmx_gets_the_lines_as_parts(client: Client, session: Session) -> None:
    answer = client.post(
        f"/sessions/{session.pk}/gate/answer",
        {"item": "identity", "identity_checked": "yes"},
        headers={"HX-Request": "true"},
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in page
    assert 'id="line-identity"' in page
    assert 'hx-swap-oob="true"' in page


def test_fasting_takes_times_of_the_clock_and_counts_to_now(client: Client, session: Session) -> None:
    now = timezone.now()
    food = timezone.localtime(now) - timedelta(hours=9)
    water = timezone.localtime(now) - timedelta(hours=3)
    today = timezone.localtime(now).date()
    answer = post(
        client,
        session,
        "fasting",
        last_food_at=clock(food),
        last_food_at_day=(today - food.date()).days,
        last_water_at=clock(water),
        last_water_at_day=(today - water.date()).days,
    )
    assert answer.status_code == 302
    page = client.get(f"/sessions/{session.pk}/gate").content.decode()
    line = page[page.index('id="line-fasting"') :].split("</li>\n")[0]
    assert clock(food) in line
    assert " h</strong>" in line


def test_a_meal_in_the_future_is_refused_beside_its_field(client: Client, session: Session) -> None:
    later = timezone.localtime(timezone.now() + timedelta(minutes=5))
    day = 0 if later.date() == timezone.localdate() else None
    if day is None:
        pytest.skip("five minutes before midnight there is no later today")
    answer = post(
        client,
        session,
        "fasting",
        last_food_at=clock(later),
        last_food_at_day=0,
        last_water_at="00:01",
        last_water_at_day=1,
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This time is in the future." in page
    assert 'id="id_fasting_last_food_at_error"' in page
    assert not GateAnswer.objects.exists()


@pytest.mark.parametrize(
    ("typed", "text"),
    [("1.000", "can be read as 1 or as 1000"), ("9O", "not a plain number"), ("300", "outside the possible range")],
)
def test_a_number_that_is_none_is_refused_beside_its_field(
    client: Client, session: Session, typed: str, text: str
) -> None:
    answer = post(client, session, "oxygen", spo2_percent=typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert text in page
    assert 'id="id_oxygen_spo2_percent_error"' in page
    assert f'value="{typed}"' in page
    assert not Observation.objects.exists()


def test_a_weight_with_a_comma_is_read(client: Client, session: Session) -> None:
    assert post(client, session, "weight", weight_kg="70,5").status_code == 302
    assert "70.5 kg" in client.get(f"/sessions/{session.pk}/gate").content.decode()


def test_a_dependent_question_is_asked_after_a_yes_only(client: Client, session: Session) -> None:
    assert post(client, session, "benzodiazepine", takes_benzodiazepine="yes").status_code == 422
    assert post(client, session, "benzodiazepine", takes_benzodiazepine="no").status_code == 302


def test_only_who_the_line_names_goes_on_after_a_no(
    client: Client, clinic: Clinic, session: Session, lena: StaffMember
) -> None:
    post(client, session, "stimulant", stimulant_today="yes")
    page = client.get(f"/sessions/{session.pk}/gate").content.decode()
    assert "Going on all the same needs: Physician" in page
    refused = post(client, session, "stimulant", override_reason="Small dose")
    assert refused.status_code == 422
    assert "may not override" in refused.content.decode()
    client.force_login(lena)
    assert post(client, session, "stimulant", override_reason="").status_code == 422
    assert post(client, session, "stimulant", override_reason="Half a tablet at six").status_code == 302
    page = client.get(f"/sessions/{session.pk}/gate").content.decode()
    assert "Half a tablet at six" in page
    assert "Goes on with a reason" in page


def test_the_order_is_signed_with_the_password(client: Client, session: Session, lena: StaffMember) -> None:
    client.force_login(lena)
    wrong = client.post(f"/sessions/{session.pk}/order", {"password": "wrong"})
    assert wrong.status_code == 422
    assert 'id="id_password_error"' in wrong.content.decode()
    assert not SessionOrder.objects.exists()
    client.post(f"/sessions/{session.pk}/order", {"password": PASSWORD})
    assert SessionOrder.objects.get().dose_ug == 35_000
    page = client.get(f"/sessions/{session.pk}/gate").content.decode()
    assert "DOSE" in page
    assert "<strong>35 mg</strong>" in page


@pytest.mark.parametrize(
    ("rate", "text"),
    [("120", "is above the limit of 105 mg/h"), ("1.000", "can be read as 1 or as 1000"), ("0", "rate above 0")],
)
def test_a_rate_that_cannot_be_does_not_start(client: Client, clinic: Clinic, rate: str, text: str) -> None:
    session = clinic.ready()
    client.force_login(clinic.nurse)
    answer = client.post(
        f"/sessions/{session.pk}/start",
        {"lot": str(clinic.lot.pk), "rate_mg_per_h": rate, "seen_version": session.version},
    )
    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert 'id="id_rate_mg_per_h_error"' in answer.content.decode()
    assert not RateSegment.objects.exists()


def test_the_infusion_starts_with_a_comma_rate_and_a_vial(client: Client, clinic: Clinic) -> None:
    session = clinic.ready()
    client.force_login(clinic.nurse)
    page = client.get(f"/sessions/{session.pk}/gate").content.decode()
    assert 'value="52.5"' in page
    assert "mg per mL" in page
    assert "checked" in page
    answer = client.post(
        f"/sessions/{session.pk}/start",
        {
            "lot": str(clinic.lot.pk),
            "rate_mg_per_h": "52,5",
            "syringe_ml": "5",
            "seen_version": session.version,
        },
    )
    assert answer.headers["Location"] == f"/sessions/{session.pk}"
    assert str(RateSegment.objects.get().rate_mg_per_h) == "52.500"


def test_an_injection_has_no_rate(client: Client, clinic: Clinic) -> None:
    session = clinic.ready(key="trd-im")
    client.force_login(clinic.nurse)
    page = client.get(f"/sessions/{session.pk}/gate").content.decode()
    assert "Give the injection" in page
    assert "rate_mg_per_h" not in page
    client.post(f"/sessions/{session.pk}/start", {"lot": str(clinic.lot.pk), "seen_version": session.version})
    assert fresh(session).phase == "injected"
    page = client.get(f"/sessions/{session.pk}").content.decode()
    assert 'id="stop-button"' not in page
    assert 'id="rest-button"' in page


def test_an_old_page_does_not_start(client: Client, clinic: Clinic) -> None:
    session = clinic.ready()
    client.force_login(clinic.nurse)
    answer = client.post(
        f"/sessions/{session.pk}/start",
        {"lot": str(clinic.lot.pk), "rate_mg_per_h": "52.5", "seen_version": session.version - 1},
    )
    assert answer.status_code == 422
    assert "This page is out of date" in answer.content.decode()
    assert "Reload the page" in answer.content.decode()
    assert not RateSegment.objects.exists()


def test_the_number_of_queries_of_the_gate_does_not_grow(client: Client, clinic: Clinic, session: Session) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(f"/sessions/{session.pk}/gate")
        return len(seen)

    clinic.answer_gate(session)
    once = count()
    clinic.answer_gate(session)
    clinic.answer_gate(session)
    assert count() == once
