"""Sentences for staff, made from the numbers. Those for patients are in `plain`.

Every sentence is a `Reason`: an English template and what fills it. Text parameters are message ids themselves.
"""

from __future__ import annotations

from interlude.domain.evidence.library import Evidence, load_evidence
from interlude.domain.evidence.measures import MEASURES
from interlude.domain.evidence.pools import Pooled
from interlude.domain.evidence.schema import EffectRow, EventsRow, FindingRow, MeansRow, Row, Share, Study, TimeRow
from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import N_

Sentences = tuple[Reason, ...]
_TWO = N_("Two studies cannot show how much results vary; without that allowance the interval is {low} to {high}.")
WORST_FIRST = ("R", "R+", "C", "V")
_TIMES = {
    "min": N_("minutes"),
    "h": N_("hours"),
    "d": N_("days"),
    "week": N_("weeks"),
    "month": N_("months"),
    "year": N_("years"),
}
_ROUTES = {
    "iv": N_("infusion"),
    "im": N_("injection into the muscle"),
    "sc": N_("injection under the skin"),
    "nasal": N_("nasal spray"),
    "sublingual": N_("under the tongue"),
    "oral": N_("by mouth"),
    "several": N_("several"),
}
_KINDS = {
    "hartung_knapp": N_("Hartung-Knapp"),
    "normal": N_("normal, which is the wider one here"),
    "one_study": N_("of that study"),
}


def figure(value: float, measure: str) -> str:
    """A number as it is printed: shares and risk differences in per cent, ratios and scores to two digits."""
    if measure in ("proportion", "risk_difference"):
        return f"{100 * value:.0f} %"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def staff_text(pooled: Pooled, evidence: Evidence | None = None) -> Sentences:
    """What a clinician reads under the forest plot, in order."""
    evidence = evidence or load_evidence()
    words = [_who(pooled, evidence), _size(pooled), *_direction(pooled, evidence)]
    if pooled.synthesis is not None:
        found = pooled.synthesis
        spread: dict[str, object] = {"i2": f"{100 * found.i2:.0f}", "tau2": f"{found.tau2:.3f}", "df": found.df}
        spread |= {"q": f"{found.q:.2f}", "p": "< 0.001" if found.p_q < 0.001 else f"{found.p_q:.3f}"}
        words.append(
            Reason(N_("Differences between the studies: I2 {i2} %, tau2 {tau2}, Q {q} on {df} df, p {p}."), spread)
        )
        if found.k == 2 and pooled.interval_kind == "hartung_knapp":
            back = pooled.measure.back
            ends = {"low": back(found.random.interval.low), "high": back(found.random.interval.high)}
            said = {name: figure(value, pooled.measure.code) for name, value in ends.items()}
            words.append(Reason(_TWO, said))
    if pooled.prediction is not None:
        ends = {"low": pooled.prediction.low, "high": pooled.prediction.high}
        said = {name: figure(value, pooled.measure.code) for name, value in ends.items()}
        words.append(Reason(N_("A further study of this kind may find anything from {low} to {high}."), said))
    return (*words, *labels(pooled, evidence))


def versus(pooled: Pooled, evidence: Evidence) -> str:
    """The comparison in words."""
    known = evidence.vocabulary.comparators
    return " / ".join(known[code].plain if code in known else code for code in pooled.comparators)


def drug_of(study: Study, row: Row) -> str:
    """What the treated arm of a row was given."""
    code = row.treated.arm if isinstance(row, EventsRow | MeansRow) else ""
    drugs = {arm.drug for arm in study.arms if arm.drug and code in ("", arm.code)}
    return N_("esketamine") if drugs == {"esketamine"} else N_("ketamine")


def drug(pooled: Pooled) -> str:
    """What the treated arms of a pooled figure were given."""
    drugs = list(dict.fromkeys(drug_of(one.study, one.row) for one in pooled.studies))
    return drugs[0] if len(drugs) == 1 else N_("ketamine or esketamine")


def _who(pooled: Pooled, evidence: Evidence) -> Reason:
    params: dict[str, object] = {
        "outcome": evidence.vocabulary.outcomes[pooled.outcome].label,
        "versus": versus(pooled, evidence),
        "k": len(pooled.studies),
        "n": N_("an unknown number of") if pooled.people is None else pooled.people,
        "codes": ", ".join(one.study.code for one in pooled.studies),
    }
    template = {
        (True, True): N_("{outcome}, without a comparison: one study only ({codes}, {n} people). Nothing is pooled."),
        (True, False): N_("{outcome}, without a comparison: {k} studies ({codes}) with {n} people."),
        (False, True): N_("{outcome}, against {versus}: one study only ({codes}, {n} people). Nothing is pooled."),
        (False, False): N_("{outcome}, against {versus}: {k} studies ({codes}) with {n} people."),
    }[(pooled.measure.code == "proportion", pooled.synthesis is None)]
    return Reason(template, params)


def _size(pooled: Pooled) -> Reason:
    code = pooled.measure.code
    params: dict[str, object] = {"measure": pooled.measure.label, "value": figure(pooled.estimate, code)}
    params |= {"low": figure(pooled.interval.low, code), "high": figure(pooled.interval.high, code)}
    params |= {"level": f"{100 * pooled.level:.0f}", "unit": pooled.unit, "kind": _KINDS[pooled.interval_kind]}
    if not pooled.unit or pooled.measure.log_axis:
        return Reason(N_("{measure} {value} ({level} % interval {low} to {high}, {kind})."), params)
    return Reason(N_("{measure} {value} {unit} ({level} % interval {low} to {high}, {kind})."), params)


def _direction(pooled: Pooled, evidence: Evidence) -> Sentences:
    words: list[Reason] = []
    both: dict[str, object] = {"versus": versus(pooled, evidence), "drug": drug(pooled)}
    if pooled.totals is not None and pooled.measure.null is not None:
        params = both | dict(zip(("e1", "n1", "e2", "n2"), pooled.totals, strict=True))
        params["plain"] = evidence.vocabulary.outcomes[pooled.outcome].plain
        words.append(Reason(N_("With {drug} {e1} of {n1} {plain}, with {versus} {e2} of {n2}."), params))
    if pooled.clear is False:
        words.append(Reason(N_("The numbers do not show a difference, and do not rule one out.")))
    elif pooled.clear and pooled.favours_ketamine:
        words.append(Reason(N_("In favour of {drug} over {versus}."), both))
    elif pooled.clear:
        words.append(Reason(N_("In favour of {versus} over {drug}."), both))
    return tuple(words)


def labels(pooled: Pooled, evidence: Evidence | None = None) -> Sentences:
    """What every picture and text of this figure must say beside it."""
    evidence = evidence or load_evidence()
    words: list[Reason] = []
    marks = {one.row.certainty for one in pooled.studies}
    worst = next(mark for mark in WORST_FIRST if mark in marks)
    if worst in ("R", "R+"):
        words.append(Reason(N_("At least one number is recalled and was not read again ({mark})."), {"mark": worst}))
    if len(pooled.comparators) > 1 and pooled.measure.code != "proportion":
        words.append(Reason(N_("Different comparisons are mixed here, as was asked.")))
    if len(pooled.definitions) > 1:
        names = [evidence.vocabulary.definitions[code].label for code in pooled.definitions if code]
        words.append(Reason(N_("Different definitions are mixed here: {names}."), {"names": "; ".join(names)}))
    elif pooled.definitions == ("as_defined",):
        words.append(Reason(N_("Each study used a definition of its own.")))
    if pooled.measure.code == "smd" and len({one.row.instrument for one in pooled.studies}) > 1:
        words.append(Reason(N_("Different scales are mixed here.")))
    for one in pooled.studies:
        code = one.study.code
        if one.row.correction is not None:
            parts = {"code": code, "printed": one.row.correction.printed, "used": one.row.correction.used}
            words.append(Reason(N_("{code}: printed {printed}; used {used}."), parts))
        if one.effect.corrected:
            words.append(Reason(N_("{code}: a zero was met; one half was added to each cell."), {"code": code}))
        if one.twice:
            words.append(Reason(N_("{code}: each person got both; read here as if in two groups."), {"code": code}))
        if isinstance(one.row, EffectRow) and one.row.adjusted:
            words.append(Reason(N_("{code}: adjusted, as published."), {"code": code}))
    words += _mixtures(pooled)
    for risk, term in evidence.vocabulary.risks.items():
        codes = [one.study.code for one in pooled.studies if risk in one.study.risks]
        if codes and not (risk == "crossover" and not any(one.twice for one in pooled.studies)):
            words.append(Reason(N_("{risk}: {codes}."), {"risk": term.label, "codes": ", ".join(codes)}))
    inside = {one.study.id for one in pooled.studies}
    for out in pooled.left_out:
        if out.study.id not in inside or out.row.note:
            parts = {"code": out.study.code, "why": str(out.reason)}
            beside = N_("A further result of {code} is not in it. {why}")
            words.append(Reason(beside if out.study.id in inside else N_("{code} is not in it. {why}"), parts))
    return tuple(words)


def _mixtures(pooled: Pooled) -> Sentences:
    """Drugs and ways of giving that differ among the pooled studies."""
    words: list[Reason] = []
    if len({drug_of(one.study, one.row) for one in pooled.studies}) > 1:
        words.append(Reason(N_("Racemic ketamine and esketamine are mixed here.")))
    routes = [arm.route for one in pooled.studies for arm in one.study.arms if arm.drug and arm.route]
    names = list(dict.fromkeys(_ROUTES[route] for route in routes))
    if len(names) > 1:
        words.append(Reason(N_("Different ways of giving it are mixed here: {names}."), {"names": ", ".join(names)}))
    return tuple(words)


def row_text(study: Study, row: Row, evidence: Evidence | None = None) -> Reason:
    """One result of one study in one sentence, made from its numbers."""
    evidence = evidence or load_evidence()
    outcome = evidence.vocabulary.outcomes[row.outcome]
    params: dict[str, object] = {"outcome": outcome.label, "plain": outcome.plain, "drug": drug_of(study, row)}
    if isinstance(row, FindingRow):
        return Reason("{text}", {"text": row.text})
    if isinstance(row, EventsRow):
        params["a"] = _share(row.treated)
        if row.control is None:
            return Reason(N_("With {drug} {a} {plain}."), params)
        arm = study.arm(row.control.arm)
        params |= {"b": _share(row.control), "versus": evidence.vocabulary.comparators[arm.comparator or "none"].plain}
        return Reason(N_("With {drug} {a} {plain}, with {versus} {b}."), params)
    if isinstance(row, EffectRow):
        params |= {"measure": MEASURES[row.measure].label, "value": f"{row.value} {row.unit}".strip()}
        params |= {"low": row.low, "high": row.high}
        if row.low is None:
            return Reason(N_("{outcome}: {measure} {value}, no interval read."), params)
        return Reason(N_("{outcome}: {measure} {value} ({low} to {high})."), params)
    if isinstance(row, MeansRow):
        params |= {"a": f"{row.treated.mean:f} {row.unit}".strip()}
        if row.control is None:
            return Reason(N_("{outcome}: {a}, no comparison group."), params)
        return Reason(N_("{outcome}: {a} against {b}."), params | {"b": f"{row.control.mean:f}"})
    if isinstance(row, TimeRow):
        params |= {"statistic": row.statistic, "value": row.value, "unit": _TIMES[row.unit]}
        return Reason(N_("{outcome}: {statistic} {value} {unit}."), params)
    raise TypeError(row)


def _share(share: Share) -> str:
    if share.events is not None:
        return f"{share.events} of {share.n}"
    return f"{share.percent} %" + (f" of {share.n}" if share.n is not None else "")
