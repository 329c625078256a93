from __future__ import annotations

from django.http import HttpRequest

from interlude.record.clinic.models import Clinic
from interlude.record.patients.models import Patient


class PortalRequest(HttpRequest):
    """A request that passed the role file: the patient opened the portal with link and birth date."""

    portal_patient: Patient
    clinic: Clinic
