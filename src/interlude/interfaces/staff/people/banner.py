"""The patient banner of every page about one patient."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from interlude.interfaces.design import formats
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import CLINICAL
from interlude.record.assessments.queries import allergy_banner, latest_weight
from interlude.record.clinic.queries import clinic_zone
from interlude.record.patients.models import Patient


def banner_for(patient: Patient, on: date, by: StaffMember | None = None) -> dict[str, Any]:
    """What `{% include "staff/people/banner.html" %}` shows: put it into the context as `banner`.

    Keys: patient, allergies (substances), allergies_state (one of the four), clinical, url, extra. Clinical data
    are left out for a `by` who is not a clinician; the template leaves them out for such a user in any case.
    Constant: two queries, of which a person without a clinical role needs none.
    """
    url = reverse("staff:patient", args=[patient.pk])
    if by is not None and by.role not in CLINICAL:
        return {
            "patient": patient,
            "allergies": [],
            "allergies_state": "not_recorded",
            "clinical": False,
            "url": url,
            "extra": [],
        }
    line = allergy_banner(patient)
    return {
        "patient": patient,
        "allergies": line.names,
        "allergies_state": str(line.state),
        "clinical": True,
        "url": url,
        "extra": [_weight_fact(patient, on)],
    }


def _weight_fact(patient: Patient, on: date) -> dict[str, str]:
    """The newest weight with its age in days: a weight without an age is no weight to dose by."""
    newest = latest_weight(patient)
    if newest is None:
        return {"key": _("Weight"), "value": _("Not known")}
    weight_kg, observed_at = newest
    days = (on - observed_at.astimezone(clinic_zone()).date()).days
    age = _("today") if days <= 0 else _("{days} d ago").format(days=days)
    return {"key": _("Weight"), "value": f"{formats.clinic_number(weight_kg)} kg ({age})"}
