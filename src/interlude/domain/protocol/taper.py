"""What is proposed for reducing another medicine beside the series. It advises; it refuses and stops nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from interlude.domain.instruments.data import Datum, Model, Reason, read_toml
from interlude.domain.refusals import N_


class TaperRules(Model):
    """`stable_days`: shortest time between two steps; `medicines_at_once`: how many are reduced together."""

    stable_days: Datum
    medicines_at_once: Datum


@dataclass(frozen=True)
class Step:
    """One planned step: which medicine (any key that tells medicines apart) and on which day."""

    medicine: str
    on: date


@dataclass(frozen=True)
class TaperNote:
    """Something to talk about with the prescriber, and the datum behind it."""

    code: str
    reason: Reason
    datum: Datum


@cache
def taper_rules() -> TaperRules:
    text = (files("interlude.domain.protocol") / "taper.toml").read_text("utf-8")
    return TaperRules.model_validate(read_toml(text)["rules"])


def taper_notes(steps: Iterable[Step], rules: TaperRules | None = None) -> list[TaperNote]:
    """Steps that follow one another too soon (the closest pair), and more medicines than proposed at once."""
    rules = rules or taper_rules()
    days: dict[str, list[date]] = {}
    for step in steps:
        days.setdefault(step.medicine, []).append(step.on)
    gaps = [(b - a).days for one in days.values() for a, b in zip(sorted(one), sorted(one)[1:], strict=False)]
    notes = []
    limit = rules.stable_days
    if gaps and min(gaps) < limit.value:
        text = N_("Two steps are {days} days apart; at least {limit} stable days are proposed.")
        notes.append(TaperNote("too_soon", Reason(text, {"days": min(gaps), "limit": limit.value}), limit))
    most = rules.medicines_at_once
    if len(days) > most.value:
        text = N_("{count} medicines are reduced in one series; {limit} at a time is proposed.")
        notes.append(TaperNote("too_many", Reason(text, {"count": len(days), "limit": most.value}), most))
    return notes
