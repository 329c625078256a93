"""Dose and rate against the protocol's limits. Amounts are exact: decimals in, integer micrograms out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from interlude.domain.instruments.data import Datum, Reason
from interlude.domain.protocol.schema import Protocol, Span
from interlude.domain.refusals import N_, Refused
from interlude.domain.units import dose_micrograms, infusion_rate_mg_per_h, mg_from_micrograms

WEIGHT_RANGE_KG = (Decimal(20), Decimal(350))
"""Plausible body weights; outside it the number is taken for a typing or unit error, not for a patient."""


@dataclass(frozen=True)
class Finding:
    """A limit that a plan touches. Hard: this plan may not be used. Soft: a reason has to be written down.
    A note needs nothing. `datum` is the limit with its source."""

    code: str
    severity: str
    """"hard", "soft" or "note"."""
    field: str
    reason: Reason
    datum: Datum | None = None


def dose_for(weight_kg: Decimal, dose_mg_per_kg: Decimal) -> int:
    """Dose in whole micrograms, rounded down so that it is never above the order.

    Raises `Refused` for a weight or dose that cannot be.
    """
    _check_weight(weight_kg)
    if not dose_mg_per_kg.is_finite() or dose_mg_per_kg <= 0:
        raise Refused(N_("The dose must be above zero."), field="dose_mg_per_kg")
    return dose_micrograms(dose_mg_per_kg, weight_kg)


def rate_for(dose_ug: int, minutes: Decimal) -> Decimal:
    """Rate in mg/h, to 0.001, that gives this dose in this time. Raises `Refused` for no time at all."""
    return infusion_rate_mg_per_h(mg_from_micrograms(dose_ug), minutes, places=3)


def max_rate_mg_per_h(protocol: Protocol, weight_kg: Decimal) -> Decimal:
    """The rate ceiling for this weight in mg/h. Raises `Refused` for an injection."""
    _check_weight(weight_kg)
    if protocol.rate is None:
        raise Refused(N_("An injection has no rate: it cannot be slowed or stopped once given."), field="rate_mg_per_h")
    return protocol.rate.max_mg_per_kg_per_h.value * weight_kg


def check_rate(protocol: Protocol, rate_mg_per_h: Decimal, weight_kg: Decimal) -> None:
    """Raises `Refused` (field `rate_mg_per_h`) above the protocol's hard limit, and below zero."""
    limit = max_rate_mg_per_h(protocol, weight_kg)
    if not rate_mg_per_h.is_finite() or rate_mg_per_h < 0:
        raise Refused(N_("The rate must be zero or more."), field="rate_mg_per_h")
    if rate_mg_per_h > limit:
        raise Refused(
            N_("The rate {rate} mg/h is above the limit of {limit} mg/h."),
            field="rate_mg_per_h",
            rate=rate_mg_per_h,
            limit=limit.normalize(),
        )


def may_use_rate(protocol: Protocol, rate_mg_per_h: Decimal, weight_kg: Decimal) -> bool:
    """The answer to `check_rate` without its reason."""
    try:
        check_rate(protocol, rate_mg_per_h, weight_kg)
    except Refused:
        return False
    return True


def may_resume(protocol: Protocol, paused_minutes: Decimal) -> bool:
    """May a nurse resume alone after this pause? After a longer one a physician decides."""
    return protocol.rate is not None and paused_minutes <= protocol.rate.resume_without_physician_min.value


def check_may_resume(protocol: Protocol, paused_minutes: Decimal, *, physician_agreed: bool = False) -> None:
    """Raises `Refused` when the pause is too long for a nurse to resume alone."""
    if not may_resume(protocol, paused_minutes) and not (physician_agreed and protocol.rate is not None):
        limit = protocol.rate.resume_without_physician_min.value if protocol.rate else Decimal(0)
        raise Refused(N_("Paused for more than {limit} minutes: a physician decides whether to go on."), limit=limit)


def plan_limits(
    protocol: Protocol,
    weight_kg: Decimal,
    dose_mg_per_kg: Decimal,
    minutes: Decimal | None,
    *,
    number: int | None = None,
    gap_min_days: int | None = None,
    gap_max_days: int | None = None,
    bmi_kg_per_m2: Decimal | None = None,
    is_first: bool = False,
) -> list[Finding]:
    """Everything about this plan that lies outside the protocol, hard findings first.

    Raises `Refused` only for values that are no plan at all (a weight of 4 kg, minutes for an injection).
    """
    dose_for(weight_kg, dose_mg_per_kg)
    span = protocol.first_dose_mg_per_kg if is_first and protocol.first_dose_mg_per_kg else protocol.dose_mg_per_kg
    findings = _span_findings("dose_mg_per_kg", span, dose_mg_per_kg)
    findings += _time_findings(protocol, weight_kg, dose_mg_per_kg, minutes)
    findings += _series_findings(protocol, number, gap_min_days, gap_max_days)
    limit = protocol.ideal_weight_from_bmi
    if bmi_kg_per_m2 is not None and bmi_kg_per_m2 >= limit.value:
        reason = Reason(
            N_("Body mass index {bmi} is {limit} or more: consider the ideal body weight for the dose."),
            {"bmi": bmi_kg_per_m2, "limit": limit.value},
        )
        findings.append(Finding("ideal_weight", "note", "weight_kg", reason, limit))
    order = {"hard": 0, "soft": 1, "note": 2}
    return sorted(findings, key=lambda finding: order[finding.severity])


def _check_weight(weight_kg: Decimal) -> None:
    low, high = WEIGHT_RANGE_KG
    if not weight_kg.is_finite() or not low <= weight_kg <= high:
        raise Refused(
            N_("The weight {weight} kg is not between {low} and {high} kg."),
            field="weight_kg",
            weight=weight_kg,
            low=low,
            high=high,
        )


_WORDS = {
    ("dose_mg_per_kg", "above"): N_("The dose {value} mg/kg is above {limit} mg/kg."),
    ("dose_mg_per_kg", "below"): N_("The dose {value} mg/kg is below {limit} mg/kg."),
    ("minutes", "above"): N_("{value} minutes is longer than {limit} minutes."),
    ("minutes", "below"): N_("{value} minutes is shorter than {limit} minutes."),
    ("rate", "above"): N_("This dose in this time needs {value} mg/kg/h; the limit is {limit} mg/kg/h."),
    ("number", "above"): N_("{value} sessions are more than the {limit} that the protocol extends to."),
    ("gap", "below"): N_("{value} days between sessions is less than {limit}."),
    ("gap", "above"): N_("{value} days between sessions is more than {limit}."),
}


def _outside(field: str, kind: str, severity: str, side: str, value: object, limit: Datum) -> Finding:
    reason = Reason(_WORDS[kind, side], {"value": value, "limit": limit.value})
    return Finding(f"{kind}_{side}_{severity}", severity, field, reason, limit)


def _span_findings(field: str, span: Span, value: Decimal) -> list[Finding]:
    """The most serious side only: a value above the hard limit is not reported as soft as well."""
    if span.hard_max is not None and value > span.hard_max.value:
        return [_outside(field, field, "hard", "above", value, span.hard_max)]
    if span.hard_min is not None and value < span.hard_min.value:
        return [_outside(field, field, "hard", "below", value, span.hard_min)]
    if span.soft_max is not None and value > span.soft_max.value:
        return [_outside(field, field, "soft", "above", value, span.soft_max)]
    if span.soft_min is not None and value < span.soft_min.value:
        return [_outside(field, field, "soft", "below", value, span.soft_min)]
    return []


def _time_findings(
    protocol: Protocol, weight_kg: Decimal, dose_mg_per_kg: Decimal, minutes: Decimal | None
) -> list[Finding]:
    if protocol.minutes is None or protocol.rate is None:
        if minutes is not None:
            raise Refused(N_("An injection is given at once: leave the minutes empty."), field="minutes")
        return []
    if minutes is None:
        raise Refused(N_("Give the minutes of the infusion."), field="minutes")
    if not minutes.is_finite() or minutes <= 0:
        raise Refused(N_("The time must be above zero minutes."), field="minutes")
    findings = _span_findings("minutes", protocol.minutes, minutes)
    limit = protocol.rate.max_mg_per_kg_per_h
    if dose_mg_per_kg * 60 > limit.value * minutes:
        rate = (dose_mg_per_kg * 60 / minutes).quantize(Decimal("0.001"), ROUND_HALF_UP)
        findings.append(_outside("minutes", "rate", "hard", "above", rate, limit))
    return findings


def _series_findings(
    protocol: Protocol, number: int | None, gap_min_days: int | None, gap_max_days: int | None
) -> list[Finding]:
    series = protocol.series
    findings = []
    if number is not None and number > series.extend_to.value:
        findings.append(_outside("number", "number", "soft", "above", number, series.extend_to))
    if gap_min_days is not None and gap_min_days < series.gap_min_days.value:
        findings.append(_outside("gap_min_days", "gap", "soft", "below", gap_min_days, series.gap_min_days))
    if gap_max_days is not None and gap_max_days > series.gap_max_days.value:
        findings.append(_outside("gap_max_days", "gap", "soft", "above", gap_max_days, series.gap_max_days))
    if None not in (gap_min_days, gap_max_days) and gap_min_days > gap_max_days:  # type: ignore[operator]
        raise Refused(N_("The smallest gap is above the largest."), field="gap_max_days")
    return findings
