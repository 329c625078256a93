"""The cockpit: rate with preview, pause, stop, the pump, events, values, scales."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from interlude.record.dosing import services
from interlude.record.dosing.models import Observation, RateSegment, Score, Session, SessionEvent
from tests.record.dosing.builders import Clinic, fresh

pytestmark = pytest.mark.django_db

HX = {"HX-Request": "true"}


@pytest.fixture
def session(client: Client, clinic: Clinic) -> Session:
    client.force_login(clinic.nurse)
    return clinic.running(after=timedelta(minutes=25))


def rate(client: Client, session: Session, value: str, **more: Any) -> Any:
    data = {"rate_mg_per_h": value, "reason": "nausea", "seen_version": session.version, **more}
    return client.post(f"/sessions/{session.pk}/rate", data)


def seen(client: Client, session: Session, value: str) -> str:
    return str(client.get(f"/sessions/{session.pk}/preview.json?rate_mg_per_h={value}").json()["sha256"])


def test_the_rate_stands_in_every_unit(client: Client, session: Session) -> None:
    page = client.get(f"/sessions/{session.pk}").content.decode()
    for text in ("52.5", "0.75</strong> mg/kg/h", "0.875</strong> mg/min", "5.25</strong> mL/h", "35 mg"):
        assert text in page
    assert 'data-count-to="' in page
    assert f"session:{session.pk}" in page
    assert "Set the pump to 52.5 mg/h (5.25 mL/h) and start it" in page


def test_a_rate_is_changed_only_after_its_preview(client: Client, session: Session) -> None:
    answer = rate(client, session, "40")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert RateSegment.objects.count() == 1
    assert "+20 min" in page
    assert f'value="{seen(client, session, "40")}"' in page
    assert rate(client, session, "40", preview_sha256=seen(client, session, "40")).status_code == 302
    newest = RateSegment.objects.latest("position")
    assert (str(newest.rate_mg_per_h), newest.reason) == ("40.000", "Nausea")
    page = client.get(f"/sessions/{session.pk}").content.decode()
    assert "Set the pump to 40 mg/h (4 mL/h) now" in page


def test_the_preview_says_what_changes(client: Client, session: Session) -> None:
    data = client.get(f"/sessions/{session.pk}/preview.json?rate_mg_per_h=26,25").json()
    assert [point["in_min"] for point in data["points"]] == [5, 10, 20]
    assert all(point["ce_change_percent"] < 0 for point in data["points"])
    assert "26.25 mg/h" in data["html"]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("120", "The rate 120 mg/h is above the limit of 105 mg/h."),
        ("1.000", "1.000 can be read as 1 or as 1000."),
        ("1,000", "1,000 can be read as 1 or as 1000."),
        ("12O", "not a plain number"),
        ("0,8,5", "0,8,5"),
        ("0", "To give nothing, pause or stop the infusion."),
        ("", "Enter “New rate”."),
    ],
)
def test_a_rate_that_cannot_be_is_refused_beside_its_field(
    client: Client, session: Session, typed: str, text: str
) -> None:
    answer = rate(client, session, typed, preview_sha256="0" * 64)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert text in page
    assert 'id="id_rate_mg_per_h_error"' in page
    assert "<title>Error:" in page.replace("\n", "")
    assert RateSegment.objects.count() == 1
    if typed:
        preview = client.get(f"/sessions/{session.pk}/preview.json", {"rate_mg_per_h": typed})
        assert preview.status_code in (200, 422)


def test_a_comma_is_a_decimal_sign(client: Client, session: Session) -> None:
    rate(client, session, "39,5", preview_sha256=seen(client, session, "39.5"))
    assert str(RateSegment.objects.latest("position").rate_mg_per_h) == "39.500"


def test_a_rate_needs_a_reason(client: Client, session: Session) -> None:
    sha256 = seen(client, session, "40")
    assert rate(client, session, "40", preview_sha256=sha256, reason="").status_code == 422
    other = rate(client, session, "40", preview_sha256=sha256, reason="other")
    assert "Write why the rate is changed." in other.content.decode()
    assert RateSegment.objects.count() == 1
    rate(client, session, "40", preview_sha256=sha256, reason="other", words="Loud street")
    assert RateSegment.objects.latest("position").reason == "Loud street"


def test_an_old_page_changes_nothing_and_offers_the_new_one(client: Client, clinic: Clinic, session: Session) -> None:
    sha256 = seen(client, session, "40")
    services.change_rate(
        by=clinic.physician,
        at=timezone.now(),
        session=session,
        rate_mg_per_h=Decimal(45),
        reason="order",
        seen_version=session.version,
    )
    answer = rate(client, session, "40", preview_sha256=sha256)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This page is out of date" in page
    assert "Reload the page" in page
    assert 'value="40"' in page
    assert RateSegment.objects.count() == 2


def test_a_preview_of_another_rate_does_not_count(client: Client, session: Session) -> None:
    answer = rate(client, session, "41", preview_sha256=seen(client, session, "40"))
    assert answer.status_code == 422
    assert RateSegment.objects.count() == 1


def test_pause_resume_and_stop_work_without_script_and_ask_for_the_pump(client: Client, session: Session) -> None:
    page = f"/sessions/{session.pk}"
    client.post(page + "/pause")
    text = client.get(page).content.decode()
    assert "Pause the pump now" in text
    assert 'id="resume-button"' in text
    assert 'id="pause-button"' not in text
    client.post(page + "/resume", {"seen_version": fresh(session).version})
    assert "Start the pump again at 52.5 mg/h" in client.get(page).content.decode()
    client.post(page + "/stop")
    text = client.get(page).content.decode()
    assert "STOP THE PUMP NOW" in text
    assert 'id="rest-button"' in text
    assert 'id="stop-button"' not in text
    segment = RateSegment.objects.latest("position")
    client.post(page + "/pump", {"segment": str(segment.pk)})
    assert "STOP THE PUMP NOW" not in client.get(page).content.decode()
    assert client.post(page + "/rest").headers["Location"] == page + "/recovery"


def test_a_pump_is_confirmed_for_the_newest_change_only(client: Client, session: Session) -> None:
    first = RateSegment.objects.get()
    client.post(f"/sessions/{session.pk}/pause")
    answer = client.post(f"/sessions/{session.pk}/pump", {"segment": str(first.pk)}, headers=HX)
    assert answer.status_code == 422
    assert "out of date" in answer.content.decode()
    assert client.post(f"/sessions/{session.pk}/pump", {"segment": "nonsense"}).status_code == 404


def test_htmx_gets_the_parts_and_nothing_else(client: Client, session: Session) -> None:
    answer = client.post(f"/sessions/{session.pk}/pause", headers=HX)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in page
    for part in ("strip", "numerals", "controls", "acts", "rate", "due", "events", "log", "typed"):
        assert f'id="part-{part}"' in page
    assert page.count('hx-swap-oob="true"') == page.count('id="part-')


def test_an_event_is_one_tap_at_the_moment_of_the_touch(client: Client, session: Session) -> None:
    touched = timezone.now() - timedelta(seconds=4)
    client.post(f"/sessions/{session.pk}/event", {"kind": "nausea", "event_at": touched.isoformat()})
    assert SessionEvent.objects.get().at == touched
    assert "Entered by mistake" in client.get(f"/sessions/{session.pk}").content.decode()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"kind": "nausea", "event_at": "2999-01-01T00:00:00+00:00"}, "This time is in the future."),
        ({"kind": "nausea", "event_at": "yesterday"}, "The time of the tap could not be read."),
        ({"kind": "hiccup"}, "hiccup"),
        ({"form": "words", "kind": "note", "note": "  "}, "Enter “What happened”."),
    ],
)
def test_an_event_that_cannot_be_is_not_logged(
    client: Client, session: Session, data: dict[str, str], text: str
) -> None:
    answer = client.post(f"/sessions/{session.pk}/event", data)
    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert not SessionEvent.objects.exists()


def test_values_are_typed_with_a_comma_and_a_time(client: Client, session: Session) -> None:
    at = timezone.localtime(timezone.now() - timedelta(minutes=3))
    client.post(
        f"/sessions/{session.pk}/vitals",
        {"nibp_sys": "138", "nibp_dia": "86", "temperature": "36,6", "observed_at": at.strftime("%H:%M")},
    )
    rows = {row.kind: row for row in Observation.objects.filter(source="typed", received_at__gt=session.started_at)}
    assert rows["temperature"].value == Decimal("36.6")
    assert timezone.localtime(rows["nibp_sys"].observed_at).strftime("%H:%M") == at.strftime("%H:%M")


@pytest.mark.parametrize(
    ("field", "typed", "text"),
    [
        ("nibp_sys", "1.000", "can be read as 1 or as 1000"),
        ("spo2", "97,5", "Enter a whole number."),
        ("heart_rate", "7O", "not a plain number"),
        ("spo2", "150", "outside the possible range"),
        ("observed_at", "25:00", "Enter a time by the 24-hour clock"),
        ("observed_at", "later", "This time is in the future."),
    ],
)
def test_values_that_cannot_be_are_refused_beside_their_field(
    client: Client, session: Session, field: str, typed: str, text: str
) -> None:
    before = Observation.objects.count()
    later = timezone.localtime(timezone.now() + timedelta(minutes=2))
    if typed == "later" and later.date() != timezone.localdate():
        pytest.skip("two minutes before midnight there is no later today")
    data = {"resp_rate": "14", field: later.strftime("%H:%M") if typed == "later" else typed}
    answer = client.post(f"/sessions/{session.pk}/vitals", data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert text in page
    assert f'id="id_vitals_{field}_error"' in page
    assert Observation.objects.count() == before


def test_a_scale_is_scored_item_by_item(client: Client, session: Session) -> None:
    page = f"/sessions/{session.pk}/score/cadss6"
    missing = client.post(page, {"item_1": "2"})
    assert missing.status_code == 422
    assert "Score “CADSS item 22”." in missing.content.decode()
    assert not Score.objects.exists()
    client.post(page, {f"item_{code}": "1" for code in ("1", "2", "6", "7", "15", "22")})
    assert Score.objects.get().total == 6
    assert client.post(f"/sessions/{session.pk}/score/phq9").status_code == 404


def test_what_is_due_counts_down_and_is_done_by_doing_it(client: Client, clinic: Clinic, session: Session) -> None:
    page = client.get(f"/sessions/{session.pk}").content.decode()
    assert "Has dissociation begun?" in page
    assert "Alertness (MOAA/S)" in page
    assert 'class="is-over"' in page
    services.log_event(by=clinic.nurse, at=timezone.now(), session=session, kind="dissociation")
    assert "Has dissociation begun?" not in client.get(f"/sessions/{session.pk}").content.decode()


def test_the_number_of_queries_does_not_grow(client: Client, clinic: Clinic, session: Session) -> None:
    def count(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as found:
            assert client.get(path).status_code == 200
        return len(found)

    paths = [f"/sessions/{session.pk}{path}" for path in ("", "/chart.json", "/report")]
    services.log_event(by=clinic.nurse, at=timezone.now(), session=session, kind="calm")
    services.chart_vitals(by=clinic.nurse, at=timezone.now(), session=session, values={"heart_rate": Decimal(80)})
    services.record_score(by=clinic.nurse, at=timezone.now(), session=session, scale="moaas", answers={"level": 5})
    once = [count(path) for path in paths]
    for number in range(3):
        at = timezone.now()
        services.log_event(by=clinic.nurse, at=at, session=session, kind="calm")
        services.chart_vitals(by=clinic.nurse, at=at, session=session, values={"heart_rate": Decimal(81 + number)})
        services.record_score(by=clinic.nurse, at=at, session=session, scale="moaas", answers={"level": 5})
    assert [count(path) for path in paths] == once
    assert max(once) <= 30


def test_each_look_at_the_page_is_in_the_trail_and_its_refreshes_are_not(client: Client, session: Session) -> None:
    from interlude.record.audit.models import AuditEntry

    viewed = AuditEntry.objects.filter(what="patients.chart.viewed")
    client.get(f"/sessions/{session.pk}")
    client.get(f"/sessions/{session.pk}/panel", headers=HX)
    assert viewed.count() == 1
