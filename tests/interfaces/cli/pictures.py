"""The pictures of the pharmacology pages, drawn from the models themselves.

`python -m tests.interfaces.cli.pictures` writes them; a test compares the files with what this would draw.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from interlude.domain.pharmacology import Dose, Person
from interlude.domain.pharmacology.case import read_case
from interlude.domain.pharmacology.observations import ObservationSet, load_observations
from interlude.interfaces.cli.charts import overlay, session
from interlude.interfaces.cli.charts.draw import draw
from interlude.interfaces.cli.charts.parts import Chart, Mark
from interlude.interfaces.cli.modelling.compare import compare

FOLDER = Path(__file__).parents[3] / "docs" / "pictures"
PERSON = Person(weight_kg=70)
USUAL = {"route": "iv", "start_min": 0, "duration_min": 40, "amount_mg_per_kg": 0.5}


def _short(study: ObservationSet) -> str:
    """Author and year of a citation."""
    found = re.match(r"(\S+) .*?(\d{4})", study.citation)
    assert found
    return f"{found[1]} {found[2]}"


def models() -> Chart:
    """Every model for adults on the usual infusion, with the published levels at its end."""
    dose = Dose("iv", 0, 35, 40)
    zarate, krystal = load_observations("zarate2006"), load_observations("krystal1994")
    level, extent = zarate.series[0], krystal.series[0]
    marks = [
        Mark(
            extent.at_min[0],
            f"observed {extent.low[0]:.0f} to {extent.high[0]:.0f}, venous blood ({_short(krystal)})",
            low=extent.low[0],
            high=extent.high[0],
        ),
        Mark(
            level.at_min[0],
            f"observed {level.values[0]:.0f}, venous blood ({_short(zarate)})",
            value=level.values[0],
        ),
    ]
    chart = overlay.chart_of(
        compare(PERSON, dose, overlay.times_of(dose)),
        marks=marks,
        title="0.5 mg/kg over 40 min by every model for adults",
    )
    observed = f"Observed, venous blood: {zarate.citation}; {krystal.citation}."
    return replace(chart, notes=[observed, *chart.notes])


def band() -> Chart:
    """The band of the default model."""
    case = read_case(
        {
            "model": "kamp2020",
            "patient": {"weight_kg": 70},
            "doses": [USUAL],
            "times_min": [180],
            "outputs": ["Cp", "Ce"],
            "population": {"n": 10_000, "seed": 1},
        }
    )
    return session.chart_of(case, case.bands(), title="How far people differ: kamp2020, 0.5 mg/kg over 40 min")


def titrated() -> Chart:
    """A session with a higher rate, a pause, and a lower rate to the end."""
    steps = [(0, 10, 35.0), (10, 18, 60.0), (26, 48, 40.0)]
    doses = [
        {"route": "iv", "start_min": start, "duration_min": end - start, "amount_mg": rate * (end - start) / 60}
        for start, end, rate in steps
    ]
    case = read_case(
        {
            "model": "kamp2020",
            "patient": {"weight_kg": 70},
            "doses": doses,
            "times_min": [120],
            "outputs": ["Cp", "Ce"],
        }
    )
    chart = session.chart_of(case, title="A session: titrated, paused, resumed, stopped")
    subtitle = "70 kg; 35 mg/h, then 60 mg/h, a pause of 8 min, then 40 mg/h; kamp2020, blood: arterial"
    return replace(
        chart, subtitle=subtitle, events=[(10, "rate raised"), (18, "paused"), (26, "resumed, lower"), (48, "stopped")]
    )


PICTURES = {"pharmacology-models": models, "pharmacology-band": band, "pharmacology-titrated": titrated}


def write() -> None:
    for name, chart in PICTURES.items():
        (FOLDER / f"{name}.svg").write_text(draw(chart()), encoding="utf-8")


if __name__ == "__main__":
    write()
