"""The gate page at one instant: its lines, the order, the start and what blocks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from interlude.domain.protocol import dose_for, max_rate_mg_per_h
from interlude.interfaces.design.forms import DesignForm
from interlude.interfaces.staff.planning.dose_words import check_rows
from interlude.interfaces.staff.planning.taper_words import taper_for_session
from interlude.interfaces.staff.session import forms
from interlude.interfaces.staff.session.lines import LineForm, ShownLine, shown_lines
from interlude.interfaces.staff.session.numerals import links_of
from interlude.interfaces.staff.session.rates import other_units
from interlude.interfaces.staff.session.vials import vials_for
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments.queries import latest_weight
from interlude.record.clinic.queries import local_day
from interlude.record.dosing.models import Session, SessionOrder
from interlude.record.dosing.protocol import ordered_form, pinned
from interlude.record.dosing.queries import planned_rate, vitals_now
from interlude.record.dosing.queries.forecast import rates_json
from interlude.record.dosing.queries.gate import GateState
from interlude.record.dosing.queries.gate import gate as gate_state
from interlude.record.dosing.rules import RUN
from interlude.record.plans.models import Driver
from interlude.record.plans.queries import dose_checks_of, driver_of
from interlude.record.stock.models import Form, Lot
from interlude.record.stock.queries import LotBalance


@dataclass
class GatePage:
    """What the templates of the gate read. The forms are those that were sent with a mistake, if any."""

    session: Session
    now: datetime
    by: StaffMember
    bound: LineForm | None = None
    order_form: DesignForm | None = None
    start_form: DesignForm | None = None
    cancel_form: DesignForm | None = None

    @cached_property
    def state(self) -> GateState:
        return gate_state(self.session, self.now)

    @cached_property
    def vitals(self) -> Mapping[str, Any]:
        return vitals_now(self.session, self.now)

    @cached_property
    def driver(self) -> Driver | None:
        return driver_of(self.session.patient, self.session.appointment_id)

    @cached_property
    def lines(self) -> list[ShownLine]:
        known = {}
        if self.driver is not None:
            known = {"driver_name": self.driver.name, "driver_phone": self.driver.phone}
        return shown_lines(self.state.lines, self.by, self.vitals, known=known, bound=self.bound)

    @cached_property
    def fasting_reason(self) -> str:
        reason = self.state.fasting_reason
        return _(reason.template).format(**reason.params)

    @cached_property
    def links(self) -> list[dict[str, Any]]:
        return links_of(self.session, self.now)

    @property
    def medicine(self) -> str:
        """The ordered medicine with its form, as on the vials."""
        return str(Form(ordered_form(pinned(self.session))).label)

    @property
    def may_run(self) -> bool:
        return self.by.role in RUN

    @property
    def may_order(self) -> bool:
        return self.by.role == "physician"

    # -- the order -----------------------------------------------------------------------------------

    @cached_property
    def order(self) -> SessionOrder | None:
        return SessionOrder.objects.filter(session=self.session).select_related("by").order_by("-at", "-id").first()

    @cached_property
    def weight(self) -> tuple[Decimal, datetime] | None:
        return latest_weight(self.session.patient)

    @cached_property
    def dose_mg(self) -> Decimal | None:
        """What would be signed now: the plan's dose per kilogram on the newest weight."""
        if self.weight is None:
            return None
        return Decimal(dose_for(self.weight[0], self.session.dose_mg_per_kg)).scaleb(-3).normalize()

    @cached_property
    def dose_checks(self) -> list[dict[str, Any]]:
        """The plan's dose as a second person computed it, the newest first."""
        return check_rows(dose_checks_of(self.session.course))

    @property
    def check_is_for_another_weight(self) -> bool:
        """Was the second computation made for a weight that is no longer the newest?"""
        if not self.dose_checks or self.weight is None:
            return False
        return self.weight[0] != self.session.course.weight_kg

    @cached_property
    def taper(self) -> list[dict[str, Any]]:
        """Another medicine that is being reduced: what is due, what was made last, what comes next."""
        self.session.course.patient = self.session.patient
        return taper_for_session(self.session.course, local_day(self.now))

    @property
    def order_is_stale(self) -> bool:
        """Has the weight changed since the order was signed?"""
        return self.order is not None and self.weight is not None and self.order.weight_kg != self.weight[0]

    @property
    def shown_order_form(self) -> DesignForm:
        return self.order_form or forms.OrderForm(auto_id="id_order_%s")

    @property
    def shown_cancel_form(self) -> DesignForm:
        return self.cancel_form or forms.ReasonForm(auto_id="id_cancel_%s")

    # -- the start -----------------------------------------------------------------------------------

    @cached_property
    def vials(self) -> list[LotBalance]:
        return vials_for(self.session, self.now)

    def start_form_of(self, data: Any = None) -> DesignForm:
        """The form of the route; with the planned rate in it when nothing was sent."""
        initial: dict[str, Any] = forms.seen(self.session)
        if self.session.route == "im":
            return forms.InjectForm(data, lots=self.vials, initial=initial)
        rate = planned_rate(self.session)
        initial["rate_mg_per_h"] = rate.normalize() if rate is not None else None
        return forms.StartForm(data, lots=self.vials, initial=initial)

    @cached_property
    def shown_start_form(self) -> DesignForm:
        return self.start_form or self.start_form_of()

    def lot_of(self, lot_id: str) -> Lot:
        return next(row.lot for row in self.vials if row.lot.pk == UUID(lot_id))

    @cached_property
    def planned(self) -> dict[str, Any] | None:
        """The planned rate in every unit, with the protocol's limit."""
        rate = planned_rate(self.session)
        if rate is None or self.session.weight_kg is None:
            return None
        rates = rates_json(self.session, rate)
        if self.vials:
            # For the vial that is offered first; another one may have another strength.
            strength = self.vials[0].lot.product.concentration_mg_per_ml
            rates["ml_per_h"] = format((rate / strength).quantize(Decimal("0.001")).normalize(), "f")
        return {
            "mg_per_h": rates["mg_per_h"],
            "others": other_units(rates),
            "limit": max_rate_mg_per_h(pinned(self.session), self.session.weight_kg).normalize(),
        }

    @cached_property
    def blockers(self) -> list[str]:
        """Everything that keeps the dose from beginning, in words."""
        found = [_(reason.template).format(**reason.params) for reason in self.state.blocks]
        if self.order is None:
            found.append(_("The physician's order for this session is not signed."))
        found += [_(line.label) for line in self.state.lines if not line.passes and line.code != "order"]
        if not self.vials:
            found.append(_("No vial of the ordered medicine in date holds this dose."))
        return found
