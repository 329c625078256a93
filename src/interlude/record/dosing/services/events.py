"""Events, side effects and scales, each in one tap."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from django.db import transaction

from interlude.domain.instruments import instrument, score
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit import services as audit
from interlude.record.dosing.models import EventKind, Score, Session, SessionEvent
from interlude.record.dosing.rules import check_may_log
from interlude.record.dosing.services.base import locked, tell

SCALES = ("cadss6", "moaas", "aldrete", "padss", "nrs_pain")
"""The scales that are scored during a session. A score never changes the rate by itself."""

NEEDS_WORDS = frozenset({EventKind.NOTE, EventKind.WORDS, EventKind.MEDICINE})


@transaction.atomic
def log_event(
    *,
    by: StaffMember,
    at: datetime,
    session: Session,
    kind: str,
    note: str = "",
    event_at: datetime | None = None,
) -> SessionEvent:
    """Log one event. `event_at` is the moment of the tap; it may lie before the moment of the entry."""
    session = locked(session)
    when = event_at or at
    check_may_log(session.phase, by.role, when, session.checked_in_at, at)  # type: ignore[arg-type]
    if kind not in EventKind.values:
        raise Refused(N_("Choose one of the list."), field="kind")
    if kind in NEEDS_WORDS and not note.strip():
        raise Refused(N_("Write what happened."), field="note")
    event = SessionEvent(pk=uuid4(), session=session, kind=kind, at=when, by=by, note=note.strip() or None)
    event.save(force_insert=True)
    audit.record(
        by=by,
        at=at,
        what="dosing.event.logged",
        about=event,
        patient_id=session.patient_id,
        detail={"kind": kind, "at": when.isoformat()},
    )
    tell(session, "event", {"id": str(event.pk), "kind": kind, "at": when.isoformat()})
    return event


@transaction.atomic
def record_score(
    *,
    by: StaffMember,
    at: datetime,
    session: Session,
    scale: str,
    answers: Mapping[str, int | None],
    scored_at: datetime | None = None,
) -> Score:
    """Score one scale. A missing answer is refused: an incomplete total would look like a low one."""
    session = locked(session)
    when = scored_at or at
    check_may_log(session.phase, by.role, when, session.checked_in_at, at)  # type: ignore[arg-type]
    if scale not in SCALES:
        raise Refused(N_("Choose one of the list."), field="scale")
    definition = instrument(scale)
    result = score(definition, answers)
    if not result.is_complete:
        raise Refused(N_("Answer every item of the scale."), field=result.missing[0])
    row = Score(
        pk=uuid4(),
        session=session,
        scale=scale,
        scale_version=definition.version,
        answers=dict(answers),
        total=result.total,
        band=result.band or "",
        at=when,
        by=by,
    )
    row.save(force_insert=True)
    audit.record(
        by=by,
        at=at,
        what="dosing.score.recorded",
        about=row,
        patient_id=session.patient_id,
        detail={"scale": scale},
    )
    tell(session, "score", {"id": str(row.pk), "scale": scale, "total": result.total, "at": when.isoformat()})
    return row
