"""The generated parts of the reference pages, drawn from the data files.

`python -m tests.domain.reference` writes them; a test compares the pages with what this would write.
"""

from __future__ import annotations

from collections.abc import Iterable

from interlude.domain.instruments import Datum, instruments
from interlude.domain.instruments import sources as instrument_sources
from interlude.domain.protocol import Protocol, diagram, load_library
from interlude.domain.protocol.schema import Bound
from tests.domain.evidence.page import evidence_parts
from tests.domain.tables import rewrite


def _table(head: Iterable[str], body: Iterable[Iterable[object]]) -> str:
    names = list(head)
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(str(cell).replace("|", "/") or "-" for cell in row) + " |" for row in body]
    return "\n".join(lines) + "\n"


def _datum(datum: Datum | None) -> str:
    return "-" if datum is None else f"{datum} ({datum.certainty})"


def instrument_parts() -> dict[str, str]:
    overview, licences = [], []
    for one in instruments():
        items = sum(item.scored for item in one.items)
        texts = ", ".join(f"{language}: {status}" for language, status in one.texts.items())
        overview.append(
            (one.name, f"`{one.code}`", items, f"{one.scoring.minimum}-{one.scoring.maximum}", one.recall, texts)
        )
        source = instrument_sources()[one.source].citation
        licences.append((one.name, one.licence.level, one.licence.note, one.licence.certainty, source))
    bands = [(one.name, band.label, f"{band.minimum}-{band.maximum}") for one in instruments() for band in one.bands]
    cuts = [(one.name, cut.label, _datum(cut.at_least)) for one in instruments() for cut in one.cuts]
    change = [
        (one.name, _datum(one.change.response_percent), _datum(one.change.remission_at_most), _datum(one.change.mid))
        for one in instruments()
        if one.change.mid or one.change.response_percent
    ]
    return {
        "overview": _table(["Instrument", "Code", "Items scored", "Total", "About", "Wording"], overview),
        "licences": _table(["Instrument", "Class", "Licence", "Certainty", "Source"], licences),
        "bands": _table(["Instrument", "Band", "Total"], bands),
        "cuts": _table(["Instrument", "Means", "From"], cuts),
        "change": _table(["Instrument", "Response", "Remission at most", "Smallest important change"], change),
    }


def _bounds(bounds: Iterable[Bound]) -> str:
    words = {"above": "above", "at_least": "from", "below": "below", "at_most": "up to", "rise_percent": "rise of"}
    parts = []
    for bound in bounds:
        side, datum = next((name, getattr(bound, name)) for name in words if getattr(bound, name) is not None)
        parts.append(f"{words[side]} {_datum(datum)}")
    return ", ".join(parts)


def _regimen(protocol: Protocol) -> tuple[object, ...]:
    series, minutes = protocol.series, protocol.minutes
    return (
        f"`{protocol.code}`",
        protocol.name,
        protocol.grade,
        _datum(protocol.dose_mg_per_kg.default),
        _datum(minutes.default if minutes else None),
        _datum(protocol.dose_mg_per_kg.hard_max),
        _datum(protocol.rate.max_mg_per_kg_per_h if protocol.rate else None),
        f"{_datum(series.planned)}, up to {_datum(series.extend_to)}",
        f"{_datum(series.gap_min_days)} to {_datum(series.gap_max_days)}",
    )


def protocol_parts() -> dict[str, str]:
    library = load_library()
    trd = library.protocol("trd-iv")
    head = ["Code", "Protocol", "Grade", "Dose", "Time", "Hard limit", "Rate limit", "Number", "Days apart"]
    offers = [
        (row.name, row.grade + (f" ({row.grade_note})" if row.grade_note else ""), row.offer_text, row.honest_text)
        for row in library.indications.values()
    ]
    rules = [
        (
            row.code,
            row.title,
            ", ".join(dict.fromkeys(t.level for t in row.tests)),
            row.action,
            f"{row.source} ({row.certainty})",
        )
        for row in library.rule_set.rules
    ]
    medicines = [
        (row.label, row.strength, row.effect, row.action, f"{row.source} ({row.certainty})")
        for row in library.interactions
    ]
    gate = [(row.label, ", ".join(row.override) or "nobody", ", ".join(row.routes)) for row in trd.gate.items]
    leave = [(row.label, ", ".join(row.override) or "nobody") for row in trd.discharge.items]
    alarms = [(row.label, _bounds(row.advisory), _bounds(row.urgent), row.urgent_action.text) for row in trd.alarms]
    watch = [
        (
            row.label,
            row.phase,
            _datum(row.every_min) if row.every_min else "continuous" if row.continuous else "-",
            row.certainty,
        )
        for row in trd.monitoring
    ]
    therapies = [(row.name, row.timing[0].text, row.evidence_note) for row in library.complementary.values()]
    return {
        "protocols": _table(head, [_regimen(protocol) for protocol in library.protocols.values()]),
        "indications": _table(["Indication", "Grade", "Offer", "What is said"], offers),
        "rules": _table(["Rule", "About", "Levels", "What to do", "Source"], rules),
        "interactions": _table(["Medicines", "Strength", "Effect", "What to do", "Source"], medicines),
        "gate": _table(["Line", "May go on after a no", "Routes"], gate),
        "discharge": _table(["Criterion", "May go on after a no"], leave),
        "alarms": _table(["Signal", "Advisory", "Urgent", "Then"], alarms),
        "monitoring": _table(["What", "When", "Every", "Certainty"], watch),
        "therapies": _table(["Therapy", "Timing", "Evidence"], therapies),
        "phases": "```mermaid\n" + diagram() + "\n```\n",
    }


if __name__ == "__main__":
    from tests.domain.pharmacology.models_page import model_parts
    from tests.domain.pharmacology.validation_page import validation_parts

    rewrite("instruments.md", instrument_parts())
    rewrite("protocols.md", protocol_parts())
    rewrite("pharmacology-models.md", model_parts())
    rewrite("pharmacology-validation.md", validation_parts())
    rewrite("evidence.md", evidence_parts())
