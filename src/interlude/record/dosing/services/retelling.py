"""Live events for what another process has charted: `interlude gateway` beside `interlude serve --no-gateway`."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Max

from interlude.record import live
from interlude.record.dosing.models import Observation
from interlude.record.dosing.services.observations import value_json

MOST_AT_ONCE = 2_000


def retell_observations(*, after_id: int | None) -> int:
    """Tell this process's open pages the newest value of each kind that was charted after `after_id`.

    Returns the id up to which everything was told. None starts from now: what is older the pages read themselves.
    """
    if after_id is None:
        return Observation.objects.aggregate(newest=Max("pk"))["newest"] or 0
    rows = list(Observation.objects.filter(pk__gt=after_id, source="monitor").order_by("pk")[:MOST_AT_ONCE])
    by_session: dict[UUID, dict[str, Observation]] = {}
    for row in rows:
        by_session.setdefault(row.session_id, {})[row.kind] = row
    for session_id, newest in by_session.items():
        live.publish(f"session:{session_id}", "vitals", {"values": [value_json(row) for row in newest.values()]})
    return rows[-1].pk if rows else after_id
