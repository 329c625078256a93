from __future__ import annotations

from datetime import date, datetime

import pytest

from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import queries, services
from interlude.record.assessments.models import WorkupEntry
from interlude.record.patients.models import Patient
from tests.interfaces.staff.people.conftest import Browser

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def address(patient: Patient) -> str:
    return f"/patients/{patient.pk}/consultation/workup"


def test_a_result_from_a_report_is_entered_and_taken_out(
    browser: Browser, amal: StaffMember, noor: Patient, now: datetime
) -> None:
    report = services.attach_report(
        by=amal, at=now, patient=noor, title="Blood count of Dr Stein", file_name="a.pdf", content=b"%PDF-1",
        reported_on=date(2026, 2, 20),
    )  # fmt: skip
    client = browser(amal)
    page = client.get(f"/patients/{noor.pk}/consultation").content.decode()
    assert "Report: Blood count of Dr Stein" in page
    assert "Needed? Not known yet" in page
    sent = {"item": "liver", "origin": str(report.pk), "outcome": "normal"}
    card = client.post(address(noor), sent, headers=HTMX).content.decode()
    assert "20-Feb-2026" in card
    assert "brought along" in card
    (entry,) = queries.workup_entries(noor)
    client.post(address(noor), {"verb": "withdraw", "id": str(entry.pk)})
    assert queries.workup_entries(noor) == []
    assert client.post(address(noor), {"verb": "withdraw", "id": str(entry.pk)}).status_code == 404


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"item": "liver", "origin": "here", "outcome": "normal"}, "Enter the day of the examination."),
        ({"item": "", "origin": "here", "outcome": "normal"}, "Choose"),
        ({"item": "liver", "origin": "elsewhere", "outcome": "normal"}, "Select a valid choice"),
        (
            {
                "item": "liver",
                "origin": "here",
                "outcome": "remarkable",
                "done_on_day": "12",
                "done_on_month": "3",
                "done_on_year": "2026",
            },
            "Write what was found.",
        ),
    ],
)
def test_what_is_refused_stays(
    browser: Browser, amal: StaffMember, noor: Patient, sent: dict[str, str], words: str
) -> None:
    answer = browser(amal).post(address(noor), sent, headers=HTMX)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not WorkupEntry.objects.exists()
