from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.assessments.models import (
    Consultation,
    ConsultationEntry,
    ConsultationPart,
    Report,
    ReportWithdrawal,
)
from interlude.record.assessments.queries.consultation import open_consultation
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.clinic.queries import local_day
from interlude.record.patients.models import Patient
from interlude.record.vault.cipher import encrypt
from interlude.record.worklist import services as worklist

LARGEST_REPORT_BYTES = 10 * 1024 * 1024
LONGEST_TEXT = 20_000
ASA_CLASSES = ("1", "2", "3", "4", "5", "not_known")
MALLAMPATI = ("1", "2", "3", "4", "not_known")

# What a file is, is read from its first bytes; its name is never trusted.
_SIGNATURES = ((b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))


def eligibility_task_key(patient: Patient) -> str:
    return f"eligibility:{patient.pk}"


@transaction.atomic
def save_consultation(
    *,
    by: StaffMember,
    at: datetime,
    patient: Patient,
    part: str,
    content: Mapping[str, str],
    seen_number: int | None = None,
) -> ConsultationEntry:
    """Save one part of the consultation as a new version; the versions before it stay.

    `content`: {"text"}, for the airway {"asa_class", "mallampati", "findings"}. `seen_number`: the number of
    the version that the writer had before them (0 for none): raises `Refused` when there is a newer one.
    The first part that is saved asks the physicians for the decision on eligibility.
    """
    _check_content(part, content)
    Patient.objects.select_for_update().get(pk=patient.pk)
    consultation = open_consultation(patient)
    if consultation is None:
        consultation = Consultation.objects.create(patient=patient, recorded_at=at, recorded_by=by)
        worklist.open_task(
            by=by,
            at=at,
            kind="assessments.eligibility",
            title=N_("Decide on eligibility"),
            patient=patient,
            owner_role=Role.PHYSICIAN,
            url_name="staff:eligibility",
            url_args=[str(patient.pk)],
            key=eligibility_task_key(patient),
        )
    current = consultation.entries.filter(part=part).order_by("number").last()
    if seen_number is not None and seen_number != (current.number if current else 0):
        raise Refused(
            N_("Somebody else has saved this part meanwhile. Your text is still here: compare it, then save."),
            field="text" if part != ConsultationPart.AIRWAY else "findings",
        )
    last = consultation.entries.aggregate(last=Max("number"))["last"] or 0
    entry = ConsultationEntry(
        consultation=consultation, part=part, content=dict(content), number=last + 1, at=at, by=by
    )
    entry.save(force_insert=True)
    audit.record(
        by=by,
        at=at,
        what="assessments.consultation.saved",
        about=entry,
        patient_id=patient.pk,
        detail={"part": part},
    )
    return entry


def _check_content(part: str, content: Mapping[str, str]) -> None:
    if part not in ConsultationPart.values:
        raise Refused(N_("There is no such part of the consultation."))
    for name, text in content.items():
        if len(text) > LONGEST_TEXT:
            raise Refused(N_("The text is longer than {limit} characters."), field=name, limit=LONGEST_TEXT)
    if part != ConsultationPart.AIRWAY:
        if not content.get("text", "").strip():
            raise Refused(N_("Enter a text."), field="text")
        return
    if content.get("asa_class") not in ASA_CLASSES:
        raise Refused(N_("Choose the ASA class, or that it is not known."), field="asa_class")
    if content.get("mallampati") not in MALLAMPATI:
        raise Refused(N_("Choose the Mallampati class, or that it is not known."), field="mallampati")


@transaction.atomic
def attach_report(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    title: str,
    file_name: str,
    content: bytes,
    reported_on: date | None = None,
) -> Report:
    """Keep a report that the patient brought along, encrypted with the patient's key. PDF, JPEG or PNG."""
    if not title.strip():
        raise Refused(N_("Say in a few words what the report is."), field="title")
    if reported_on and reported_on > local_day(at):
        raise Refused(N_("This date is in the future."), field="reported_on")
    content_type = _content_type(content)
    report = Report(
        patient=patient,
        title=title.strip(),
        file_name=Path(file_name).name[-120:],
        reported_on=reported_on,
        content_type=content_type,
        size_bytes=len(content),
        recorded_at=at,
        recorded_by=by if isinstance(by, StaffMember) else None,
    )
    sealed = encrypt(patient.pk, base64.b64encode(content).decode(), f"report:{report.pk}")
    report.stored_as = f"reports/{patient.pk}/{report.pk}.sealed"
    report.sha256 = hashlib.sha256(sealed).hexdigest()
    # The file first: a row that is rolled back leaves an unreadable file, never a row without its file.
    _write(Path(settings.MEDIA_ROOT) / report.stored_as, sealed)
    report.save(force_insert=True)
    audit.record(
        by=by,
        at=at,
        what="assessments.report.attached",
        about=report,
        patient_id=patient.pk,
        detail={"content_type": content_type, "size_bytes": len(content)},
    )
    return report


def _content_type(content: bytes) -> str:
    if not content:
        raise Refused(N_("The file is empty."), field="file")
    if len(content) > LARGEST_REPORT_BYTES:
        raise Refused(N_("The file is larger than {limit} MB."), field="file", limit=LARGEST_REPORT_BYTES // 1024**2)
    for start, content_type in _SIGNATURES:
        if content.startswith(start):
            return content_type
    raise Refused(N_("Only PDF, JPEG and PNG files can be kept."), field="file")


def _write(path: Path, content: bytes) -> None:
    """Write a file so that it survives a power cut once this returns."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


@transaction.atomic
def withdraw_report(*, by: StaffMember, at: datetime, report: Report) -> ReportWithdrawal:
    """Take a report out of the chart that was attached in error; the file stays, unreachable by the pages."""
    if ReportWithdrawal.objects.filter(report=report).exists():
        raise Refused(N_("This entry was withdrawn already. Reload the page."))
    withdrawal = ReportWithdrawal.objects.create(report=report, at=at, by=by)
    audit.record(by=by, at=at, what="assessments.report.withdrawn", about=report, patient_id=report.patient_id)
    return withdrawal
