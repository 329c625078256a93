"""Which rows belong to a question, and whether they may be put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interlude.domain.evidence.library import Evidence, load_evidence
from interlude.domain.evidence.measures import MEASURES
from interlude.domain.evidence.rows import Usable, usable
from interlude.domain.evidence.schema import EffectRow, FindingRow, Row, Study, TimeRow
from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import N_, Refused

ANY = "any"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row on the same question that is not in the pooled figure, and why."""

    study: Study
    row: Row
    reason: Reason


def questions(indication: str, evidence: Evidence | None = None) -> list[str]:
    """Outcomes on which this indication has a row that can be pooled, in the order of the vocabulary."""
    evidence = evidence or load_evidence()
    named = {
        row.outcome
        for study in evidence.of(indication)
        for row in study.rows
        if study.design != "meta_analysis" and _about(row, indication) and row.outcome
        if any(isinstance(usable(study, row, measure), Usable) for measure in MEASURES)
    }
    return [code for code in evidence.vocabulary.outcomes if code in named]


def _about(row: Row, indication: str) -> bool:
    return row.indication in ("", indication)


def rows_of(evidence: Evidence, indication: str, outcome: str) -> list[tuple[Study, Row]]:
    studies = evidence.of(indication)
    if not studies:
        names = dict.fromkeys(code for study in evidence.studies.values() for code in study.indications)
        raise Refused(
            N_("There is no evidence on {indication}. Use one of: {names}."),
            field="indication",
            indication=indication,
            names=", ".join(sorted(names)),
        )
    known = {row.outcome for study in studies for row in study.rows if _about(row, indication)}
    if outcome not in known:
        raise Refused(
            N_("There is no such outcome for {indication}: {outcome}. Use one of: {names}."),
            field="outcome",
            indication=indication,
            outcome=outcome,
            names=", ".join(questions(indication, evidence)) or "-",
        )
    return [
        (study, row)
        for study in studies
        for row in study.rows
        if row.outcome == outcome
        and _about(row, indication)
        and not isinstance(row, FindingRow | TimeRow)
        and not (isinstance(row, EffectRow) and row.of)
    ]


def one_kind(used: list[Usable], what: str, chosen: str | None) -> tuple[list[Usable], list[LeftOut]]:
    """Rows of one comparator or definition. Raises `Refused` for a mixture that was not asked for."""
    kinds = list(dict.fromkeys(str(getattr(one, what)) for one in used))
    if chosen == ANY:
        return used, []
    if chosen is None and len(kinds) > 1:
        template = {
            "comparator": N_("These studies compare with different things: choose one of {names}, or any."),
            "definition": N_("These studies define the outcome differently: choose one of {names}, or any."),
        }[what]
        raise Refused(template, field=what, names=", ".join(kinds))
    if chosen is not None and chosen not in kinds:
        template = {
            "comparator": N_("No study compares with {chosen}. Use one of: {names}, any."),
            "definition": N_("No study uses the definition {chosen}. Use one of: {names}, any."),
        }[what]
        raise Refused(template, field=what, chosen=chosen, names=", ".join(kinds))
    keep = [one for one in used if chosen is None or getattr(one, what) == chosen]
    reason = {
        "comparator": N_("Compares with something else: {kind}."),
        "definition": N_("Defines the outcome in another way: {kind}."),
    }[what]
    out = [LeftOut(one.study, one.row, Reason(reason, {"kind": getattr(one, what)})) for one in used if one not in keep]
    return keep, out


def one_scale(used: Sequence[Usable], measure: str) -> str:
    """Differences of means can be pooled on one scale only. Returns the unit."""
    if measure == "mean_difference":
        scales = list(dict.fromkeys((one.row.instrument, one.unit) for one in used))
        if len(scales) > 1:
            raise Refused(
                N_("Points on different scales cannot be added up ({names}): use the measure smd."),
                field="measure",
                names=", ".join(f"{instrument} {unit}".strip() for instrument, unit in scales),
            )
    return used[0].unit
