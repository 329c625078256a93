"""Prior treatment trials and what follows from them: treatment resistance is computed, not typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from interlude.domain.instruments.data import Datum, Model, Reason
from interlude.domain.refusals import N_

Response = Literal["none", "partial", "response", "not_known"]
"""none: under 25 % better. partial: 25-49 %. response: 50 % or more."""

Verdict = Literal["failed", "helped", "not_adequate", "not_known"]


class TrialRules(Model):
    needed: Datum
    min_weeks: Datum


@dataclass(frozen=True)
class Trial:
    """One earlier treatment. `dose_was_adequate` is the clinician's judgement; None while not known."""

    medicine: str
    dose_was_adequate: bool | None
    weeks: Decimal | None
    response: Response
    dose_text: str = ""


@dataclass(frozen=True)
class TrialVerdict:
    trial: Trial
    verdict: Verdict
    reason: Reason


@dataclass(frozen=True)
class Resistance:
    """`is_resistant` is None while trials that are not fully known could still decide it."""

    is_resistant: bool | None
    failed: int
    not_known: int
    rows: tuple[TrialVerdict, ...]


def treatment_resistance(rules: TrialRules, trials: Iterable[Trial]) -> Resistance:
    """Resistant after `rules.needed` trials of adequate dose and length without response."""
    rows = tuple(_verdict(rules, trial) for trial in trials)
    failed = sum(row.verdict == "failed" for row in rows)
    open_ = sum(row.verdict == "not_known" for row in rows)
    needed = int(rules.needed.value)
    answer: bool | None = failed >= needed
    if not answer and failed + open_ >= needed:
        answer = None
    return Resistance(answer, failed, open_, rows)


def _verdict(rules: TrialRules, trial: Trial) -> TrialVerdict:
    limit = rules.min_weeks.value
    if trial.response == "response":
        return TrialVerdict(trial, "helped", Reason(N_("It helped by half or more.")))
    if trial.dose_was_adequate is False:
        return TrialVerdict(trial, "not_adequate", Reason(N_("The dose was too low.")))
    if trial.weeks is not None and trial.weeks < limit:
        reason = Reason(N_("{weeks} weeks; at least {limit} are needed."), {"weeks": trial.weeks, "limit": limit})
        return TrialVerdict(trial, "not_adequate", reason)
    if trial.dose_was_adequate is None or trial.weeks is None or trial.response == "not_known":
        return TrialVerdict(trial, "not_known", Reason(N_("Dose, weeks or response is not known.")))
    reason = Reason(N_("Adequate dose for {weeks} weeks without response."), {"weeks": trial.weeks})
    return TrialVerdict(trial, "failed", reason)
