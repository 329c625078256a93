"""Answers at the gate. What belongs in the chart goes there; the rest is kept with the session."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Max

from interlude.domain.protocol import Fact, check_fact
from interlude.domain.protocol.facts import FactDefinition, Value
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments.catalogue import catalogue
from interlude.record.assessments.services import record_facts
from interlude.record.audit import services as audit
from interlude.record.dosing.kinds import TYPED_KIND_OF_FACT
from interlude.record.dosing.models import GateAnswer, Session
from interlude.record.dosing.queries.facts import STATED_TIMES, local
from interlude.record.dosing.queries.gate import GateLine, gate
from interlude.record.dosing.rules import check_may_answer_gate, check_may_override
from interlude.record.dosing.services.base import locked, step, tell
from interlude.record.dosing.services.observations import chart_values
from interlude.record.plans import services as plans
from interlude.record.plans.queries import driver_of

CHARTED_ASKED = frozenset({"consultation", "laboratory", "vitals"})
"""Facts of these kinds outlast the session: an answer given at the gate enters the patient's chart."""

DRIVER_FACTS = frozenset({"driver_name", "driver_phone"})


@transaction.atomic
def answer_gate(
    *,
    by: StaffMember,
    at: datetime,
    session: Session,
    item: str,
    answer: Value | Mapping[str, Any] | None = None,
    note: str = "",
    override_reason: str = "",
) -> GateAnswer:
    """Answer one line, or go on after a no (`override_reason`, for a role that the line names).

    `answer`: {fact code: value}, or the value alone when the line asks one thing. Fasting takes the stated times
    as aware datetimes: {"last_food_at": ..., "last_water_at": ...}. Measured values (blood pressure, saturation,
    heart rate, breaths) become charted observations, a weight or a test result a fact of the patient's chart,
    the driver is named for the appointment. Raises `Refused` on the field of the fact.
    """
    session = locked(session)
    check_may_answer_gate(session.phase, by.role)  # type: ignore[arg-type]
    state = gate(session, at)
    line = state.line(item)
    if line is None:
        raise Refused(N_("There is no such line in this gate."), field="item")
    values: dict[str, Any] = {}
    if answer is not None:
        values = _as_mapping(line, answer)
        values = _place(session, by, at, line, values)
    elif not override_reason.strip():
        raise Refused(N_("Answer the question first."), field=item)
    row = None
    if answer is not None:
        row = _row(session, by, at, item, values, note)
    if override_reason.strip():
        line = gate(session, at).line(item)
        assert line is not None
        check_may_override(by.role, line.result.may_override, line.result.state, override_reason)
        row = _row(session, by, at, item, {}, note, override_reason)
    assert row is not None
    audit.record(
        by=by,
        at=at,
        what="dosing.gate.overridden" if row.is_override else "dosing.gate.answered",
        about=row,
        patient_id=session.patient_id,
        detail={"item": item},
    )
    settle_gate(session, by=by, at=at)
    tell(session, "gate", {"item": item})
    return row


def settle_gate(session: Session, *, by: StaffMember, at: datetime) -> None:
    """Let the phase follow the gate: ready when every line passes, checked in when one does not any more."""
    opened = gate(session, at).is_open
    if opened and session.phase == "checked_in":
        step(session, "pass_gate", by=by, at=at)
    elif not opened and session.phase == "ready":
        step(session, "reopen_gate", by=by, at=at)


def _as_mapping(line: GateLine, answer: Value | Mapping[str, Any]) -> dict[str, Any]:
    asked = [question.code for question in line.questions]
    if isinstance(answer, Mapping):
        names = {*asked, *(STATED_TIMES[code] for code in asked if code in STATED_TIMES)}
        unknown = sorted(set(answer) - names)
        if unknown:
            raise Refused(N_("This answer does not belong to the question."), field=unknown[0])
        given = {code: value for code, value in answer.items() if value is not None and value != ""}
    elif len(asked) == 1:
        given = {asked[0]: answer}
    else:
        raise Refused(N_("Answer each question of this line."), field=line.code)
    if not given:
        raise Refused(N_("Answer the question first."), field=line.code)
    return given


def _place(session: Session, by: StaffMember, at: datetime, line: GateLine, values: dict[str, Any]) -> dict[str, Any]:
    """Check every value and put it where it belongs; returns what is kept with the session, ready for JSON."""
    kept: dict[str, Any] = {}
    measured: dict[str, Decimal] = {}
    charted: dict[str, Value] = {}
    definitions = {question.code: question for question in line.questions}
    for code, value in values.items():
        if code in STATED_TIMES.values():
            kept[code] = _stated_time(code, value, at)
            continue
        definition = definitions[code]
        if definition.asked == "computed":
            raise Refused(N_("This line follows from the chart. It cannot be typed."), field=code)
        if code in STATED_TIMES:
            raise Refused(N_("Enter the time, not the hours."), field=STATED_TIMES[code])
        check_fact(catalogue(), Fact(code, value, at), at=local(at))
        if code in TYPED_KIND_OF_FACT:
            measured[TYPED_KIND_OF_FACT[code]] = Decimal(str(value))
        elif definition.asked in CHARTED_ASKED:
            charted[code] = value
        elif code not in DRIVER_FACTS:
            kept[code] = _plain(value, definition)
    if measured:
        chart_values(session, by=by, at=at, values=measured, observed_at=at)
    if charted:
        record_facts(by=by, at=at, patient=session.patient, values=charted, observed_at=at)
    if DRIVER_FACTS & set(values):
        _name_driver(session, by, at, values)
    return kept


def _name_driver(session: Session, by: StaffMember, at: datetime, values: Mapping[str, Any]) -> None:
    known = driver_of(session.patient, session.appointment_id)
    try:
        plans.name_driver(
            by=by,
            at=at,
            patient=session.patient,
            appointment_id=session.appointment_id,
            name=str(values.get("driver_name") or (known.name if known else "") or ""),
            phone=str(values.get("driver_phone") or (known.phone if known else "") or ""),
        )
    except Refused as refused:
        raise Refused(refused.template, field=f"driver_{refused.field}", **refused.params) from refused


def _stated_time(code: str, value: object, at: datetime) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Refused(N_("Enter day and time."), field=code)
    if value > at:
        raise Refused(N_("This time is in the future."), field=code)
    return value.isoformat()


def _plain(value: Value, definition: FactDefinition) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if definition.kind == "number" else value


def _row(
    session: Session,
    by: StaffMember,
    at: datetime,
    item: str,
    values: dict[str, Any],
    note: str,
    override_reason: str = "",
) -> GateAnswer:
    last = GateAnswer.objects.filter(session=session).aggregate(last=Max("position"))["last"] or 0
    row = GateAnswer(
        pk=uuid4(),
        session=session,
        item=item,
        values=values,
        note=note.strip() or None,
        is_override=bool(override_reason.strip()),
        override_reason=override_reason.strip() or None,
        at=at,
        by=by,
        position=last + 1,
    )
    row.save(force_insert=True)
    return row
