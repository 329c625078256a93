"""Controlled medicines: every microgram in, out, or missing with a name beside it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.models import AuditEntry
from interlude.record.stock import services
from interlude.record.stock.models import LedgerRow, Lot, Product
from interlude.record.stock.queries import balance_ug, balances, left_to_discard_ug, usable_lots

pytestmark = pytest.mark.django_db
PASSWORD = "a long test password"


@pytest.fixture
def ruth(staff: Any) -> StaffMember:
    return staff("nurse", "ruth")


@pytest.fixture
def product(amal: StaffMember, now: datetime) -> Product:
    return services.add_product(
        by=amal, at=now, name="ketamine", concentration_mg_per_ml=Decimal(10), vial_ml=Decimal(5)
    )


@pytest.fixture
def lot(product: Product, amal: StaffMember, now: datetime) -> Lot:
    return receive(product, amal, now, "A17", 10)


def receive(product: Product, by: StaffMember, at: datetime, number: str, vials: int, on: date | None = None) -> Lot:
    row = services.receive(
        by=by, at=at, product=product, lot_number=number, expires_on=on or date(2027, 1, 31), vials=vials
    )
    return row.lot


def test_a_morning_in_the_cupboard(lot: Lot, amal: StaffMember, ruth: StaffMember, now: datetime) -> None:
    session = uuid4()
    services.record_given(by=amal, at=now, lot=lot, session_id=session, amount_ug=35_000)
    assert left_to_discard_ug(session) == 15_000
    services.waste(
        by=amal, at=now, lot=lot, amount_ug=15_000, witness=ruth, witness_password=PASSWORD, session_id=session
    )
    assert left_to_discard_ug(session) == 0
    assert balance_ug(lot) == 450_000
    row = services.count(by=amal, at=now, lot=lot, counted_ug=400_000, witness=ruth)
    assert row.amount_ug == -50_000
    assert balance_ug(lot) == 400_000
    services.give_back(by=amal, at=now, lot=lot, amount_ug=400_000)
    assert balances(now.date()) == []
    assert AuditEntry.objects.filter(what__startswith="stock.").count() == 6  # the product and five movements


def test_one_dose_has_one_ledger_row(lot: Lot, amal: StaffMember, now: datetime) -> None:
    session = uuid4()
    services.record_given(by=amal, at=now, lot=lot, session_id=session, amount_ug=35_000)
    with pytest.raises(Refused, match="in the ledger already"):
        services.record_given(by=amal, at=now, lot=lot, session_id=session, amount_ug=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerRow.objects.create(lot=lot, kind="given", amount_ug=-1, session_id=session, by=amal, at=now)


def test_a_dose_that_was_given_is_recorded_although_the_book_is_short(
    lot: Lot, amal: StaffMember, now: datetime
) -> None:
    services.count(by=amal, at=now, lot=lot, counted_ug=0)
    services.record_given(by=amal, at=now, lot=lot, session_id=uuid4(), amount_ug=35_000)
    assert balance_ug(lot) == -35_000


@pytest.mark.parametrize(
    ("who", "password", "field"),
    [
        ("amal", PASSWORD, "witness"),  # oneself
        ("mira", PASSWORD, "witness"),  # front desk
        ("ruth", "wrong", "witness_password"),
    ],
)
def test_waste_needs_another_person_who_signs(
    lot: Lot,
    amal: StaffMember,
    ruth: StaffMember,
    mira: StaffMember,
    now: datetime,
    who: str,
    password: str,
    field: str,
) -> None:
    witness = {"amal": amal, "mira": mira, "ruth": ruth}[who]
    with pytest.raises(Refused) as refused:
        services.waste(by=amal, at=now, lot=lot, amount_ug=15_000, witness=witness, witness_password=password)
    assert refused.value.field == field
    assert balance_ug(lot) == 500_000


def test_the_database_itself_refuses_waste_without_another_witness(lot: Lot, amal: StaffMember, now: datetime) -> None:
    for witness in (None, amal):
        with pytest.raises(IntegrityError), transaction.atomic():
            LedgerRow.objects.create(lot=lot, kind="wasted", amount_ug=-1, by=amal, witness=witness, at=now)


def test_the_ledger_is_append_only(lot: Lot) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        LedgerRow.objects.update(amount_ug=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        LedgerRow.objects.all().delete()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"lot_number": " "}, "lot_number"),
        ({"vials": 0}, "vials"),
        ({"expires_on": date(2026, 3, 11)}, "expires_on"),
        ({"expires_on": date(2027, 2, 28)}, "expires_on"),  # the known lot says January
    ],
)
def test_what_is_received_is_checked(
    product: Product, lot: Lot, amal: StaffMember, now: datetime, wrong: dict[str, Any], field: str
) -> None:
    good = {"lot_number": "A17", "expires_on": date(2027, 1, 31), "vials": 3}
    with pytest.raises(Refused) as refused:
        services.receive(by=amal, at=now, product=product, **{**good, **wrong})
    assert refused.value.field == field


def test_usable_lots_are_in_date_hold_enough_and_expire_first_on_top(
    product: Product, lot: Lot, amal: StaffMember, now: datetime
) -> None:
    receive(product, amal, now, "B2", 1, date(2026, 4, 1))
    receive(product, amal, now, "C3", 1, date(2026, 3, 12))
    assert [row.lot.lot_number for row in usable_lots(date(2026, 3, 13))] == ["B2", "A17"]
    assert [row.lot.lot_number for row in usable_lots(date(2026, 3, 13), least_ug=60_000)] == ["A17"]
    assert usable_lots(date(2026, 3, 13), form="esketamine") == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.sampled_from(["receive", "give", "count"]), st.integers(1, 90)), max_size=8))
def test_the_balance_is_the_sum_of_the_rows(
    product: Product, amal: StaffMember, now: datetime, moves: list[tuple[str, int]]
) -> None:
    with transaction.atomic():
        lot = receive(product, amal, now, "H1", 1)
        expected = 50_000
        for kind, number in moves:
            if kind == "receive":
                receive(product, amal, now, "H1", number)
                expected += number * 50_000
            elif kind == "give":
                services.record_given(by=amal, at=now, lot=lot, session_id=uuid4(), amount_ug=number)
                expected -= number
            else:
                services.count(by=amal, at=now, lot=lot, counted_ug=number * 1000)
                expected = number * 1000
        assert balance_ug(lot) == expected
        transaction.set_rollback(True)


@pytest.mark.parametrize("lots", [1, 3])
def test_the_number_of_queries_of_the_cupboard_is_constant(
    product: Product, amal: StaffMember, now: datetime, lots: int, django_assert_num_queries: Any
) -> None:
    for number in range(lots):
        receive(product, amal, now + timedelta(seconds=number), f"Q{number}", 2)
    with django_assert_num_queries(1):
        assert len(balances(now.date())) == lots
