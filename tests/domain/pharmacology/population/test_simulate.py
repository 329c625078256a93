"""Bands and summaries of whole populations against the curves of their people, and the same for any map."""

from __future__ import annotations

import pickle
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from interlude.domain.pharmacology import Dose, Person, load_card, solve
from interlude.domain.pharmacology.population import CardSource, LognormalSource, Population, simulate_population
from interlude.domain.pharmacology.population import simulate as module
from interlude.domain.pharmacology.solution import Inputs
from interlude.domain.refusals import Refused
from tests.domain.pharmacology.population.crowd import TITRATED, USUAL, around_kamp

TIMES = np.arange(0.0, 121.0, 2.0)
WANTED = (2.5, 5, 50, 95)
# A level is known to within its bin; percentiles of a few people fall between two of them.
BIN = 1 / 512


@pytest.fixture(params=["numpy", "numba"])
def engine(request: pytest.FixtureRequest) -> str:
    if request.param == "numba":
        pytest.importorskip("numba")
    return str(request.param)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 50)


def normals(seed: int, index: int, people: int, draws: int) -> np.ndarray:
    """What the documentation promises about seeds."""
    sequence = np.random.SeedSequence(seed, spawn_key=(index,))
    return np.random.Generator(np.random.PCG64DXSM(sequence)).standard_normal((people, draws))


def same(one: Population, other: Population) -> None:
    assert one.summaries == other.summaries
    for output, band in one.bands.items():
        for percentile, curve in band.items():
            np.testing.assert_array_equal(curve, other.bands[output][percentile])


def everybody(
    source: Any, doses: Any, outputs: tuple[str, ...], seed: int, n: int, times: np.ndarray = TIMES
) -> dict[str, np.ndarray]:
    """(people, T) of each output, one exact solution after the other."""
    batch = source.individuals(normals(seed, 0, n, source.draws)).batch
    rows: dict[str, list[np.ndarray]] = {output: [] for output in outputs}
    for index in range(n):
        curves = solve(batch.person(index), doses, times)
        for output in outputs:
            rows[output].append(curves.output(output))
    return {output: np.array(curves) for output, curves in rows.items()}


def test_bands_are_the_percentiles_of_everybodys_curve(engine: str) -> None:
    source = around_kamp()
    result = simulate_population(
        source, USUAL, TIMES, n=300, seed=4, percentiles=WANTED, outputs=("Cp", "Ce", "Ce_s"), engine=engine
    )
    stored = everybody(source, USUAL, ("Cp", "Ce", "Ce_s"), 4, 300)
    for output, curves in stored.items():
        for percentile in WANTED:
            np.testing.assert_allclose(
                result.bands[output][percentile], np.percentile(curves, percentile, axis=0), rtol=BIN
            )
    assert result.engine == engine
    assert (result.n, result.seed) == (300, 4)


def test_summaries_are_those_of_everybody(engine: str) -> None:
    source, n = around_kamp(), 200
    result = simulate_population(
        source, USUAL, TIMES, n=n, seed=7, percentiles=WANTED, above_ng_per_ml={"Cp": 100.0}, engine=engine
    )
    batch = source.individuals(normals(7, 0, n, 7)).batch
    fine = np.linspace(0.0, 120.0, 12_001)
    peaks, times, above, areas, endless = [], [], [], [], []
    for index in range(n):
        person = batch.person(index)
        cp = solve(person, USUAL, fine).cp_ng_per_ml
        peaks.append(cp.max())
        times.append(fine[cp.argmax()])
        above.append(0.01 * (cp >= 100.0).sum())
        # Simpson's rule on each side of the stop.
        weights = np.ones(12_001)
        weights[1::2], weights[2:-1:2] = 4.0, 2.0
        areas.append(float(cp @ weights) * 0.01 / 3.0 / 60.0)
        endless.append(35.0 * 1000.0 / (person.v1_l * person.k10_per_min) / 60.0)
    found = result.summaries["Cp"]
    for quantity, truth, tolerance in (
        ("peak_ng_per_ml", peaks, BIN),
        ("auc_ng_h_per_ml", areas, BIN),
        ("auc_to_infinity_ng_h_per_ml", endless, BIN),
        ("above_min", above, 0.01),
    ):
        for percentile in WANTED:
            assert found[quantity][percentile] == pytest.approx(np.percentile(truth, percentile), rel=tolerance)
    assert found["peak_at_min"] == dict.fromkeys(WANTED, 40.0)
    assert set(times) == {40.0}
    assert set(result.summaries["Ce"]) == {"peak_ng_per_ml", "peak_at_min"}


def test_areas_are_exact_whatever_the_grid(engine: str) -> None:
    """One person, three days: the area in one step of the grid and in many, and dose over clearance."""
    typical = around_kamp().typical
    source = LognormalSource(typical, {"v1_l": 0.0})
    fine, coarse = (
        simulate_population(source, TITRATED, times, n=1, seed=0, percentiles=(50,), engine=engine).summaries["Cp"]
        for times in (np.arange(0.0, 4321.0), [4320.0])
    )
    dose = 40 * 10.3 / 60 + 60 * 11.7 / 60 + 12.5 * 3 / 60 + 30 * 7.7 / 60 + 10.0 + 99.0
    assert fine["auc_ng_h_per_ml"][50] == pytest.approx(coarse["auc_ng_h_per_ml"][50], rel=1e-12)
    clearance_l_per_h = typical.v1_l * typical.k10_per_min * 60
    assert fine["auc_to_infinity_ng_h_per_ml"][50] == pytest.approx(dose * 1000 / clearance_l_per_h, rel=1e-12)
    assert fine["auc_ng_h_per_ml"][50] < fine["auc_to_infinity_ng_h_per_ml"][50]
    assert fine["auc_ng_h_per_ml"][50] == pytest.approx(fine["auc_to_infinity_ng_h_per_ml"][50], rel=1e-4)


def test_without_elimination_the_area_to_infinity_is_infinite(engine: str) -> None:
    source = LognormalSource(replace(around_kamp().typical, k10_per_min=0.0), {"v1_l": 0.2})
    summaries = simulate_population(source, USUAL, TIMES, n=20, seed=0, engine=engine).summaries["Cp"]
    assert summaries["auc_to_infinity_ng_h_per_ml"][50] == np.inf
    assert np.isfinite(summaries["auc_ng_h_per_ml"][50])


def test_both_engines_agree() -> None:
    pytest.importorskip("numba")
    plain, fast = (
        simulate_population(
            around_kamp(),
            TITRATED,
            np.sort(np.random.default_rng(1).uniform(0, 200, 90)),
            n=6000,
            seed=2,
            percentiles=(0, 50, 100),
            outputs=("Ce_s", "Cp"),
            above_ng_per_ml={"Ce_s": 50.0, "Cp": 120.0},
            engine=engine,
        )
        for engine in ("numpy", "numba")
    )
    for output in plain.bands:
        # The smallest and the largest are kept exactly, so they show the engines' own difference.
        for percentile, tolerance in ((0.0, 1e-12), (100.0, 1e-12), (50.0, 1e-5)):
            np.testing.assert_allclose(fast.bands[output][percentile], plain.bands[output][percentile], rtol=tolerance)
        for quantity, values in plain.summaries[output].items():
            assert fast.summaries[output][quantity] == pytest.approx(values, rel=1e-5)


def backwards(function: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
    """Runs the last task first."""
    done = [function(task) for task in reversed(list(tasks))]
    return reversed(done)


def by_post(function: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
    """As another process would get and return them."""
    for task in tasks:
        sent: tuple[Callable[[Any], Any], Any] = pickle.loads(pickle.dumps((function, task)))
        yield pickle.loads(pickle.dumps(sent[0](sent[1])))


@pytest.mark.usefixtures("small_chunks")
def test_any_map_gives_the_same_bits(engine: str) -> None:
    def run(**options: Any) -> Population:
        return simulate_population(
            around_kamp(), TITRATED, TIMES, n=333, seed=9, above_ng_per_ml={"Ce": 40}, engine=engine, **options
        )

    here = run()
    with ThreadPoolExecutor(3) as pool:
        for elsewhere in (pool.map, backwards, by_post):
            same(here, run(map=elsewhere))


@pytest.mark.usefixtures("small_chunks")
def test_chunks_are_people_of_their_own_seeds() -> None:
    source = around_kamp()
    result = simulate_population(source, USUAL, TIMES, n=120, seed=5, percentiles=(0, 100), engine="numpy")
    levels = []
    for index, people in enumerate((50, 50, 20)):
        batch = source.individuals(normals(5, index, people, source.draws)).batch
        levels += [solve(batch.person(i), USUAL, TIMES).cp_ng_per_ml for i in range(people)]
    np.testing.assert_allclose(result.bands["Cp"][0.0], np.min(levels, axis=0), rtol=1e-11)
    np.testing.assert_allclose(result.bands["Cp"][100.0], np.max(levels, axis=0), rtol=1e-11)


@pytest.mark.usefixtures("small_chunks")
def test_progress_is_told_as_parts_arrive() -> None:
    told: list[tuple[int, int]] = []
    simulate_population(around_kamp(), USUAL, TIMES, n=120, seed=0, progress=lambda *done: told.append(done))
    assert told == [(50, 120), (100, 120), (120, 120)]


def test_another_seed_is_another_population() -> None:
    one, other = (simulate_population(around_kamp(), USUAL, TIMES, n=60, seed=seed) for seed in (0, 1))
    assert one.bands["Cp"][50.0][20] != other.bands["Cp"][50.0][20]


def test_memory_does_not_grow_with_the_curves(engine: str) -> None:
    """60,000 people at 400 times would be 384 MB of Cp and Ce."""
    source, times = around_kamp(), np.arange(400.0)
    simulate_population(source, USUAL, times, n=10, seed=0, engine=engine)
    tracemalloc.start()
    try:
        simulate_population(source, USUAL, times, n=60_000, seed=0, engine=engine)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 120e6


def test_a_part_is_small_enough_to_be_sent() -> None:
    source = around_kamp()
    request = module.make_request(source, USUAL, np.arange(241.0), ("Cp", "Ce"), {}, per_kg=False)
    part = module.run_chunk(request, 0, "numpy", (0, 20_000))
    assert len(pickle.dumps(part)) < 4e6


def test_a_dask_cluster_gives_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(module, "CHUNK", 200)

    def run(**options: Any) -> Population:
        return simulate_population(around_kamp(), USUAL, TIMES, n=900, seed=3, engine="numpy", **options)

    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):

        def on_cluster(function: Callable[[Any], Any], tasks: Iterable[Any]) -> Any:
            return client.gather(client.map(function, list(tasks)))

        same(run(), run(map=on_cluster))


CHAINS = [
    ("otto2021", [Dose("iv", 0.0, 35.0, 40.0)], ("Cp", "Cp_norketamine")),
    ("simons2022", [Dose("iv", 0.0, 20.0, 20.0), Dose("iv", 60.0, 5.0)], ("Cp_hydroxynorketamine", "Cp")),
    ("perezruixo2021", [Dose("nasal", 0.0, 56.0), Dose("oral", 30.0, 20.0)], ("Cp", "Cp_norketamine")),
]


@pytest.mark.parametrize(("name", "doses", "outputs"), CHAINS, ids=[row[0] for row in CHAINS])
def test_metabolites_and_other_routes(name: str, doses: list[Dose], outputs: tuple[str, ...]) -> None:
    source = CardSource(load_card(name), Person(weight_kg=70.0, age_years=40.0))
    result = simulate_population(source, doses, TIMES, n=40, seed=6, percentiles=WANTED, outputs=outputs)
    stored = everybody(source, doses, outputs, 6, 40)
    for output, curves in stored.items():
        for percentile in WANTED:
            np.testing.assert_allclose(
                result.bands[output][percentile], np.percentile(curves, percentile, axis=0), rtol=BIN, atol=1e-6
            )
    fine = np.linspace(0.0, 120.0, 4801)
    for output, curves in everybody(source, doses, outputs, 6, 40, fine).items():
        areas = result.summaries[output]
        truth = np.median(np.trapezoid(curves, fine, axis=1)) / 60.0
        assert areas["auc_ng_h_per_ml"][50] == pytest.approx(truth, rel=2 * BIN)
        assert areas["auc_ng_h_per_ml"][50] < areas["auc_to_infinity_ng_h_per_ml"][50]
    assert result.engine == "numpy"


def test_a_chain_is_exact_to_the_last_digits_that_are_kept() -> None:
    source = CardSource(load_card("simons2022"), 70.0)
    doses = [Dose("iv", 0.0, 20.0, 20.3), Dose("iv", 33.0, 5.0)]
    result = simulate_population(source, doses, TIMES, n=3, seed=1, percentiles=(0, 100), outputs=("Cp_norketamine",))
    stored = everybody(source, doses, ("Cp_norketamine",), 1, 3)["Cp_norketamine"]
    for percentile, truth in ((0.0, stored.min(axis=0)), (100.0, stored.max(axis=0))):
        np.testing.assert_allclose(result.bands["Cp_norketamine"][percentile], truth, rtol=1e-9, atol=1e-12)


def test_into_the_muscle_with_an_assumed_depot() -> None:
    typical = replace(around_kamp().typical, ka_per_min=0.06, bioavailability=0.93)
    source = LognormalSource(typical, {"v1_l": 0.3, "ke0_per_min": 0.2})
    doses = [Dose("im", 0.0, 35.0), Dose("iv", 50.0, 10.0, 15.0)]
    result = simulate_population(
        source, doses, TIMES, n=30, seed=2, percentiles=(0, 50), outputs=("Cp", "Ce_s"), above_ng_per_ml={"Ce_s": 20}
    )
    stored = everybody(source, doses, ("Cp", "Ce_s"), 2, 30)
    for output, curves in stored.items():
        np.testing.assert_allclose(result.bands[output][0.0], curves.min(axis=0), rtol=1e-9)
        np.testing.assert_allclose(result.bands[output][50.0], np.median(curves, axis=0), rtol=BIN)
    person = source.individuals(normals(2, 0, 30, 2)).batch
    given = (0.93 * 35.0 + 10.0) * 1000.0 / (person.v1_l * person.k10_per_min) / 60.0  # type: ignore[union-attr]
    assert result.summaries["Cp"]["auc_to_infinity_ng_h_per_ml"][0.0] == pytest.approx(given.min(), rel=1e-9)
    assert 0.0 < result.summaries["Ce_s"]["above_min"][50.0] < 120.0


def test_per_kg_counts_the_weight(engine: str) -> None:
    source = LognormalSource(around_kamp().typical, {"v1_l": 0.2}, weight_kg=82.0)
    total = simulate_population(source, [Dose("iv", 0.0, 41.0, 40.0)], TIMES, n=50, seed=0, engine=engine)
    per_kg = simulate_population(source, [Dose("iv", 0.0, 0.5, 40.0)], TIMES, n=50, seed=0, per_kg=True, engine=engine)
    np.testing.assert_allclose(per_kg.bands["Cp"][95.0], total.bands["Cp"][95.0], rtol=1e-5)


def test_what_a_chart_must_say_is_the_cards() -> None:
    card = load_card("kamp2020")
    result = simulate_population(card, USUAL, TIMES, n=20, seed=0, person=Person(weight_kg=70.0))
    assert card.variability is not None
    assert result.borrowed == card.variability.borrowed
    assert result.labels == card.labels


def test_a_grid_with_repeated_times_and_one_point() -> None:
    twice = simulate_population(around_kamp(), USUAL, [0.0, 5.0, 5.0, 9.0], n=20, seed=0)
    assert twice.bands["Cp"][50.0].shape == (4,)
    assert twice.bands["Cp"][50.0][1] == twice.bands["Cp"][50.0][2]
    nothing = simulate_population(around_kamp(), USUAL, [0.0], n=20, seed=0)
    assert nothing.bands["Cp"][95.0][0] == 0.0
    assert nothing.summaries["Cp"]["auc_ng_h_per_ml"][95.0] == 0.0


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("nobody", {"n": 0}, "n"),
    ("half a person", {"n": 1.5}, "n"),
    ("seed", {"seed": -1}, "seed"),
    ("times backwards", {"times_min": [3.0, 1.0]}, "times_min"),
    ("times negative", {"times_min": [-1.0]}, "times_min"),
    ("no times", {"times_min": []}, "times_min"),
    ("times not finite", {"times_min": [np.nan]}, "times_min"),
    ("times as text", {"times_min": "ab"}, "times_min"),
    ("percentile", {"percentiles": (5, 150)}, "percentiles[1]"),
    ("unknown output", {"outputs": ("Cp", "Cx")}, "outputs[1]"),
    ("no outputs", {"outputs": ()}, "outputs"),
    ("output twice", {"outputs": ("Cp", "Cp")}, "outputs"),
    ("threshold of nothing asked", {"above_ng_per_ml": {"Ce_s": 5.0}}, "above_ng_per_ml.Ce_s"),
    ("threshold of zero", {"above_ng_per_ml": {"Cp": 0.0}}, "above_ng_per_ml.Cp"),
    ("engine", {"engine": "gpu"}, "engine"),
    ("person of a source", {"person": 70.0}, "person"),
    ("per kg without a weight", {"per_kg": True}, "weight_kg"),
    ("compartment", {"doses": Inputs([("nose", 0.0, 1.0, 2.0)])}, "segments[0]"),
    ("rate", {"doses": Inputs([("central", 0.0, 1.0, -2.0)])}, "segments[0]"),
    ("end before start", {"doses": Inputs([("central", 2.0, 1.0, 2.0)])}, "segments[0]"),
    ("bolus", {"doses": Inputs([], [("central", 0.0, 1.0), ("central", 1.0, np.inf)])}, "boluses[1]"),
    ("route", {"doses": [Dose("iv", 0.0, 1.0), Dose("im", 0.0, 35.0)]}, "doses[1].route"),
    ("overlap", {"doses": [Dose("iv", 0.0, 1.0, 5.0), Dose("iv", 3.0, 1.0, 5.0)]}, "doses[1]"),
    ("beyond matter", {"doses": [Dose("iv", 0.0, 1e13)]}, "model"),
]


@pytest.mark.parametrize(("changes", "field"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong_questions_name_their_field(changes: dict[str, Any], field: str) -> None:
    question: dict[str, Any] = {"doses": USUAL, "times_min": TIMES, "n": 20, "seed": 0} | changes
    with pytest.raises(Refused) as refused:
        simulate_population(around_kamp(), question.pop("doses"), question.pop("times_min"), **question)
    assert refused.value.field == field


def test_an_engine_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    from interlude.domain.pharmacology.population import engines

    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    with pytest.raises(Refused) as refused:
        engines.engine_name("numba")
    assert refused.value.field == "engine"
    assert engines.engine_name("auto") == "numpy"
