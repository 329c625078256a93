"""Published effects: every row with its source, the figures a physician knows, refusals where nothing is known."""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace
from importlib.resources import files
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlude.domain.pharmacology import Dose, Mammillary, card_names, load_card, solve
from interlude.domain.pharmacology.effects import (
    Course,
    effect_band,
    effect_facts,
    effect_names,
    effect_of,
    load_effect,
    sigmoid,
    with_effect_site,
)
from interlude.domain.refusals import Refused
from tests.domain.tables import rows

KAMP = load_card("kamp2020").individual(70)
USUAL = (Dose("iv", 0.0, 35.0, 40.0),)
OLOFSEN = load_effect("olofsen2022")
NG_PER_NMOL = 237.73

# The rows of the reference table that give an equation, and those that give facts alone.
SIGMOID = """
    effect              | driver     | c50 | low | high | half_life_min | hill | subjects
    olofsen2022         | S-ketamine | 121 | 90  | 157  | 8.3           |      | 17
    simons2022_drug_high | S-ketamine | 71 |     |      |               |      | 20
    herd2008_sedation   | ketamine   | 560 |     |      | 0.1833        | 3.71 | 43
"""

FACTS = """
    effect                        | endpoint                          | what it gives
    simons2022_antinociception    | antinociception                   | 285-404 ng/mL
    bowdle1998                    | dissociation                      | 50-200 ng/mL; 0.93-0.99 1
    olofsen2012_pain              | acute pain                        | -3.8 cm (visual analogue scale); 1.5 cm (visual analogue scale); -2.3 cm (visual analogue scale); 6.1 [0-11.8] min
    sigtermans2009_cardiac_output | haemodynamics                     | 40-50 %; 20 %
    kamp2021_cardiac_output       | haemodynamics                     | up; down; none
    anesthesiology2005_pressure_rate | haemodynamics                  | 27 %; 43.5 %
    clinic_blood_pressure         | haemodynamics                     | 3.28 mmHg; 3.17 mmHg
    kurian2025_simulator          | haemodynamics                     | 6.17 mmHg; 7.51 beats/min
    adult_awakening               | sedation                          | 740 (SD 240) ng/mL; 2000 (SD 500) ng/mL
    navarrete2024_ani             | antinociception (autonomic index) | 0.238 [0.2-0.28] 1/min; 1.83 (SD 0.74) min
    moaas                         | sedation                          |
"""  # noqa: E501


def _text(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


@pytest.mark.parametrize("row", rows(SIGMOID), ids=lambda row: row["effect"])
def test_the_effects_with_an_equation(row: dict[str, str]) -> None:
    effect = load_effect(row["effect"])
    assert effect.driver == row["driver"]
    assert [_text(v) for v in (effect.c50.value, effect.c50.low, effect.c50.high)] == [
        row["c50"],
        row["low"],
        row["high"],
    ]
    ke0 = effect.ke0_half_life_min
    assert ("" if ke0 is None else f"{ke0.value:.4g}") == row["half_life_min"]
    assert _text(effect.hill and effect.hill.value) == row["hill"]
    assert str(effect.subjects) == row["subjects"]
    assert effect.c50.unit == "ng/mL"


@pytest.mark.parametrize("row", rows(FACTS), ids=lambda row: row["effect"])
def test_the_findings_without_an_equation(row: dict[str, str]) -> None:
    facts = effect_facts(row["effect"])
    assert facts.endpoint == row["endpoint"]
    given = []
    for one in facts.findings:
        span = "" if one.low is None else f"{one.low:g}-{one.high:g}"
        if one.value is not None:
            span = f"{one.value:g}" + (f" [{span}]" if span else "") + (f" (SD {one.sd:g})" if one.sd else "")
        given.append((one.direction or f"{span} {one.unit}").strip())
    assert "; ".join(given) == row["what it gives"]
    with pytest.raises(Refused) as refusal:
        load_effect(row["effect"])
    assert refusal.value.field == "effect"
    assert facts.refused in str(refusal.value)
    assert facts.refused


def test_every_row_is_in_one_of_the_tables() -> None:
    listed = {row["effect"] for table in (SIGMOID, FACTS) for row in rows(table)}
    assert set(effect_names("sigmoid") + effect_names("finding")) == listed
    assert effect_names("turnover") == ("dahan2011_crps",)
    assert set(effect_names()) == listed | {"dahan2011_crps"}


@pytest.mark.parametrize("name", effect_names())
def test_every_number_has_its_unit_source_and_certainty(name: str) -> None:
    facts = effect_facts(name)
    for text in (facts.title, facts.citation, facts.endpoint, facts.driver, facts.enantiomer, facts.population):
        assert text
    assert facts.missing, "no row is complete: what is missing must be said"
    values = list(facts.findings)
    if name in effect_names("sigmoid"):
        effect = load_effect(name)
        values += [v for v in (effect.c50, effect.ke0_half_life_min, effect.hill, effect.maximum) if v is not None]  # type: ignore[misc]
    for value in values:
        assert value.source
        assert value.certainty in {"P", "R", "S", "assumed"}
        if value.value is not None:
            assert value.unit
            assert value.low is None or value.high is None or value.low <= value.value <= value.high


def test_molar_and_mass_units_agree() -> None:
    for name, nmol in [("olofsen2022", (0.51, 0.38, 0.66)), ("simons2022_drug_high", (0.3, None, None))]:
        c50 = load_effect(name).c50
        for shown, molar in zip((c50.value, c50.low, c50.high), nmol, strict=True):
            assert shown is None or abs(shown - (molar or 0) * NG_PER_NMOL) < 0.5
    finding = effect_facts("simons2022_antinociception").findings[0]
    assert [round(1.2 * NG_PER_NMOL), round(1.7 * NG_PER_NMOL)] == [finding.low, finding.high]


# Kamp's disposition with Olofsen's half-life, racemate 0.5 mg/kg over 40 min, 70 kg.
CONSISTENCY = """
    minute | ce_s | percent_of_c50
    10     | 31   | 25
    20     | 65   | 54
    40     | 107  | 89
    60     | 69   | 57
    80     | 46   | 38
    110    | 31   | 26
"""


def test_the_effect_site_of_the_usual_infusion() -> None:
    table = rows(CONSISTENCY)
    model = with_effect_site(KAMP, OLOFSEN)
    levels = solve(model, USUAL, [float(row["minute"]) for row in table]).ce_s_ng_per_ml
    assert [f"{level:.0f}" for level in levels] == [row["ce_s"] for row in table]
    for level, row in zip(levels, table, strict=True):
        assert abs(level / OLOFSEN.c50.value * 100 - float(row["percent_of_c50"])) < 1.0


@given(st.floats(0, 1e6), st.floats(1e-3, 1e4), st.floats(0.2, 12))
def test_the_sigmoid_is_a_fraction_that_rises_and_halves_at_c50(level: float, c50: float, hill: float) -> None:
    value = float(sigmoid(level, c50, hill))
    assert 0 <= value <= 1
    assert float(sigmoid(level * 1.1, c50, hill)) >= value
    assert float(sigmoid(c50, c50, hill)) == 0.5
    # Where it doesn't overflow, the textbook form gives the same.
    assert value == pytest.approx(level**hill / (c50**hill + level**hill), rel=1e-9, abs=1e-300)


def test_extreme_levels_do_not_overflow() -> None:
    np.testing.assert_array_equal(sigmoid([0.0, 1e-300, 1e300], 100.0, 10.0), [0.0, 0.0, 1.0])


def test_a_hill_coefficient_is_never_made_up() -> None:
    with pytest.raises(Refused) as refusal:
        effect_of(OLOFSEN, [121.0])
    assert refusal.value.field == "hill"
    np.testing.assert_allclose(effect_of(OLOFSEN, [121.0, 242.0], hill=2.0), [0.5, 0.8], rtol=1e-14)
    np.testing.assert_allclose(effect_of(load_effect("herd2008_sedation"), [560.0]), [0.5])


def test_the_band_of_levels_has_the_published_interval_of_c50() -> None:
    """With one Hill coefficient the percentiles are those of the log-normal C50, known in closed form."""
    band = effect_band(OLOFSEN, [50.0, 121.0], draws=100_000, hill_range=(2.0, 2.0))
    sd = math.log(157 / 90) / (2 * NormalDist().inv_cdf(0.975))
    for share, shown in ((0.05, band.low), (0.5, band.median), (0.95, band.high)):
        c50 = 121 * math.exp(NormalDist().inv_cdf(1 - share) * sd)
        np.testing.assert_allclose(shown, sigmoid([50.0, 121.0], c50, 2.0), atol=2e-3)
    assert band.times_min is None


def test_the_band_of_a_regimen_carries_all_three_and_says_so() -> None:
    times = [10.0, 40.0, 80.0]
    band = effect_band(OLOFSEN, Course(KAMP, USUAL, times), draws=4000, seed=7)
    assert (band.low < band.median).all()
    assert (band.median < band.high).all()
    said = " ".join(str(one) for one in band.assumptions)
    assert "Assumed: Hill coefficient evenly between 1 and 3" in said
    assert "half-life log-normal" in said
    assert "differences between people are not in it" in said
    again = effect_band(OLOFSEN, Course(KAMP, USUAL, times), draws=4000, seed=7)
    np.testing.assert_array_equal(band.low, again.low)
    # The obvious way: one draw at a time, each with its own half-life.
    rng = np.random.default_rng(99)
    fractions = []
    for _ in range(1500):
        c50 = 121 * math.exp(rng.standard_normal() * math.log(157 / 90) / 3.92)
        half_life = 8.3 * math.exp(rng.standard_normal() * math.log(13.0 / 5.1) / 3.92)
        model = replace(KAMP, ke0_per_min=math.log(2) / half_life)
        level, hill = solve(model, USUAL, times).ce_s_ng_per_ml, rng.uniform(1, 3)
        fractions.append(level**hill / (c50**hill + level**hill))
    for share, shown in ((5, band.low), (50, band.median), (95, band.high)):
        np.testing.assert_allclose(shown, np.percentile(fractions, share, axis=0), atol=0.03)


def test_the_racemate_counts_half_and_pure_s_counts_whole() -> None:
    racemate = effect_band(OLOFSEN, Course(KAMP, USUAL, [40.0]), seed=3)
    pure = replace(KAMP, s_fraction=1.0)
    half_dose = effect_band(OLOFSEN, Course(pure, (Dose("iv", 0.0, 17.5, 40.0),), [40.0]), seed=3)
    np.testing.assert_allclose(racemate.median, half_dose.median, rtol=1e-12)
    with pytest.raises(Refused) as refusal:
        effect_band(OLOFSEN, Course(replace(KAMP, s_fraction=None), USUAL, [40.0]))
    assert refusal.value.field == "s_fraction"


def test_sedation_of_children_was_measured_with_ketamine_not_with_pure_s() -> None:
    herd = load_effect("herd2008_sedation")
    assert herd.children
    with pytest.raises(Refused, match="without an interval"):
        effect_band(herd, [100.0])
    given_interval = replace(herd, c50=replace(herd.c50, low=400, high=780))
    assert effect_band(given_interval, Course(KAMP, USUAL, [40.0])).median[0] < 0.5
    with pytest.raises(Refused, match="not with S-ketamine alone"):
        effect_band(given_interval, Course(replace(KAMP, s_fraction=1.0), USUAL, [40.0]))


def test_the_half_life_of_the_nociception_index_is_never_used_for_dissociation() -> None:
    ani = effect_facts("navarrete2024_ani")
    assert "dissociation" in ani.not_for
    low, high = ani.findings[0].low, ani.findings[0].high
    assert low is not None
    assert high is not None
    for name in effect_names("sigmoid"):
        effect = load_effect(name)
        if effect.endpoint in ani.not_for and effect.ke0_half_life_min is not None:
            assert not low <= math.log(2) / effect.ke0_half_life_min.value <= high
            assert "Navarrete" not in effect.ke0_half_life_min.source
    # Nor through a model: the effect brings its own half-life, whatever the model holds.
    fast = replace(KAMP, ke0_per_min=0.238)
    own, borrowed = (effect_band(OLOFSEN, Course(model, USUAL, [10.0, 40.0]), seed=5) for model in (KAMP, fast))
    np.testing.assert_array_equal(own.median, borrowed.median)
    assert with_effect_site(fast, OLOFSEN).ke0_per_min == math.log(2) / 8.3


def test_no_card_carries_the_rate_of_the_nociception_index() -> None:
    for name in card_names():
        half_life = load_card(name).parameters.get("ke0_half_life_min")
        if half_life is not None:
            assert not 0.20 <= math.log(2) / half_life.value <= 0.28, name


def test_drug_high_has_no_half_life_and_no_interval() -> None:
    high = load_effect("simons2022_drug_high")
    with pytest.raises(Refused, match="without an interval"):
        effect_band(high, [71.0])
    with pytest.raises(Refused, match="without an effect-site half-life"):
        with_effect_site(KAMP, high)
    assert effect_of(high, [71.0], hill=1.7)[0] == pytest.approx(0.5, rel=1e-15)


BARE = Mammillary(10.0, 0.1, s_fraction=0.5)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: load_effect("nothing"), "effect"),
        (lambda: load_effect("../cards/kamp2020"), "effect"),
        (lambda: effect_facts("nothing"), "effect"),
        (lambda: load_effect("dahan2011_crps"), "effect"),
        (lambda: effect_of(OLOFSEN, [-1.0], hill=1), "ce_ng_per_ml"),
        (lambda: effect_of(OLOFSEN, [math.nan], hill=1), "ce_ng_per_ml"),
        (lambda: effect_of(OLOFSEN, [1.0], hill=0), "hill"),
        (lambda: effect_of(OLOFSEN, [1.0], hill=math.inf), "hill"),
        (lambda: effect_band(OLOFSEN, [math.inf]), "ce_ng_per_ml"),
        (lambda: effect_band(OLOFSEN, [1.0], hill_range=(3, 1)), "hill_range"),
        (lambda: effect_band(OLOFSEN, [1.0], hill_range=(0, 1)), "hill_range"),
        (lambda: effect_band(OLOFSEN, [1.0], draws=10), "draws"),
    ],
)
def test_bad_input_names_its_field(call: object, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        call()  # type: ignore[operator]
    assert refusal.value.field == field


def test_a_model_without_effect_site_gets_that_of_the_effect() -> None:
    assert effect_band(OLOFSEN, Course(BARE, USUAL, [40.0])).median[0] > 0


def test_every_file_is_a_row() -> None:
    folder = files("interlude.domain.pharmacology").joinpath("effects")
    named = [tomllib.loads(f.read_text("utf-8"))["name"] for f in folder.iterdir() if f.name.endswith(".toml")]
    assert set(named) == set(effect_names())
