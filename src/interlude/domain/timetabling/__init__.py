"""Timetabling of whole series: propose one, all or nothing, and check one independently. No clock, no chance."""

from interlude.domain.timetabling.check import Violation, check_series
from interlude.domain.timetabling.propose import propose_series
from interlude.domain.timetabling.requests import (
    CLINIC,
    PATIENT,
    Calendar,
    DayReason,
    Durations,
    Interval,
    NoSeries,
    OpenHours,
    Proposal,
    Resource,
    SeriesAppointment,
    SeriesRequest,
    check_request,
)

__all__ = [
    "CLINIC", "PATIENT", "Calendar", "DayReason", "Durations", "Interval", "NoSeries", "OpenHours", "Proposal",
    "Resource", "SeriesAppointment", "SeriesRequest", "Violation", "check_request", "check_series", "propose_series",
]  # fmt: skip
