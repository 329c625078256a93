"""Who of some patients is expected today, and who is in a session now: what Ctrl+K offers first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from interlude.interfaces.design import formats
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import CLINICAL
from interlude.record.appointments.models import Kind, State
from interlude.record.appointments.queries import appointments_for, day_bounds
from interlude.record.clinic.queries import local_day
from interlude.record.dosing.queries import running_sessions
from interlude.record.dosing.rules.roles import RECEPTION
from interlude.record.patients.models import Patient

TO_COME = (State.BOOKED, State.CONFIRMED)


def arrivals(by: StaffMember, patients: Sequence[Patient], now: datetime) -> list[dict[str, str]]:
    """Today's sessions of these patients that wait for check-in, then sessions that are open now.

    Two queries whatever the number of patients; none for a role that does neither.
    """
    names = {patient.pk: f"{(patient.family_name or '').upper()}, {patient.given_name}" for patient in patients}
    found: list[dict[str, str]] = []
    if not names:
        return found
    if by.role in RECEPTION:
        start, end = day_bounds(local_day(now))
        expected = appointments_for(by).filter(
            patient__in=names, kind=Kind.INFUSION, state__in=TO_COME, starts_at__gte=start, starts_at__lt=end
        )
        for one in expected.filter(session=None).order_by("starts_at"):
            found.append(
                {
                    "title": names[one.patient_id],
                    "kind": _("Check in"),
                    "hint": formats.clinic_time(one.starts_at),
                    "url": reverse("staff:check_in", args=[one.pk]),
                }
            )
    if by.role in CLINICAL:
        for session in running_sessions(by).filter(patient__in=names):
            found.append(
                {
                    "title": names[session.patient_id],
                    "kind": _("Open session"),
                    "hint": session.chair.name,
                    "url": reverse("staff:cockpit", args=[session.pk]),
                }
            )
    return found
