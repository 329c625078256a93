"""The way home: each criterion with what it rests on, the minimum stay, and what still blocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from interlude.domain.protocol import CheckResult, discharge_result
from interlude.domain.protocol.facts import FactDefinition, Value
from interlude.domain.protocol.schema import Role
from interlude.record.assessments.catalogue import catalogue
from interlude.record.dosing.kinds import FACT_KINDS
from interlude.record.dosing.models import DischargeAnswer, Score, Session
from interlude.record.dosing.protocol import pinned
from interlude.record.dosing.queries.facts import baseline, from_json, local
from interlude.record.dosing.queries.latest import latest_observations
from interlude.record.plans.models import Driver
from interlude.record.plans.queries import driver_of

SCORED = {"aldrete_total": "aldrete", "padss_total": "padss", "cadss6_total": "cadss6", "moaas_total": "moaas"}
"""Facts that come from a scale scored after the dose, never from a typed number."""


@dataclass(frozen=True)
class DischargeLine:
    """One criterion, as in the gate. `score`: the scale that answered it."""

    code: str
    label: str
    result: CheckResult
    questions: tuple[FactDefinition, ...]
    answer: DischargeAnswer | None = None
    override: DischargeAnswer | None = None

    @property
    def passes(self) -> bool:
        return self.result.state == "ok" or self.override is not None


@dataclass(frozen=True)
class DischargeState:
    """Everything about the way home. `earliest_at`: end of the minimum stay (aware, clinic time)."""

    lines: tuple[DischargeLine, ...]
    earliest_at: datetime
    stay_is_over: bool
    may_shorten_stay: tuple[Role, ...]
    driver: Driver | None

    @property
    def still_needed(self) -> tuple[str, ...]:
        return tuple(line.label for line in self.lines if not line.passes)

    @property
    def criteria_met(self) -> bool:
        return not self.still_needed

    def line(self, code: str) -> DischargeLine | None:
        return next((line for line in self.lines if line.code == code), None)


def discharge_state(session: Session, now: datetime) -> DischargeState | None:
    """The discharge as it stands; None until the dose has ended. Values from before the end do not count."""
    if session.started_at is None or session.stopped_at is None:
        return None
    protocol = pinned(session)
    answers = list(session.discharge_answers.select_related("by").order_by("position"))
    base = baseline(session)
    systolic = next((base[kind].value for kind in FACT_KINDS["systolic_bp_mmhg"] if kind in base), None)
    result = discharge_result(
        protocol,
        _values(session, answers, now),
        started_at=local(session.started_at),
        ended_at=local(session.stopped_at),
        at=local(now),
        catalogue=catalogue(),
        baseline_systolic_mmhg=systolic,
    )
    newest, overrides = _by_line(answers)
    definitions = {one.code: one for one in catalogue().facts}
    items = [item for item in protocol.discharge.items if session.route in item.routes]
    lines = []
    for item, row in zip(items, result.items, strict=True):
        override = overrides.get(item.code)
        valid = override is not None and row.state == "not_ok" and override.by.role in row.may_override
        codes = dict.fromkeys(check.fact for check in item.checks)
        lines.append(
            DischargeLine(
                code=item.code,
                label=item.label,
                result=row,
                questions=tuple(definitions[code] for code in codes),
                answer=newest.get(item.code),
                override=override if valid else None,
            )
        )
    return DischargeState(
        lines=tuple(lines),
        earliest_at=result.earliest_at,
        stay_is_over=result.stay_is_over,
        may_shorten_stay=result.may_shorten_stay,
        driver=driver_of(session.patient, session.appointment_id),
    )


def _values(session: Session, answers: list[DischargeAnswer], now: datetime) -> dict[str, Value | None]:
    """What was measured, scored and answered since the dose ended."""
    values: dict[str, Value | None] = {}
    ended_at = session.stopped_at
    assert ended_at is not None
    latest = latest_observations([session.pk], before=now)[session.pk]
    for code, kinds in FACT_KINDS.items():
        rows = [latest[kind] for kind in kinds if kind in latest and latest[kind].observed_at >= ended_at]
        if rows:
            values[code] = max(rows, key=lambda row: row.observed_at).value.normalize()
    totals = dict(
        Score.objects.filter(session=session, at__gte=session.stopped_at, at__lte=now, total__isnull=False)
        .order_by("at")
        .values_list("scale", "total")
    )
    for code, scale in SCORED.items():
        if scale in totals:
            values[code] = totals[scale]
    for answer in answers:
        if not answer.is_override:
            values |= from_json(cast(dict[str, Any], answer.values or {}))
    return values


def _by_line(
    answers: list[DischargeAnswer],
) -> tuple[dict[str, DischargeAnswer], dict[str, DischargeAnswer]]:
    newest: dict[str, DischargeAnswer] = {}
    overrides: dict[str, DischargeAnswer] = {}
    for row in answers:
        if row.is_override:
            overrides[row.item] = row
        else:
            newest[row.item] = row
            overrides.pop(row.item, None)
    return newest, overrides


def discharge_json(state: DischargeState | None) -> dict[str, Any] | None:
    """The short form for live pages."""
    if state is None:
        return None
    return {
        "earliest_at": state.earliest_at.isoformat(),
        "stay_is_over": state.stay_is_over,
        "met": sum(line.passes for line in state.lines),
        "of": len(state.lines),
        "still_needed": list(state.still_needed),
    }
