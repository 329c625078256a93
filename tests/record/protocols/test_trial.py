"""A trial on virtual patients: seeded, the same people for both versions, and its assumptions said."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from interlude.domain.instruments.data import Datum
from interlude.domain.pharmacology import load_effect
from interlude.domain.protocol import Protocol, load_library
from interlude.domain.protocol.revision import replaced
from interlude.domain.refusals import Refused
from interlude.record.protocols.trial import DEFAULT_LEVEL, EFFECT, Comparison, as_json, try_out

LIBRARY = load_library()
TRD = LIBRARY.protocol("trd-iv")
FEW = 60


def other(**numbers: str) -> Protocol:
    paths = {name.replace("__", "."): Decimal(value) for name, value in numbers.items()}
    return replaced(TRD, {path: _datum(path, value) for path, value in paths.items()})


def _datum(path: str, value: Decimal) -> Datum:
    from interlude.domain.protocol.revision import datum_at

    return datum_at(TRD, path).model_copy(update={"value": value})


def comparison(draft: Protocol, code: str, seed: int = 1) -> Comparison:
    return next(one for one in try_out(TRD, draft, people=FEW, seed=seed).comparisons if one.code == code)


def share(one: Comparison, arm: str, code: str = "ce_s") -> int:
    return next(share.count for share in getattr(one, arm).shares if share.code == code)


def test_the_level_is_the_published_one() -> None:
    assert load_effect(EFFECT).c50.value == DEFAULT_LEVEL  # type: ignore[union-attr]


def test_the_same_seed_gives_the_same_answer_and_json_keeps_it() -> None:
    one, two = (try_out(TRD, other(dose_mg_per_kg__hard_max="0.9"), people=FEW, seed=3) for _ in range(2))
    assert one == two
    assert json.loads(json.dumps(as_json(one))) == as_json(one)
    assert try_out(TRD, TRD, people=FEW, seed=4).comparisons != one.comparisons


def test_nothing_changed_means_equal_arms() -> None:
    for one in try_out(TRD, TRD, people=FEW, seed=5).comparisons:
        assert one.former == one.draft
        assert not one.draft.order.is_refused_by_former


def test_a_higher_limit_reaches_only_the_highest_order() -> None:
    draft = other(dose_mg_per_kg__hard_max="1.2", rate__max_mg_per_kg_per_h="1.8")
    planned, highest = comparison(draft, "planned"), comparison(draft, "highest")
    assert planned.former == planned.draft
    assert (highest.draft.order.dose_mg_per_kg, highest.draft.order.minutes) == ("1.2", 40)
    assert highest.draft.order.is_refused_by_former
    assert not highest.former.order.is_refused_by_former
    assert highest.draft.peak_ce_s_ng_per_ml[1] > highest.former.peak_ce_s_ng_per_ml[1]  # type: ignore[index]


def test_peaks_rise_with_the_dose_in_proportion() -> None:
    one = comparison(other(dose_mg_per_kg__default="0.6", dose_mg_per_kg__soft_max="0.6"), "planned")
    former, draft = one.former.peak_cp_ng_per_ml, one.draft.peak_cp_ng_per_ml
    assert former is not None
    assert draft is not None
    assert draft[1] / former[1] == pytest.approx(1.2, rel=1e-2)
    assert share(one, "former") <= share(one, "draft")
    assert former[1] == pytest.approx(253, rel=0.1)  # published for the typical person at 0.5 mg/kg in 40 min


def test_everybody_is_in_the_histogram_once() -> None:
    for one in try_out(TRD, other(dose_mg_per_kg__hard_max="0.9"), people=FEW, seed=8).comparisons:
        assert sum(one.former.histogram) == sum(one.draft.histogram) == FEW
        assert len(one.edges_ng_per_ml) == len(one.draft.histogram) + 1


def test_pressures_are_counted_against_each_versions_own_limit() -> None:
    stricter = other(alarms__systolic_bp_mmhg__urgent__0__at_least="165")
    one = comparison(stricter, "highest")
    limits = {
        arm: next(s.limit for s in getattr(one, arm).shares if s.code == "systolic_bp_mmhg")
        for arm in ("former", "draft")
    }
    assert limits == {"former": "180", "draft": "165"}
    assert share(one, "draft", "systolic_bp_mmhg") >= share(one, "former", "systolic_bp_mmhg")


def test_what_is_borrowed_and_assumed_is_said() -> None:
    words = [label.template.format(**label.params) for label in try_out(TRD, TRD, people=5, seed=1).labels]
    assert any("Borrowed from Simons 2022" in text for text in words)
    assert sum("Assumed" in text for text in words) >= 3
    assert any("Olofsen" in text for text in words)
    own = try_out(TRD, TRD, people=5, seed=1, level_ng_per_ml=90).labels[0]
    assert own.template.format(**own.params) == "The level of 90 ng/mL was chosen for this trial."


def test_an_injection_compares_orders_only_and_says_why() -> None:
    im = LIBRARY.protocol("trd-im")
    trial = try_out(im, im, people=5, seed=1)
    assert "No absorption after an injection" in trial.labels[0].template
    assert all(one.draft.shares == () and one.draft.order.minutes is None for one in trial.comparisons)


@pytest.mark.parametrize("code", [p.code for p in LIBRARY.protocols.values()])
def test_every_protocol_can_be_tried(code: str) -> None:
    protocol = LIBRARY.protocol(code)
    for one in try_out(protocol, protocol, people=3, seed=2).comparisons:
        assert one.former == one.draft


@pytest.mark.parametrize(("level", "people"), [(0, 5), (-1, 5), (1e9, 5), (121, 0)])
def test_impossible_questions_are_refused(level: float, people: int) -> None:
    with pytest.raises(Refused):
        try_out(TRD, TRD, people=people, seed=1, level_ng_per_ml=level)
