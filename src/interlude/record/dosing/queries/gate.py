"""The session-day gate: each line fine, not fine, overridden or unanswered, and whether the dose may begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from interlude.domain.instruments.data import Reason
from interlude.domain.protocol import CheckResult, choose_fasting, gate_is_open, gate_items, gate_result
from interlude.domain.protocol.facts import FactDefinition
from interlude.domain.refusals import N_
from interlude.record.assessments.catalogue import catalogue
from interlude.record.dosing.models import GateAnswer, Session
from interlude.record.dosing.protocol import pinned
from interlude.record.dosing.queries.facts import gate_facts, local
from interlude.record.dosing.rules.before import PSYCHOSIS_ACTIVE, PSYCHOSIS_OPEN
from interlude.record.protocols.queries import is_approved, rules_are_approved


@dataclass(frozen=True)
class GateLine:
    """One line. `result.state`: "ok", "not_ok" or "unanswered"; `override` is the row that lets it pass.

    `questions`: the facts of the line with their wording, kind, unit and range, for the form. Texts are English
    message ids.
    """

    code: str
    label: str
    result: CheckResult
    questions: tuple[FactDefinition, ...]
    answer: GateAnswer | None = None
    override: GateAnswer | None = None

    @property
    def passes(self) -> bool:
        return self.result.state == "ok" or self.override is not None


@dataclass(frozen=True)
class GateState:
    """The whole gate. `fasting`: the preset in force and why. `blocks`: what is no line of the checklist.

    `psychosis`: the newest charted answer on an active psychosis; None while there is none.
    """

    lines: tuple[GateLine, ...]
    is_open: bool
    fasting: str
    fasting_reason: Reason
    blocks: tuple[Reason, ...] = field(default=())
    psychosis: bool | None = None

    @property
    def still_needed(self) -> tuple[str, ...]:
        """Labels of the lines that keep the gate closed."""
        return tuple(line.label for line in self.lines if not line.passes)

    @property
    def done(self) -> int:
        return sum(line.passes for line in self.lines)

    def line(self, code: str) -> GateLine | None:
        return next((line for line in self.lines if line.code == code), None)


def gate(session: Session, now: datetime) -> GateState:
    """The gate as it stands at `now`. Fasting hours are counted to this instant; a constant number of queries."""
    protocol = pinned(session)
    answers = list(session.gate_answers.select_related("by").order_by("position"))
    facts = gate_facts(session, answers, now)
    at = local(now)
    preset, why = choose_fasting(protocol, session.dose_mg_per_kg, facts, at, catalogue())
    items = gate_items(protocol, fasting=preset)
    results = gate_result(items, {}, facts, at=at, catalogue=catalogue())
    newest, overrides = _by_line(answers)
    definitions = {one.code: one for one in catalogue().facts}
    lines = []
    for item, result in zip(items, results, strict=True):
        codes = [item.unless.fact] if item.unless else []
        codes += [check.fact for check in item.checks]
        override = overrides.get(item.code)
        valid = override is not None and result.state == "not_ok" and override.by.role in result.may_override
        lines.append(
            GateLine(
                code=item.code,
                label=item.label,
                result=result,
                questions=tuple(definitions[code] for code in dict.fromkeys(codes)),
                answer=newest.get(item.code),
                override=override if valid else None,
            )
        )
    opened = gate_is_open(results, [line.code for line in lines if line.override])
    psychosis = next((bool(fact.value) for fact in facts if fact.code == "psychosis_active"), None)
    return GateState(tuple(lines), opened, preset, why, tuple(_blocks(session, psychosis)), psychosis)


def _by_line(
    answers: list[GateAnswer],
) -> tuple[Mapping[str, GateAnswer], Mapping[str, GateAnswer]]:
    """The newest answer of each line, and its override where one was given after that answer."""
    newest: dict[str, GateAnswer] = {}
    overrides: dict[str, GateAnswer] = {}
    for row in answers:
        if row.is_override:
            overrides[row.item] = row
        else:
            newest[row.item] = row
            overrides.pop(row.item, None)
    return newest, overrides


def _blocks(session: Session, psychosis: bool | None) -> list[Reason]:
    """What must be settled elsewhere before a dose: approval of the protocol, the signed plan, psychosis."""
    found = []
    if not is_approved(session.protocol_version):
        found.append(Reason(N_("The protocol of this plan is not approved. Two people have to approve it first.")))
    if not rules_are_approved():
        found.append(Reason(N_("The shared rules are not approved. Two people have to approve them first.")))
    if not session.course.is_open:
        found.append(Reason(N_("The plan of this patient is not signed, or has ended.")))
    if psychosis is not False:
        found.append(Reason(PSYCHOSIS_ACTIVE if psychosis else PSYCHOSIS_OPEN))
    return found
