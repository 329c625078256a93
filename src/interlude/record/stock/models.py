from __future__ import annotations

from decimal import Decimal
from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import Signature, StaffMember


class Form(models.TextChoices):
    RACEMIC = "racemic", _("racemic ketamine")
    ESKETAMINE = "esketamine", _("esketamine (S-form)")


class Product(models.Model):
    """A medicine as it stands in the cupboard: name, form, strength, and how much a vial holds."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(_("name"), max_length=80)
    form = models.CharField(_("form"), max_length=12, choices=Form.choices, default=Form.RACEMIC)
    concentration_mg_per_ml = models.DecimalField(_("strength in mg per mL"), max_digits=8, decimal_places=3)
    vial_ml = models.DecimalField(_("volume of a vial in mL"), max_digits=7, decimal_places=2)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name", "form", "concentration_mg_per_ml"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name", "form", "concentration_mg_per_ml", "vial_ml"], name="one_product_of_a_strength"
            ),
            models.CheckConstraint(
                condition=Q(concentration_mg_per_ml__gt=0, vial_ml__gt=0), name="a_vial_holds_something"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def vial_ug(self) -> int:
        """Whole micrograms in a full vial (rounded down)."""
        return int(self.concentration_mg_per_ml * self.vial_ml * Decimal(1000))


class Lot(models.Model):
    """One lot of a product, with the day until which it may be used (that day included)."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="lots")
    lot_number = models.CharField(_("lot number"), max_length=40)
    expires_on = models.DateField(_("use until"))

    class Meta:
        ordering = ["expires_on", "lot_number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["product", "lot_number"], name="one_lot_of_a_number")]

    def __str__(self) -> str:
        return self.lot_number


class Kind(models.TextChoices):
    RECEIVED = "received", _("Received")
    GIVEN = "given", _("Given")
    WASTED = "wasted", _("Wasted")
    COUNTED = "counted", _("Difference found by counting")
    RETURNED = "returned", _("Returned")


class LedgerRow(models.Model):
    """One movement of a controlled medicine in signed whole micrograms; never changed, never removed.

    A count is the difference between what was counted (`counted_ug`) and the sum of the rows before it.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="rows")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    amount_ug = models.BigIntegerField()
    counted_ug = models.BigIntegerField(null=True, blank=True)
    session_id = models.UUIDField(null=True, blank=True, db_index=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    witness = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    witness_signature = models.ForeignKey(Signature, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session_id"], condition=Q(kind="given"), name="one_ledger_row_per_dose"),
            models.CheckConstraint(
                condition=~Q(kind="given") | Q(session_id__isnull=False, amount_ug__lte=0),
                name="given_goes_out_to_a_session",
            ),
            models.CheckConstraint(condition=~Q(kind="received") | Q(amount_ug__gt=0), name="received_comes_in"),
            models.CheckConstraint(
                condition=~Q(kind__in=["wasted", "returned"]) | Q(amount_ug__lt=0), name="waste_and_return_go_out"
            ),
            models.CheckConstraint(
                condition=~Q(kind="wasted") | (Q(witness__isnull=False) & ~Q(witness=F("by"))),
                name="waste_has_another_witness",
            ),
            models.CheckConstraint(
                condition=~Q(kind="counted") | Q(counted_ug__isnull=False), name="a_count_says_what_was_counted"
            ),
        ]

    @property
    def amount_mg(self) -> Decimal:
        return Decimal(self.amount_ug).scaleb(-3)
