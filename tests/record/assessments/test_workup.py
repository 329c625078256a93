"""A report that was brought along satisfies an item of the work-up with its own date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import queries, services
from interlude.record.assessments.models import Report, WorkupEntry
from interlude.record.audit.models import AuditEntry
from interlude.record.patients.models import Patient
from tests.record.plans.support import another_patient

TODAY = date(2026, 3, 12)
BROUGHT = date(2026, 2, 20)


@pytest.fixture
def report(noor: Patient, amal: StaffMember, now: datetime) -> Report:
    return services.attach_report(
        by=amal,
        at=now,
        patient=noor,
        title="Laboratory",
        file_name="a.pdf",
        content=b"%PDF-1",
        reported_on=BROUGHT,
    )


@pytest.fixture
def enter(noor: Patient, amal: StaffMember, now: datetime) -> Callable[..., WorkupEntry]:
    def record(item: str = "liver", **more: Any) -> WorkupEntry:
        values: dict[str, Any] = {"by": amal, "at": now, "patient": noor, "item": item, "done_on": None}
        return services.record_workup(**values | more)

    return record


def line(patient: Patient, item: str) -> queries.WorkupLine:
    return next(row for row in queries.workup_of(patient, TODAY) if row.result.item.code == item)


def test_before_anything_is_entered_nothing_counts_as_done(noor: Patient) -> None:
    states = {row.result.item.code: row.result.state for row in queries.workup_of(noor, TODAY)}
    assert set(states.values()) <= {"open", "unknown"}
    assert states["liver"] == "open"


def test_a_report_brought_along_satisfies_the_item_with_its_date(
    enter: Callable[..., WorkupEntry], report: Report, noor: Patient
) -> None:
    entry = enter(report=report, outcome="normal")
    assert entry.done_on == BROUGHT
    found = line(noor, "liver")
    assert (found.result.state, found.result.done_on) == ("done", BROUGHT)
    assert found.entry is not None
    assert found.entry.report == report
    assert AuditEntry.objects.filter(what="assessments.workup.recorded").count() == 1


def test_the_day_of_the_examination_goes_before_that_of_the_report(
    enter: Callable[..., WorkupEntry], report: Report, noor: Patient
) -> None:
    enter(report=report, done_on=BROUGHT - timedelta(days=3))
    assert line(noor, "liver").result.done_on == BROUGHT - timedelta(days=3)
    with pytest.raises(Refused, match="older than this day") as refused:
        enter(report=report, done_on=BROUGHT + timedelta(days=1))
    assert refused.value.field == "done_on"


def test_an_old_report_does_not_satisfy_for_ever(enter: Callable[..., WorkupEntry], noor: Patient) -> None:
    enter(done_on=TODAY - timedelta(days=91))
    assert line(noor, "liver").result.state == "too_old"


def test_a_report_that_is_taken_out_takes_its_results_along(
    enter: Callable[..., WorkupEntry], report: Report, noor: Patient, amal: StaffMember, now: datetime
) -> None:
    enter(report=report)
    services.withdraw_report(by=amal, at=now, report=report)
    assert line(noor, "liver").result.state == "open"
    with pytest.raises(Refused) as refused:
        enter(report=report)
    assert refused.value.field == "report"


def test_a_result_in_error_is_withdrawn_and_the_one_before_holds(
    enter: Callable[..., WorkupEntry], noor: Patient, amal: StaffMember, now: datetime
) -> None:
    enter(done_on=BROUGHT)
    wrong = enter(done_on=TODAY)
    services.withdraw_workup(by=amal, at=now, entry=wrong)
    assert line(noor, "liver").result.done_on == BROUGHT
    with pytest.raises(Refused, match="withdrawn already"):
        services.withdraw_workup(by=amal, at=now, entry=wrong)


# what is changed | field
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"item": "horoscope"}, "item"),
    ({}, "done_on"),
    ({"done_on": TODAY + timedelta(days=1)}, "done_on"),
    ({"done_on": TODAY, "outcome": "fine"}, "outcome"),
    ({"done_on": TODAY, "outcome": "remarkable"}, "finding"),
    ({"done_on": TODAY, "finding": "x" * 2001}, "finding"),
]


@pytest.mark.parametrize(("changes", "field"), REFUSED)
def test_what_is_refused(changes: dict[str, Any], field: str, enter: Callable[..., WorkupEntry]) -> None:
    with pytest.raises(Refused) as refused:
        enter(**changes)
    assert refused.value.field == field
    assert not WorkupEntry.objects.exists()


def test_another_patients_report_is_refused(
    enter: Callable[..., WorkupEntry], report: Report, lena: StaffMember
) -> None:
    with pytest.raises(Refused) as refused:
        enter(report=report, patient=another_patient(1, lena))
    assert refused.value.field == "report"


def test_parts_lists_and_facts_count_without_being_entered_twice(
    everything_clear: None, noor: Patient, lena: StaffMember, now: datetime
) -> None:
    services.save_consultation(by=lena, at=now, patient=noor, part="physical", content={"text": "Nothing"})
    services.state_allergies(by=lena, at=now, patient=noor, state="none_known")
    for item in ("weight", "vital_signs", "medicines", "capacity", "physical", "allergies"):
        assert line(noor, item).result.state == "done", item
    assert line(noor, "ecg").result.state == "not_needed"
    assert line(noor, "scales").result.state == "open"


def test_the_rows_cannot_be_changed_and_the_finding_is_unreadable(enter: Callable[..., WorkupEntry]) -> None:
    entry = enter(done_on=TODAY, outcome="remarkable", finding="ALT three times the limit")
    with pytest.raises(DatabaseError), transaction.atomic():
        WorkupEntry.objects.filter(pk=entry.pk).update(done_on=BROUGHT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT finding FROM assessments_workupentry")
        assert b"ALT" not in bytes(cursor.fetchone()[0])


def test_the_work_up_costs_the_same_whatever_it_holds(
    enter: Callable[..., WorkupEntry], report: Report, noor: Patient
) -> None:
    counts = []
    for item in ("liver", "ecg", "tsh"):
        enter(item, report=report)
        with CaptureQueriesContext(connection) as asked:
            queries.workup_of(noor, TODAY)
        counts.append(len(asked))
    assert len(set(counts)) == 1, counts
