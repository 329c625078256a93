"""A dose is computed twice, by code that shares nothing, and both must agree."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlude.domain.refusals import Refused
from interlude.record.plans import recompute

# weight kg | dose mg/kg | dose in micrograms
DOSES = """
    70     | 0.5   |  35000
    70.5   | 0.5   |  35250
    82.4   | 0.25  |  20600
    54.35  | 0.8   |  43480
    101.25 | 0.333 |  33716
    61.15  | 0.05  |   3057
    49     | 1.0   |  49000
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


@pytest.mark.parametrize("row", rows(DOSES), ids=lambda row: f"{row[1]} mg/kg at {row[0]} kg")
def test_doses(row: list[str]) -> None:
    assert recompute.agreed_dose_ug(Decimal(row[0]), Decimal(row[1])) == int(row[2])
    assert recompute.dose_by_integers(row[0], row[1]) == int(row[2])


@given(
    weight=st.decimals(Decimal(20), Decimal(350), places=2),
    dose=st.decimals(Decimal("0.001"), Decimal("1.000"), places=3),
)
def test_both_ways_agree_and_never_exceed_the_order(weight: Decimal, dose: Decimal) -> None:
    amount = recompute.agreed_dose_ug(weight, dose)
    assert 0 <= weight * dose * 1000 - amount < 1


def test_a_disagreement_stops_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recompute, "dose_for", lambda weight_kg, dose_mg_per_kg: 350000)
    with pytest.raises(recompute.DosesDisagree):
        recompute.agreed_dose_ug(Decimal(70), Decimal("0.5"))


@pytest.mark.parametrize("text", ["1e3", "-1", "0,5", "", "1.", ".5", "NaN", "１"])
def test_only_plain_digits_are_read(text: str) -> None:
    with pytest.raises(ValueError, match="plain number"):
        recompute.dose_by_integers("70", text)


@pytest.mark.parametrize(("weight", "field"), [("4", "weight_kg"), ("700", "weight_kg")])
def test_a_weight_that_cannot_be(weight: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        recompute.agreed_dose_ug(Decimal(weight), Decimal("0.5"))
    assert refused.value.field == field
