"""The generated parts of the evidence page, drawn from the data files."""

from __future__ import annotations

from collections.abc import Iterable

from interlude.domain.evidence import load_evidence, pool, row_text, staff_text, weibull_through
from tests.domain.tables import cases

VERDICTS = {"supported": "supported", "partly": "partly", "not_supported": "**not supported**"}


def _table(head: Iterable[str], body: Iterable[Iterable[object]]) -> str:
    names = list(head)
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(str(cell).replace("|", "/") or "-" for cell in row) + " |" for row in body]
    return "\n".join(lines) + "\n"


def evidence_parts() -> dict[str, str]:
    return {
        "corrections": _corrections(),
        "pools": _pools(),
        "curves": _curves(),
        "statements": _statements(),
        "mechanism": _mechanism(),
        "studies": _studies(),
    }


def _corrections() -> str:
    rows = [
        (study.code, row.correction.printed, row.correction.used, row.correction.why)
        for study in load_evidence().studies.values()
        for row in study.rows
        if row.correction
    ]
    return _table(["Study", "Printed", "Used", "Why"], rows)


def _pools() -> str:
    lines = []
    for row in cases("evidence.md", "pools"):
        found = pool(
            row["indication"],
            row["outcome"],
            comparator=row["comparator"] or None,
            measure=row["measure"] or None,
            definition=row["definition"] or None,
        )
        lines.append(f"- `{row['indication']}`: " + " ".join(str(one) for one in staff_text(found)))
    return "\n".join(lines) + "\n"


def _curves() -> str:
    rows = []
    for curve in load_evidence().curves.values():
        points = ", ".join(f"{p.percent} % on day {float(p.day):.0f} ({p.certainty})" for p in curve.points)
        study = load_evidence().studies[curve.study].code
        went_on = "yes" if curve.treatment_went_on else ""
        rows.append((study, curve.label, curve.of, f"from {curve.start}", points, went_on, curve.note))
    head = ["Study", "Group", "Still well of the", "Counted", "Published points", "Treated further", "Note"]
    first, second = load_evidence().curves["mcinnes-clinics"].points
    found = weibull_through(first, second)
    said = (
        f"\nThrough the two points of the clinics goes a Weibull curve of shape {found.shape:.2f} and scale "
        f"{found.scale_days:.0f} days with a median of {found.median_days:.0f} days: an extrapolation (C).\n"
    )
    return _table(head, rows) + said


def _statements() -> str:
    evidence = load_evidence()
    rows = [
        (
            one.claim,
            VERDICTS[one.verdict],
            one.why,
            one.cited,
            ", ".join([*(evidence.studies[code].code for code in one.studies), *one.protocol_sources]),
            one.certainty,
        )
        for one in evidence.claims
    ]
    return _table(["Statement", "Verdict", "Why", "Paper named for it", "Studies", "Certainty"], rows)


def _mechanism() -> str:
    rows = [(one.title, one.plain, one.unknown, one.certainty) for one in load_evidence().mechanism]
    return _table(["Step", "In plain words", "What is not known", "Certainty"], rows)


def _studies() -> str:
    evidence = load_evidence()
    rows = []
    for one in sorted(evidence.studies.values(), key=lambda study: (study.indications, study.year or 9999, study.id)):
        compared = ", ".join(
            dict.fromkeys(evidence.vocabulary.comparators[arm.comparator].label for arm in one.arms if arm.comparator)
        )
        results = " ".join(f"{row_text(one, row)} ({row.certainty})" for row in one.rows)
        risks = ", ".join(evidence.vocabulary.risks[code].label.lower() for code in one.risks)
        people = f"{one.n}" if one.n else ""
        if one.n_note:
            people = f"{people} ({one.n_note})".strip()
        rows.append((one.code, one.citation, ", ".join(one.indications), people, compared or "none", results, risks))
    return _table(["Code", "Study", "About", "People", "Compared with", "Results", "Cautions"], rows)
