"""What somebody who opens a patient must see first. Words for clinicians only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from interlude.interfaces.staff.people.journey import Journey
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import CLINICAL
from interlude.record.assessments.models import AllergyState, AllergyStatement
from interlude.record.measures.queries import open_alerts


@dataclass(frozen=True)
class Risk:
    """A tag: its words, its kind (stop, wait, neutral), and where to go."""

    label: str
    kind: str
    url: str = ""


def risks_of_many(
    by: StaffMember, journeys: dict[UUID, Journey], *, with_allergies: bool = True
) -> dict[UUID, list[Risk]]:
    """Open risk answers, allergies, and rows that a physician went past: two queries. Empty for non-clinicians.

    `with_allergies` False leaves the allergies out, for a page whose banner names them.
    """
    found: dict[UUID, list[Risk]] = {patient_id: [] for patient_id in journeys}
    if by.role not in CLINICAL:
        return found
    for patient_id in open_alerts(by).filter(patient__in=journeys).values_list("patient_id", flat=True):
        if not found[patient_id]:
            found[patient_id].append(Risk(_("Suicide-risk answer is open"), "stop"))
    newest = AllergyStatement.objects.filter(patient__in=journeys).order_by("recorded_at", "id")
    statements = {row.patient_id: row for row in newest}
    for patient_id, journey in journeys.items():
        if with_allergies:
            found[patient_id] += _allergy_risk(statements.get(patient_id))
        past = journey.decision.overrides if journey.decision else None
        if past:
            found[patient_id].append(Risk(_("Eligible with {count} reasons").format(count=len(past)), "wait"))
    return found


def _allergy_risk(statement: AllergyStatement | None) -> Iterable[Risk]:
    if statement is None:
        return [Risk(_("Allergies not recorded"), "wait")]
    entries: Any = statement.entries
    if entries is None or statement.state == AllergyState.UNAVAILABLE:
        return [Risk(_("Allergies unavailable"), "wait")]
    if statement.state != AllergyState.KNOWN:
        return []
    return [Risk(_("Allergy: {name}").format(name=entry["substance"]), "wait") for entry in entries]
