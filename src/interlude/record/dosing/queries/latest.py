"""The newest value of each vital sign, for any number of sessions in two queries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection

from interlude.record.dosing.kinds import VITAL_KINDS
from interlude.record.dosing.models import Observation

# Written as SQL because every live page asks it: a session at one message a second holds tens of thousands of
# rows, of which each inner query reads one from the index, and composing twelve subqueries took the ORM 5 ms.
_KINDS = ", ".join(f"('{kind}')" for kind in VITAL_KINDS)
_NEWEST = """
    WITH wanted (session_id) AS (VALUES {sessions}), kinds (kind) AS (VALUES {kinds})
    SELECT (
        SELECT o.id FROM {table} o
        WHERE o.session_id = wanted.session_id AND o.kind = kinds.kind {until}
        ORDER BY o.observed_at DESC, o.id DESC LIMIT 1
    ) FROM wanted, kinds
"""


def latest_observations(
    session_ids: Iterable[UUID], *, before: datetime | None = None
) -> dict[UUID, dict[str, Observation]]:
    """Session -> kind -> the value observed last (at or before an instant). A late message never hides a newer
    value, because the time of the observation decides, not that of the arrival."""
    wanted = list(session_ids)
    found: dict[UUID, dict[str, Observation]] = {session_id: {} for session_id in wanted}
    if not wanted:
        return found
    fields = Observation._meta
    session_field, time_field = fields.get_field("session"), fields.get_field("observed_at")
    parameters = [session_field.get_db_prep_value(session_id, connection) for session_id in wanted]
    if before is not None:
        parameters.append(time_field.get_db_prep_value(before, connection))
    sql = _NEWEST.format(
        sessions=", ".join(["(%s)"] * len(wanted)),
        kinds=_KINDS,
        table=connection.ops.quote_name(fields.db_table),
        until="AND o.observed_at <= %s" if before is not None else "",
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        ids = [row[0] for row in cursor.fetchall() if row[0] is not None]
    for one in Observation.objects.filter(pk__in=ids).select_related("device"):
        found[one.session_id][one.kind] = one
    return found
