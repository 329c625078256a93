"""A rate in the units that people read, and what the nurse is asked to do at the pump."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from interlude.interfaces.design import formats
from interlude.record.dosing.models import RateSegment, Session, Why
from interlude.record.dosing.queries.forecast import rates_json

UNITS = (
    ("mg_per_kg_per_h", "mg/kg/h"),
    ("mg_per_min", "mg/min"),
    ("ml_per_h", "mL/h"),
)

_PUMP_TEXT = {
    Why.START: gettext_lazy("Set the pump to {rate} and start it"),
    Why.CHANGE: gettext_lazy("Set the pump to {rate} now"),
    Why.RESUME: gettext_lazy("Start the pump again at {rate}"),
    Why.PAUSE: gettext_lazy("Pause the pump now"),
    Why.STOP: gettext_lazy("STOP THE PUMP NOW"),
}
_PUMP_DONE = {
    Why.START: gettext_lazy("The pump runs at {rate}"),
    Why.CHANGE: gettext_lazy("The pump is set to {rate}"),
    Why.RESUME: gettext_lazy("The pump runs at {rate}"),
    Why.PAUSE: gettext_lazy("The pump is paused"),
    Why.STOP: gettext_lazy("The pump is stopped"),
}


def other_units(rates: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """The same rate in the units that are shown and never typed."""
    return [{"code": code, "unit": unit, "value": rates.get(code)} for code, unit in UNITS if rates.get(code)]


def pump_rate(rates: Mapping[str, str | None]) -> str:
    """The rate as the pump may ask for it: mg/h, and mL/h where the strength is known."""
    text = f"{formats.clinic_number(rates['mg_per_h'])} mg/h"
    if rates.get("ml_per_h"):
        text += f" ({formats.clinic_number(rates['ml_per_h'])} mL/h)"
    return text


def pump_task(session: Session, segment: RateSegment) -> dict[str, Any]:
    """What has to be done at the pump until somebody confirms it; Interlude never does it."""
    why = Why(segment.why)
    rate = pump_rate(rates_json(session, segment.rate_mg_per_h))
    return {
        "segment": segment.pk,
        "why": str(why),
        "text": _PUMP_TEXT[why].format(rate=rate),
        "done": _PUMP_DONE[why].format(rate=rate),
    }
