"""What follows from the cards: derived quantities, routes that are refused, and the known disagreements."""

from __future__ import annotations

import math

import numpy as np
import pytest

from interlude.domain.pharmacology import Mammillary, Person, card_names, load_card
from interlude.domain.pharmacology.regimen import Dose, solve
from interlude.domain.refusals import Refused
from tests.domain.tables import rows

# Sums of the parameters at 70 kg as worked out by hand, rounded as printed.
DERIVED = rows(
    """
    card         | volume_l | clearance_l_per_h | half_life_min
    domino1984   | 193      | 116               | 115
    clements1981 | 289      | 80                | 183
    hijazi2003   | 297      | 151               | 297
    herd2007     | 141      | 90                | 80
    sherwin2015  | 241      | 88                |
    elkomy2015   | 209      | 61                |
    hornik2018   | 185      | 39                |
    kamp2020     | 238      | 84                | 184
    otto2021     | 419      | 95                | 442
    """
)


@pytest.mark.parametrize("row", DERIVED, ids=[row["card"] for row in DERIVED])
def test_volume_clearance_and_half_life_at_70_kg(row: dict[str, str]) -> None:
    card = load_card(row["card"])
    if card.structure is None:
        model = card.individual(70)
        assert isinstance(model, Mammillary)
        pairs, v1_l, k10 = model.pairs, model.v1_l, model.k10_per_min
        rates = np.array([[-(k10 + sum(out for out, _ in pairs)), *[back for _, back in pairs]]])
        rows_ = [[out, *[-back if i == j else 0.0 for j in range(len(pairs))]] for i, (out, back) in enumerate(pairs)]
        rates = np.vstack([rates, np.array(rows_)])
    else:
        chain = card.individual(70)
        rates = np.array(chain.matrix[:3, :3])
        v1_l, k10 = 133.0, -float(rates[:, 0].sum())
        pairs = tuple((float(rates[j, 0]), -float(rates[j, j])) for j in (1, 2))
    volume_l = v1_l * (1 + sum(out / back for out, back in pairs))
    assert volume_l == pytest.approx(int(row["volume_l"]), abs=0.5 + 1e-9)
    assert k10 * v1_l * 60 == pytest.approx(int(row["clearance_l_per_h"]), abs=0.5)
    if row["half_life_min"]:
        slowest = float(np.abs(np.linalg.eigvals(rates)).min())
        assert round(math.log(2) / slowest) == int(row["half_life_min"])


def test_perez_ruixo_reaches_the_published_bioavailabilities() -> None:
    """54 % of 56 mg and 51 % of 84 mg, 28 mg at a time; 18.6 % of what is swallowed is published, 17.8 % here."""
    model = load_card("perezruixo2021").individual(Person(age_years=40))
    times = np.linspace(0.0, 6000.0, 12001)

    def area(doses: list[Dose]) -> float:
        return float(np.trapezoid(solve(model, doses, times).cp_ng_per_ml, times))

    whole = area([Dose("iv", 0, 28, 1)]) / 28
    for sprays, published in ((1, 0.62), (2, 0.54), (3, 0.51)):
        given = [Dose("nasal", 5.0 * index, 28) for index in range(sprays)]
        share = area(given) / (28 * sprays) / whole
        # One spray: 0.54 through the nose and 0.178 of the other 0.46.
        assert share == pytest.approx(published, abs=0.006)
    assert area([Dose("oral", 0, 84)]) / 84 / whole == pytest.approx(0.178, abs=0.001)
    # 1 mg over 1/60 h at steady state: clearance 109.0 L/h, against 114 in the abstract.
    assert 1000 / (whole / 60) == pytest.approx(109.0, abs=0.1)


REFUSED = rows(
    """
    card           | route      | says
    kamp2020       | im         | no absorption constant was verified
    domino1984     | im         | no absorption constant was verified
    simons2022     | im         | no absorption constant was verified
    hornik2018     | im         | 0.41
    otto2021       | oral       | 0.08
    kamp2020       | nasal      | perezruixo2021
    flint2017      | iv         |
    perezruixo2021 | nasal      |
    perezruixo2021 | oral       |
    simons2022     | sublingual |
    """
)


@pytest.mark.parametrize("row", REFUSED, ids=[f"{row['card']}-{row['route']}" for row in REFUSED])
def test_a_route_is_known_or_refused_with_the_reason(row: dict[str, str]) -> None:
    card = load_card(row["card"])
    weight = 10 if row["card"] == "flint2017" else 20 if card.range.children else 70
    model = card.individual(Person(weight_kg=weight))
    dose = [Dose(row["route"], 0, 10)]
    if not row["says"]:
        assert float(solve(model, dose, [30.0]).cp_ng_per_ml[0]) > 0
        return
    with pytest.raises(Refused, match=row["says"]):
        solve(model, dose, [30.0])


@pytest.mark.parametrize("name", card_names())
def test_every_route_is_either_offered_or_refused(name: str) -> None:
    card = load_card(name)
    offered, refused = set(card.routes), {key for key in card.refused if not key.startswith("Cp")}
    assert not offered & refused
    assert offered | refused == {"iv", "im", "sc", "nasal", "oral", "sublingual"}
    assert all(len(reason) > 20 for reason in card.refused.values())


def test_norketamine_of_flint_is_refused_because_its_clearance_changes() -> None:
    assert "rises with the time" in load_card("flint2017").refused["Cp_norketamine"]


KNOWN_DISAGREEMENTS = rows(
    """
    card           | says
    domino1984     | 0.438
    domino1984     | PMID 7198883
    domino1984     | 8.9, 4.0 or 2.0 mg
    kamp2020       | 253.1 or 271.8
    kamp2020       | factor of 33
    hijazi2003     | above 18 years
    hornik2018     | 0.93
    perezruixo2021 | L/h
    perezruixo2021 | 1.41
    perezruixo2021 | 114 L/h
    perezruixo2021 | superseded
    """
)


def test_disagreements_stand_on_the_cards_concerned() -> None:
    for row in KNOWN_DISAGREEMENTS:
        assert any(row["says"] in text for text in load_card(row["card"]).disagreements), row


def test_the_rounding_of_domino_changes_the_level_by_0_012_percent() -> None:
    card = load_card("domino1984")
    infusion, at = [Dose("iv", 0, 35, 40)], [40.0]
    full = solve(card.individual(70), infusion, at).cp_ng_per_ml[0]
    rounded = solve(card.individual(70, k10_per_min=0.438, k12_per_min=0.592), infusion, at).cp_ng_per_ml[0]
    assert full == pytest.approx(240.330811, abs=5e-7)
    assert (rounded / full - 1) * 100 == pytest.approx(0.012, abs=5e-4)


def test_the_two_weight_exponents_of_kamp_at_110_kg() -> None:
    card = load_card("kamp2020")
    infusion, at = [Dose("iv", 0, 55, 40)], [40.0, 230.0]
    linear = solve(card.individual(110, clearance_exponent=1.0), infusion, at).cp_ng_per_ml
    allometric = solve(card.individual(110), infusion, at).cp_ng_per_ml
    assert linear[0] == pytest.approx(253.1, abs=0.05)
    assert allometric[0] == pytest.approx(271.8, abs=0.05)
    assert (allometric / linear - 1).round(2).tolist() == [0.07, 0.10]


def test_sherwin_at_another_weight_needs_a_choice() -> None:
    card = load_card("sherwin2015")
    assert card.individual(70).v1_l == 20.5
    with pytest.raises(Refused) as refusal:
        card.individual(Person(weight_kg=30, age_years=8))
    assert refusal.value.field == "clearance_exponent"
    assert card.individual(Person(weight_kg=30, age_years=8), clearance_exponent=0.75).v1_l == pytest.approx(
        20.5 * 3 / 7
    )


EFFECT_SITE = rows(
    """
    minute | ce_s | percent_of_c50
    10     | 31   | 25
    20     | 65   | 54
    40     | 107  | 89
    60     | 69   | 57
    80     | 46   | 38
    110    | 31   | 26
    """
)


def test_s_ketamine_at_the_effect_site_after_the_standard_infusion() -> None:
    model = load_card("kamp2020").individual(70)
    curves = solve(model, [Dose("iv", 0, 35, 40)], [float(row["minute"]) for row in EFFECT_SITE])
    for level, row in zip(curves.ce_s_ng_per_ml, EFFECT_SITE, strict=True):
        assert level == pytest.approx(int(row["ce_s"]), abs=0.5)
        assert level / 121 * 100 == pytest.approx(int(row["percent_of_c50"]), abs=0.6)


KE0_OF_DOMINO = rows(
    """
    ke0    | peak_min | bolus_mg
    0.0857 | 3.00     | 8.9
    0.238  | 1.61     | 4.0
    0.652  | 1.00     | 2.0
    """
)


@pytest.mark.parametrize("row", KE0_OF_DOMINO, ids=[row["ke0"] for row in KE0_OF_DOMINO])
def test_published_ke0_values_ask_for_boluses_that_differ_4_5_fold(row: dict[str, str]) -> None:
    model = load_card("domino1984").individual(70, ke0_per_min=float(row["ke0"]))
    times = np.linspace(0, 10, 10001)
    ce = solve(model, [Dose("iv", 0, 1)], times).ce_ng_per_ml
    assert times[int(ce.argmax())] == pytest.approx(float(row["peak_min"]), abs=0.0055)
    assert 100 / ce.max() == pytest.approx(float(row["bolus_mg"]), abs=0.05)


@pytest.mark.parametrize(("name", "half_time_min"), [("domino1984", 1.7), ("kamp2020", 8.7)])
def test_time_to_half_of_the_level_after_40_min(name: str, half_time_min: float) -> None:
    times = 40 + np.linspace(0, 30, 30001)
    cp = solve(load_card(name).individual(70), [Dose("iv", 0, 35, 40)], times).cp_ng_per_ml
    assert times[int((cp <= cp[0] / 2).argmax())] - 40 == pytest.approx(half_time_min, abs=0.05)


INJECTION = rows(
    """
    card         | ka    | peak
    kamp2020     | 0.021 | 118
    domino1984   | 0.010 | 68
    clements1981 | 0.075 | 148
    """
)


@pytest.mark.parametrize("row", INJECTION, ids=[row["card"] for row in INJECTION])
def test_a_first_order_injection_that_peaks_at_22_min_stays_far_below_the_recalled_level(row: dict[str, str]) -> None:
    """0.5 mg/kg with F 0.93: why no card offers an injection."""
    card = load_card(row["card"])
    times = np.linspace(0, 60, 6001)

    def curve(ka: float) -> np.ndarray:
        model = card.individual(70, ka_per_min=ka, bioavailability=0.93)
        return np.asarray(solve(model, [Dose("im", 0, 35)], times).cp_ng_per_ml)

    slow, fast = 1e-3, 1.0
    for _ in range(60):
        middle = math.sqrt(slow * fast)
        slow, fast = (middle, fast) if times[int(curve(middle).argmax())] > 22 else (slow, middle)
    assert fast == pytest.approx(float(row["ka"]), abs=0.00055)
    assert curve(fast).max() == pytest.approx(float(row["peak"]), abs=0.6)
