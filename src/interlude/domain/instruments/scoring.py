"""Scoring: answers in, total, subscales, band and flags out. A missing answer never counts as zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from interlude.domain.instruments.data import Reason
from interlude.domain.instruments.schema import FlagRule, Instrument, Item, Tier
from interlude.domain.refusals import N_, Refused

TIERS: tuple[Tier, ...] = ("look", "low", "moderate", "high")


@dataclass(frozen=True)
class Flag:
    """Something that needs a person, whatever the total says. `item` is the item that raised it."""

    code: str
    tier: Tier
    item: str
    reason: Reason


@dataclass(frozen=True)
class Score:
    """`total`, a subscale, the band or a cut is None whenever an answer that it needs is missing."""

    instrument: str
    version: str
    total: int | None
    subscales: Mapping[str, int | None] = field(default_factory=dict)
    band: str | None = None
    cuts: Mapping[str, bool | None] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        return not self.missing


def score(instrument: Instrument, answers: Mapping[str, int | None]) -> Score:
    """Score one set of answers (item code -> integer, None or absent = not answered).

    Raises `Refused` naming the item for an unknown item, a value that is no integer, or one out of range.
    """
    known = _checked(instrument, answers)
    missing = tuple(i.code for i in _asked(instrument, known) if i.scored and i.code not in known)
    subscales = {s.code: _sum(known, s.items) for s in instrument.subscales}
    flags = [flag for rule in instrument.flags if (flag := _flag(rule, known)) is not None]
    total = band = None
    if instrument.triage is not None:
        band, triage_flag = _triage(instrument, known, missing)
        flags += [triage_flag] if triage_flag else []
    else:
        plain = _sum(known, tuple(item.code for item in instrument.items if item.scored))
        total = None if plain is None else plain * instrument.scoring.factor
        band = next((b.code for b in instrument.bands if total is not None and b.minimum <= total <= b.maximum), None)
    return Score(
        instrument=instrument.code,
        version=instrument.version,
        total=total,
        subscales=subscales,
        band=band,
        cuts=_cuts(instrument, known, total),
        flags=tuple(flags),
        missing=missing,
    )


def item_rise(
    instrument: Instrument, before: Mapping[str, int | None], now: Mapping[str, int | None]
) -> tuple[Flag, ...]:
    """Flags for risk items that rose by two or more since the last answers (a sign of getting worse)."""
    old, new = _checked(instrument, before), _checked(instrument, now)
    flags = []
    for rule in instrument.flags:
        if rule.item in old and rule.item in new and new[rule.item] - old[rule.item] >= 2:
            reason = Reason(
                N_("Item {item} rose from {before} to {now}: call the patient today."),
                {"item": rule.item, "before": old[rule.item], "now": new[rule.item]},
            )
            flags.append(Flag(code=f"{rule.code}_rise", tier="moderate", item=rule.item, reason=reason))
    return tuple(flags)


def _checked(instrument: Instrument, answers: Mapping[str, int | None]) -> dict[str, int]:
    items = {item.code: item for item in instrument.items}
    known: dict[str, int] = {}
    for code, value in answers.items():
        if code not in items:
            raise Refused(N_("{instrument} has no item {item}."), field=code, instrument=instrument.name, item=code)
        if value is None:
            continue
        _check_value(items[code], value)
        known[code] = value
    return known


def _check_value(item: Item, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(N_("Item {item}: answer with a whole number."), field=item.code, item=item.code)
    if not item.minimum <= value <= item.maximum:
        raise Refused(
            N_("Item {item}: {value} is not between {minimum} and {maximum}."),
            field=item.code,
            item=item.code,
            value=value,
            minimum=item.minimum,
            maximum=item.maximum,
        )


def _asked(instrument: Instrument, known: Mapping[str, int]) -> list[Item]:
    """Items that have to be answered: one behind a question answered "no" is not asked."""
    return [i for i in instrument.items if not i.asked_if or known.get(i.asked_if, 1) != 0]


def _sum(known: Mapping[str, int], codes: tuple[str, ...]) -> int | None:
    if any(code not in known for code in codes):
        return None
    return sum(known[code] for code in codes)


def _cuts(instrument: Instrument, known: Mapping[str, int], total: int | None) -> dict[str, bool | None]:
    cuts: dict[str, bool | None] = {
        cut.code: None if total is None else total >= cut.at_least.value for cut in instrument.cuts
    }
    rule = instrument.cluster_rule
    if rule is not None:
        cuts[rule.code] = None
        if total is not None:
            items = {s.code: s.items for s in instrument.subscales}
            cuts[rule.code] = all(
                sum(known[code] >= rule.item_at_least for code in items[cluster]) >= need
                for cluster, need in rule.needs.items()
            )
    return cuts


def _flag(rule: FlagRule, known: Mapping[str, int]) -> Flag | None:
    value = known.get(rule.item)
    reached = [step.tier for step in rule.steps if value is not None and value >= step.at_least]
    if not reached:
        return None
    tier = max(reached, key=TIERS.index)
    return Flag(rule.code, tier, rule.item, Reason(rule.text, {"item": rule.item, "value": value}))


def _triage(
    instrument: Instrument, known: Mapping[str, int], missing: tuple[str, ...]
) -> tuple[str | None, Flag | None]:
    """Tier of a yes/no screener, with a flag for the most urgent yes.

    The tier is None while an item of a more urgent step is unanswered; the flag does not wait for it.
    """
    assert instrument.triage is not None
    unsure = False
    for step in instrument.triage.steps:
        yes = [code for code in step.any_of if known.get(code) == 1]
        if yes:
            flag = Flag("triage", step.tier, yes[0], Reason(step.text, {"item": yes[0]}))
            return (None if unsure else step.tier), flag
        unsure = unsure or any(code in missing for code in step.any_of)
    return (None if unsure else "none"), None
