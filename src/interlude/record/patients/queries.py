from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.patients.models import CareTeamMember, DuplicateKey, Patient
from interlude.record.patients.names import normal_forms, query_prefixes
from interlude.record.vault.cipher import blind_index, load_subject_keys

_SEES_EVERYBODY = {Role.PHYSICIAN, Role.NURSE, Role.FRONT_DESK}


def patients_for(by: StaffMember) -> QuerySet[Patient]:
    """The patients that a member of staff may see: a therapist sees the own ones, others see all or none."""
    if by.role in _SEES_EVERYBODY:
        return Patient.objects.all()
    if by.role == Role.THERAPIST:
        return Patient.objects.filter(care_team__staff=by, care_team__until=None).distinct()
    return Patient.objects.none()


def with_keys(patients: QuerySet[Patient]) -> list[Patient]:
    """Load patients with their keys in two queries, however many they are."""
    rows = list(patients)
    load_subject_keys([patient.pk for patient in rows])
    return rows


def search(by: StaffMember, text: str, limit: int = 20) -> list[Patient]:
    """Patients whose names or number begin with the words of `text`, by family name."""
    words = query_prefixes(text)
    if not words:
        return []
    found = patients_for(by)
    for forms in words:
        found = found.filter(search_tokens__token__in=[blind_index(f"prefix:{form}") for form in forms])
    rows = with_keys(found.distinct()[:limit])
    return sorted(rows, key=lambda p: ((p.family_name or "").lower(), (p.given_name or "").lower()))


def duplicate_keys(family_name: str, given_name: str, born_on: date) -> set[str]:
    """Fingerprints that two registrations of one person share: both names either way round, or one name and
    the birth date."""
    keys: set[str] = set()
    for family in normal_forms(family_name):
        keys.add(blind_index(f"family-birth:{family}:{born_on.isoformat()}"))
        for given in normal_forms(given_name):
            keys.add(blind_index(f"names:{'|'.join(sorted((family, given)))}"))
    return keys


def possible_duplicates(family_name: str, given_name: str, born_on: date) -> list[Patient]:
    keys = duplicate_keys(family_name, given_name, born_on)
    ids = DuplicateKey.objects.filter(key__in=keys).values("patient_id")
    return with_keys(Patient.objects.filter(pk__in=ids).order_by("number"))


def care_team_of(patient_id: UUID) -> QuerySet[CareTeamMember]:
    return CareTeamMember.objects.filter(patient_id=patient_id, until=None).select_related("staff")
