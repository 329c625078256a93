from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from interlude.domain.protocol.facts import Fact as KnownValue
from interlude.domain.protocol.facts import Value, check_fact
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments.catalogue import catalogue
from interlude.record.assessments.models import Fact, FactSource, FactWithdrawal
from interlude.record.assessments.queries.eligibility import plain
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.clinic.queries import clinic_zone
from interlude.record.patients.models import Patient


def record_fact(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    code: str,
    value: Value | None,
    observed_at: datetime,
    source: str = FactSource.CHART,
    unit: str = "",
) -> Fact:
    """Chart one dated answer; `value` None says "asked, not known". Raises `Refused` on the field of the code.

    A `unit` that is given must be the catalogue's own: nothing is converted silently.
    """
    (fact,) = record_facts(
        by=by,
        at=at,
        patient=patient,
        values={code: value},
        observed_at=observed_at,
        source=source,
        units={code: unit},
    )
    return fact


@transaction.atomic
def record_facts(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    values: Mapping[str, Value | None],
    observed_at: datetime,
    source: str = FactSource.CHART,
    units: Mapping[str, str] | None = None,
) -> list[Fact]:
    """Chart several answers of one time together: all, or none when one is refused (field: its code)."""
    if not values:
        raise Refused(N_("Answer at least one question."))
    if source not in FactSource.values:
        raise Refused(N_("Choose one of the list."), field="source")
    for code, value in values.items():
        _check(code, value, observed_at, (units or {}).get(code, ""), at)
    Patient.objects.select_for_update().get(pk=patient.pk)  # numbers of one patient are given one at a time
    last = Fact.objects.filter(patient=patient).aggregate(last=Max("number"))["last"] or 0
    facts = []
    for number, (code, value) in enumerate(values.items(), start=last + 1):
        fact = Fact(
            patient=patient,
            code=code,
            value=plain(value),
            unit=catalogue().get(code).unit,
            observed_at=observed_at,
            source=source,
            number=number,
            recorded_at=at,
            recorded_by=by if isinstance(by, StaffMember) else None,
        )
        fact.save(force_insert=True)
        facts.append(fact)
    audit.record(
        by=by,
        at=at,
        what="assessments.facts.recorded",
        about=patient,
        patient_id=patient.pk,
        detail={"codes": sorted(values), "source": str(source)},
    )
    return facts


def _check(code: str, value: Value | None, observed_at: datetime, unit: str, at: datetime) -> None:
    definition = catalogue().get(code)
    if definition.asked == "computed":
        raise Refused(N_("{label} is computed and cannot be entered."), field=code, label=definition.label)
    if value is None:
        if observed_at > at:
            raise Refused(N_("This date is in the future."), field=code)
        return
    # The clinic's own day decides what "in the future" means for a date.
    local = at.astimezone(clinic_zone())
    check_fact(catalogue(), KnownValue(code, value, observed_at, unit), at=local)


@transaction.atomic
def withdraw_fact(*, by: StaffMember, at: datetime, fact: Fact) -> FactWithdrawal:
    """Say that an answer was entered in error; the one before it holds again."""
    if FactWithdrawal.objects.filter(fact=fact).exists():
        raise Refused(N_("This entry was withdrawn already. Reload the page."))
    withdrawal = FactWithdrawal.objects.create(fact=fact, at=at, by=by)
    audit.record(
        by=by,
        at=at,
        what="assessments.fact.withdrawn",
        about=fact,
        patient_id=fact.patient_id,
        detail={"code": fact.code},
    )
    return withdrawal
