"""Movements of controlled medicines. Every verb adds one row to the ledger; no verb changes one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import Signature, StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.accounts.services import sign
from interlude.record.audit import services as audit
from interlude.record.clinic.queries import local_day
from interlude.record.stock.models import Form, Kind, LedgerRow, Lot, Product
from interlude.record.stock.queries import balance_ug

WITNESSES = frozenset({Role.PHYSICIAN, Role.NURSE, Role.PHARMACY})


@transaction.atomic
def add_product(
    *,
    by: StaffMember,
    at: datetime,
    name: str,
    concentration_mg_per_ml: Decimal,
    vial_ml: Decimal,
    form: str = Form.RACEMIC,
) -> Product:
    """Add a medicine to the cupboard's list. The same strength and vial exists once."""
    if not name.strip():
        raise Refused(N_("Enter the name of the medicine."), field="name")
    if form not in Form.values:
        raise Refused(N_("Choose one of the list."), field="form")
    for field, value in (("concentration_mg_per_ml", concentration_mg_per_ml), ("vial_ml", vial_ml)):
        if not value.is_finite() or value <= 0:
            raise Refused(N_("The value must be more than 0."), field=field)
    same = {
        "name": name.strip(),
        "form": form,
        "concentration_mg_per_ml": concentration_mg_per_ml,
        "vial_ml": vial_ml,
    }
    if Product.objects.filter(**same).exists():
        raise Refused(N_("This medicine is on the list already."), field="name")
    product = Product.objects.create(**same)
    audit.record(by=by, at=at, what="stock.product.added", about=product)
    return product


@transaction.atomic
def receive(
    *, by: StaffMember, at: datetime, product: Product, lot_number: str, expires_on: date, vials: int
) -> LedgerRow:
    """Take whole vials of a lot into the cupboard. A known lot keeps its expiry date."""
    number = lot_number.strip()
    if not number:
        raise Refused(N_("Enter the lot number from the vial."), field="lot_number")
    if vials < 1:
        raise Refused(N_("Enter how many vials were received."), field="vials")
    if expires_on < local_day(at):
        raise Refused(N_("This lot has expired. It cannot be received."), field="expires_on")
    lot, is_new = Lot.objects.get_or_create(product=product, lot_number=number, defaults={"expires_on": expires_on})
    if not is_new and lot.expires_on != expires_on:
        raise Refused(
            N_("Lot {lot} is known with another expiry date: {expires_on}. Check the vial."),
            field="expires_on",
            lot=number,
            expires_on=lot.expires_on.isoformat(),
        )
    return _row(by, at, lot, Kind.RECEIVED, vials * product.vial_ug)


@transaction.atomic
def record_given(*, by: StaffMember, at: datetime, lot: Lot, session_id: UUID, amount_ug: int) -> LedgerRow:
    """Take what was given to a patient out of the ledger: exactly one row for each dose.

    Never refused for lack of stock: what was given was given, and a negative balance shows the difference.
    """
    if amount_ug < 0:
        raise ValueError("an amount given is not negative")
    if LedgerRow.objects.filter(session_id=session_id, kind=Kind.GIVEN).exists():
        raise Refused(N_("The dose of this session is in the ledger already."))
    return _row(by, at, lot, Kind.GIVEN, -amount_ug, session_id=session_id)


@transaction.atomic
def waste(
    *,
    by: StaffMember,
    at: datetime,
    lot: Lot,
    amount_ug: int,
    witness: StaffMember,
    witness_password: str,
    session_id: UUID | None = None,
) -> LedgerRow:
    """Discard an amount, for instance what is left in an opened vial. Another person watches and signs."""
    if amount_ug <= 0:
        raise Refused(N_("The value must be more than 0."), field="amount")
    _check_in_stock(lot, amount_ug)
    check_may_witness(by, witness)
    try:
        signature = sign(
            by=witness,
            password=witness_password,
            meaning="witnessed waste",
            about=lot,
            content={"lot": str(lot.pk), "amount_ug": amount_ug, "by": str(by.pk), "session": str(session_id or "")},
            at=at,
        )
    except Refused as refused:
        raise Refused(refused.template, field="witness_password", **refused.params) from refused
    return _row(by, at, lot, Kind.WASTED, -amount_ug, session_id=session_id, witness=witness, signature=signature)


@transaction.atomic
def give_back(*, by: StaffMember, at: datetime, lot: Lot, amount_ug: int) -> LedgerRow:
    """Return an amount to the supplier or the pharmacy."""
    if amount_ug <= 0:
        raise Refused(N_("The value must be more than 0."), field="amount")
    _check_in_stock(lot, amount_ug)
    return _row(by, at, lot, Kind.RETURNED, -amount_ug)


@transaction.atomic
def count(*, by: StaffMember, at: datetime, lot: Lot, counted_ug: int, witness: StaffMember | None = None) -> LedgerRow:
    """Enter what was counted without looking at the book; the row holds the difference, also when it is 0."""
    if counted_ug < 0:
        raise Refused(N_("The value must be 0 or more."), field="counted")
    if witness is not None:
        check_may_witness(by, witness)
    lot = Lot.objects.select_for_update().get(pk=lot.pk)
    difference = counted_ug - balance_ug(lot)
    return _row(by, at, lot, Kind.COUNTED, difference, witness=witness, counted_ug=counted_ug)


def check_may_witness(by: StaffMember, witness: StaffMember) -> None:
    """Raise `Refused` unless `witness` is another active person of a role that handles medicines."""
    if witness.pk == by.pk:
        raise Refused(N_("The witness must be another person."), field="witness")
    if not witness.is_active or witness.role not in WITNESSES:
        raise Refused(N_("This person may not witness: a physician, nurse or pharmacist may."), field="witness")


def may_witness(by: StaffMember, witness: StaffMember) -> bool:
    """The answer to `check_may_witness` without its reason."""
    try:
        check_may_witness(by, witness)
    except Refused:
        return False
    return True


def _check_in_stock(lot: Lot, amount_ug: int) -> None:
    Lot.objects.select_for_update().get(pk=lot.pk)
    held = balance_ug(lot)
    if amount_ug > held:
        raise Refused(
            N_("{amount} mg is more than the {held} mg of this lot in the book. Count it first."),
            field="amount",
            amount=Decimal(amount_ug).scaleb(-3),
            held=Decimal(held).scaleb(-3),
        )


def _row(
    by: StaffMember,
    at: datetime,
    lot: Lot,
    kind: str,
    amount_ug: int,
    *,
    session_id: UUID | None = None,
    witness: StaffMember | None = None,
    signature: Signature | None = None,
    counted_ug: int | None = None,
) -> LedgerRow:
    row = LedgerRow.objects.create(
        lot=lot,
        kind=kind,
        amount_ug=amount_ug,
        counted_ug=counted_ug,
        session_id=session_id,
        by=by,
        witness=witness,
        witness_signature=signature,
        at=at,
    )
    audit.record(
        by=by,
        at=at,
        what=f"stock.{kind}",
        about=row,
        detail={"lot": str(lot.pk), "amount_ug": amount_ug, "witness": str(witness.pk) if witness else ""},
    )
    return row
