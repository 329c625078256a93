"""HL7 date-times (DTM, TS): YYYY[MM[DD[HH[MM[SS[.S...]]]]]][+/-ZZZZ], and what devices send instead.

A missing zone, or "-0000" (offset unknown), takes the default zone and is flagged. In the hour that a
summer time change repeats, the reading nearest to `near` is taken. Digits after the seconds without a point
(17-digit stamps) are a fraction."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

_DTM = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:[.,]?(\d{1,9}))?)?)?)?)?)?([+-]\d{4})?\Z",
    re.ASCII,
)
_PRECISIONS = ("year", "month", "day", "hour", "minute", "second")


@dataclass(frozen=True, slots=True)
class SentTime:
    """A time as a device meant it. `zone_assumed`: the zone is ours, not the device's."""

    at: datetime
    precision: str
    zone_assumed: bool
    raw: str

    @property
    def to_the_minute(self) -> bool:
        """Precise enough to place an observation."""
        return self.precision in ("minute", "second")


def parse_dtm(text: str, default_zone: tzinfo, *, near: datetime | None = None) -> SentTime | None:
    """The time, or None when the text is none (empty, not a date, outside 1800-2999)."""
    raw = text.strip()
    match = _DTM.match(raw)
    if match is None:
        return None
    *parts, fraction, offset = match.groups()
    given = [int(part) for part in parts if part is not None]
    year, month, day, hour, minute, second = (given + [1, 1, 1, 0, 0, 0][len(given) :])[:6]
    if not 1800 <= year <= 2999:
        return None
    leap = timedelta(seconds=1) if second == 60 else timedelta(0)
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    precision = _PRECISIONS[len(given) - 1]
    assumed = offset is None or offset == "-0000"
    try:
        naive = datetime(year, month, day, hour, minute, 59 if leap else second, micro) + leap  # noqa: DTZ001
        at = _nearest_fold(naive, default_zone, near) if assumed else naive.replace(tzinfo=_fixed(offset))
    except (ValueError, OverflowError):
        return None
    return SentTime(at, precision, assumed, raw)


def format_dtm(at: datetime) -> str:
    """YYYYMMDDHHMMSS.sss+ZZZZ of an aware time."""
    return f"{at:%Y%m%d%H%M%S}.{at.microsecond // 1000:03d}{at:%z}"[:23]


def zone_of(sent: SentTime | None) -> tzinfo | None:
    """The zone that a time carried itself, if it did: MSH-7's zone is the default for the whole message."""
    return sent.at.tzinfo if sent is not None and not sent.zone_assumed else None


def _fixed(offset: str) -> tzinfo:
    hours, minutes = int(offset[1:3]), int(offset[3:5])
    if minutes > 59:
        raise ValueError(offset)
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if offset[0] == "-" else delta)


def _nearest_fold(naive: datetime, zone: tzinfo, near: datetime | None) -> datetime:
    first = naive.replace(tzinfo=zone, fold=0)
    second = naive.replace(tzinfo=zone, fold=1)
    if near is None or first.utcoffset() == second.utcoffset():
        return first
    return min(first, second, key=lambda at: abs(at.timestamp() - near.timestamp()))
