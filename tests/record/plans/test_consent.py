"""Consent to an exact text, and everything that makes it end."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from interlude.domain.protocol.library import load_library
from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.actors import SYSTEM
from interlude.record.audit.models import AuditEntry
from interlude.record.patients.models import Patient
from interlude.record.plans import queries, services
from interlude.record.plans.consent_texts import TOPICS, shipped_texts
from interlude.record.plans.models import Consent, ConsentText, Course
from interlude.record.plans.queries.consent import add_months
from tests.record.plans.support import another_patient, signed_course


@pytest.fixture
def course(noor: Patient, lena: StaffMember, now: datetime) -> Course:
    services.load_consent_texts(by=SYSTEM, at=now)
    return signed_course(noor, by=lena)


def consent(course: Course, by: object, at: datetime, language: str = "de") -> Consent:
    text = queries.newest_text(language)
    return services.give_consent(
        by=by,  # type: ignore[arg-type]
        at=at,
        patient=course.patient,
        course=course,
        text_sha256=text.sha256,
        signed_name="Noor Haas",
    )


def test_the_texts_speak_about_everything_in_both_languages() -> None:
    assert {text.language for text in shipped_texts()} == {"de", "en"}
    for text in shipped_texts():
        assert tuple(topic.code for topic in text.topics) == TOPICS
        assert set(text.sources) <= set(load_library().sources)
        assert "sketamin" in text.topics[0].text  # the licensed alternative is named where off-label is explained


def test_texts_are_loaded_once(db: None, now: datetime) -> None:
    assert len(services.load_consent_texts(by=SYSTEM, at=now)) == 2
    assert services.load_consent_texts(by=SYSTEM, at=now) == []


def test_a_text_changed_without_a_new_version_is_refused(
    db: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.load_consent_texts(by=SYSTEM, at=now)
    other = shipped_texts()[0].model_copy(update={"title": "Something else"})
    monkeypatch.setattr("interlude.record.plans.services.consent.shipped_texts", lambda: (other,))
    with pytest.raises(ValueError, match="without a new version"):
        services.load_consent_texts(by=SYSTEM, at=now)


def test_a_patient_consents_to_the_exact_text(course: Course, now: datetime) -> None:
    given = consent(course, course.patient, now)
    assert given.text_sha256 == queries.newest_text("de").sha256
    assert (given.channel, given.recorded_by_kind) == ("portal", "patient")
    assert Consent.objects.get(pk=given.pk).signed_name == "Noor Haas"
    assert queries.consent_state(course, now).is_valid
    assert AuditEntry.objects.filter(what="plans.consent.given").count() == 1


def test_staff_record_a_signed_paper(course: Course, lena: StaffMember, now: datetime) -> None:
    assert consent(course, lena, now).channel == "paper"


def newer_text(now: datetime) -> None:
    old = queries.newest_text("en")
    ConsentText.objects.create(
        key=old.key, version=old.version + 1, language="en", title=old.title, topics=old.topics,
        statement=old.statement, sha256="f" * 64, published_at=now,
    )  # fmt: skip


def test_what_ends_a_consent(course: Course, lena: StaffMember, now: datetime) -> None:
    assert queries.consent_state(course, now).code == "missing"
    given = consent(course, course.patient, now)
    assert queries.consent_state(course, now).until == date(2026, 9, 12)
    assert queries.consent_state(course, now + timedelta(days=184)).code == "given"
    assert queries.consent_state(course, now + timedelta(days=185)).code == "expired"
    course.block = 2
    assert queries.consent_state(course, now).code == "new_block"
    course.block = 1
    newer_text(now)
    assert queries.consent_state(course, now).code == "new_text"
    services.withdraw_consent(by=course.patient, at=now, consent=given)
    assert queries.consent_state(course, now).code == "withdrawn"
    with pytest.raises(Refused, match="taken back already"):
        services.withdraw_consent(by=lena, at=now, consent=given)


def test_consent_again_after_it_was_taken_back(course: Course, now: datetime) -> None:
    services.withdraw_consent(by=course.patient, at=now, consent=consent(course, course.patient, now))
    consent(course, course.patient, now + timedelta(hours=1))
    assert queries.consent_state(course, now).code == "given"


def test_what_is_refused(course: Course, lena: StaffMember, now: datetime) -> None:
    text = queries.newest_text("en")
    other = another_patient(1, lena)
    good = {"by": course.patient, "patient": course.patient, "text_sha256": text.sha256, "signed_name": "Noor Haas"}
    for change, field in [
        ({"signed_name": " . "}, "signed_name"),
        ({"text_sha256": "0" * 64}, "text_sha256"),
        ({"by": other}, ""),
        ({"by": other, "patient": other}, ""),
    ]:
        with pytest.raises(Refused) as refused:
            services.give_consent(at=now, course=course, **{**good, **change})
        assert refused.value.field == field
    newer_text(now)
    with pytest.raises(Refused, match="new version"):
        services.give_consent(at=now, course=course, **good)
    assert not Consent.objects.exists()


def test_an_ended_course_needs_no_consent(course: Course, lena: StaffMember, now: datetime) -> None:
    services.end_course(by=lena, at=now, course=course)
    course.refresh_from_db()
    with pytest.raises(Refused, match="has ended"):
        consent(course, course.patient, now)


def test_months_end_on_the_last_day() -> None:
    assert add_months(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert add_months(date(2026, 3, 12), 6) == date(2026, 9, 12)
