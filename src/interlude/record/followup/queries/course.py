"""What a decision about a course rests on."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet, Sum

from interlude.domain.instruments import Instrument, Reason
from interlude.domain.instruments import instrument as instrument_of
from interlude.domain.protocol import stop_findings
from interlude.domain.protocol.schema import StopRule
from interlude.record.accounts.models import StaffMember
from interlude.record.dosing.models import Session
from interlude.record.followup.models import NextDecision
from interlude.record.measures.change import Gain, gain
from interlude.record.measures.queries import responses_for
from interlude.record.patients.models import Patient
from interlude.record.patients.queries import patients_for
from interlude.record.plans.models import Course
from interlude.record.protocols.queries import protocol_of
from interlude.record.stock.models import LedgerRow

# The scale on which the general stop rules of a course are judged.
LEADING_SCALE = "phq9"


def decisions_for(by: StaffMember) -> QuerySet[NextDecision]:
    rows = NextDecision.objects.filter(patient__in=patients_for(by))
    return rows.select_related("decided_by", "signature", "course")


def sessions_given(course: Course) -> int:
    """Sessions of the course in which a dose began."""
    return Session.objects.filter(course=course, started_at__isnull=False).count()


def gain_of_course(by: StaffMember, course: Course, instrument: Instrument) -> Gain:
    """The latest complete score against the one before the first session of this course."""
    started = Session.objects.filter(course=course, started_at__isnull=False).order_by("started_at")
    first_at = started.values_list("started_at", flat=True).first()
    rows = responses_for(by).filter(patient_id=course.patient_id, instrument=instrument.code)
    return gain(instrument, list(rows.order_by("answered_at").values_list("answered_at", "total")), first_at)


def stop_rules_met(course: Course, given: int, leading: Gain) -> tuple[list[StopRule], Reason]:
    """The protocol's stop rules that numbers alone can judge; unknown gain is said, not passed over."""
    protocol = protocol_of(course.protocol_version)
    return stop_findings(protocol, infusions=given, improvement_percent=leading.percent)


def what_is_known(by: StaffMember, course: Course) -> dict[str, Any]:
    """The numbers that the decision page shows, as they are frozen with the decision and guarded by their hash."""
    given = sessions_given(course)
    leading = gain_of_course(by, course, instrument_of(LEADING_SCALE))
    rules, _reason = stop_rules_met(course, given, leading)
    return {
        "sessions": given,
        "scale": LEADING_SCALE,
        "baseline": leading.baseline,
        "latest": leading.latest,
        "latest_at": leading.latest_at.isoformat() if leading.latest_at else None,
        "gain_percent": str(leading.percent) if leading.percent is not None else None,
        "stop_rules": [rule.code for rule in rules],
        "protocol_sha256": course.protocol_version.sha256,
    }


def dose_counters(patient: Patient) -> dict[str, Any]:
    """Lifetime counters here: sessions with a dose, and micrograms given by the stock ledger."""
    sessions = Session.objects.filter(patient=patient, started_at__isnull=False)
    ids = list(sessions.values_list("pk", flat=True))
    given = LedgerRow.objects.filter(kind="given", session_id__in=ids).aggregate(total=Sum("amount_ug"))["total"]
    return {"sessions": len(ids), "given_ug": None if given is None else abs(given)}
