"""Every number of every model card, typed a second time from the papers and repositories that carry it.

The tables are meant to be read and signed by a physician or pharmacist: a number in a card that is not here, or that
differs, fails.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from interlude.domain.pharmacology import card_names, load_card
from interlude.domain.pharmacology.literature import absent_models, bioavailabilities, interactions
from tests.domain.tables import rows

PARAMETERS = rows(
    """
    card           | parameter              | value  | unit        | certainty
    domino1984     | v1_l_per_kg            | 0.063  | L/kg        | R
    domino1984     | k10_per_min            | 0.4381 | 1/min       | R
    domino1984     | k12_per_min            | 0.5921 | 1/min       | R
    domino1984     | k13_per_min            | 0.5900 | 1/min       | R
    domino1984     | k21_per_min            | 0.2470 | 1/min       | R
    domino1984     | k31_per_min            | 0.0146 | 1/min       | R
    clements1981   | v1_l_per_kg            | 1.7522 | L/kg        | R
    clements1981   | k10_per_min            | 0.0109 | 1/min       | R
    clements1981   | k12_per_min            | 0.0186 | 1/min       | R
    clements1981   | k21_per_min            | 0.0137 | 1/min       | R
    hijazi2003     | v1_l_per_kg            | 1.08   | L/kg        | R
    hijazi2003     | k10_per_min            | 0.0333 | 1/min       | R
    hijazi2003     | k12_per_min            | 0.0088 | 1/min       | R
    hijazi2003     | k21_per_min            | 0.0030 | 1/min       | R
    herd2007       | v1_l                   | 38.7   | L/70 kg     | P
    herd2007       | v2_l                   | 102    | L/70 kg     | P
    herd2007       | cl_l_per_h             | 90     | L/h/70 kg   | P
    herd2007       | q2_l_per_h             | 215    | L/h/70 kg   | P
    sherwin2015    | v1_l                   | 20.5   | L/70 kg     | P
    sherwin2015    | v2_l                   | 220    | L/70 kg     | P
    sherwin2015    | cl_l_per_h             | 87.9   | L/h/70 kg   | P
    sherwin2015    | q2_l_per_h             | 87.3   | L/h/70 kg   | P
    elkomy2015     | v1_l                   | 57.3   | L/70 kg     | P
    elkomy2015     | v2_l                   | 152    | L/70 kg     | P
    elkomy2015     | cl_l_per_h             | 60.6   | L/h/70 kg   | P
    elkomy2015     | q2_l_per_h             | 73.2   | L/h/70 kg   | P
    hornik2018     | v1_l                   | 32.8   | L/70 kg     | R
    hornik2018     | v2_l                   | 152    | L/70 kg     | R
    hornik2018     | cl_l_per_h             | 38.9   | L/h/70 kg   | R
    hornik2018     | q2_l_per_h             | 54.9   | L/h/70 kg   | R
    kamp2020       | v1_l                   | 25     | L/70 kg     | R
    kamp2020       | v2_l                   | 56     | L/70 kg     | R
    kamp2020       | v3_l                   | 157    | L/70 kg     | R
    kamp2020       | cl_l_per_h             | 84     | L/h/70 kg   | R
    kamp2020       | q2_l_per_h             | 161    | L/h/70 kg   | R
    kamp2020       | q3_l_per_h             | 79     | L/h/70 kg   | R
    otto2021       | v1_l                   | 133    | L/70 kg     | R
    otto2021       | cl_l_per_h             | 95.2   | L/h/70 kg   | R
    otto2021       | v2_l                   | 187    | L           | R
    otto2021       | q2_l_per_h             | 23.2   | L/h         | R
    otto2021       | v3_l                   | 98.8   | L           | R
    otto2021       | q3_l_per_h             | 157    | L/h         | R
    otto2021       | v_nk_l                 | 98.638 | L/70 kg     | R
    otto2021       | cl_nk_l_per_h          | 57.72  | L/h/70 kg   | R
    otto2021       | v2_nk_l                | 160.04 | L           | R
    otto2021       | q_nk_l_per_h           | 42.778 | L/h         | R
    simons2022     | v1_l                   | 11.6   | L/70 kg     | R
    simons2022     | v2_l                   | 39.0   | L/70 kg     | R
    simons2022     | v3_l                   | 174    | L/70 kg     | R
    simons2022     | cl_l_per_min           | 1.48   | L/min/70 kg | R
    simons2022     | q2_l_per_min           | 2.43   | L/min/70 kg | R
    simons2022     | q3_l_per_min           | 1.21   | L/min/70 kg | R
    simons2022     | mtt_nk_min             | 20.1   | min         | R
    simons2022     | share_nk               | 0.80   | 1           | R
    simons2022     | v2_nk_l                | 221    | L/70 kg     | R
    simons2022     | cl_nk_l_per_min        | 1.00   | L/min/70 kg | R
    simons2022     | q_nk_l_per_min         | 2.63   | L/min/70 kg | R
    simons2022     | mtt_hnk_min            | 1.12   | min         | R
    simons2022     | share_hnk              | 0.70   | 1           | R
    simons2022     | v_hnk_l                | 4.4    | L/70 kg     | R
    simons2022     | v2_hnk_l               | 87.5   | L/70 kg     | R
    simons2022     | cl_hnk_l_per_min       | 0.933  | L/min/70 kg | R
    simons2022     | q_hnk_l_per_min        | 1.70   | L/min/70 kg | R
    simons2022     | f_mucosal              | 0.263  | 1           | R
    simons2022     | d_mucosal_min          | 13.1   | min         | R
    simons2022     | ka_mucosal_per_min     | 0.04   | 1/min       | R
    simons2022     | f_swallowed            | 1.16   | 1           | R
    simons2022     | d_swallowed_min        | 29.9   | min         | R
    simons2022     | ka_swallowed_per_min   | 0.049  | 1/min       | R
    simons2022     | mtt_gut_min            | 10.7   | min         | R
    perezruixo2021 | vc_l                   | 192    | L           | R
    perezruixo2021 | q1_l_per_h             | 84.3   | L/h         | R
    perezruixo2021 | vp1_l                  | 143    | L           | R
    perezruixo2021 | q2_l_per_h             | 37.6   | L/h         | R
    perezruixo2021 | vp2_l                  | 417    | L           | R
    perezruixo2021 | qh_l_per_h             | 151    | L/h         | R
    perezruixo2021 | vh_l                   | 101    | L           | R
    perezruixo2021 | kel_per_h              | 1.11   | 1/h         | R
    perezruixo2021 | kmet_per_h             | 2.77   | 1/h         | R
    perezruixo2021 | v_nk_l                 | 70     | L           | R
    perezruixo2021 | cl_nk_l_per_h          | 38     | L/h         | R
    perezruixo2021 | v2_nk_l                | 115    | L           | R
    perezruixo2021 | q_nk_l_per_h           | 26.1   | L/h         | R
    perezruixo2021 | fr_nasal               | 0.54   | 1           | R
    perezruixo2021 | fr_nasal_later         | 0.62   | 1           | R
    perezruixo2021 | ka_nasal_per_h         | 2.93   | 1/h         | R
    perezruixo2021 | d_swallowed_h          | 0.53   | h           | R
    perezruixo2021 | ka_swallowed_per_h     | 1.45   | 1/h         | R
    perezruixo2021 | f_gut                  | 0.64   | 1           | R
    perezruixo2021 | d_oral_h               | 0.32   | h           | R
    perezruixo2021 | ka_oral_per_h          | 0.97   | 1/h         | R
    flint2017      | v1_l                   | 7.73   | L/70 kg     | R
    flint2017      | v2_l                   | 545    | L/70 kg     | R
    flint2017      | cl_l_per_h             | 112    | L/h/70 kg   | R
    flint2017      | q2_l_per_h             | 196    | L/h/70 kg   | R
    """
)
# The effect site is borrowed for every adult set; the children's sets have none.
ADULT_SETS = ("clements1981", "domino1984", "hijazi2003", "kamp2020", "otto2021", "perezruixo2021", "simons2022")


def test_every_parameter_of_every_card_is_in_the_table_and_says_the_same() -> None:
    typed = {
        (row["card"], row["parameter"]): (float(row["value"]), row["unit"], row["certainty"]) for row in PARAMETERS
    }
    typed |= {(card, "ke0_half_life_min"): (8.3, "min", "P") for card in ADULT_SETS}
    held = {
        (name, parameter): (value.value, value.unit, value.certainty)
        for name in card_names()
        for parameter, value in load_card(name).parameters.items()
    }
    assert held == typed


@pytest.mark.parametrize("name", ADULT_SETS)
def test_the_borrowed_effect_site_says_so(name: str) -> None:
    ke0 = load_card(name).parameters["ke0_half_life_min"]
    assert (ke0.low, ke0.high) == (5.1, 13.0)
    assert "Olofsen" in ke0.source
    assert "borrowed" in ke0.source.lower()


WHO = rows(
    """
    card           | drug       | form     | s   | site     | child | ages      | weights | aliases
    clements1981   | ketamine   | racemate | 0.5 | not      | no    |           |  | clements250, clements
    domino1984     | ketamine   | racemate | 0.5 | not      | no    |           |  | domino
    elkomy2015     | ketamine   | racemate | 0.5 | not      | yes   | 0.5-18    |  | elkomy
    flint2017      | esketamine | S        | 1   | not      | yes   | 0.02-12.5 | 3.4-35 | flint
    herd2007       | ketamine   | racemate | 0.5 | not      | yes   | 1-14      | 10.8-74.8 | herd
    hijazi2003     | ketamine   | racemate | 0.5 | not      | no    |           |  | hijazi
    hornik2018     | ketamine   | racemate | 0.5 | not      | yes   | 1-18      | 2-176 | hornik
    kamp2020       | ketamine   | racemate | 0.5 | arterial | no    |           |  | kamp
    otto2021       | esketamine | S        | 1   | venous   | no    |           |  | fanta2015, fanta, otto
    perezruixo2021 | esketamine | S        | 1   | venous   | no    | 18-86     | 39-170 | perez-ruixo, perezruixo2020
    sherwin2015    | ketamine   | racemate | 0.5 | not      | yes   |           |  | sherwin
    simons2022     | esketamine | S        | 1   | arterial | no    | 19-32     | 53-93 | simons
    """
)


def test_there_are_these_twelve_cards() -> None:
    assert [row["card"] for row in WHO] == list(card_names())


@pytest.mark.parametrize("row", WHO, ids=[row["card"] for row in WHO])
def test_whom_a_card_is_for(row: dict[str, str]) -> None:
    card = load_card(row["card"])
    assert (card.drug, card.enantiomer) == (row["drug"], row["form"])
    assert card.s_fraction == float(row["s"])
    assert card.sampling_site.split(" ")[0] == row["site"]
    # Children's sets have limits that refuse; a range of adults is information.
    assert (card.range.children, card.range.hard) == (row["child"] == "yes", row["child"] == "yes")
    ages = (card.range.age_min_years, card.range.age_max_years)
    weights = (card.range.weight_min_kg, card.range.weight_max_kg)
    for held, typed in ((ages, row["ages"]), (weights, row["weights"])):
        assert held == (tuple(float(x) for x in typed.split("-")) if typed else (None, None))
    assert card.aliases == tuple(row["aliases"].split(", "))
    for alias in card.aliases:
        assert load_card(alias).name == card.name


EXPONENTS = rows(
    """
    card        | volume | certainty_v | clearance | choices  | certainty_c
    elkomy2015  | 1      | P           | 0.75      | 0.75     | P
    flint2017   | 1      | R           | 0.75      | 0.75     | R
    herd2007    | 1      | P           | 0.75      | 0.75     | P
    hornik2018  | 1      | P           | 0.75      | 0.75     | P
    kamp2020    | 1      | R           | 0.75      | 0.75 1.0 | assumed
    otto2021    | 1      | R           | 0.75      | 0.75     | R
    sherwin2015 | 1      | assumed     |           | 0.75 1.0 | assumed
    simons2022  | 1      | assumed     | 0.75      | 0.75     | assumed
    """
)


def test_weight_exponents() -> None:
    typed = {row["card"]: row for row in EXPONENTS}
    for name in card_names():
        card = load_card(name)
        if name not in typed:
            assert card.volume_exponent is None
            assert card.clearance_exponent is None
            continue
        row = typed[name]
        assert card.volume_exponent is not None
        assert card.clearance_exponent is not None
        assert (card.volume_exponent.default, card.volume_exponent.certainty) == (
            float(row["volume"]),
            row["certainty_v"],
        )
        default = float(row["clearance"]) if row["clearance"] else None
        assert (card.clearance_exponent.default, card.clearance_exponent.certainty) == (default, row["certainty_c"])
        assert card.clearance_exponent.choices == tuple(float(c) for c in row["choices"].split())
    assert load_card("otto2021").unscaled == (
        "v2_l",
        "v3_l",
        "q2_l_per_h",
        "q3_l_per_h",
        "v2_nk_l",
        "q_nk_l_per_h",
    )


VARIABILITY = rows(
    """
    card           | parameter          | kind   | value  | borrowed
    herd2007       | v1_l               | cv     | 64     |
    herd2007       | v2_l               | cv     | 51.7   |
    herd2007       | cl_l_per_h         | cv     | 38.1   |
    herd2007       | q2_l_per_h         | cv     | 19     |
    flint2017      | cl_l_per_h         | cv     | 40.2   |
    kamp2020       | v1_l               | omega2 | 0.057  | yes
    kamp2020       | cl_l_per_h         | omega2 | 0.029  | yes
    kamp2020       | q3_l_per_h         | omega2 | 0.026  | yes
    otto2021       | v1_l               | omega2 | 0.0842 |
    otto2021       | cl_l_per_h         | omega2 | 0.0260 |
    otto2021       | v_nk_l             | omega2 | 0.0404 |
    otto2021       | cl_nk_l_per_h      | omega2 | 0.1032 |
    simons2022     | v1_l               | omega2 | 0.057  |
    simons2022     | cl_l_per_min       | omega2 | 0.029  |
    simons2022     | q3_l_per_min       | omega2 | 0.026  |
    simons2022     | cl_nk_l_per_min    | omega2 | 0.050  |
    simons2022     | mtt_nk_min         | omega2 | 0.021  |
    simons2022     | v_hnk_l            | omega2 | 1.22   |
    simons2022     | cl_hnk_l_per_min   | omega2 | 0.103  |
    simons2022     | q_hnk_l_per_min    | omega2 | 0.287  |
    perezruixo2021 | vc_l               | cv     | 27.5   |
    perezruixo2021 | vp1_l              | cv     | 49.3   |
    perezruixo2021 | qh_l_per_h         | cv     | 23.2   |
    perezruixo2021 | vh_l               | cv     | 34.6   |
    perezruixo2021 | kel_per_h          | cv     | 120    |
    perezruixo2021 | v_nk_l             | cv     | 31.6   |
    perezruixo2021 | cl_nk_l_per_h      | cv     | 25.4   |
    perezruixo2021 | ka_nasal_per_h     | cv     | 61.5   |
    perezruixo2021 | ka_swallowed_per_h | cv     | 132    |
    perezruixo2021 | ka_oral_per_h      | cv     | 132    |
    perezruixo2021 | fr_nasal           | logit  | 0.708  |
    """
)
COVARIANCES = {("otto2021", "v1_l", "cl_l_per_h"): 0.0226, ("otto2021", "v_nk_l", "cl_nk_l_per_h"): 0.0446}


@pytest.mark.parametrize("name", card_names())
def test_variability_between_people(name: str) -> None:
    variability = load_card(name).variability
    typed = [row for row in VARIABILITY if row["card"] == name]
    if not typed:
        assert variability is None
        assert load_card(name).no_variability
        return
    assert variability is not None
    expected = {}
    for row in typed:
        value = float(row["value"])
        variances = {"omega2": value, "cv": math.log(1 + (value / 100) ** 2), "logit": value**2}
        expected[row["parameter"]] = variances[row["kind"]]
        scale = variability.scales[variability.names.index(row["parameter"])]
        assert scale == ("logit" if row["kind"] == "logit" else "log")
        assert variability.borrowed is (row["borrowed"] == "yes")
    if name in ADULT_SETS:
        # A 95 % interval of 5.1 to 13.0 min is 3.92 standard deviations wide on the log scale.
        expected["ke0_half_life_min"] = (math.log(13.0 / 5.1) / (2 * 1.959964)) ** 2
    assert set(variability.names) == set(expected)
    for i, one in enumerate(variability.names):
        for j, other in enumerate(variability.names):
            between = COVARIANCES.get((name, one, other), COVARIANCES.get((name, other, one), 0.0))
            truth = expected[one] if i == j else between
            assert variability.covariance[i, j] == pytest.approx(truth, rel=1e-6, abs=0)
    np.linalg.cholesky(variability.covariance)


RESIDUAL = rows(
    """
    card           | output                | proportional | additive_nmol_per_ml
    flint2017      | Cp                    | 0.419        | 0
    otto2021       | Cp                    | 0.236        | 0
    otto2021       | Cp_norketamine        | 0.143        | 0
    simons2022     | Cp                    | 0.1095       | 0
    simons2022     | Cp_norketamine        | 0.102        | 0.058
    simons2022     | Cp_hydroxynorketamine | 0.079        | 0.020
    perezruixo2021 | Cp                    | 0.276        | 0
    perezruixo2021 | Cp_norketamine        | 0.422        | 0
    """
)


def test_residual_errors() -> None:
    typed = {
        (row["card"], row["output"]): (float(row["proportional"]), float(row["additive_nmol_per_ml"]))
        for row in RESIDUAL
    }
    held = {
        (name, output): (residual.proportional_sd, residual.additive_sd)
        for name in card_names()
        for output, residual in load_card(name).residual.items()
    }
    assert held == typed


COVARIATES = rows(
    """
    parameter     | covariate | above | slope | factor
    qh_l_per_h    | age_years | 60    | -2.19 |
    kel_per_h     | asian     |       |       | 0.36
    cl_nk_l_per_h | asian     |       |       | 0.81
    fr_nasal      | japanese  |       |       | 1.34
    """
)


def test_covariates_belong_to_perez_ruixo_alone() -> None:
    def number(text: str) -> float | None:
        return float(text) if text else None

    for name in card_names():
        held = [(c.parameter, c.covariate, c.above, c.slope, c.factor) for c in load_card(name).covariates]
        typed = [
            (r["parameter"], r["covariate"], number(r["above"]), number(r["slope"]), number(r["factor"]))
            for r in COVARIATES
        ]
        assert held == (typed if name == "perezruixo2021" else [])


def test_papers_without_parameters_are_named_with_what_is_missing() -> None:
    names = [one.name for one in absent_models()]
    assert names == [
        "Henthorn 2018",
        "Persson 2002",
        "Hasan 2021",
        "Ashraf 2018",
        "Geisslinger 1993",
        "Ihmsen 2001",
        "Sigtermans 2009",
        "Dahan 2011",
        "Noppers 2011",
        "Jonkman 2017",
        "Zhao 2012",
        "Kamp 2020 (Br J Anaesth)",
    ]
    assert {one.certainty for one in absent_models()} == {"P", "R", "S", "r"}
    assert all(one.missing and one.known and one.citation for one in absent_models())


def test_bioavailabilities_and_interactions() -> None:
    held = [(one.route, one.value, one.low, one.high, one.certainty) for one in bioavailabilities()]
    assert held == [
        ("im", 0.93, None, None, "S"),
        ("im", 0.41, None, None, "P"),
        ("oral", None, 0.17, 0.20, "P"),
        ("oral", 0.08, None, None, "P"),
        ("oral", 0.15, None, None, "P"),
        ("oral", 0.19, None, None, "P"),
        ("sublingual", 0.29, 0.27, 0.31, "P"),
        ("sublingual", 0.32, None, None, "P"),
        ("sublingual", 0.26, None, None, "P"),
        ("nasal", 0.54, None, None, "P"),
        ("nasal", 0.51, None, None, "P"),
    ]
    effects = " ".join(one.effect for one in interactions())
    for number in ("68.1", "40.6", "21.6", "2.4-fold", "-86 %", "-14 %", "2.19", "20 %"):
        assert number in effects
    assert [one.certainty for one in interactions()] == ["S", "P", "P", "P", "P", "R", "P", "P"]
