"""The plain-language page of one indication for patients: fixed words around numbers from the study rows."""

from __future__ import annotations

from dataclasses import dataclass

from interlude.domain.evidence.curves import Curve
from interlude.domain.evidence.library import Evidence, load_evidence
from interlude.domain.evidence.pools import Pooled, pool
from interlude.domain.evidence.rows import published_effect
from interlude.domain.evidence.schema import EffectRow, EventsRow, FindingRow, Share
from interlude.domain.evidence.sentences import Sentences, drug, drug_of, row_text, versus
from interlude.domain.instruments.data import Reason
from interlude.domain.protocol import load_library
from interlude.domain.refusals import N_, Refused

RISK_ROWS = (
    ("rodrigues-2022/drowsy", N_("Felt drowsy")),
    ("rodrigues-2022/dizzy", N_("Felt dizzy")),
    ("rodrigues-2022/dissociation", N_("Felt far away from themselves")),
    ("rodrigues-2022/nausea", N_("Felt sick")),
    ("rodrigues-2022/pressure", N_("Had a high blood pressure for a while")),
)
"""Counted in people treated for depression; the same infusions are given for other conditions."""


@dataclass(frozen=True, slots=True)
class PlainSummary:
    """Parts in reading order; every sentence is a `Reason`. `pools` are the figures that the numbers come from."""

    indication: str
    name: str
    about: Reason
    found: Sentences
    lasting: Sentences
    risks: Sentences
    unknown: Sentences
    bottom_line: Reason
    licence: Reason
    pools: tuple[Pooled, ...]

    def sentences(self) -> Sentences:
        """All of them, in order."""
        middle = (*self.found, *self.lasting, *self.risks, *self.unknown)
        return (self.about, *middle, self.bottom_line, self.licence)


def plain_summary(indication: str, evidence: Evidence | None = None) -> PlainSummary:
    """Raises `Refused` for an indication without a summary, naming those that have one."""
    evidence = evidence or load_evidence()
    if indication not in evidence.summaries:
        raise Refused(
            N_("There is no summary of {indication}. Use one of: {names}."),
            field="indication",
            indication=indication,
            names=", ".join(evidence.summaries),
        )
    summary = evidence.summaries[indication]
    pools = tuple(
        pool(
            indication,
            one.outcome,
            comparator=one.comparator,
            measure=one.measure,
            definition="any" if one.any_definition else None,
            evidence=evidence,
        )
        for one in summary.questions
    )
    found = [sentence for one in pools for sentence in plain_text(one, evidence)]
    for place in summary.also:
        found += _plain_row(evidence, *place.split("/"))
    row = load_library().indications[indication]
    return PlainSummary(
        indication=indication,
        name=row.name,
        about=Reason(summary.about),
        found=tuple(found),
        lasting=_lasting(evidence.curves[summary.curve]) if summary.curve else (),
        risks=_risks(evidence) if row.may_plan else (),
        unknown=tuple(Reason(text) for text in summary.unknown),
        bottom_line=Reason(summary.bottom_line),
        licence=Reason(N_("Ketamine by infusion is not licensed for this. A doctor may still decide on it with you.")),
        pools=pools,
    )


def plain_text(pooled: Pooled, evidence: Evidence | None = None) -> Sentences:
    """A pooled figure for patients: people out of ten, short sentences."""
    evidence = evidence or load_evidence()
    k = len(pooled.studies)
    params: dict[str, object] = {
        "k": k,
        "plain": evidence.vocabulary.outcomes[pooled.outcome].plain,
        "versus": versus(pooled, evidence),
        "drug": drug(pooled),
    }
    if pooled.measure.code == "proportion":
        counted = N_("One study counted this, without a comparison."), N_("{k} studies counted this.")
        told = Reason(N_("With {drug} {x} {plain}."), params | {"x": of_ten(pooled.estimate)})
        return (Reason(counted[k > 1], params), told)
    compared = N_("One study compared {drug} with {versus}."), N_("{k} studies compared {drug} with {versus}.")
    words = [Reason(compared[k > 1], params)]
    if pooled.totals is not None:
        e1, n1, e2, n2 = pooled.totals
        words.append(Reason(N_("With {drug} {x} {plain}."), params | {"x": of_ten(e1 / n1)}))
        words.append(Reason(N_("With {versus} it was {x}."), params | {"x": of_ten(e2 / n2)}))
    elif pooled.unit == "pp":
        more = N_("There were about {x} more {plain} in every 100 days.")
        fewer = N_("There were about {x} fewer {plain} in every 100 days.")
        template = more if pooled.estimate > 0 else fewer
        words.append(Reason(template, params | {"x": f"{abs(pooled.estimate):.0f}"}))
    else:
        words.append(Reason(N_("The question was how many {plain}."), params))
    return (*words, Reason(_verdict(pooled), params))


def _verdict(pooled: Pooled) -> str:
    if not pooled.clear:
        return N_("The difference may be due to chance.")
    if pooled.favours_ketamine:
        return N_("So {drug} did better than {versus}, most likely.")
    return N_("So {drug} did less well than {versus}, most likely.")


def of_ten(share: float) -> str:
    """A share as people out of ten, or out of a hundred below one in ten."""
    if share == 0:
        return N_("nobody")
    if share < 0.095:
        return _HUNDREDTHS[max(int(100 * share + 0.5), 1) - 1]
    tenths = int(10 * share + 0.5)
    return N_("more than 9 in 10 people") if tenths == 10 and share < 1 else _TENTHS[tenths - 1]


_TENTHS = (
    N_("about 1 in 10 people"), N_("about 2 in 10 people"), N_("about 3 in 10 people"), N_("about 4 in 10 people"),
    N_("about 5 in 10 people"), N_("about 6 in 10 people"), N_("about 7 in 10 people"), N_("about 8 in 10 people"),
    N_("about 9 in 10 people"), N_("all people"),
)  # fmt: skip
_HUNDREDTHS = (
    N_("about 1 in 100 people"), N_("about 2 in 100 people"), N_("about 3 in 100 people"),
    N_("about 4 in 100 people"), N_("about 5 in 100 people"), N_("about 6 in 100 people"),
    N_("about 7 in 100 people"), N_("about 8 in 100 people"), N_("about 9 in 100 people"),
)  # fmt: skip


def _plain_row(evidence: Evidence, study_id: str, code: str) -> list[Reason]:
    study = evidence.study(study_id)
    row = study.row(code)
    outcome = evidence.vocabulary.outcomes[row.outcome]
    if isinstance(row, FindingRow):
        return [Reason(row.plain or row.text)]
    if isinstance(row, EffectRow) and row.low is not None and row.high is not None:
        value, low, high = published_effect(row)
        params = {"plain": outcome.plain, "x": f"{value:.1f}", "low": f"{low:.1f}", "high": f"{high:.1f}"}
        return [Reason(N_("Taken together, {plain} was about {x} points better, likely {low} to {high}."), params)]
    if not isinstance(row, EventsRow):
        return [row_text(study, row, evidence)]
    share = {"x": of_ten(_ratio(row.treated)), "plain": outcome.plain, "drug": drug_of(study, row)}
    words = [Reason(N_("In one study with {drug} {x} {plain}."), share)]
    if row.control is not None:
        arm = study.arm(row.control.arm)
        against = evidence.vocabulary.comparators[arm.comparator or "none"].plain
        words.append(Reason(N_("With {versus} it was {x}."), {"versus": against, "x": of_ten(_ratio(row.control))}))
    return words


def _ratio(share: Share) -> float:
    if share.events is not None and share.n is not None:
        return share.events / share.n
    return float(share.percent or 0) / 100


def _lasting(curve: Curve) -> Sentences:
    """The last published point of a curve as people out of ten."""
    point = curve.points[-1]
    params = {"x": of_ten(float(point.percent) / 100), "days": f"{float(point.day):.0f}"}
    if curve.kind == "response":
        return (Reason(N_("After {days} days {x} were still better."), params),)
    return (Reason(N_("Of those who got better, {x} were still well {days} days after the last dose."), params),)


def _risks(evidence: Evidence) -> Sentences:
    """What can go wrong, with the numbers of the study that counted it."""
    words = [Reason(N_("This is what people felt during infusions in one study."))]
    for place, said in RISK_ROWS:
        study, code = place.split("/")
        row = evidence.study(study).row(code)
        if isinstance(row, EventsRow):
            words.append(Reason(N_("{said}: {x}."), {"said": said, "x": of_ten(_ratio(row.treated))}))
    return (
        *words,
        Reason(N_("Rare but serious things can happen. We watch your breathing, heart and blood pressure.")),
        Reason(N_("Used often, it can harm the bladder and can be misused.")),
    )
