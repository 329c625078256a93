from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interlude.interfaces.design.forms import ClinicDateField, DesignForm, NumberField
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.queries import active_staff
from interlude.record.stock.models import Form, Product
from interlude.record.stock.queries import products
from interlude.record.stock.services import WITNESSES


class ProductForm(DesignForm):
    name = forms.CharField(label=_("Name of the medicine"), max_length=80, initial="ketamine")
    form = forms.ChoiceField(label=_("Form"), choices=Form.choices)
    concentration_mg_per_ml = NumberField(label=_("Strength"), unit="mg per mL")
    vial_ml = NumberField(label=_("Volume of a vial"), unit="mL")


class ReceiveForm(DesignForm):
    product = forms.ModelChoiceField(label=_("Medicine"), queryset=Product.objects.none(), empty_label=None)
    lot_number = forms.CharField(label=_("Lot number"), help_text=_("As printed on the vial."), max_length=40)
    expires_on = ClinicDateField(label=_("Use until"))
    vials = forms.IntegerField(label=_("Number of vials"), min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["product"]
        field.queryset = products()  # type: ignore[attr-defined]
        field.label_from_instance = _product_words  # type: ignore[attr-defined]


def _product_words(product: Product) -> str:
    strength = f"{product.concentration_mg_per_ml.normalize():f} mg per mL, {product.vial_ml.normalize():f} mL"
    return f"{product.name}, {product.get_form_display()}, {strength}"


class WasteForm(DesignForm):
    amount_mg = NumberField(label=_("Amount discarded"), unit="mg")
    witness = forms.ModelChoiceField(label=_("Witness"), queryset=StaffMember.objects.none(), empty_label=None)
    witness_password = forms.CharField(
        label=_("Password of the witness"),
        help_text=_("The witness types it: another person than the one who discards."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, by: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["witness"].queryset = active_staff().filter(role__in=WITNESSES).exclude(pk=by.pk)  # type: ignore[attr-defined]


class CountForm(DesignForm):
    """Blind on purpose: the book's balance is not shown before the count is entered."""

    counted_mg = NumberField(
        label=_("Counted"), unit="mg", help_text=_("Count first. The book shows its balance after you have saved.")
    )
