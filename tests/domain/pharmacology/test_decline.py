"""How long a level takes to fall, against a root finder on the matrix exponential."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from interlude.domain.pharmacology import Mammillary, load_card
from interlude.domain.pharmacology.decline import context_sensitive_times_min, held_at_plasma_level
from interlude.domain.refusals import Refused
from tests.domain.pharmacology import plain
from tests.domain.tables import rows

MODELS = {
    "domino1984": Mammillary(0.063 * 70, 0.4381, 0.5921, 0.2470, 0.5900, 0.0146, ke0_per_min=0.0857),
    "kamp2020": load_card("kamp2020").individual(70),
}

# After 40 minutes. The published figures are those after a constant rate.
V28_V29 = """
    model      | held   | half_time_min
    domino1984 | rate   | 1.7
    domino1984 | plasma | 2.3
    kamp2020   | rate   | 8.7
    kamp2020   | plasma | 13.4
"""


def fallen(model: Mammillary, state: np.ndarray, fall: float, *, site: bool = False) -> float:
    """Minutes until Cp (or Ce, from where it falls) has fallen by `fall`, by expm and Brent."""

    def level(minutes: float) -> float:
        later = plain.step(model, state, 0.0, minutes)
        return plain.ce(later) if site else plain.cp(model, later)

    target = level(0.0) * (1 - fall)
    high = 1.0
    while level(high) > target:
        high *= 2
    return float(brentq(lambda t: level(t) - target, high / 2 if high > 1 else 0.0, high, xtol=1e-13, rtol=1e-14))


def clamped(model: Mammillary, minutes: float) -> np.ndarray:
    """Cp held at 100 ng/mL: the periphery and the effect site by numerical integration."""
    matrix, central = plain.matrix_of(model), 0.1 * model.v1_l

    def slope(_: float, rest: np.ndarray) -> np.ndarray:
        return np.asarray((matrix @ np.array([central, *rest]))[1:])

    ends = solve_ivp(slope, (0, minutes), np.zeros(3), method="DOP853", rtol=1e-12, atol=1e-14).y[:, -1]
    return np.array([central, *ends])


@pytest.mark.parametrize("row", rows(V28_V29), ids=lambda row: f"{row['model']} {row['held']}")
def test_context_sensitive_half_times_after_40_minutes(row: dict[str, str]) -> None:
    model = MODELS[row["model"]]
    found = context_sensitive_times_min(model, [40], held=row["held"])[0]  # type: ignore[arg-type]
    assert f"{found:.1f}" == row["half_time_min"]
    plasma = row["held"] == "plasma"
    state = clamped(model, 40) if plasma else plain.step(model, np.zeros(4), 1.0, 40)
    assert found == pytest.approx(fallen(model, state, 0.5), rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.005, 0.5), st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.01, 2), st.floats(1, 600),
    st.sampled_from([0.2, 0.5, 0.8]),
)  # fmt: skip
def test_random_models_against_the_root_finder(
    k10: float, k12: float, k21: float, ke0: float, minutes: float, fall: float
) -> None:
    model = Mammillary(20.0, k10, k12, k21, ke0_per_min=ke0)
    state = plain.step(model, np.zeros(4), 1.0, minutes)
    found = context_sensitive_times_min(model, [minutes], fall=fall)[0]
    assert found == pytest.approx(fallen(model, state, fall), rel=1e-8)
    held = context_sensitive_times_min(model, [minutes], fall=fall, held="plasma")[0]
    assert held >= found * (1 - 1e-9)


def test_the_effect_site_takes_longer_than_the_plasma() -> None:
    model = MODELS["kamp2020"]
    ce, cp = (context_sensitive_times_min(model, [10, 40, 120], of=of) for of in ("ce", "cp"))
    assert (ce > cp).all()
    for minutes, found in zip((10, 40, 120), ce, strict=True):
        state = plain.step(model, np.zeros(4), 1.0, minutes)
        assert found == pytest.approx(fallen(model, state, 0.5, site=True), rel=1e-9)


@pytest.mark.parametrize("held", ["rate", "plasma"])
def test_it_grows_with_the_infusion_and_both_ways_meet_at_steady_state(held: str) -> None:
    model = MODELS["kamp2020"]
    times = context_sensitive_times_min(model, [1, 5, 20, 40, 120, 600, 20_000], held=held)  # type: ignore[arg-type]
    assert (np.diff(times) > 0).all()
    other = context_sensitive_times_min(model, [20_000], held="rate")[0]
    assert times[-1] == pytest.approx(other, rel=1e-9)


def test_one_compartment_has_one_half_time_however_long() -> None:
    model = Mammillary(200.0, 0.02)
    for held in ("rate", "plasma"):
        times = context_sensitive_times_min(model, [1, 40, 1000], held=held)  # type: ignore[arg-type]
        np.testing.assert_allclose(times, math.log(2) / 0.02, rtol=1e-9)


def test_a_chain_falls_after_a_constant_rate_and_a_held_plasma_is_refused() -> None:
    otto = load_card("otto2021").individual(70)
    assert context_sensitive_times_min(otto, [40])[0] > 0
    with pytest.raises(Refused) as refusal:
        context_sensitive_times_min(otto, [40], held="plasma")
    assert refusal.value.field == "model"


def test_a_depot_does_not_matter_for_a_held_plasma() -> None:
    bare, depot = (load_card("kamp2020").individual(70, ka_per_min=ka) for ka in (None, 0.05))
    one, other = (held_at_plasma_level(model, 40.0) for model in (bare, depot))
    assert one.cp_ng_per_ml == pytest.approx(100.0, rel=1e-13)
    assert other.ce_ng_per_ml == pytest.approx(one.ce_ng_per_ml, rel=1e-13)
    both = [context_sensitive_times_min(model, [40], held="plasma")[0] for model in (bare, depot)]
    assert both[0] == pytest.approx(both[1], rel=1e-12)


def test_without_elimination_it_never_falls() -> None:
    assert context_sensitive_times_min(Mammillary(10.0, 0.0), [40])[0] == math.inf


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"infused_min": [0]}, "infused_min"),
        ({"infused_min": [math.nan]}, "infused_min"),
        ({"infused_min": [math.inf]}, "infused_min"),
        ({"held": "pressure"}, "held"),
        ({"of": "ce_s"}, "of"),
        ({"fall": 1.0}, "fall"),
    ],
)
def test_bad_input_names_its_field(change: dict[str, object], field: str) -> None:
    arguments: dict[str, object] = {"infused_min": [40], **change}
    with pytest.raises(Refused) as refusal:
        context_sensitive_times_min(MODELS["kamp2020"], **arguments)  # type: ignore[arg-type]
    assert refusal.value.field == field
