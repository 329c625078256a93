"""Numbers as people write them, and doses and rates without rounding surprises."""

from interlude.domain.units.doses import (
    RateViews,
    dose_micrograms,
    infusion_rate_mg_per_h,
    mg_from_micrograms,
    micrograms_from_mg,
    rate_views,
)
from interlude.domain.units.given import (
    RateSegment,
    amount_given_micrograms,
    time_to_empty,
    time_to_give,
    time_to_planned_dose,
)
from interlude.domain.units.numbers import GROUP_SPACE, MINUS, format_for_input, format_number, parse_number

__all__ = [
    "GROUP_SPACE",
    "MINUS",
    "RateSegment",
    "RateViews",
    "amount_given_micrograms",
    "dose_micrograms",
    "format_for_input",
    "format_number",
    "infusion_rate_mg_per_h",
    "mg_from_micrograms",
    "micrograms_from_mg",
    "parse_number",
    "rate_views",
    "time_to_empty",
    "time_to_give",
    "time_to_planned_dose",
]
