from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import queries, services
from interlude.record.assessments.models import ConsultationEntry, Report
from interlude.record.assessments.queries.consultation import DamagedReport, report_path
from interlude.record.audit.models import AuditEntry
from interlude.record.patients.models import Patient
from interlude.record.vault.services import erase_subject
from interlude.record.worklist.models import Task

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n" + bytes(range(256))


@pytest.fixture
def media(tmp_path: Path, settings: object) -> Path:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    return tmp_path


def save(patient: Patient, by: StaffMember, at: datetime, text: str, **more: int) -> ConsultationEntry:
    return services.save_consultation(by=by, at=at, patient=patient, part="medical", content={"text": text}, **more)


def test_parts_are_saved_one_by_one_and_the_versions_before_stay(
    noor: Patient, lena: StaffMember, now: datetime
) -> None:
    save(noor, lena, now, "Appendix out")
    save(noor, lena, now, "Appendix out 1999")
    airway = {"asa_class": "2", "mallampati": "1", "findings": ""}
    services.save_consultation(by=lena, at=now, patient=noor, part="airway", content=airway)
    parts = queries.consultation_of(noor)
    assert parts["medical"].content == {"text": "Appendix out 1999"}
    assert parts["airway"].content == airway
    assert ConsultationEntry.objects.count() == 3
    assert AuditEntry.objects.filter(what="assessments.consultation.saved").count() == 3


def test_the_first_part_asks_a_physician_for_the_decision_once(noor: Patient, lena: StaffMember, now: datetime) -> None:
    save(noor, lena, now, "Nothing")
    save(noor, lena, now, "Still nothing")
    task = Task.objects.get(kind="assessments.eligibility")
    assert (task.owner_role, task.patient_id) == ("physician", noor.pk)


def test_a_part_that_somebody_else_saved_meanwhile_is_not_overwritten(
    noor: Patient, lena: StaffMember, amal: StaffMember, now: datetime
) -> None:
    save(noor, lena, now, "First", seen_number=0)
    with pytest.raises(Refused, match="meanwhile"):
        save(noor, amal, now, "Second", seen_number=0)
    assert queries.consultation_of(noor)["medical"].content == {"text": "First"}


@pytest.mark.parametrize(
    ("part", "content", "field"),
    [
        ("medical", {"text": " "}, "text"),
        ("medical", {"text": "x" * 20_001}, "text"),
        ("airway", {"asa_class": "9", "mallampati": "1"}, "asa_class"),
        ("airway", {"asa_class": "1", "mallampati": ""}, "mallampati"),
        ("verdict", {"text": "x"}, ""),
    ],
)
def test_a_part_that_does_not_fit_is_refused(
    noor: Patient, lena: StaffMember, now: datetime, part: str, content: dict[str, str], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        services.save_consultation(by=lena, at=now, patient=noor, part=part, content=content)
    assert refused.value.field == field


def attach(patient: Patient, by: StaffMember, at: datetime, content: bytes, title: str = "ECG") -> Report:
    return services.attach_report(
        by=by, at=at, patient=patient, title=title, file_name="../../ecg.pdf", content=content
    )


def test_a_report_comes_back_as_it_was_and_lies_encrypted(
    noor: Patient, amal: StaffMember, now: datetime, media: Path
) -> None:
    report = attach(noor, amal, now, PDF)
    assert queries.read_report(report) == PDF
    assert (report.content_type, report.file_name) == ("application/pdf", "ecg.pdf")
    (stored,) = [path for path in media.rglob("*") if path.is_file()]
    assert stored == report_path(report)
    assert b"%PDF" not in stored.read_bytes()
    assert stored.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("content", "title", "field"),
    [
        (b"", "ECG", "file"),
        (b"<html>", "ECG", "file"),
        (b"%PDF-" + b"x" * (10 * 1024 * 1024), "ECG", "file"),
        (PDF, " ", "title"),
    ],
    ids=["empty", "not a report", "too large", "no title"],
)
def test_what_is_no_report_is_refused(
    noor: Patient, amal: StaffMember, now: datetime, media: Path, content: bytes, title: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        attach(noor, amal, now, content, title)
    assert refused.value.field == field
    assert not Report.objects.exists()
    assert not list(media.iterdir())


def test_a_changed_file_is_never_shown(noor: Patient, amal: StaffMember, now: datetime, media: Path) -> None:
    report = attach(noor, amal, now, PDF)
    report_path(report).write_bytes(b"something else")
    with pytest.raises(DamagedReport):
        queries.read_report(report)


def test_an_erased_patient_has_no_readable_reports(
    noor: Patient, amal: StaffMember, now: datetime, media: Path
) -> None:
    report = attach(noor, amal, now, PDF)
    erase_subject(subject_id=noor.pk)
    assert queries.read_report(Report.objects.get(pk=report.pk)) is None


def test_a_report_attached_in_error_leaves_the_chart(
    noor: Patient, amal: StaffMember, now: datetime, media: Path
) -> None:
    report = attach(noor, amal, now, PDF)
    services.withdraw_report(by=amal, at=now, report=report)
    assert queries.report_of(noor, report.pk) is None
    assert AuditEntry.objects.filter(what__startswith="assessments.report.").count() == 2
