"""The cupboard and its ledger: receive, discard with a witness, count blindly."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.refusals import N_, Refused
from interlude.interfaces.design.forms import DesignForm, add_refusal
from interlude.interfaces.staff.requests import StaffRequest
from interlude.interfaces.staff.stock import forms
from interlude.record.accounts.roles import Role
from interlude.record.stock import services
from interlude.record.stock.models import Lot
from interlude.record.stock.queries import balance_ug, balances, ledger, products

ROWS_PER_PAGE = 50
MAY_ADD = {Role.PHYSICIAN, Role.PHARMACY}


def stock(request: StaffRequest) -> HttpResponse:
    page = Paginator(ledger(), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "staff/stock/stock.html",
        {
            "balances": balances(timezone.localdate()),
            "page": page,
            "has_products": products().exists(),
            "may_add": bool(request.user.access_roles & MAY_ADD),
        },
    )


def lot(request: StaffRequest, lot_id: UUID) -> HttpResponse:
    entry = get_object_or_404(Lot.objects.select_related("product"), pk=lot_id)
    page = Paginator(ledger(entry), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "staff/stock/lot.html", {"lot": entry, "balance_ug": balance_ug(entry), "page": page})


def _page(request: StaffRequest, form: DesignForm, title: str, lot: Lot | None = None) -> HttpResponse:
    return render(request, "staff/stock/form.html", {"form": form, "page_title": title, "lot": lot})


def new_product(request: StaffRequest) -> HttpResponse:
    form = forms.ProductForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_product(by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("The medicine is on the list."))
            return redirect("staff:stock_receive")
    return _page(request, form, _("Add a medicine"))


def receive(request: StaffRequest) -> HttpResponse:
    form = forms.ReceiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.receive(by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("Received and entered in the ledger."))
            return redirect("staff:stock")
    return _page(request, form, _("Receive vials"))


def _micrograms(amount_mg: Decimal, field: str) -> int:
    amount = amount_mg * 1000
    if amount != amount.to_integral_value():
        raise Refused(N_("Enter at most three decimals of a milligram."), field=field)
    return int(amount)


def waste(request: StaffRequest, lot_id: UUID) -> HttpResponse:
    entry = get_object_or_404(Lot.objects.select_related("product"), pk=lot_id)
    form = forms.WasteForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            services.waste(
                by=request.user,
                at=timezone.now(),
                lot=entry,
                amount_ug=_micrograms(form.cleaned_data["amount_mg"], "amount_mg"),
                witness=form.cleaned_data["witness"],
                witness_password=form.cleaned_data["witness_password"],
            )
        except Refused as refused:
            add_refusal(form, refused, {"amount": "amount_mg"})
        else:
            messages.success(request, _("Discarded and entered in the ledger."))
            return redirect("staff:stock_lot", entry.pk)
    return _page(request, form, _("Discard with a witness"), entry)


def count(request: StaffRequest, lot_id: UUID) -> HttpResponse:
    entry = get_object_or_404(Lot.objects.select_related("product"), pk=lot_id)
    form = forms.CountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.count(
                by=request.user,
                at=timezone.now(),
                lot=entry,
                counted_ug=_micrograms(form.cleaned_data["counted_mg"], "counted_mg"),
            )
        except Refused as refused:
            add_refusal(form, refused, {"counted": "counted_mg"})
        else:
            if row.amount_ug:
                text = _("The count differs from the book by {mg} mg. The difference is in the ledger.")
                messages.warning(request, text.format(mg=f"{Decimal(row.amount_ug) / 1000:f}"))
            else:
                messages.success(request, _("The count agrees with the book."))
            return redirect("staff:stock_lot", entry.pk)
    return _page(request, form, _("Count"), entry)
