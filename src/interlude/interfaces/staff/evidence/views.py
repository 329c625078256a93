"""Studies: by condition with forest plots, one by one, over time, and the statements that rest on them."""

from __future__ import annotations

from typing import Any, get_args

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.evidence import Study
from interlude.domain.evidence.statements import Verdict
from interlude.domain.protocol import load_library
from interlude.domain.refusals import Refused
from interlude.interfaces.staff.evidence.asking import METHODS, Answer, Answers, Choice, answers, drawn
from interlude.interfaces.staff.evidence.figures import answer_view, figure_view
from interlude.interfaces.staff.evidence.lasting import figures
from interlude.interfaces.staff.evidence.showing import study_view
from interlude.interfaces.staff.evidence.words import indication_ref, mark, result_text, said, study_ref
from interlude.interfaces.staff.planning.words import citation
from interlude.interfaces.staff.requests import StaffRequest

TABS = (
    ("studies", gettext_lazy("By condition")),
    ("studies_lasting", gettext_lazy("How long it lasts")),
    ("studies_statements", gettext_lazy("Statements checked")),
    ("studies_why", gettext_lazy("Why it works")),
    ("studies_all", gettext_lazy("All studies")),
)
VERDICTS = {
    "supported": (gettext_lazy("Supported"), "ok", "circle-check"),
    "partly": (gettext_lazy("Partly"), "wait", "circle-alert"),
    "not_supported": (gettext_lazy("Not supported"), "stop", "circle-x"),
}


def _page(request: StaffRequest, template: str, current: str, **context: Any) -> HttpResponse:
    tabs = [{"label": text, "url": reverse(f"staff:{name}"), "current": name == current} for name, text in TABS]
    return render(request, f"staff/evidence/{template}", context | {"tabs": tabs})


def studies(request: StaffRequest) -> HttpResponse:
    """Every condition with its grade, the honest outcome, and the figures that could be pooled."""
    store = answers()
    rows = [
        indication_ref(code)
        | {
            "indication": row,
            "honest": _(row.honest_text),
            "count": len(store.evidence.of(code)),
            "pooled": _pooled_lines(code, store),
        }
        for code, row in load_library().indications.items()
    ]
    return _page(request, "studies.html", "studies", rows=rows, count=len(store.evidence.studies))


def _pooled_lines(indication: str, store: Answers) -> list[dict[str, Any]]:
    found = []
    for answer in store.answers(indication):
        for figure in answer.figures:
            if figure.synthesis is not None:
                shown = figure_view(figure, store)
                line = {"code": answer.outcome.code, "title": _(answer.outcome.label)}
                found.append(line | {"who": shown["who"], "size": shown["size"]})
    return found


def about(request: StaffRequest, indication: str) -> HttpResponse:
    """One condition: a forest for every outcome that can be drawn, what is left out, and what was read in words."""
    store, row = answers(), load_library().indications.get(indication)
    if row is None:
        raise Http404
    chosen = request.GET.get("outcome", "")
    sections = [
        answer_view(
            _chosen(indication, chosen, request, store) if answer.outcome.code == chosen else answer,
            store,
            is_chosen=answer.outcome.code == chosen,
        )
        for answer in store.answers(indication)
    ]
    codes = [one.id for one in store.evidence.of(indication)]
    others: dict[str, list[dict[str, Any]]] = {}
    for study, result in store.other_rows(indication):
        others.setdefault(_(store.evidence.vocabulary.outcomes[result.outcome].label), []).append(
            {
                "study": study_ref(study),
                "text": result_text(study, result, store.evidence),
                "mark": mark(result.certainty),
                "note": result.note,
                "row": result.code,
            }
        )
    context = indication_ref(indication) | {
        "indication": row,
        "honest": _(row.honest_text),
        "offer": _(row.offer_text),
        "sections": sections,
        "others": [{"title": title, "rows": rows} for title, rows in others.items()],
        "studies": [study_ref(store.evidence.studies[code]) for code in codes],
    }
    return _page(request, "about.html", "studies", **context)


def _chosen(indication: str, outcome: str, request: StaffRequest, store: Answers) -> Answer:
    """The answer to what the reader chose; an unknown word leads to the refusal that names the known ones."""
    asked = {name: request.GET.get(name) or None for name in ("comparator", "definition", "measure")}
    method = request.GET.get("spread", "")
    return store.answer(indication, outcome, Choice(**asked, method=method if method in METHODS else METHODS[0]))


def study(request: StaffRequest, study_id: str) -> HttpResponse:
    """Everything that was read of one study, and the lines of protocols that rest on it."""
    store = answers()
    try:
        found = store.evidence.study(study_id)
    except Refused as refused:
        raise Http404(said(refused)) from None
    drawn = [
        indication_ref(code) | {"outcomes": _outcomes(found, code, store)}
        for code in found.indications
        if _outcomes(found, code, store)
    ]
    return _page(request, "study.html", "studies_all", drawn=drawn, **study_view(found, store, request.user))


def _outcomes(found: Study, indication: str, store: Answers) -> list[dict[str, str]]:
    """Outcomes in whose figures a study stands."""
    return [
        {"code": answer.outcome.code, "title": _(answer.outcome.label)}
        for answer in store.answers(indication)
        if any(found.id == study_id for figure in answer.figures for study_id, _row in drawn(figure))
    ]


def all_studies(request: StaffRequest) -> HttpResponse:
    """Every study, found by name, code, year, people or condition."""
    store, text = answers(), request.GET.get("q", "").strip()
    rows = []
    for one in sorted(store.evidence.studies.values(), key=lambda study: (-(study.year or 0), study.citation)):
        conditions = [indication_ref(code) for code in one.indications]
        searched = " ".join(
            [one.citation, one.code, one.population, str(one.year or ""), *(c["name"] for c in conditions)]
        )
        if all(word in searched.lower() for word in text.lower().split()):
            design = _(store.evidence.vocabulary.designs[one.design].label)
            rows.append(
                study_ref(one) | {"study": one, "conditions": conditions, "design": design, "mark": mark(one.certainty)}
            )
    return _page(request, "all.html", "studies_all", rows=rows, text=text, count=len(store.evidence.studies))


def lasting(request: StaffRequest) -> HttpResponse:
    """Published shares over time as steps."""
    return _page(request, "lasting.html", "studies_lasting", figures=figures(answers()))


def statements(request: StaffRequest) -> HttpResponse:
    """Statements of common clinic texts with the verdict and the studies."""
    evidence = answers().evidence
    order = ("not_supported", "partly", "supported")
    assert set(order) == set(get_args(Verdict))
    rows = [
        {
            "code": one.code,
            "claim": _(one.claim),
            "verdict": dict(zip(("label", "kind", "icon"), VERDICTS[one.verdict], strict=True)),
            "why": _(one.why),
            "cited": one.cited,
            "studies": [study_ref(evidence.studies[code]) for code in one.studies],
            "sources": [citation(code) for code in one.protocol_sources],
            "mark": mark(one.certainty),
        }
        for one in sorted(evidence.claims, key=lambda claim: order.index(claim.verdict))
    ]
    counts = [
        {"verdict": VERDICTS[code][0], "count": sum(one.verdict == code for one in evidence.claims)} for code in order
    ]
    return _page(request, "statements.html", "studies_statements", rows=rows, counts=counts)


def mechanism(request: StaffRequest) -> HttpResponse:
    """How it may work, step by step, each with what is not known."""
    evidence = answers().evidence
    parts = [
        {
            "title": _(part.title),
            "plain": _(part.plain),
            "unknown": _(part.unknown),
            "studies": [study_ref(evidence.studies[code]) for code in part.studies],
            "mark": mark(part.certainty),
        }
        for part in evidence.mechanism
    ]
    return _page(request, "why.html", "studies_why", parts=parts)
