"""What a plan comes to, for the builder's live panel, the check page and the course page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from interlude.domain.protocol import load_library
from interlude.domain.protocol.limits import Finding
from interlude.domain.protocol.schema import Protocol
from interlude.domain.units import infusion_rate_mg_per_h, mg_from_micrograms, rate_views
from interlude.interfaces.design import formats
from interlude.interfaces.staff.planning.curve import both_routes, predicted
from interlude.interfaces.staff.planning.words import datum_row, said
from interlude.record.plans.models import Course
from interlude.record.plans.order import Plan, reason_field, therapy, timing_of
from interlude.record.plans.recompute import agreed_dose_ug


def dose_box(protocol: Protocol, plan: Plan, weight_kg: Decimal) -> dict[str, Any]:
    """The dose of one session, computed twice, with its rate in every unit and the predicted curve."""
    dose_ug = agreed_dose_ug(weight_kg, plan.dose_mg_per_kg)
    dose_mg = mg_from_micrograms(dose_ug)
    box: dict[str, Any] = {
        "dose_mg": dose_mg,
        "dose_mg_per_kg": plan.dose_mg_per_kg,
        "minutes": plan.minutes,
        "weight_kg": weight_kg,
        "route": protocol.route,
        "total_mg": mg_from_micrograms(dose_ug * plan.planned_sessions),
        "sessions": plan.planned_sessions,
        "curve": predicted(dose_ug, plan.minutes, weight_kg, protocol.route),
        "routes": both_routes(dose_ug, plan.minutes or _usual_minutes(), weight_kg),
    }
    if plan.minutes:
        views = rate_views(infusion_rate_mg_per_h(dose_mg, plan.minutes), weight_kg=weight_kg)
        box["rates"] = [
            {"value": formats.clinic_number(_short(views.mg_per_kg_per_h)), "unit": "mg/kg/h"},
            {"value": formats.clinic_number(_short(views.mg_per_h)), "unit": "mg/h"},
            {"value": formats.clinic_number(_short(views.mg_per_min)), "unit": "mg/min"},
        ]
    return box


def _usual_minutes() -> int:
    """What an injection is compared with: the infusion of the usual protocol."""
    minutes = load_library().protocol("trd-iv").minutes
    assert minutes is not None
    return int(minutes.default.value)


def _short(value: Decimal) -> Decimal:
    """At most three decimals, for reading; the charted rate keeps all of them."""
    rounded = value.quantize(Decimal("0.001"))
    return rounded.normalize() if rounded != rounded.to_integral_value() else rounded.quantize(Decimal(1))


def finding_rows(found: list[Finding], reasons: Any) -> list[dict[str, Any]]:
    """Each limit that the plan touches: in words, with its source, and the reason that was given for it."""
    return [
        {
            "code": one.code,
            "field": one.field,
            "severity": one.severity,
            "text": said(one.reason),
            "datum": datum_row(one.datum) if one.datum else None,
            "reason": reasons.get(one.code, ""),
            "reason_name": reason_field(one.code),
        }
        for one in found
    ]


def element_rows(plan: Plan) -> list[dict[str, Any]]:
    """The therapies of a plan with their timing and what is known of the combination."""
    rows = []
    for element in plan.elements:
        found, timing = therapy(element.kind), timing_of(element.kind, element.timing)
        rows.append(
            {
                "name": _(found.name) if found else element.kind,
                "timing": _(timing.text) if timing else element.timing,
                "sessions": element.sessions,
                "evidence": _(found.evidence_note) if found else "",
            }
        )
    return rows


def order_rows(course: Course) -> list[dict[str, Any]]:
    """What stands under the dose in the order."""
    number = formats.clinic_number
    return [
        {"key": _("Route"), "value": course.get_route_display()},
        {
            "key": _("Computed from"),
            "value": _("{per_kg} mg/kg × {weight} kg, weighed on {day}").format(
                per_kg=number(course.dose_mg_per_kg),
                weight=number(course.weight_kg),
                day=formats.clinic_date(course.weight_on),
            ),
        },
        {"key": _("Sessions"), "value": str(course.planned_sessions)},
        {
            "key": _("Gap between sessions"),
            "value": _("{low} to {high} days").format(low=course.gap_min_days, high=course.gap_max_days),
        },
    ]
