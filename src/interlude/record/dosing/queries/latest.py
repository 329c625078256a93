"""The newest value of each vital sign, for any number of sessions in two queries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Subquery

from interlude.record.dosing.kinds import VITAL_KINDS
from interlude.record.dosing.models import Observation, Session


def latest_observations(
    session_ids: Iterable[UUID], *, before: datetime | None = None
) -> dict[UUID, dict[str, Observation]]:
    """Session -> kind -> the value observed last (at or before an instant). A late message never hides a newer
    value, because the time of the observation decides, not that of the arrival."""
    wanted = list(session_ids)
    values = Observation.objects.filter(session=OuterRef("pk"))
    if before is not None:
        values = values.filter(observed_at__lte=before)
    newest = {
        f"newest_{kind}": Subquery(values.filter(kind=kind).order_by("-observed_at", "-id").values("pk")[:1])
        for kind in VITAL_KINDS
    }
    rows = Session.objects.filter(pk__in=wanted).order_by().annotate(**newest).values_list("pk", *newest)
    found: dict[UUID, dict[str, Observation]] = {session_id: {} for session_id in wanted}
    ids = [pk for row in rows for pk in row[1:] if pk is not None]
    for one in Observation.objects.filter(pk__in=ids).select_related("device"):
        found[one.session_id][one.kind] = one
    return found
