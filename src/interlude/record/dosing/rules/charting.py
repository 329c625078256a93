"""Rules for typed values, events and scores."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from interlude.codecs.hl7v2.codes import VITALS
from interlude.domain.protocol import phase_info
from interlude.domain.protocol.phases import Phase
from interlude.domain.refusals import N_, Refused
from interlude.record.dosing.rules.roles import CARE, answers, check_role

TYPED_KINDS = (
    "nibp_sys",
    "nibp_dia",
    "nibp_mean",
    "heart_rate",
    "spo2",
    "resp_rate",
    "etco2",
    "temperature",
)
"""What a person can measure and type. The names and units are those of the monitor's values."""

MOST_DECIMALS = 3


def check_may_chart(phase: Phase, role: str, observed_at: datetime, checked_in_at: datetime, at: datetime) -> None:
    """May something of this minute be entered now?"""
    check_role(role, CARE)
    if phase_info(phase).is_final:
        raise Refused(N_("This session is over. Nothing can be charted any more."))
    if observed_at > at:
        raise Refused(N_("This time is in the future."), field="observed_at")
    if observed_at < checked_in_at:
        raise Refused(N_("This time is before the patient was checked in."), field="observed_at")


def check_may_chart_value(kind: str, value: Decimal) -> None:
    """Is this a value that can be: a known kind, a plain number, in the range that a sensor can report?"""
    if kind not in TYPED_KINDS:
        raise Refused(N_("This value cannot be typed here."), field="kind")
    vital = VITALS[kind]
    if not value.is_finite():
        raise Refused(N_("Enter a number."), field=kind)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > MOST_DECIMALS:
        raise Refused(N_("Use at most three decimals."), field=kind)
    if not vital.lowest <= value <= vital.highest:
        raise Refused(
            N_("{value} is outside the possible range {lowest} to {highest} {unit}."),
            field=kind,
            value=value,
            lowest=vital.lowest,
            highest=vital.highest,
            unit=vital.unit,
        )


def check_may_log(phase: Phase, role: str, event_at: datetime, checked_in_at: datetime, at: datetime) -> None:
    """May an event or a score of this minute be entered now?"""
    check_may_chart(phase, role, event_at, checked_in_at, at)


may_chart = answers(check_may_chart)
may_chart_value = answers(check_may_chart_value)
may_log = answers(check_may_log)
