"""Facts and answers from the short notation of the case tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from interlude.domain.protocol import Fact, load_library
from interlude.domain.protocol.facts import Value

AT = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
LIBRARY = load_library()
TRD_IV = LIBRARY.protocol("trd-iv")
TRD_IM = LIBRARY.protocol("trd-im")


def value_of(code: str, text: str) -> Value:
    kind = LIBRARY.catalogue.get(code).kind
    if kind == "yes_no":
        return {"yes": True, "no": False}[text]
    if kind == "number":
        return Decimal(text)
    if kind == "date":
        return AT.date() + timedelta(days=int(text))
    return text


def facts_of(text: str) -> list[Fact]:
    """`code=value@age; code=value`: facts observed `age` days ago (0 if not said)."""
    facts = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        code, _, rest = part.partition("=")
        value, _, age = rest.partition("@")
        facts.append(Fact(code, value_of(code, value), AT - timedelta(days=int(age or 0)), source="consultation"))
    return facts


def answers_of(base: dict[str, Value], change: str) -> dict[str, Value | None]:
    """The base answers with `code=value` put in; an empty value takes the answer away."""
    answers: dict[str, Value | None] = dict(base)
    for part in filter(None, (piece.strip() for piece in change.split(";"))):
        code, _, text = part.partition("=")
        answers[code] = value_of(code, text) if text else None
    return answers


GATE_FINE: dict[str, Value] = {
    "identity_checked": True, "capacity_to_consent": True, "consent_valid": True, "order_signed": True,
    "hours_since_food": 5, "hours_since_water": Decimal("2.5"), "driver_arranged": True,
    "driver_name": "Sam Haas", "driver_phone": "030 1234", "alcohol_or_drugs_24h": False,
    "intoxicated_or_withdrawing": False, "takes_benzodiazepine": False, "stimulant_today": False,
    "health_changed": False, "can_become_pregnant": False, "weight_kg": 70, "systolic_bp_mmhg": 124,
    "diastolic_bp_mmhg": 78, "spo2_percent": 98, "heart_rate_per_min": 72, "respiratory_rate_per_min": 14,
    "phq9_item9": 0, "urinary_symptoms": False, "last_effects_unresolved": False, "iv_access": True,
    "rescue_kit_checked": True,
}  # fmt: skip

DISCHARGE_FINE: dict[str, Value] = {
    "aldrete_total": 10, "padss_total": 9, "oriented": True, "cadss6_total": 1, "moaas_total": 5,
    "systolic_bp_mmhg": 128, "diastolic_bp_mmhg": 80, "spo2_at_baseline": True, "walks_unaided": True,
    "drinks": True, "new_risk_state": False, "iv_removed": True, "instructions_understood": True,
    "driver_present": True, "phone_check_booked": True, "integration_booked": True,
}  # fmt: skip

ON: date = AT.date()
