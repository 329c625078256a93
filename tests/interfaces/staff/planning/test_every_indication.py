"""From the consultation to a signed plan, for every indication; and the honest end for those without a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from html import escape

import pytest
from django.test import Client
from django.urls import reverse
from pydantic import BaseModel

from interlude.domain.instruments.data import Datum
from interlude.domain.protocol import load_library
from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments.services import record_fact, record_trial
from interlude.record.patients.models import Patient
from interlude.record.plans import services
from interlude.record.plans.order import starting_plan
from interlude.record.protocols.queries import protocol_of
from tests.conftest import PASSWORD
from tests.record.plans.support import make_eligible, version

LIBRARY = load_library()
PLANNED = [(row.code, key) for row in LIBRARY.indications.values() if row.may_plan for key in row.protocols]
NOT_PLANNED = [row.code for row in LIBRARY.indications.values() if not row.may_plan]

# What the physician of the clinic is told where no plan may be made. Signed as the honest outcome.
HONEST = {
    "opioid": "no_default",
    "cocaine": "no",
    "nicotine": "research_only",
    "migraine": "no_default",
    "eating_disorder": "research_only",
    "dementia": "block",
    "burnout": "treat_comorbid",
}


def data_in(model: BaseModel) -> Iterator[Datum]:
    """Every value of a protocol, wherever it stands."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Datum):
                yield part
            elif isinstance(part, BaseModel):
                yield from data_in(part)


def test_every_indication_has_a_plan_or_an_honest_outcome() -> None:
    assert {code for code, _ in PLANNED} | set(HONEST) == set(LIBRARY.indications)
    assert {code: LIBRARY.indications[code].offer for code in NOT_PLANNED} == HONEST


@pytest.mark.parametrize(("indication", "key"), PLANNED)
def test_from_consultation_to_a_signed_plan(
    indication: str,
    key: str,
    noor: Patient,
    lena: StaffMember,
    today: datetime,
    as_: Callable[[StaffMember], Client],
) -> None:
    record_fact(by=lena, at=today, patient=noor, code="indication", value=indication, observed_at=today)
    for medicine, dose, weeks in (("escitalopram", "20 mg", 10), ("venlafaxine", "225 mg", 8)):
        record_trial(
            by=lena,
            at=today,
            patient=noor,
            medicine=medicine,
            dose=dose,
            dose_was_adequate=True,
            weeks=Decimal(weeks),
            response="none",
        )
    make_eligible(noor, by=lena, at=today)
    chosen = version(key)
    protocol = protocol_of(chosen)
    course = services.draft_course(
        by=lena, at=today, patient=noor, protocol_version=chosen, plan=starting_plan(protocol)
    )
    signed = services.sign_course(by=lena, password=PASSWORD, at=today, course=course)
    assert signed.state == "signed"
    assert signed.dose_ug > 0
    values = list(data_in(protocol))
    assert len(values) > 30
    assert all(value.source in LIBRARY.sources and value.certainty for value in values)
    page = as_(lena).get(reverse("staff:course", args=[signed.pk]))
    assert page.status_code == 200


@pytest.mark.parametrize("indication", NOT_PLANNED)
def test_the_honest_end(
    indication: str,
    eligible: Patient,
    lena: StaffMember,
    today: datetime,
    as_: Callable[[StaffMember], Client],
) -> None:
    record_fact(by=lena, at=today, patient=eligible, code="indication", value=indication, observed_at=today)
    version()
    page = as_(lena).get(reverse("staff:plan", args=[eligible.pk])).content.decode()
    row = LIBRARY.indications[indication]
    assert escape(row.honest_text, quote=False) in page.replace("&#x27;", "'").replace("&quot;", '"')
    for key in row.protocols:
        with pytest.raises(Refused):
            services.draft_course(by=lena, at=today, patient=eligible, protocol_version=version(key))
