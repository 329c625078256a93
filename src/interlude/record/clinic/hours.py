"""Opening hours as one line of text: "mon-fri=08:00-18:00"."""

from __future__ import annotations

from datetime import time
from itertools import groupby

from interlude.domain.refusals import N_, Refused

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Span = tuple[int, time, time]


def parse_hours(text: str, *, field: str) -> list[Span]:
    """Read "mon-fri=08:00-18:00" or "sat=09:00-12:00" as (weekday from Monday = 0, opens, closes)."""
    try:
        days, span = text.lower().split("=")
        first, _dash, last = days.strip().partition("-")
        opens, closes = (time.fromisoformat(part.strip()) for part in span.split("-"))
        start, end = DAYS.index(first.strip()), DAYS.index((last or first).strip())
    except ValueError as error:
        raise Refused(N_("'{text}' is not like mon-fri=08:00-18:00"), field=field, text=text) from error
    if end < start:
        raise Refused(N_("'{text}' ends before it begins"), field=field, text=text)
    return [(day, opens, closes) for day in range(start, end + 1)]


def format_hours(spans: list[Span]) -> str:
    """The same spans as lines, with neighbouring days of equal hours joined."""
    lines = []
    by_hours = sorted(spans, key=lambda span: (span[1], span[2], span[0]))
    for (opens, closes), group in groupby(by_hours, key=lambda span: span[1:]):
        days = [span[0] for span in group]
        runs = [[days[0], days[0]]]
        for day in days[1:]:
            if day == runs[-1][1] + 1:
                runs[-1][1] = day
            else:
                runs.append([day, day])
        for start, end in runs:
            name = DAYS[start] if start == end else f"{DAYS[start]}-{DAYS[end]}"
            lines.append((start, f"{name}={opens:%H:%M}-{closes:%H:%M}"))
    return "\n".join(line for _start, line in sorted(lines))
