"""What the studies say, in plain words: people out of ten, how long it lasts, risks, and what is not known."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interlude.domain.evidence import Evidence, PlainSummary, Pooled, load_evidence, plain_summary, plain_text
from interlude.domain.evidence.plain import RISK_ROWS, of_ten
from interlude.domain.evidence.schema import EventsRow
from interlude.domain.instruments.data import Reason
from interlude.domain.protocol import load_library
from interlude.interfaces.design.sentences import sentence, text_of
from interlude.interfaces.portal.requests import PortalRequest
from interlude.record.plans.queries import current_course

SMALL_SHARE = 0.095
"""Below it people are told (and drawn) out of a hundred, as in the words."""


@cache
def summary_of(indication: str) -> PlainSummary:
    """Kept, because the rows of the studies do not change while the process lives."""
    return plain_summary(indication, load_evidence())


def conditions() -> list[dict[str, Any]]:
    """Everything that can be read about. The number stands in the address, which must not name an illness."""
    names = load_library().indications
    return [
        {"number": number, "code": code, "name": _(names[code].name)}
        for number, code in enumerate(load_evidence().summaries, start=1)
    ]


def studies(request: PortalRequest) -> HttpResponse:
    """What the patient's own treatment is for; the list where no treatment is planned yet."""
    course, known = current_course(request.portal_patient), conditions()
    own = next((one for one in known if course and one["code"] == course.indication), None)
    if own is None:
        return render(request, "portal/studies.html", {"conditions": known})
    return _page(request, own, known)


def about(request: PortalRequest, number: int) -> HttpResponse:
    """One condition, whosever it is: nothing on this page is about the patient."""
    known = conditions()
    if not 1 <= number <= len(known):
        raise Http404
    return _page(request, known[number - 1], known)


def _page(request: PortalRequest, chosen: dict[str, Any], known: list[dict[str, Any]]) -> HttpResponse:
    story = story_of(summary_of(chosen["code"]), load_evidence())
    return render(request, "portal/studies_about.html", story | {"chosen": chosen, "conditions": known})


def story_of(summary: PlainSummary, evidence: Evidence) -> dict[str, Any]:
    """The page of one condition; every number comes with its picture from the same figure."""
    told = sum(len(plain_text(pooled, evidence)) for pooled in summary.pools)
    curve_code = evidence.summaries[summary.indication].curve
    return {
        "name": _(summary.name),
        "about": sentence(summary.about),
        "bottom_line": sentence(summary.bottom_line),
        "licence": sentence(summary.licence),
        "found": [_lines(pooled, evidence) for pooled in summary.pools],
        "also": [sentence(one) for one in summary.found[told:]],
        "says_response": any(evidence.vocabulary.outcomes[one.outcome].family == "response" for one in summary.pools),
        "lasting": _lasting(curve_code, evidence) if curve_code else None,
        **_risks(summary, evidence),
        "unknown": [sentence(one) for one in summary.unknown],
        "why": [
            {"title": _(part.title), "plain": _(part.plain), "unknown": _(part.unknown)} for part in evidence.mechanism
        ],
    }


def _lines(pooled: Pooled, evidence: Evidence) -> list[dict[str, Any]]:
    """The sentences of one figure; those that tell a share get its picture."""
    shares = iter(_shares(pooled))
    return [_line(one, next(shares, None) if _tells_a_share(one) else None) for one in plain_text(pooled, evidence)]


def _tells_a_share(reason: Reason) -> bool:
    return str(reason.params.get("x", "")) in str(reason) and "{x}" in reason.template


def _shares(pooled: Pooled) -> list[float]:
    """The shares in the order in which the sentences tell them."""
    if pooled.measure.null is None:
        return [pooled.estimate]
    if pooled.totals is None:
        return []
    e1, n1, e2, n2 = pooled.totals
    return [e1 / n1, e2 / n2]


def _line(reason: Reason, share: float | None) -> dict[str, Any]:
    return {"text": sentence(reason), "people": None if share is None else people(share)}


def people(share: float) -> dict[str, Any]:
    """A share as figures: ten people, or a hundred dots where it is less than one in ten."""
    if 0 < share < SMALL_SHARE:
        count = max(int(100 * share + 0.5), 1)
        return {"of": 100, "marks": [{"x": n % 20, "y": n // 20, "is_one": n < count} for n in range(100)]}
    count = int(10 * share + 0.5)
    if count == 10 and share < 1:
        count = 9
    return {"of": 10, "marks": [{"x": n, "y": 0, "is_one": n < count} for n in range(10)]}


def _lasting(code: str, evidence: Evidence) -> dict[str, Any]:
    """Each published point of a curve, and whose share it is."""
    curve = evidence.curves[code]
    rows = []
    for point in curve.points:
        day, share = float(point.day), float(point.percent) / 100
        rows.append({"when": _after(day), "text": text_of(of_ten(share)), "people": people(share)})
    return {"rows": rows, "is_of_everybody": curve.of == "everybody", "went_on": curve.treatment_went_on}


def _after(day: float) -> str:
    if day >= 14 and day % 7 == 0:
        return _("After {n} weeks").format(n=int(day / 7))
    whole = round(day)
    return ngettext("After {n} day", "After {n} days", whole).format(n=whole)


def _risks(summary: PlainSummary, evidence: Evidence) -> dict[str, Any]:
    """The counted risks with their pictures, and the sentences before and after them."""
    lines: list[dict[str, Any]] = []
    texts: list[str] = []
    rows = iter(_risk_shares(evidence))
    for reason in summary.risks:
        if "{x}" in reason.template:
            lines.append(_line(reason, next(rows, None)))
        else:
            texts.append(sentence(reason))
    return {"risk_lines": lines, "risk_lead": texts[:1] if lines else [], "risk_texts": texts[1:] if lines else texts}


def _risk_shares(evidence: Evidence) -> list[float | None]:
    shares: list[float | None] = []
    for place, _said in RISK_ROWS:
        study, code = place.split("/")
        row = evidence.study(study).row(code)
        if isinstance(row, EventsRow):
            counted = row.treated.events is not None and row.treated.n is not None
            percent = float(row.treated.percent or 0) / 100
            shares.append(row.treated.events / row.treated.n if counted else percent)  # type: ignore[operator]
    return shares
