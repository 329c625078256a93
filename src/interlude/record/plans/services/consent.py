from __future__ import annotations

from datetime import datetime

from django.db import transaction

from interlude.domain.refusals import N_, Refused
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.patients.models import Patient
from interlude.record.plans.consent_texts import shipped_texts
from interlude.record.plans.models import Channel, Consent, ConsentText, ConsentWithdrawal, Course, CourseState
from interlude.record.plans.queries.consent import newest_version


@transaction.atomic
def load_consent_texts(*, by: Actor, at: datetime) -> list[ConsentText]:
    """Load the texts that ship. Returns those that are new; loading again changes nothing.

    Raises `ValueError` when a file was changed without a new version number: what was signed stays what it was.
    """
    loaded = []
    for text in shipped_texts():
        row = ConsentText.objects.filter(key=text.key, version=text.version, language=text.language).first()
        if row is not None:
            if row.sha256 != text.sha256:
                raise ValueError(f"{text.key} {text.language} {text.version}: changed without a new version")
            continue
        row = ConsentText.objects.create(
            key=text.key,
            version=text.version,
            language=text.language,
            title=text.title,
            topics=[topic.model_dump() for topic in text.topics],
            statement=text.statement,
            sha256=text.sha256,
            published_at=at,
        )
        detail = {"key": row.key, "version": row.version, "language": row.language, "sha256": row.sha256}
        audit.record(by=by, at=at, what="plans.consent_text.loaded", about=row, detail=detail)
        loaded.append(row)
    return loaded


def check_may_consent(patient: Patient, course: Course, text: ConsentText | None, by: Actor) -> ConsentText:
    """The text that may be signed. Raises `Refused` for another person's course, an ended one, an old text."""
    if course.patient_id != patient.pk or (by.actor_kind == "patient" and by.actor_id != str(patient.pk)):
        raise Refused(N_("This is another person's course."))
    if course.state == CourseState.ENDED:
        raise Refused(N_("This course has ended. There is nothing to consent to."))
    if text is None:
        raise Refused(N_("This text is not known. Reload the page and read it again."), field="text_sha256")
    if text.version != newest_version(text.key):
        raise Refused(N_("The text has a new version. Reload the page and read it again."), field="text_sha256")
    return text


@transaction.atomic
def give_consent(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    course: Course,
    text_sha256: str,
    signed_name: str,
    channel: str = "",
) -> Consent:
    """Keep the patient's consent to a course, bound to the exact text that was shown.

    `by`: the patient (portal), or a member of staff who holds the signed paper. `signed_name` is what was
    written as the signature. Raises `Refused` (fields `signed_name`, `text_sha256`).
    """
    row = ConsentText.objects.filter(sha256=text_sha256).first()
    text = check_may_consent(patient, course, row, by)
    if len([sign for sign in signed_name if sign.isalpha()]) < 2:
        raise Refused(N_("Write the name in full, as a signature."), field="signed_name")
    channel = channel or (Channel.PORTAL if by.actor_kind == "patient" else Channel.PAPER)
    if channel not in Channel.values:
        raise Refused(N_("Choose one of the list."), field="channel")
    consent = Consent.objects.create(
        patient=patient,
        course=course,
        block=course.block,
        text=text,
        text_sha256=text.sha256,
        signed_name=" ".join(signed_name.split()),
        signed_at=at,
        channel=channel,
        recorded_by_kind=by.actor_kind,
        recorded_by_id=by.actor_id,
    )
    detail = {"course": str(course.pk), "text_sha256": text.sha256, "version": text.version, "channel": str(channel)}
    audit.record(by=by, at=at, what="plans.consent.given", about=consent, patient_id=patient.pk, detail=detail)
    return consent


@transaction.atomic
def withdraw_consent(*, by: Actor, at: datetime, consent: Consent, note: str = "") -> ConsentWithdrawal:
    """The patient takes a consent back. Needs no reason."""
    if by.actor_kind == "patient" and by.actor_id != str(consent.patient_id):
        raise Refused(N_("This is another person's course."))
    if ConsentWithdrawal.objects.filter(consent=consent).exists():
        raise Refused(N_("This consent was taken back already."))
    withdrawal = ConsentWithdrawal.objects.create(
        consent=consent,
        patient_id=consent.patient_id,
        at=at,
        by_kind=by.actor_kind,
        by_id=by.actor_id,
        note=note.strip(),
    )
    audit.record(by=by, at=at, what="plans.consent.withdrawn", about=consent, patient_id=consent.patient_id)
    return withdrawal
