"""Rest, the criteria, and the way home."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Max

from interlude.domain.protocol import Fact, check_fact
from interlude.domain.protocol.facts import Value
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.services import sign
from interlude.record.appointments import services as appointments
from interlude.record.assessments.catalogue import catalogue
from interlude.record.audit import services as audit
from interlude.record.dosing.kinds import TYPED_KIND_OF_FACT
from interlude.record.dosing.models import Discharge, DischargeAnswer, Session
from interlude.record.dosing.queries.discharge import SCORED, DischargeLine, DischargeState, discharge_state
from interlude.record.dosing.queries.facts import local
from interlude.record.dosing.rules import (
    RUN,
    check_may_discharge,
    check_may_end_early,
    check_may_override,
    check_may_rest,
    check_may_transfer,
    check_role,
)
from interlude.record.dosing.rules.after import DischargeFacts
from interlude.record.dosing.services.base import locked, step, tell
from interlude.record.dosing.services.observations import chart_values


@transaction.atomic
def begin_rest(*, by: StaffMember, at: datetime, session: Session) -> Session:
    """Record that the patient rests: after a stop, or after an injection."""
    session = locked(session)
    check_may_rest(session.phase, session.route, by.role)  # type: ignore[arg-type]
    row = step(session, "rest", by=by, at=at)
    audit.record(by=by, at=at, what="dosing.rest.begun", about=row, patient_id=session.patient_id)
    return session


@transaction.atomic
def answer_discharge(
    *,
    by: StaffMember,
    at: datetime,
    session: Session,
    item: str,
    answer: Value | Mapping[str, Any] | None = None,
    override_reason: str = "",
) -> DischargeAnswer:
    """Answer one criterion, or go on after a no with a reason (for a role that the criterion names).

    Measured values become charted observations. A scale is scored with `record_score`, never typed here.
    """
    session = locked(session)
    check_role(by.role, RUN)
    state = _state(session, at)
    line = state.line(item)
    if line is None:
        raise Refused(N_("There is no such line in the discharge."), field="item")
    row = None
    if answer is not None:
        row = _row(session, by, at, item, _place(session, by, at, line, answer))
    if override_reason.strip():
        line = _state(session, at).line(item)
        assert line is not None
        check_may_override(by.role, line.result.may_override, line.result.state, override_reason)
        row = _row(session, by, at, item, {}, override_reason)
    if row is None:
        raise Refused(N_("Answer the question first."), field=item)
    audit.record(
        by=by,
        at=at,
        what="dosing.discharge.overridden" if row.is_override else "dosing.discharge.answered",
        about=row,
        patient_id=session.patient_id,
        detail={"item": item},
    )
    _settle(session, by, at)
    tell(session, "discharge", {"item": item})
    return row


@transaction.atomic
def discharge(
    *,
    by: StaffMember,
    at: datetime,
    session: Session,
    driver_name: str,
    driver_phone: str,
    identity_checked: bool,
    instructions_given: bool,
    shorten_reason: str = "",
    password: str = "",
) -> Discharge:
    """Send the patient home with the named driver. Blocked with the reasons while a criterion is open or the
    minimum stay runs; a physician may shorten the stay with a reason and signs it (`password`)."""
    session = locked(session)
    state = _state(session, at)
    facts = DischargeFacts(
        role=by.role,
        phase=session.phase,  # type: ignore[arg-type]
        route=session.route,  # type: ignore[arg-type]
        unmet=state.still_needed,
        stay_is_over=state.stay_is_over,
        earliest_at=state.earliest_at,
        may_shorten_stay=state.may_shorten_stay,
        shorten_reason=shorten_reason,
        driver_name=driver_name,
        driver_phone=driver_phone,
        identity_checked=identity_checked,
        instructions_given=instructions_given,
    )
    check_may_discharge(facts)
    row = Discharge(
        pk=uuid4(),
        session=session,
        driver_name=driver_name.strip(),
        driver_phone=driver_phone.strip(),
        identity_checked=identity_checked,
        instructions_given=instructions_given,
        criteria=_evidence(state),
        stay_shortened_reason=None if state.stay_is_over else shorten_reason.strip(),
        at=at,
        by=by,
    )
    if not state.stay_is_over:
        row.signature = sign(
            by=by,
            password=password,
            meaning="minimum stay shortened",
            about=row,
            content={"session": str(session.pk), "earliest_at": state.earliest_at, "at": at},
            at=at,
            patient_id=session.patient_id,
        )
    if session.phase == "resting":
        step(session, "meet_criteria", by=by, at=at)
    step(session, "discharge", by=by, at=at)
    row.save(force_insert=True)
    appointments.mark(by=by, at=at, appointment=session.appointment, state="done")
    audit.record(by=by, at=at, what="dosing.discharged", about=row, patient_id=session.patient_id)
    return row


@transaction.atomic
def transfer(*, by: StaffMember, at: datetime, session: Session, note: str) -> Session:
    """Record that the patient goes to hospital. No criterion holds that up."""
    session = locked(session)
    check_may_transfer(session.phase, session.route, by.role)  # type: ignore[arg-type]
    row = step(session, "transfer", by=by, at=at, reason=note)
    appointments.mark(by=by, at=at, appointment=session.appointment, state="done")
    audit.record(by=by, at=at, what="dosing.transferred", about=row, patient_id=session.patient_id)
    return session


@transaction.atomic
def end_early(*, by: StaffMember, at: datetime, session: Session, note: str) -> Session:
    """Record that the patient leaves against advice, and what was said."""
    session = locked(session)
    check_may_end_early(session.phase, session.route, by.role, note)  # type: ignore[arg-type]
    row = step(session, "leave_early", by=by, at=at, reason=note)
    appointments.mark(by=by, at=at, appointment=session.appointment, state="done")
    audit.record(by=by, at=at, what="dosing.left_early", about=row, patient_id=session.patient_id)
    return session


def _state(session: Session, at: datetime) -> DischargeState:
    state = discharge_state(session, at)
    if state is None:
        raise Refused(N_("The dose has not ended yet."))
    return state


def _settle(session: Session, by: StaffMember, at: datetime) -> None:
    """Let the phase follow the criteria: ready to go home when all are met and the stay is over."""
    state = _state(session, at)
    ready = state.criteria_met and state.stay_is_over
    if ready and session.phase == "resting":
        step(session, "meet_criteria", by=by, at=at)
    elif not state.criteria_met and session.phase == "ready_for_discharge":
        step(session, "lose_criteria", by=by, at=at)


def _place(
    session: Session, by: StaffMember, at: datetime, line: DischargeLine, answer: Value | Mapping[str, Any]
) -> dict[str, Any]:
    definitions = {question.code: question for question in line.questions}
    if not isinstance(answer, Mapping):
        if len(definitions) != 1:
            raise Refused(N_("Answer each question of this line."), field=line.code)
        answer = {next(iter(definitions)): answer}
    kept: dict[str, Any] = {}
    measured = {}
    for code, value in answer.items():
        if code not in definitions:
            raise Refused(N_("This answer does not belong to the question."), field=code)
        if code in SCORED:
            raise Refused(N_("Score this scale item by item."), field=code)
        if definitions[code].asked == "computed":
            raise Refused(N_("This line follows from the chart. It cannot be typed."), field=code)
        check_fact(catalogue(), Fact(code, value, at), at=local(at))
        if code in TYPED_KIND_OF_FACT:
            measured[TYPED_KIND_OF_FACT[code]] = value
        else:
            kept[code] = value.isoformat() if isinstance(value, date) else value
    if measured:
        chart_values(session, by=by, at=at, values=measured, observed_at=at)
    return kept


def _row(
    session: Session, by: StaffMember, at: datetime, item: str, values: dict[str, Any], override_reason: str = ""
) -> DischargeAnswer:
    last = DischargeAnswer.objects.filter(session=session).aggregate(last=Max("position"))["last"] or 0
    row = DischargeAnswer(
        pk=uuid4(),
        session=session,
        item=item,
        values=values,
        is_override=bool(override_reason.strip()),
        override_reason=override_reason.strip() or None,
        at=at,
        by=by,
        position=last + 1,
    )
    row.save(force_insert=True)
    return row


def _evidence(state: DischargeState) -> list[dict[str, Any]]:
    """What the discharge rested on, kept as it stood."""
    return [
        {
            "item": line.code,
            "state": line.result.state,
            "overridden": line.override is not None,
            "values": {fact.code: str(fact.value) for fact in line.result.facts if fact.value is not None},
        }
        for line in state.lines
    ]
