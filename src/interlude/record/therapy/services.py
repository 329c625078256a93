"""Write and sign the shared summary of an integration visit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.accounts.services import sign
from interlude.record.appointments.models import Appointment, Kind
from interlude.record.audit import services as audit
from interlude.record.dosing.models import Session
from interlude.record.therapy.models import Modality, TherapyVisit
from interlude.record.worklist import services as worklist

TEXTS = ("summary", "themes", "risk", "next_step")
LONGEST_VISIT_MIN = 480


def task_key(session: Session) -> str:
    """The key of the task that asks for the visit of a session."""
    return f"therapy.visit:{session.pk}"


def check_may_write(by: StaffMember) -> None:
    if by.role not in (Role.THERAPIST, Role.PHYSICIAN):
        raise Refused(N_("A therapist or a physician writes about a therapy visit."))


def may_write(by: StaffMember) -> bool:
    return by.role in (Role.THERAPIST, Role.PHYSICIAN)


def _check_content(modality: str, held_at: datetime, at: datetime, minutes: int | None, session: Session) -> None:
    if modality not in Modality.values:
        raise Refused(N_("Choose one of the list."), field="modality")
    if held_at > at:
        raise Refused(N_("The time of the visit lies in the future."), field="held_at")
    if session.started_at is None:
        raise Refused(N_("No dose was given in this session: there is nothing to integrate yet."))
    # The form asks for hours and minutes: the minute in which the dose began is not before it.
    if held_at < session.started_at.replace(second=0, microsecond=0):
        raise Refused(N_("The visit lies before the session it belongs to."), field="held_at")
    if minutes is not None and not 0 < minutes <= LONGEST_VISIT_MIN:
        raise Refused(N_("The minutes must be between 1 and {limit}."), field="minutes", limit=LONGEST_VISIT_MIN)


def integration_appointment(session: Session) -> Appointment | None:
    """The integration appointment that follows a session of its course, where one is booked."""
    return (
        Appointment.objects.filter(
            course_id=session.course_id, kind=Kind.INTEGRATION, number=session.number, therapy_visit=None
        )
        .exclude(state__in=["cancelled", "missed"])
        .order_by("starts_at")
        .first()
    )


@transaction.atomic
def save_visit(
    *,
    by: StaffMember,
    at: datetime,
    session: Session,
    held_at: datetime,
    modality: str = Modality.INTEGRATION,
    minutes: int | None = None,
    summary: str = "",
    themes: str = "",
    risk: str = "",
    next_step: str = "",
    seen_version: int = 0,
) -> TherapyVisit:
    """Save the summary of a session's visit as a draft. `seen_version` 0: the page showed no visit yet."""
    check_may_write(by)
    session = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
    _check_content(modality, held_at, at, minutes, session)
    visit = TherapyVisit.objects.select_for_update(of=("self",)).filter(session=session).first()
    if (visit.version if visit else 0) != seen_version:
        raise Refused(N_("Somebody else has saved this visit meanwhile. Reload the page: nothing was changed."))
    if visit is not None and visit.is_signed:
        raise Refused(N_("This visit is signed and cannot be changed."))
    if visit is None:
        visit = TherapyVisit(
            session=session,
            patient_id=session.patient_id,
            therapist=by,
            appointment=integration_appointment(session),
            version=0,
        )
    elif visit.therapist_id != by.pk:
        raise Refused(N_("Only the person who began this summary can go on with it."))
    visit.held_at, visit.modality, visit.minutes = held_at, modality, minutes
    for name, text in zip(TEXTS, (summary, themes, risk, next_step), strict=True):
        setattr(visit, name, text.strip())
    visit.saved_at = at
    visit.version += 1
    visit.save(force_insert=visit.version == 1)
    audit.record(by=by, at=at, what="therapy.visit.saved", about=visit, patient_id=visit.patient_id)
    return visit


def signed_content(visit: TherapyVisit) -> dict[str, Any]:
    """Exactly what the signature binds."""
    return {
        "patient": str(visit.patient_id),
        "session": str(visit.session_id),
        "modality": visit.modality,
        "minutes": visit.minutes,
        "held_at": visit.held_at.isoformat(),
        **{name: getattr(visit, name) for name in TEXTS},
    }


@transaction.atomic
def sign_visit(*, by: StaffMember, password: str, at: datetime, visit: TherapyVisit, seen_version: int) -> TherapyVisit:
    """Sign the summary: from now on it is the care team's and cannot be changed. Closes the visit's task."""
    check_may_write(by)
    visit = TherapyVisit.objects.select_for_update(of=("self",)).select_related("session").get(pk=visit.pk)
    if visit.is_signed:
        raise Refused(N_("This visit is signed and cannot be changed."))
    if visit.version != seen_version:
        raise Refused(N_("Somebody else has saved this visit meanwhile. Reload the page: nothing was changed."))
    if visit.therapist_id != by.pk:
        raise Refused(N_("Only the person who began this summary can sign it."))
    if not visit.summary:
        raise Refused(N_("Write the summary before you sign."), field="summary")
    if not visit.risk:
        raise Refused(N_("Say how the risk was asked about and what was found."), field="risk")
    visit.signature = sign(
        by=by,
        password=password,
        meaning="integration visit",
        about=visit,
        content=signed_content(visit),
        at=at,
        patient_id=visit.patient_id,
    )
    visit.done_at = at
    visit.save(update_fields=["signature", "done_at"])
    worklist.close_by_key(by=by, at=at, key=task_key(visit.session))
    audit.record(by=by, at=at, what="therapy.visit.signed", about=visit, patient_id=visit.patient_id)
    return visit
