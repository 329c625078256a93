from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from interlude.record.assessments.models import Consultation, ConsultationEntry, Report
from interlude.record.patients.models import Patient
from interlude.record.vault.cipher import decrypt


class DamagedReport(RuntimeError):
    """A stored report is missing or is not what was stored."""


def consultation_of(patient: Patient) -> dict[str, ConsultationEntry]:
    """The newest version of each saved part of the patient's consultation."""
    rows = ConsultationEntry.objects.filter(consultation__patient=patient)
    entries = rows.select_related("consultation", "by").order_by("number")
    return {entry.part: entry for entry in entries}


def open_consultation(patient: Patient) -> Consultation | None:
    return Consultation.objects.filter(patient=patient).order_by("recorded_at", "id").last()


def reports_of(patient: Patient) -> QuerySet[Report]:
    rows = Report.objects.filter(patient=patient, withdrawal=None)
    return rows.select_related("recorded_by").order_by("-recorded_at", "id")


def report_of(patient: Patient, report_id: UUID) -> Report | None:
    return reports_of(patient).filter(pk=report_id).first()


def report_path(report: Report) -> Path:
    return Path(settings.MEDIA_ROOT) / report.stored_as


def read_report(report: Report) -> bytes | None:
    """The file as it was handed in; None when the patient's key was erased. Raises `DamagedReport`."""
    try:
        stored = report_path(report).read_bytes()
    except OSError as error:
        raise DamagedReport(f"report {report.pk} cannot be read") from error
    if hashlib.sha256(stored).hexdigest() != report.sha256:
        raise DamagedReport(f"report {report.pk} is not what was stored")
    text = decrypt(report.patient_id, stored, f"report:{report.pk}")
    return None if text is None else base64.b64decode(text)
