from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from interlude.record.accounts.models import StaffMember
from interlude.record.stock import services
from interlude.record.stock.models import LedgerRow, Lot, Product
from interlude.record.stock.queries import balance_ug
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def petra(staff: Any, client: Client) -> StaffMember:
    person: StaffMember = staff("pharmacy", "petra")
    client.force_login(person)
    return person


@pytest.fixture
def lot(petra: StaffMember, client: Client) -> Lot:
    client.post(
        "/stock/products/new",
        {"name": "ketamine", "form": "racemic", "concentration_mg_per_ml": "50", "vial_ml": "10"},
    )
    day = timezone.localdate() + timedelta(days=400)
    client.post(
        "/stock/receive",
        {
            "product": Product.objects.get().pk,
            "lot_number": "A1",
            "expires_on_day": day.day,
            "expires_on_month": day.month,
            "expires_on_year": day.year,
            "vials": "3",
        },
    )
    return Lot.objects.get()


def test_received_vials_are_in_the_book(client: Client, lot: Lot) -> None:
    assert balance_ug(lot) == 3 * 500_000
    page = client.get("/stock").content.decode()
    assert "A1" in page
    assert "1\u202f500" in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [("1.000", "1 or as 1000"), ("12O", "12O"), ("-5", "-5"), ("", "<title>Error:"), ("1500,5", "more than")],
)
def test_an_amount_that_cannot_be_changes_nothing(
    client: Client, lot: Lot, amal: StaffMember, typed: str, said: str
) -> None:
    before = LedgerRow.objects.count()
    data = {"amount_mg": typed, "witness": amal.pk, "witness_password": PASSWORD}
    page = client.post(f"/stock/lots/{lot.pk}/waste", data).content.decode()
    assert said in page
    assert LedgerRow.objects.count() == before


def test_waste_needs_the_witness_to_sign(client: Client, lot: Lot, amal: StaffMember) -> None:
    data = {"amount_mg": "12,5", "witness": amal.pk, "witness_password": "wrong"}
    assert "not right" in client.post(f"/stock/lots/{lot.pk}/waste", data).content.decode()
    assert client.post(f"/stock/lots/{lot.pk}/waste", {**data, "witness_password": PASSWORD}).status_code == 302
    row = LedgerRow.objects.latest("id")
    assert (row.kind, row.amount_ug, row.witness) == ("wasted", -12_500, amal)


def test_a_count_is_blind_and_shows_the_difference_afterwards(client: Client, lot: Lot) -> None:
    assert "1\u202f500" not in client.get(f"/stock/lots/{lot.pk}/count").content.decode()
    answer = client.post(f"/stock/lots/{lot.pk}/count", {"counted_mg": "1499,5"}, follow=True)
    assert "differs from the book by -0.5 mg" in answer.content.decode()


def test_the_number_of_queries_does_not_grow(
    client: Client, lot: Lot, petra: StaffMember, now: datetime, django_assert_num_queries: Any
) -> None:
    with CaptureQueriesContext(connection) as one:
        client.get("/stock")
    needed = len(one)
    for number in range(3):
        services.receive(
            by=petra,
            at=now,
            product=lot.product,
            lot_number=f"B{number}",
            expires_on=now.date() + timedelta(days=90),
            vials=1,
        )
    with django_assert_num_queries(needed):
        client.get("/stock")


@pytest.mark.parametrize("role", ["front_desk", "therapist", "researcher", "administrator"])
def test_the_cupboard_is_not_for_everybody(client: Client, staff: Any, role: str) -> None:
    client.force_login(staff(role))
    assert client.get("/stock").status_code == 403
