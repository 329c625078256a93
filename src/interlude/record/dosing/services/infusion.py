"""The dose: start, change, pause, resume, stop, and the pump. They record what the nurse does at the pump.

Interlude never commands a pump: each change leaves a segment without `pump_confirmed_at` until the nurse says
that the pump is set.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction

from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit import services as audit
from interlude.record.clinic.queries import local_day
from interlude.record.dosing.models import Injection, RateSegment, Session, Why
from interlude.record.dosing.protocol import ordered_form, pinned
from interlude.record.dosing.queries.forecast import plan_sha256
from interlude.record.dosing.queries.gate import gate
from interlude.record.dosing.queries.given import given_ug, planned_rate, segments_of
from interlude.record.dosing.rules import (
    check_may_change_rate,
    check_may_complete,
    check_may_confirm_pump,
    check_may_pause,
    check_may_resume,
    check_may_start,
    check_may_stop,
    check_seen,
)
from interlude.record.dosing.rules.before import StartFacts
from interlude.record.dosing.rules.running import OUT_OF_DATE, RateFacts
from interlude.record.dosing.services.base import locked, step, tell
from interlude.record.plans import services as plans
from interlude.record.protocols.queries import is_approved
from interlude.record.stock import services as stock
from interlude.record.stock.models import Lot
from interlude.record.stock.queries import balance_ug


@transaction.atomic
def start_infusion(
    *,
    by: StaffMember,
    at: datetime,
    session: Session,
    lot: Lot,
    rate_mg_per_h: Decimal | None = None,
    syringe_ml: Decimal | None = None,
    seen_version: int | None = None,
) -> RateSegment:
    """Record that the infusion starts, at the planned rate unless another one is given.

    Everything is checked again at this instant: the gate, the approval of the protocol, the signed plan and
    order, the vial and the rate. `syringe_ml` is the volume drawn up, from which the time to empty is told.
    """
    session = locked(session)
    if seen_version is not None:
        check_seen(session.version, seen_version)
    lot = Lot.objects.select_for_update(of=("self",)).select_related("product").get(pk=lot.pk)
    rate = rate_mg_per_h if rate_mg_per_h is not None else planned_rate(session)
    check_may_start(_start_facts(by, at, session, lot, rate))
    assert rate is not None
    _use_vial(session, lot, syringe_ml)
    if session.phase == "checked_in":
        step(session, "pass_gate", by=by, at=at)
    step(
        session,
        "start",
        by=by,
        at=at,
        started_at=at,
        lot=lot,
        concentration_mg_per_ml=session.concentration_mg_per_ml,
        syringe_ml=session.syringe_ml,
    )
    plans.begin_course(by=by, at=at, course=session.course)
    segment = _segment(session, by, at, rate, Why.START)
    _audit(by, at, "dosing.infusion.started", segment, session, lot=str(lot.pk), dose_ug=session.dose_ug)
    return segment


@transaction.atomic
def give_injection(
    *,
    by: StaffMember,
    at: datetime,
    session: Session,
    lot: Lot,
    site: str = "",
    seen_version: int | None = None,
) -> Injection:
    """Record the one intramuscular dose; it can be neither slowed nor stopped. The ledger row is written with it."""
    session = locked(session)
    if seen_version is not None:
        check_seen(session.version, seen_version)
    if session.route != "im":
        raise Refused(N_("This session is an infusion, not an injection."))
    lot = Lot.objects.select_for_update(of=("self",)).select_related("product").get(pk=lot.pk)
    check_may_start(_start_facts(by, at, session, lot, None))
    assert session.dose_ug is not None
    _use_vial(session, lot, None)
    if session.phase == "checked_in":
        step(session, "pass_gate", by=by, at=at)
    step(
        session,
        "inject",
        by=by,
        at=at,
        started_at=at,
        stopped_at=at,
        lot=lot,
        concentration_mg_per_ml=session.concentration_mg_per_ml,
    )
    plans.begin_course(by=by, at=at, course=session.course)
    injection = Injection.objects.create(
        session=session, lot=lot, amount_ug=session.dose_ug, site=site.strip(), at=at, by=by
    )
    stock.record_given(by=by, at=at, lot=lot, session_id=session.pk, amount_ug=session.dose_ug)
    _audit(by, at, "dosing.injected", injection, session, lot=str(lot.pk), dose_ug=session.dose_ug)
    return injection


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
    segment = _segment(session, by, at, rate_mg_per_h, Why.CHANGE, reason, preview_sha256)
    _audit(by, at, "dosing.rate.changed", segment, session, before=str(before), after=str(rate_mg_per_h))
    return segment


@transaction.atomic
def pause(*, by: StaffMember, at: datetime, session: Session, reason: str = "") -> RateSegment:
    """Record a pause at once. Never refused because a page is old; a second tap changes nothing."""
    session = locked(session)
    if session.phase == "paused":
        return segments_of(session)[-1]
    check_may_pause(session.phase, session.route, by.role)  # type: ignore[arg-type]
    step(session, "pause", by=by, at=at, reason=reason)
    segment = _segment(session, by, at, Decimal(0), Why.PAUSE, reason)
    _audit(by, at, "dosing.paused", segment, session)
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
    segment = _segment(session, by, at, rate, Why.RESUME, "", preview_sha256)
    _audit(by, at, "dosing.resumed", segment, session, after=str(rate))
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
    _audit(by, at, "dosing.pump.confirmed", newest, session)
    tell(session, "rate", {"segment": str(newest.pk), "pump_confirmed_at": at.isoformat()})
    return newest


def _start_facts(
    by: StaffMember, at: datetime, session: Session, lot: Lot, rate_mg_per_h: Decimal | None
) -> StartFacts:
    protocol = pinned(session)
    state = gate(session, at)
    return StartFacts(
        role=by.role,
        phase=session.phase,  # type: ignore[arg-type]
        route=session.route,  # type: ignore[arg-type]
        protocol=protocol,
        is_approved=is_approved(session.protocol_version),
        course_is_open=session.course.is_open,
        gate_open=state.is_open,
        gate_missing=state.still_needed,
        dose_ug=session.dose_ug,
        weight_kg=session.weight_kg,
        lot_is_expired=lot.expires_on < local_day(at),
        lot_balance_ug=balance_ug(lot),
        lot_form=lot.product.form,
        lot_number=lot.lot_number,
        ordered_form=ordered_form(protocol),
        rate_mg_per_h=rate_mg_per_h,
    )


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


def _use_vial(session: Session, lot: Lot, syringe_ml: Decimal | None) -> None:
    session.lot = lot
    session.concentration_mg_per_ml = lot.product.concentration_mg_per_ml
    if syringe_ml is not None and (not syringe_ml.is_finite() or syringe_ml <= 0):
        raise Refused(N_("The value must be more than 0."), field="syringe_ml")
    session.syringe_ml = syringe_ml


def _segment(
    session: Session,
    by: StaffMember,
    at: datetime,
    rate_mg_per_h: Decimal,
    why: str,
    reason: str = "",
    preview_sha256: str = "",
) -> RateSegment:
    last = session.rate_segments.order_by("-position").first()
    if last is not None and at < last.starts_at:
        raise Refused(N_("A later change is charted already. Reload the page."), field="at")
    segment = RateSegment(
        pk=uuid4(),
        session=session,
        position=last.position + 1 if last else 1,
        starts_at=at,
        rate_mg_per_h=rate_mg_per_h,
        why=why,
        reason=reason.strip() or None,
        by=by,
        preview_sha256=preview_sha256,
    )
    segment.save(force_insert=True)
    tell(session, "rate", {"segment": str(segment.pk), "rate_mg_per_h": str(rate_mg_per_h), "why": str(why)})
    return segment


def _end_of_dose(session: Session, by: StaffMember, at: datetime, reason: str, what: str) -> None:
    segment = _segment(session, by, at, Decimal(0), Why.STOP, reason)
    amount_ug = given_ug(session, at)
    assert session.lot is not None
    stock.record_given(by=by, at=at, lot=session.lot, session_id=session.pk, amount_ug=amount_ug)
    _audit(by, at, what, segment, session, given_ug=amount_ug)


def _audit(
    by: StaffMember, at: datetime, what: str, about: RateSegment | Injection, session: Session, **detail: Any
) -> None:
    audit.record(by=by, at=at, what=what, about=about, patient_id=session.patient_id, detail=detail)
