"""What changed between two versions: every change once, in words, in a fixed order, and nothing else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from interlude.domain.instruments.data import Datum, data_of
from interlude.domain.protocol import Protocol, changes, numbers
from interlude.domain.protocol.revision import replaced
from interlude.domain.protocol.rulebook import Rulebook, rulebook
from interlude.domain.protocol.schema import Comparison
from interlude.domain.protocol.words import FIELD_WORDS
from tests.domain.protocol.helpers import LIBRARY, TRD_IV

PROTOCOLS = list(LIBRARY.protocols.values())
PATHS = [path for path, _datum in data_of(TRD_IV)]


def edited(numbers: dict[str, Decimal]) -> Protocol:
    data = dict(data_of(TRD_IV))
    return replaced(TRD_IV, {path: data[path].model_copy(update={"value": value}) for path, value in numbers.items()})


NUMBERS = st.dictionaries(
    st.sampled_from(PATHS),
    st.decimals(min_value=0, max_value=999, places=3, allow_nan=False).map(lambda d: d.normalize()),
)


@settings(max_examples=40, deadline=None)
@given(NUMBERS)
def test_each_changed_number_is_one_line_and_nothing_else_is(numbers: dict[str, Decimal]) -> None:
    data = dict(data_of(TRD_IV))
    really = {path: value for path, value in numbers.items() if data[path].value != value}
    found = changes(TRD_IV, edited(numbers))
    assert len(found) == len(really)
    assert sorted((c.old.text, c.new.text) for c in found if c.old and c.new) == sorted(
        (f"{data[path].value:f}", f"{value:f}") for path, value in really.items()
    )


@settings(max_examples=25, deadline=None)
@given(NUMBERS, NUMBERS)
def test_back_is_the_mirror_of_forth_in_the_same_order(one: dict[str, Decimal], two: dict[str, Decimal]) -> None:
    a, b = edited(one), edited(two)
    forth, back = changes(a, b), changes(b, a)
    assert [(c.path, c.words, c.old, c.new) for c in forth] == [(c.path, c.words, c.new, c.old) for c in back]
    assert forth == changes(a, b)


@pytest.mark.parametrize("old", PROTOCOLS, ids=lambda p: p.code)
def test_no_difference_means_equal_and_the_other_way_round(old: Protocol) -> None:
    for new in PROTOCOLS:
        found = changes(old, new)
        assert (found == ()) == (old == new)
        assert len({change.path for change in found}) == len(found)
        assert {(c.path, c.kind) for c in changes(new, old)} == {
            (c.path, {"added": "removed", "removed": "added", "changed": "changed"}[c.kind]) for c in found
        }


def test_a_line_holds_the_place_in_words_the_values_units_and_sources() -> None:
    found = changes(TRD_IV, edited({"dose_mg_per_kg.hard_max": Decimal("0.9")}))
    assert [str(change) for change in found] == [
        "~ Dose, refused above: 1 mg/kg (P, product-default; Ceiling of the product.)"
        " -> 0.9 mg/kg (P, product-default; Ceiling of the product.)"
    ]
    assert (found[0].path, found[0].new and found[0].new.unit) == ("dose_mg_per_kg.hard_max", "mg/kg")


def test_lines_are_words_and_never_the_shape_of_the_data() -> None:
    for one in PROTOCOLS:
        for change in changes(TRD_IV, one):
            assert not set(str(change)) & set("{}[]")
            assert "Decimal" not in str(change)
            assert "_" not in ", ".join(change.words)


def test_an_entry_put_in_between_moves_nothing_else() -> None:
    rows = TRD_IV.monitoring
    new = rows[0].model_copy(update={"code": "smile", "label": "Smiles"})
    found = changes(TRD_IV, TRD_IV.model_copy(update={"monitoring": (rows[0], new, *rows[1:])}))
    assert {change.kind for change in found} == {"added"}
    assert all(change.path.startswith("monitoring.smile.") for change in found)


def test_another_order_is_one_line() -> None:
    other = TRD_IV.model_copy(update={"monitoring": tuple(reversed(TRD_IV.monitoring))})
    (change,) = changes(TRD_IV, other)
    assert (change.path, change.words) == ("monitoring.order", ("Watching", "order"))


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda p: p.code)
def test_every_number_has_a_place_in_words_of_its_own(protocol: Protocol) -> None:
    found = numbers(protocol)
    assert [(one.path, one.datum) for one in found] == list(data_of(protocol))
    assert all(one.words for one in found)
    twice = [one.words for one in found if [two.words for two in found].count(one.words) > 1]
    assert twice == []


def test_the_shared_rules_are_compared_in_words_as_well() -> None:
    book = rulebook(LIBRARY)
    rule = book.rules[2]
    first = rule.tests[0]
    edited_rule = rule.model_copy(update={"tests": (first.model_copy(update={"level": "caution"}), *rule.tests[1:])})
    other = book.model_copy(update={"rules": (*book.rules[:2], edited_rule, *book.rules[3:])})
    (change,) = changes(book, other)
    assert change.words[0] == "Who may be treated"
    assert (change.words[-1], change.new and change.new.text) == ("level", "caution")
    assert changes(book, book) == ()
    assert len(numbers(book)) > 20


def test_every_field_of_a_protocol_has_a_word() -> None:
    def fields(model: type[BaseModel], seen: set[type]) -> set[str]:
        if model in seen:
            return set()
        seen.add(model)
        names = set(model.model_fields)
        for field in model.model_fields.values():
            for kind in _models(field.annotation):
                names |= fields(kind, seen)
        return names

    inside_a_number = {"value", "note"} & set(Datum.model_fields)
    named = fields(Protocol, {Datum}) | fields(Rulebook, {Datum})
    assert named - set(FIELD_WORDS) - inside_a_number == set()
    assert "fact" in Comparison.model_fields


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [kind for part in getattr(annotation, "__args__", ()) for kind in _models(part)]
