from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from interlude.domain.protocol.workup import workup_items
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments.models import (
    Report,
    ReportWithdrawal,
    WorkupEntry,
    WorkupOutcome,
    WorkupWithdrawal,
)
from interlude.record.audit import services as audit
from interlude.record.clinic.queries import local_day
from interlude.record.patients.models import Patient

LONGEST_FINDING = 2_000


@transaction.atomic
def record_workup(
    *,
    by: StaffMember,
    at: datetime,
    patient: Patient,
    item: str,
    done_on: date | None,
    outcome: str = WorkupOutcome.NOT_KNOWN,
    finding: str = "",
    report: Report | None = None,
) -> WorkupEntry:
    """Enter a result of the work-up with the day on which it was found. With a `report` that was brought along
    the day may be left out: then it is the report's own.

    Raises `Refused` (fields `item`, `done_on`, `outcome`, `finding`, `report`).
    """
    if item not in {one.code for one in workup_items()}:
        raise Refused(N_("Choose one of the list."), field="item")
    if outcome not in WorkupOutcome.values:
        raise Refused(N_("Choose one of the list."), field="outcome")
    if outcome == WorkupOutcome.REMARKABLE and not finding.strip():
        raise Refused(N_("Write what was found."), field="finding")
    if len(finding) > LONGEST_FINDING:
        raise Refused(N_("Use at most {limit} letters."), field="finding", limit=LONGEST_FINDING)
    day = done_on or (report.reported_on if report is not None else None)
    _check_report(patient, report, done_on)
    if day is None:
        raise Refused(N_("Enter the day of the examination."), field="done_on")
    if day > local_day(at):
        raise Refused(N_("This date is in the future."), field="done_on")
    entry = WorkupEntry(
        patient=patient,
        item=item,
        done_on=day,
        report=report,
        outcome=outcome,
        finding=finding.strip(),
        recorded_at=at,
        recorded_by=by,
    )
    entry.save(force_insert=True)
    detail = {"item": item, "done_on": day.isoformat(), "from_report": report is not None}
    audit.record(by=by, at=at, what="assessments.workup.recorded", about=entry, patient_id=patient.pk, detail=detail)
    return entry


def _check_report(patient: Patient, report: Report | None, done_on: date | None) -> None:
    if report is None:
        return
    if report.patient_id != patient.pk or ReportWithdrawal.objects.filter(report=report).exists():
        raise Refused(N_("This report is not in the patient's chart."), field="report")
    if done_on is not None and report.reported_on is not None and done_on > report.reported_on:
        raise Refused(N_("The report is older than this day."), field="done_on")


@transaction.atomic
def withdraw_workup(*, by: StaffMember, at: datetime, entry: WorkupEntry) -> WorkupWithdrawal:
    """Say that a result was entered in error; the one before it holds again."""
    if WorkupWithdrawal.objects.filter(entry=entry).exists():
        raise Refused(N_("This entry was withdrawn already. Reload the page."))
    withdrawal = WorkupWithdrawal.objects.create(entry=entry, at=at, by=by)
    audit.record(
        by=by,
        at=at,
        what="assessments.workup.withdrawn",
        about=entry,
        patient_id=entry.patient_id,
        detail={"item": entry.item},
    )
    return withdrawal
