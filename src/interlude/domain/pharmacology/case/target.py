"""A target instead of doses, or after them: which level is aimed at, and the advisory rates that would reach it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from interlude.domain.pharmacology.case.doses import EFFECT_SITE
from interlude.domain.pharmacology.case.fields import (
    EMPTY,
    MISSING,
    choice,
    items,
    moved,
    number,
    object_of,
)
from interlude.domain.pharmacology.case.people import CaseModel
from interlude.domain.pharmacology.regimen import SLACK_MIN, Dose, continue_with, inputs_of
from interlude.domain.pharmacology.solution import State, at_rest
from interlude.domain.pharmacology.targets import Level, Limits, TargetSchedule, TargetStep, plan_targets
from interlude.domain.refusals import N_, Refused

LINE = "target"
SECONDS_PER_MINUTE = 60.0
MINUTES_PER_HOUR = 60.0
INTERVAL_S = 10.0
# A plan of 28 hours at intervals of 10 s; each interval is a search.
MOST_INTERVALS = 10_000
_LIMITS = ("resolution_mg_per_h", "max_rate_mg_per_h", "max_amount_mg")
_STEP = ("level_ng_per_ml", "start_min", "duration_min")
_KEYS = ("kind", "of", *_STEP, "steps", "interval_s", *_LIMITS)
_LEVELS: dict[str, Level] = {"Cp": "cp", "Ce": "ce", "Ce_s": "ce_s"}

_STEPS_OR_LEVEL = N_("Give either steps or one level with its start and duration.")
_OVERLAP = N_("This target begins before the one before it ends.")
_TOO_MANY = N_("This is more than {most} intervals. Choose longer intervals or a shorter plan.")
_BEFORE = N_("A dose beside a target must have come in before the target begins, at minute {start}.")
_KE0_MISSING = N_("This value is missing. A target at the effect site needs it.")
_NO_S = N_("A target of Ce_s needs a model that says which share of its substance is S-ketamine.")


@dataclass(frozen=True)
class Target:
    """What is aimed at; `steps` are (start_min, end_min, level in ng/mL), in order."""

    of: str
    steps: tuple[tuple[float, float, float], ...]
    interval_s: float
    limits: Limits

    @property
    def start_min(self) -> float:
        return self.steps[0][0]

    @property
    def end_min(self) -> float:
        return self.steps[-1][1]


def read_target(value: object, about: CaseModel) -> Target:
    """The target of a case; a refusal names `target...`."""
    given = object_of(value, "target", _KEYS, required=("kind",))
    kind = choice(given["kind"], "target.kind", ("plasma", "effect"))
    allowed = ("Cp",) if kind == "plasma" else EFFECT_SITE
    of = choice(given.get("of", allowed[0]), "target.of", allowed)
    if kind == "effect" and about.model.ke0_per_min is None:
        raise Refused(_KE0_MISSING, field="model.ke0_per_min")
    if of == "Ce_s" and not about.model.s_fraction:
        raise Refused(_NO_S, field="target.of")
    steps = _steps(given)
    interval_s = number(given.get("interval_s", INTERVAL_S), "target.interval_s", positive=True)
    if (steps[-1][1] - steps[0][0]) * SECONDS_PER_MINUTE > MOST_INTERVALS * interval_s:
        raise Refused(_TOO_MANY, field="target.interval_s", most=f"{MOST_INTERVALS:,}")
    limits: dict[str, Any] = {
        name: number(given[name], f"target.{name}", positive=True) for name in _LIMITS if name in given
    }
    return Target(of, steps, interval_s, Limits(**limits))


def _steps(given: Mapping[str, Any]) -> tuple[tuple[float, float, float], ...]:
    if "steps" not in given:
        return (_step(given, "target"),)
    for name in _STEP:
        if name in given:
            raise Refused(_STEPS_OR_LEVEL, field=f"target.{name}")
    rows = [
        _step(object_of(row, f"target.steps[{index}]", _STEP), f"target.steps[{index}]")
        for index, row in enumerate(items(given["steps"], "target.steps"))
    ]
    if not rows:
        raise Refused(EMPTY, field="target.steps")
    for index, ((_, end, _before), (start, _end, _)) in enumerate(pairwise(rows)):
        if start < end - SLACK_MIN:
            raise Refused(_OVERLAP, field=f"target.steps[{index + 1}].start_min")
    return tuple(rows)


def _step(given: Mapping[str, Any], field: str) -> tuple[float, float, float]:
    for name in ("level_ng_per_ml", "duration_min"):
        if name not in given:
            raise Refused(MISSING, field=f"{field}.{name}")
    start = number(given.get("start_min", 0), f"{field}.start_min")
    duration = number(given["duration_min"], f"{field}.duration_min", positive=True)
    end = number(start + duration, f"{field}.duration_min")
    if end == start:
        raise Refused(_TOO_MANY, field=f"{field}.duration_min", most=f"{MOST_INTERVALS:,}")
    return start, end, number(given["level_ng_per_ml"], f"{field}.level_ng_per_ml")


def plan(about: CaseModel, doses: Sequence[Dose], target: Target) -> TargetSchedule:
    """The advisory schedule from the state that the doses leave behind; nothing is aimed at between two steps."""
    state = _state_at(about, doses, target.start_min)
    steps: list[TargetStep] = []
    for index, (start, end, level) in enumerate(target.steps):
        steps.append(TargetStep(start, level))
        following = target.steps[index + 1][0] if index + 1 < len(target.steps) else None
        if following is not None and following > end + SLACK_MIN:
            steps.append(TargetStep(end, 0.0))
    try:
        return plan_targets(
            state,
            steps,
            target.end_min,
            of=_LEVELS[target.of],
            interval_min=target.interval_s / SECONDS_PER_MINUTE,
            limits=target.limits,
        )
    except Refused as refused:
        raise moved(refused, "target") from refused


def _state_at(about: CaseModel, doses: Sequence[Dose], start_min: float) -> State:
    """What the doses have left at `start_min`; all of them must have come in by then."""
    for index, dose in enumerate(doses):
        inputs = inputs_of(about.model, [dose])
        ends = [end for _, _, end, _ in inputs.segments] + [at for _, at, _ in inputs.boluses]
        if max(ends, default=0.0) > start_min + SLACK_MIN:
            raise Refused(_BEFORE, field=f"doses[{index}].start_min", start=f"{start_min:g}")
    if not doses:
        return at_rest(about.model, start_min)
    curves = continue_with(at_rest(about.model), doses, [start_min])
    return State(about.model, start_min, curves.held[:, 0])


def doses_of(schedule: TargetSchedule) -> tuple[Dose, ...]:
    """The schedule as intravenous doses of a line of its own."""
    return tuple(
        Dose("iv", start, rate * (end - start) / MINUTES_PER_HOUR, end - start, line=LINE)
        for start, end, rate in schedule.segments
        if rate > 0
    )


def rows_of(schedule: TargetSchedule) -> list[dict[str, Any]]:
    """The schedule as rows of a result; `limited_by` where a limit holds a rate back."""
    rows: list[dict[str, Any]] = []
    first = 0
    for start, end, rate in schedule.segments:
        last = int(np.searchsorted(schedule.end_min, end))
        row: dict[str, Any] = {
            "start_min": start,
            "end_min": end,
            "rate_mg_per_h": rate,
            "cumulative_mg": float(schedule.given_mg[last]),
        }
        reasons = sorted({why for why in schedule.limited_by[first : last + 1] if why})
        if reasons:
            row["limited_by"] = ", ".join(reasons)
        rows.append(row)
        first = last + 1
    return rows
