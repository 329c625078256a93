from __future__ import annotations

from django.http import HttpRequest

from interlude.record.accounts.models import StaffMember
from interlude.record.clinic.models import Clinic


class StaffRequest(HttpRequest):
    """A request that passed the role file: its user is a member of staff, its clinic is known."""

    user: StaffMember
    clinic: Clinic
