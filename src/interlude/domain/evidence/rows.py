"""From a row of a study to an effect that can be pooled, or the reason why it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interlude.domain.evidence import measures
from interlude.domain.evidence.checks import counted
from interlude.domain.evidence.measures import Effect, from_interval
from interlude.domain.evidence.schema import EffectRow, EventsRow, MeansRow, Row, Study
from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import N_, Refused

ABSOLUTE = frozenset({"proportion"})
DIFFERENCES = frozenset({"mean_difference", "smd"})
FROM_COUNTS = {
    "risk_ratio": measures.risk_ratio,
    "odds_ratio": measures.odds_ratio,
    "risk_difference": measures.risk_difference,
}
ORDER = ("risk_ratio", "odds_ratio", "hazard_ratio", "mean_difference", "smd", "risk_difference", "proportion")


@dataclass(frozen=True, slots=True)
class Usable:
    """A row with its effect on the pooling scale. `definition` is the scale for scores, "" for none."""

    study: Study
    row: Row
    effect: Effect
    comparator: str
    definition: str
    unit: str = ""
    treated: tuple[int, int] | None = None
    control: tuple[int, int] | None = None


def comparator_of(study: Study, row: Row) -> str:
    """Kind of the comparison arm of a row, "" without one."""
    code = ""
    if isinstance(row, EventsRow | MeansRow):
        code = row.control.arm if row.control else ""
    elif isinstance(row, EffectRow):
        code = row.control
    return (study.arm(code).comparator or "") if code else ""


def better_is_above(measure: str, good: bool) -> bool:
    """Whether values above no difference mean better with ketamine: differences of scores are turned so."""
    return True if measure in DIFFERENCES else good


def usable(study: Study, row: Row, measure: str) -> Usable | Reason:
    """The effect of a row under a measure, or why it has none."""
    if study.compares != "ketamine":
        return Reason(N_("Both groups had ketamine; it compares a therapy."))
    if row.second:
        said = f" {row.note}" if row.note else ""
        return Reason(N_("Told beside another row of the same study.{note}"), {"note": said})
    if isinstance(row, EventsRow):
        return _from_counts(study, row, measure)
    if isinstance(row, MeansRow):
        return _from_means(study, row, measure)
    if isinstance(row, EffectRow):
        return _from_effect(study, row, measure)
    return Reason(N_("Read in words only."))


def _from_counts(study: Study, row: EventsRow, measure: str) -> Usable | Reason:
    treated = counted(row.treated)
    if row.counted_in != "people":
        return Reason(N_("Counted in {what}, not in people."), {"what": row.counted_in})
    if treated is None:
        return Reason(N_("Only a percentage was read, not the number of people."))
    try:
        if measure in ABSOLUTE:
            effect = measures.proportion(*treated)
            return Usable(study, row, effect, comparator_of(study, row), row.definition, treated=treated)
        if measure not in FROM_COUNTS:
            return Reason(N_("It holds counts."))
        if row.control is None:
            return Reason(N_("There was no comparison group."))
        control = counted(row.control)
        if control is None:
            return Reason(N_("Only a percentage was read, not the number of people."))
        effect = FROM_COUNTS[measure](*treated, *control)
    except Refused as refused:
        return Reason(refused.template, refused.params)
    return Usable(study, row, effect, comparator_of(study, row), row.definition, "", treated, control)


def _from_means(study: Study, row: MeansRow, measure: str) -> Usable | Reason:
    if measure not in DIFFERENCES:
        return Reason(N_("It holds means."))
    first, second = row.treated, row.control
    if second is None:
        return Reason(N_("There was no comparison group."))
    if first.sd is None or second.sd is None or first.n is None or second.n is None:
        return Reason(N_("The spread or the number of people was not read."))
    turn = -1.0 if row.favours == "below" else 1.0
    function = measures.mean_difference if measure == "mean_difference" else measures.smd
    effect = function(float(first.mean), float(first.sd), first.n, float(second.mean), float(second.sd), second.n)
    turned = Effect(turn * effect.value, effect.variance)
    unit = row.unit if measure == "mean_difference" else "SD"
    return Usable(study, row, turned, comparator_of(study, row), "", unit)


def _from_effect(study: Study, row: EffectRow, measure: str) -> Usable | Reason:
    if row.measure != measure:
        return Reason(N_("Printed as {measure}."), {"measure": row.measure})
    if not row.control:
        return Reason(N_("Before against after, without a comparison group."))
    if row.low is None or row.high is None:
        return Reason(N_("Printed without an interval."))
    value, low, high = published_effect(row)
    effect = from_interval(measure, value, low or 0.0, high or 0.0)
    definition = "" if measure in DIFFERENCES else row.definition
    return Usable(study, row, effect, comparator_of(study, row), definition, row.unit)


def published_effect(row: EffectRow) -> tuple[float, float | None, float | None]:
    """A printed effect as it is read here: differences of scores turned so that above zero favours ketamine."""
    value = float(row.value)
    low, high = (None if one is None else float(one) for one in (row.low, row.high))
    if row.measure == "risk_difference" and row.unit in ("%", "pp"):
        value, low, high = value / 100, None if low is None else low / 100, None if high is None else high / 100
    if row.measure in DIFFERENCES and row.favours == "below":
        return -value, None if high is None else -high, None if low is None else -low
    return value, low, high


def default_measure(found: Sequence[tuple[Study, Row]], comparator: str | None) -> str:
    """The measure under which most studies can be used; a comparison goes before shares of one arm."""
    single = [(study, row) for study, row in found if study.design != "meta_analysis"]

    def count(measure: str) -> int:
        rows = [usable(study, row, measure) for study, row in single]
        return sum(
            isinstance(one, Usable) and (comparator in (None, "any", one.comparator) or measure in ABSOLUTE)
            for one in rows
        )

    compared = [(count(code), -index, code) for index, code in enumerate(ORDER) if code not in ABSOLUTE]
    best = max(compared)
    if best[0] > 0:
        return best[2]
    if comparator not in (None, "any"):
        return default_measure(found, None)
    return "proportion" if any(isinstance(row, EventsRow) for _study, row in single) else "mean_difference"
