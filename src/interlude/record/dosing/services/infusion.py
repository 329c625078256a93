"""The dose: change, pause, resume, stop, and the pump. They record what the nurse does at the pump.

Interlude never commands a pump: each change leaves a segment without `pump_confirmed_at` until the nurse says
that the pump is set.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.dosing.models import RateSegment, Session, Why
from interlude.record.dosing.protocol import pinned
from interlude.record.dosing.queries.forecast import plan_sha256
from interlude.record.dosing.queries.given import given_ug, segments_of
from interlude.record.dosing.rules import (
    check_may_change_rate,
    check_may_complete,
    check_may_confirm_pump,
    check_may_pause,
    check_may_resume,
    check_may_stop,
    check_seen,
)
from interlude.record.dosing.rules.running import OUT_OF_DATE, RateFacts
from interlude.record.dosing.services.base import locked, step, tell
from interlude.record.dosing.services.segments import add_segment, note
from interlude.record.stock import services as stock


@transaction.atomic
def change_rate(
    *,
    by: StaffMember,
    at: datetime,
    session: Session,
    rate_mg_per_h: Decimal,
    reason: str,
    seen_version: int,
    preview_sha256: str = "",
) -> RateSegment:
    """Record another rate. Above the protocol's hard limit it is refused with both numbers; nobody may override.

    `preview_sha256` is the hash of the preview that the person saw; a plan that has changed since is refused.
    """
    session = locked(session)
    check_seen(session.version, seen_version)
    segments = segments_of(session)
    check_may_change_rate(_rate_facts(by, at, session, segments, rate_mg_per_h, reason))
    _check_preview(session, segments, rate_mg_per_h, preview_sha256)
    before = segments[-1].rate_mg_per_h
    step(session, "change_rate", by=by, at=at)
    segment = add_segment(session, by, at, rate_mg_per_h, Why.CHANGE, reason, preview_sha256)
    note(by, at, "dosing.rate.changed", segment, session, before=str(before), after=str(rate_mg_per_h))
    return segment


@transaction.atomic
def pause(*, by: StaffMember, at: datetime, session: Session, reason: str = "") -> RateSegment:
    """Record a pause at once. Never refused because a page is old; a second tap changes nothing."""
    session = locked(session)
    if session.phase == "paused":
        return segments_of(session)[-1]
    check_may_pause(session.phase, session.route, by.role)  # type: ignore[arg-type]
    step(session, "pause", by=by, at=at, reason=reason)
    segment = add_segment(session, by, at, Decimal(0), Why.PAUSE, reason)
    note(by, at, "dosing.paused", segment, session)
    return segment


@transaction.atomic
def resume(
    *,
    by: StaffMember,
    at: datetime,
    session: Session,
    seen_version: int,
    rate_mg_per_h: Decimal | None = None,
    preview_sha256: str = "",
) -> RateSegment:
    """Record that the infusion goes on, at the rate before the pause unless another one is given.

    A nurse may do this within the protocol's minutes; after a longer pause a physician does.
    """
    session = locked(session)
    check_seen(session.version, seen_version)
    segments = segments_of(session)
    rate = rate_mg_per_h
    if rate is None:
        rate = next((one.rate_mg_per_h for one in reversed(segments) if one.rate_mg_per_h > 0), Decimal(0))
    check_may_resume(_rate_facts(by, at, session, segments, rate))
    _check_preview(session, segments, rate, preview_sha256)
    step(session, "resume", by=by, at=at)
    segment = add_segment(session, by, at, rate, Why.RESUME, "", preview_sha256)
    note(by, at, "dosing.resumed", segment, session, after=str(rate))
    return segment


@transaction.atomic
def stop(*, by: StaffMember, at: datetime, session: Session, reason: str = "") -> Session:
    """Record the stop at once, with one ledger row of what was given. It cannot be undone: more needs a new order.

    Never refused because a page is old; a second tap changes nothing.
    """
    session = locked(session)
    if session.route == "iv" and session.stopped_at is not None:
        return session
    check_may_stop(session.phase, session.route, by.role)  # type: ignore[arg-type]
    step(session, "stop", by=by, at=at, reason=reason, stopped_at=at)
    _end_of_dose(session, by, at, reason, "dosing.stopped")
    return session


@transaction.atomic
def complete(*, by: StaffMember, at: datetime, session: Session) -> Session:
    """Record that the infusion has run as planned: it ends and the patient rests. One ledger row, as for a stop."""
    session = locked(session)
    if session.phase == "resting" and session.stopped_at is not None:
        return session
    check_may_complete(session.phase, session.route, by.role)  # type: ignore[arg-type]
    step(session, "complete", by=by, at=at, stopped_at=at)
    _end_of_dose(session, by, at, "", "dosing.completed")
    return session


@transaction.atomic
def confirm_pump(*, by: StaffMember, at: datetime, session: Session, segment: RateSegment) -> RateSegment:
    """The nurse says that the pump is set as charted. Only the newest change can be confirmed."""
    session = locked(session)
    newest = segments_of(session)[-1]
    check_may_confirm_pump(by.role, newest.pk == segment.pk, newest.pump_confirmed_at is not None)
    newest.pump_confirmed_at, newest.pump_confirmed_by = at, by
    newest.save(update_fields=["pump_confirmed_at", "pump_confirmed_by"])
    note(by, at, "dosing.pump.confirmed", newest, session)
    tell(session, "rate", {"segment": str(newest.pk), "pump_confirmed_at": at.isoformat()})
    return newest


def _rate_facts(
    by: StaffMember,
    at: datetime,
    session: Session,
    segments: list[RateSegment],
    rate_mg_per_h: Decimal,
    reason: str = "",
) -> RateFacts:
    paused = segments[-1] if segments and segments[-1].why == Why.PAUSE else None
    return RateFacts(
        role=by.role,
        phase=session.phase,  # type: ignore[arg-type]
        route=session.route,  # type: ignore[arg-type]
        protocol=pinned(session),
        weight_kg=session.weight_kg or Decimal(0),
        rate_mg_per_h=rate_mg_per_h,
        given_ug=given_ug(session, at, segments),
        dose_ug=session.dose_ug or 0,
        paused_min=Decimal((at - paused.starts_at).total_seconds()) / 60 if paused else Decimal(0),
        reason=reason,
    )


def _check_preview(session: Session, segments: list[RateSegment], rate_mg_per_h: Decimal, preview_sha256: str) -> None:
    if preview_sha256 and preview_sha256 != plan_sha256(session, segments, rate_mg_per_h):
        raise Refused(OUT_OF_DATE, field="preview_sha256")


def _end_of_dose(session: Session, by: StaffMember, at: datetime, reason: str, what: str) -> None:
    segment = add_segment(session, by, at, Decimal(0), Why.STOP, reason)
    amount_ug = given_ug(session, at)
    assert session.lot is not None
    stock.record_given(by=by, at=at, lot=session.lot, session_id=session.pk, amount_ug=amount_ug)
    note(by, at, what, segment, session, given_ug=amount_ug)
