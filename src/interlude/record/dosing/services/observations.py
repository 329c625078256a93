"""Values that a person measured and typed. Nothing of them differs from a monitor's but their source."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from interlude.codecs.hl7v2.codes import VITALS
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit import services as audit
from interlude.record.dosing.models import Observation, Session, Source
from interlude.record.dosing.rules import check_may_chart, check_may_chart_value
from interlude.record.dosing.services.base import locked, tell


@transaction.atomic
def chart_vital(
    *,
    by: StaffMember,
    at: datetime,
    session: Session,
    kind: str,
    value: Decimal,
    observed_at: datetime | None = None,
) -> Observation:
    """Chart one typed value (see `chart_vitals`)."""
    (row,) = chart_vitals(by=by, at=at, session=session, values={kind: value}, observed_at=observed_at)
    return row


@transaction.atomic
def chart_vitals(
    *,
    by: StaffMember,
    at: datetime,
    session: Session,
    values: Mapping[str, Decimal],
    observed_at: datetime | None = None,
) -> list[Observation]:
    """Chart typed values of one minute together: all, or none when one is refused (field: its kind).

    Kinds are those of `rules.charting.TYPED_KINDS`, units those of the monitor's values (mmHg, 1/min, %, °C).
    The same value of the same instant is charted once, however often it is sent.
    """
    session = locked(session)
    rows = chart_values(session, by=by, at=at, values=values, observed_at=observed_at or at)
    audit.record(
        by=by,
        at=at,
        what="dosing.vitals.charted",
        about=session,
        patient_id=session.patient_id,
        detail={"kinds": sorted(values), "observed_at": (observed_at or at).isoformat()},
    )
    return rows


def chart_values(
    session: Session, *, by: StaffMember, at: datetime, values: Mapping[str, Decimal], observed_at: datetime
) -> list[Observation]:
    """The writing part of `chart_vitals`, for verbs that have their own audit entry."""
    if not values:
        raise Refused(N_("Enter at least one value."))
    check_may_chart(session.phase, by.role, observed_at, session.checked_in_at, at)  # type: ignore[arg-type]
    for kind, value in values.items():
        check_may_chart_value(kind, value)
    _check_pressures(values)
    rows = [_observation(session, by, at, kind, value, observed_at) for kind, value in values.items()]
    Observation.objects.bulk_create(rows, ignore_conflicts=True)
    keys = [row.key for row in rows]
    stored = list(Observation.objects.filter(key__in=keys))
    tell(session, "vitals", {"values": [value_json(row) for row in stored]})
    return stored


def value_json(row: Observation) -> dict[str, object]:
    """One value as a live page receives it."""
    return {
        "kind": row.kind,
        "value": str(row.value.normalize()) if row.value else "0",
        "unit": row.unit,
        "observed_at": row.observed_at.isoformat(),
        "seen_at": row.seen_at.isoformat(),
        "source": row.source,
        "flags": row.flags.split(),
    }


def key_of(*parts: object) -> str:
    """The fingerprint by which the same measurement is known again (128 bits)."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _observation(
    session: Session, by: StaffMember, at: datetime, kind: str, value: Decimal, observed_at: datetime
) -> Observation:
    return Observation(
        session=session,
        kind=kind,
        value=value,
        unit=VITALS[kind].unit,
        observed_at=observed_at,
        seen_at=observed_at,
        received_at=at,
        source=Source.TYPED,
        method="typed",
        is_aperiodic=True,
        by=by,
        key=key_of("typed", session.pk, kind, observed_at.timestamp(), value.normalize()),
    )


def _check_pressures(values: Mapping[str, Decimal]) -> None:
    systolic, diastolic, mean = (values.get(kind) for kind in ("nibp_sys", "nibp_dia", "nibp_mean"))
    if systolic is not None and diastolic is not None and diastolic >= systolic:
        raise Refused(
            N_("The lower pressure {diastolic} is not below the upper pressure {systolic}."),
            field="nibp_dia",
            diastolic=diastolic,
            systolic=systolic,
        )
    if mean is not None and (
        (systolic is not None and mean > systolic) or (diastolic is not None and mean < diastolic)
    ):
        raise Refused(N_("The mean pressure does not lie between the two others."), field="nibp_mean")
