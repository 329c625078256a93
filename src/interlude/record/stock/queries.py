from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from interlude.record.stock.models import Kind, LedgerRow, Lot, Product


@dataclass(frozen=True)
class LotBalance:
    """What the book says is in the cupboard of one lot, in whole micrograms."""

    lot: Lot
    balance_ug: int
    is_expired: bool

    @property
    def balance_mg(self) -> Decimal:
        return Decimal(self.balance_ug).scaleb(-3)

    @property
    def vials(self) -> int:
        """Full vials that this amount fills (rounded down)."""
        return max(0, self.balance_ug) // self.lot.product.vial_ug


def balance_ug(lot: Lot) -> int:
    """The sum of every movement of a lot. Negative means that the book is wrong, and shows it."""
    return LedgerRow.objects.filter(lot=lot).aggregate(sum=Sum("amount_ug"))["sum"] or 0


def balances(on: date, *, with_empty: bool = False) -> list[LotBalance]:
    """Every lot with its balance, in two queries at most; empty lots are left out unless asked for."""
    lots = Lot.objects.select_related("product").annotate(balance=Sum("rows__amount_ug"))
    lots = lots.order_by("expires_on", "lot_number")
    rows = [LotBalance(lot, lot.balance or 0, lot.expires_on < on) for lot in lots]
    return [row for row in rows if with_empty or row.balance_ug != 0]


def usable_lots(on: date, *, form: str = "", least_ug: int = 1) -> list[LotBalance]:
    """Lots that may be used today and hold at least this much, the one that expires first on top."""
    return [
        row
        for row in balances(on)
        if not row.is_expired
        and row.balance_ug >= least_ug
        and row.lot.product.is_active
        and (not form or row.lot.product.form == form)
    ]


def products() -> QuerySet[Product]:
    return Product.objects.filter(is_active=True)


def ledger(lot: Lot | None = None) -> QuerySet[LedgerRow]:
    """Movements, newest first, with the people and the medicine of each."""
    rows = LedgerRow.objects.select_related("lot__product", "by", "witness").order_by("-id")
    return rows.filter(lot=lot) if lot else rows


def rows_of_session(session_id: UUID) -> QuerySet[LedgerRow]:
    """What was given and discarded for one session."""
    return LedgerRow.objects.filter(session_id=session_id).select_related("lot__product", "by", "witness")


def given_mg(session_ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """What the ledger says was given in each session whose dose has ended, in one query."""
    rows = LedgerRow.objects.filter(session_id__in=list(session_ids), kind=Kind.GIVEN)
    return {row.session_id: abs(row.amount_mg) for row in rows if row.session_id is not None}


def left_to_discard_ug(session_id: UUID) -> int:
    """What is left of the vials that were opened for a session and not yet discarded: they are never kept.

    Whole vials are opened until the amount given is covered.
    """
    given = LedgerRow.objects.filter(session_id=session_id, kind=Kind.GIVEN).select_related("lot__product").first()
    if given is None or given.amount_ug == 0:
        return 0
    vial_ug = given.lot.product.vial_ug
    opened_ug = -(given.amount_ug // vial_ug) * vial_ug
    wasted = LedgerRow.objects.filter(Q(session_id=session_id), kind=Kind.WASTED).aggregate(sum=Sum("amount_ug"))
    return max(0, opened_ug + given.amount_ug + (wasted["sum"] or 0))
