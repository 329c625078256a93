from __future__ import annotations

from django.db.models import QuerySet

from interlude.record.accounts.models import StaffMember
from interlude.record.dosing.models import Session
from interlude.record.patients.models import Patient
from interlude.record.patients.queries import patients_for
from interlude.record.therapy.models import TherapyVisit


def visits_for(by: StaffMember) -> QuerySet[TherapyVisit]:
    """Visits of the patients that a person may see."""
    return TherapyVisit.objects.filter(patient__in=patients_for(by)).select_related("therapist", "session")


def visit_of(session: Session) -> TherapyVisit | None:
    return TherapyVisit.objects.select_related("therapist").filter(session=session).first()


def earlier_visits(by: StaffMember, patient: Patient, session: Session) -> QuerySet[TherapyVisit]:
    """Signed visits of the sessions before this one, the newest first."""
    signed = visits_for(by).filter(patient=patient, signature__isnull=False)
    return signed.exclude(session=session).filter(held_at__lt=session.checked_in_at).order_by("-held_at")
