"""What has been given: from the charted rate segments, in whole micrograms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from interlude.domain import units
from interlude.domain.protocol import rate_for
from interlude.record.dosing.models import Injection, RateSegment, Session


def segments_of(session: Session) -> list[RateSegment]:
    """The charted segments in their order (one query)."""
    return list(session.rate_segments.select_related("by").order_by("position"))


def as_domain(segments: Sequence[RateSegment]) -> list[units.RateSegment]:
    """Each segment with its end, which is the beginning of the next; the last one still runs."""
    rows = [
        units.RateSegment(one.starts_at, following.starts_at, one.rate_mg_per_h)
        for one, following in pairwise(segments)
    ]
    if segments:
        rows.append(units.RateSegment(segments[-1].starts_at, None, segments[-1].rate_mg_per_h))
    return rows


def given_ug(session: Session, at: datetime, segments: Sequence[RateSegment] | None = None) -> int:
    """Micrograms given until `at`: the injection, or the sum over the rate segments."""
    if session.route == "im":
        injection = Injection.objects.filter(session=session, at__lte=at).first()
        return injection.amount_ug if injection else 0
    rows = segments_of(session) if segments is None else segments
    return units.amount_given_micrograms(as_domain(rows), at)


def current_rate(segments: Sequence[RateSegment]) -> Decimal:
    """The rate that is charted now, in mg/h."""
    return segments[-1].rate_mg_per_h if segments else Decimal(0)


def planned_rate(session: Session) -> Decimal | None:
    """The constant rate that gives the ordered dose in the ordered time, to 0.001 mg/h; None for an injection."""
    if session.dose_ug is None or not session.minutes:
        return None
    return rate_for(session.dose_ug, Decimal(session.minutes))
