from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F

from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.clinic.queries import local_day
from interlude.record.patients.models import (
    CareTeamMember,
    DuplicateKey,
    Patient,
    PortalLink,
    Referral,
    SearchToken,
    Sex,
)
from interlude.record.patients.names import search_prefixes
from interlude.record.patients.queries import duplicate_keys, possible_duplicates
from interlude.record.vault.cipher import blind_index

PORTAL_LINK_LIFETIME = timedelta(days=28)
WRONG_BIRTH_DATES_ALLOWED = 5
OLDEST_YEARS = 120


class PossibleDuplicate(Refused):
    """Somebody of this name or birth date is registered already; `patients` says who."""

    def __init__(self, patients: list[Patient]) -> None:
        numbers = ", ".join(patient.number for patient in patients)
        super().__init__(
            N_(
                "There is already a patient of this name or with this birth date: {numbers}. "
                "Open that record, or confirm that this is another person."
            ),
            field="family_name",
            numbers=numbers,
        )
        self.patients = patients


def _check_identity(family_name: str, given_name: str, born_on: date, at: datetime) -> None:
    if not family_name.strip():
        raise Refused(N_("Enter the family name."), field="family_name")
    if not given_name.strip():
        raise Refused(N_("Enter the given name."), field="given_name")
    today = local_day(at)
    if born_on > today:
        raise Refused(N_("The birth date lies in the future."), field="born_on")
    if born_on.year < today.year - OLDEST_YEARS:
        raise Refused(N_("The birth date is more than {years} years ago."), field="born_on", years=OLDEST_YEARS)


def _next_number() -> str:
    last = Patient.objects.order_by("-number").values_list("number", flat=True).first()
    return f"K-{(int(last[2:]) if last else 0) + 1:05d}"


def _index(patient: Patient, family_name: str, given_name: str, born_on: date) -> None:
    prefixes = search_prefixes(family_name, given_name, patient.number)
    SearchToken.objects.bulk_create(
        [SearchToken(patient=patient, token=blind_index(f"prefix:{prefix}")) for prefix in sorted(prefixes)]
    )
    DuplicateKey.objects.bulk_create(
        [DuplicateKey(patient=patient, key=key) for key in sorted(duplicate_keys(family_name, given_name, born_on))]
    )


@transaction.atomic
def register(
    *,
    by: Actor,
    at: datetime,
    family_name: str,
    given_name: str,
    born_on: date,
    sex: str = Sex.UNKNOWN,
    phone: str = "",
    email: str = "",
    address: str = "",
    language: str = "",
    is_another_person: bool = False,
) -> Patient:
    """Register a person once. Raises `PossibleDuplicate` unless `is_another_person` says they were compared."""
    _check_identity(family_name, given_name, born_on, at)
    if sex not in Sex.values:
        raise Refused(N_("Choose one of the list."), field="sex")
    alike = possible_duplicates(family_name, given_name, born_on)
    if alike and not is_another_person:
        raise PossibleDuplicate(alike)
    patient = Patient(
        number=_next_number(),
        family_name=family_name.strip(),
        given_name=given_name.strip(),
        birth_date=born_on.isoformat(),
        sex=sex,
        phone=phone.strip(),
        email=email.strip(),
        address=address.strip(),
        language=language,
        registered_at=at,
    )
    patient.save(force_insert=True)
    _index(patient, family_name, given_name, born_on)
    audit.record(
        by=by,
        at=at,
        what="patients.registered",
        about=patient,
        patient_id=patient.pk,
        detail={"compared_with": [other.number for other in alike]},
    )
    return patient


@transaction.atomic
def change_contact(
    *, by: Actor, at: datetime, patient: Patient, phone: str, email: str, address: str, language: str
) -> Patient:
    """Replace the ways to reach a patient. The audit entry says which changed, never what they are."""
    values = {
        "phone": phone.strip(),
        "email": email.strip(),
        "address": address.strip(),
        "language": language,
    }
    changed = [name for name, value in values.items() if (getattr(patient, name) or "") != value]
    for name, value in values.items():
        setattr(patient, name, value)
    patient.save(update_fields=list(values))
    audit.record(
        by=by,
        at=at,
        what="patients.contact.changed",
        about=patient,
        patient_id=patient.pk,
        detail={"changed": changed},
    )
    return patient


@transaction.atomic
def refer(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    received_on: date,
    referred_by: str = "",
    reason: str = "",
) -> Referral:
    """Record how the patient came here."""
    if received_on > local_day(at):
        raise Refused(N_("The day of the referral lies in the future."), field="received_on")
    referral = Referral.objects.create(
        patient=patient,
        received_on=received_on,
        referred_by=referred_by.strip(),
        reason=reason.strip(),
        recorded_at=at,
        recorded_by=by if isinstance(by, StaffMember) else None,
    )
    audit.record(by=by, at=at, what="patients.referred", about=referral, patient_id=patient.pk)
    return referral


@transaction.atomic
def join_care_team(*, by: Actor, at: datetime, patient: Patient, staff: StaffMember) -> CareTeamMember:
    """Make a member of staff responsible for the patient; joining twice changes nothing."""
    existing = CareTeamMember.objects.filter(patient=patient, staff=staff, until=None).first()
    if existing:
        return existing
    member = CareTeamMember.objects.create(patient=patient, staff=staff, since=at)
    audit.record(
        by=by,
        at=at,
        what="patients.care_team.joined",
        about=member,
        patient_id=patient.pk,
        detail={"staff": str(staff.pk)},
    )
    return member


@transaction.atomic
def record_view(*, by: Actor, at: datetime, patient: Patient, page: str) -> None:
    """Note that a chart was opened, so that the patient can see who looked."""
    audit.record(
        by=by,
        at=at,
        what="patients.chart.viewed",
        about=patient,
        patient_id=patient.pk,
        detail={"page": page},
    )


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite_to_portal(*, by: StaffMember, at: datetime, patient: Patient) -> str:
    """Make a new portal link and return its secret; earlier links of the patient end."""
    token = secrets.token_urlsafe(24)
    patient.portal_links.filter(expires_at__gt=at).update(expires_at=at)
    link = PortalLink.objects.create(
        patient=patient,
        fingerprint=_fingerprint(token),
        created_at=at,
        created_by=by,
        expires_at=at + PORTAL_LINK_LIFETIME,
    )
    audit.record(by=by, at=at, what="patients.portal.invited", about=link, patient_id=patient.pk)
    return token


def portal_link(*, token: str, at: datetime) -> PortalLink:
    """The link of a secret. Raises `Refused` when it is unknown, too old or was tried too often."""
    link = PortalLink.objects.select_related("patient").filter(fingerprint=_fingerprint(token)).first()
    if link is None or link.expires_at <= at or link.failed_attempts >= WRONG_BIRTH_DATES_ALLOWED:
        raise Refused(N_("This link has ended. Please ask the clinic for a new one."))
    return link


def open_portal(*, token: str, born_on: date, at: datetime) -> Patient:
    """Return the patient when link and birth date fit. A wrong date is counted, also when it is refused."""
    link = portal_link(token=token, at=at)
    if link.patient.born_on != born_on:
        with transaction.atomic():
            PortalLink.objects.filter(pk=link.pk).update(failed_attempts=F("failed_attempts") + 1)
            audit.record(
                by=link.patient,
                at=at,
                what="patients.portal.refused",
                about=link,
                patient_id=link.patient_id,
            )
        raise Refused(N_("This birth date does not fit the link. Please check it."), field="born_on")
    with transaction.atomic():
        PortalLink.objects.filter(pk=link.pk).update(last_opened_at=at, failed_attempts=0)
        audit.record(by=link.patient, at=at, what="patients.portal.opened", about=link, patient_id=link.patient_id)
    return link.patient
