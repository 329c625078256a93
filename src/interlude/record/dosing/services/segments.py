"""One rate segment more, and the audit entry of what was done at the pump."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit import services as audit
from interlude.record.dosing.models import Injection, RateSegment, Session
from interlude.record.dosing.services.base import tell


def add_segment(
    session: Session,
    by: StaffMember,
    at: datetime,
    rate_mg_per_h: Decimal,
    why: str,
    reason: str = "",
    preview_sha256: str = "",
) -> RateSegment:
    last = session.rate_segments.order_by("-position").first()
    if last is not None and at < last.starts_at:
        raise Refused(N_("A later change is charted already. Reload the page."), field="at")
    segment = RateSegment(
        pk=uuid4(),
        session=session,
        position=last.position + 1 if last else 1,
        starts_at=at,
        rate_mg_per_h=rate_mg_per_h,
        why=why,
        reason=reason.strip() or None,
        by=by,
        preview_sha256=preview_sha256,
    )
    segment.save(force_insert=True)
    tell(session, "rate", {"segment": str(segment.pk), "rate_mg_per_h": str(rate_mg_per_h), "why": str(why)})
    return segment


def note(
    by: StaffMember, at: datetime, what: str, about: RateSegment | Injection, session: Session, **detail: Any
) -> None:
    audit.record(by=by, at=at, what=what, about=about, patient_id=session.patient_id, detail=detail)
