"""The beginning of the dose: everything is checked again at this instant."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.clinic.queries import local_day
from interlude.record.dosing.models import Injection, RateSegment, Session, Why
from interlude.record.dosing.protocol import ordered_form, pinned
from interlude.record.dosing.queries.gate import gate
from interlude.record.dosing.queries.given import planned_rate
from interlude.record.dosing.rules import check_may_start, check_seen
from interlude.record.dosing.rules.before import StartFacts
from interlude.record.dosing.services.base import locked, step
from interlude.record.dosing.services.segments import add_segment, note
from interlude.record.plans import services as plans
from interlude.record.protocols.queries import is_approved, rules_are_approved
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
    segment = add_segment(session, by, at, rate, Why.START)
    note(by, at, "dosing.infusion.started", segment, session, lot=str(lot.pk), dose_ug=session.dose_ug)
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
    note(by, at, "dosing.injected", injection, session, lot=str(lot.pk), dose_ug=session.dose_ug)
    return injection


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
        rules_approved=rules_are_approved(),
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
        psychosis=state.psychosis,
    )


def _use_vial(session: Session, lot: Lot, syringe_ml: Decimal | None) -> None:
    session.lot = lot
    session.concentration_mg_per_ml = lot.product.concentration_mg_per_ml
    if syringe_ml is not None and (not syringe_ml.is_finite() or syringe_ml <= 0):
        raise Refused(N_("The value must be more than 0."), field="syringe_ml")
    session.syringe_ml = syringe_ml
