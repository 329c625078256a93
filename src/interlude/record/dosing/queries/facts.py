"""What is known for the gate and the discharge of one session, as dated facts of the protocol's catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any, cast

from interlude.domain.protocol import Fact
from interlude.domain.protocol.facts import Value
from interlude.record.assessments.catalogue import catalogue
from interlude.record.assessments.queries import computed_facts, facts_of
from interlude.record.clinic.queries import clinic_zone
from interlude.record.dosing.kinds import FACT_KINDS
from interlude.record.dosing.models import GateAnswer, Observation, Session, SessionOrder
from interlude.record.dosing.queries.latest import latest_observations
from interlude.record.measures.models import Response
from interlude.record.plans.queries import consent_state, driver_of

STATED_TIMES = {"hours_since_food": "last_food_at", "hours_since_water": "last_water_at"}
LONGEST_FAST_H = Decimal(240)


def local(at: datetime) -> datetime:
    """The instant as the clinic's clock shows it; the protocol's days are local days."""
    return at.astimezone(clinic_zone())


def gate_facts(session: Session, answers: Iterable[GateAnswer], at: datetime) -> list[Fact]:
    """Everything that the gate looks at, each with its time: chart, measurements of today, answers, computed.

    Vital signs count only where they were measured in this session: discharge compares with them later, and a
    pressure from this morning's consultation says nothing about now.
    """
    charted = facts_of(session.patient)
    # Earlier treatments belong to eligibility; no gate asks for them.
    computed = computed_facts(session.patient, charted, [], local(at))
    facts = [*(fact for code, fact in charted.items() if code not in FACT_KINDS), *computed.values()]
    facts += vital_facts(session, before=session.started_at)
    facts += [fact for answer in answers if not answer.is_override for fact in _answered(answer, at)]
    facts += _questionnaire(session, at)
    facts += _computed(session, charted, at)
    return facts


def vital_facts(session: Session, *, before: datetime | None = None) -> list[Fact]:
    """The newest measured value of each vital sign of this session that has a fact."""
    latest = latest_observations([session.pk], before=before)[session.pk]
    facts = []
    for code, kinds in FACT_KINDS.items():
        rows = [latest[kind] for kind in kinds if kind in latest]
        if rows:
            newest = max(rows, key=lambda row: row.observed_at)
            facts.append(Fact(code, newest.value.normalize(), newest.observed_at, source=newest.source))
    return facts


def baseline(session: Session) -> dict[str, Observation]:
    """The last value of each kind before the dose: what later values are compared with."""
    return latest_observations([session.pk], before=session.started_at)[session.pk]


def from_json(values: Mapping[str, Any]) -> dict[str, Value]:
    """Stored answers as the domain reads them; codes that the catalogue does not know are left out."""
    definitions = {one.code: one for one in catalogue().facts}
    read: dict[str, Value] = {}
    for code, value in values.items():
        definition = definitions.get(code)
        if definition is None or value is None:
            continue
        read[code] = Decimal(str(value)) if definition.kind == "number" else value
    return read


def _answered(answer: GateAnswer, at: datetime) -> list[Fact]:
    values = cast(dict[str, Any], answer.values or {})
    facts = [Fact(code, value, answer.at, source="session") for code, value in from_json(values).items()]
    for code, name in STATED_TIMES.items():
        if stated := values.get(name):
            hours = Decimal((at - datetime.fromisoformat(stated)).total_seconds()) / 3600
            # Rounded down: a fast is never made longer than it is.
            hours = min(hours.quantize(Decimal("0.01"), ROUND_DOWN), LONGEST_FAST_H)
            facts.append(Fact(code, max(hours, Decimal(0)), at, source="session"))
    return facts


def _questionnaire(session: Session, at: datetime) -> list[Fact]:
    """The answer to item 9 of the newest PHQ-9, dated when it was answered: valid on the day itself only."""
    response = (
        Response.objects.filter(patient_id=session.patient_id, instrument="phq9", answered_at__lte=at)
        .select_related("patient")
        .order_by("-answered_at")
        .first()
    )
    value = cast(dict[str, Any], response.answers or {}).get("9") if response else None
    if response is None or value is None:
        return []
    return [Fact("phq9_item9", int(value), response.answered_at, source="phq9")]


def _computed(session: Session, charted: Mapping[str, Fact], at: datetime) -> list[Fact]:
    facts = [
        Fact("consent_valid", consent_state(session.course, at).is_valid, at, source="computed"),
    ]
    order = SessionOrder.objects.filter(session=session).order_by("-at", "-id").first()
    facts.append(Fact("order_signed", order is not None, at, source="computed"))
    weight = charted.get("weight_kg")
    if order is not None and weight is not None:
        change = abs(Decimal(str(weight.value)) - order.weight_kg) * 100 / order.weight_kg
        facts.append(Fact("weight_change_percent", min(change, Decimal(100)), at, source="computed"))
    driver = driver_of(session.patient, session.appointment_id)
    if driver is not None:
        # Named for this appointment, so it holds today, whenever it was said.
        facts += [
            Fact("driver_name", str(driver.name or ""), at, source="portal"),
            Fact("driver_phone", str(driver.phone or ""), at, source="portal"),
        ]
        facts.append(Fact("driver_arranged", True, at, source="computed"))
    return facts
