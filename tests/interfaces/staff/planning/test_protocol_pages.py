"""The library's pages: what is approved, by whom, and every number with its source."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from interlude.domain.evidence import load_evidence
from interlude.domain.instruments.data import data_of
from interlude.domain.protocol.library import load_library
from interlude.interfaces.staff.planning.protocol_rows import groups
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.actors import SYSTEM
from interlude.record.protocols import queries, services
from interlude.record.protocols.models import ProtocolVersion
from tests.conftest import PASSWORD
from tests.record.plans.support import version

SignIn = Callable[[StaffMember], Client]


@pytest.fixture
def one(today: datetime) -> ProtocolVersion:
    return version()


def test_at_delivery_the_list_says_that_nothing_is_approved(
    one: ProtocolVersion, as_: SignIn, lena: StaffMember
) -> None:
    page = as_(lena).get(reverse("staff:protocols")).content.decode()
    assert "Nothing is approved at delivery" in page
    assert page.count("Not approved") == ProtocolVersion.objects.count() + 1  # and the shared rules
    assert "Burnout is not a disease in the ICD-11." in page


def test_every_number_of_a_protocol_is_on_its_page(one: ProtocolVersion) -> None:
    protocol = queries.protocol_of(one)
    shown = sum(len(group["rows"]) for group in groups(protocol))
    numbers = [path for path, _datum in data_of(protocol) if ".strict_if." not in f".{path}."]
    continuous = sum(item.continuous for item in protocol.monitoring)
    assert shown >= len(numbers) - 4 + continuous
    assert all(row["source"] and row["certainty"] for group in groups(protocol) for row in group["rows"])


def approve(client: Client, one: ProtocolVersion, password: str = PASSWORD) -> Any:
    return client.post(reverse("staff:protocol", args=[one.pk]), {"password": password})


def test_two_people_approve_page_by_page(
    one: ProtocolVersion, as_: SignIn, lena: StaffMember, amal: StaffMember
) -> None:
    assert approve(as_(lena), one).status_code == 302
    assert "You signed first." in as_(lena).get(reverse("staff:protocol", args=[one.pk])).content.decode()
    assert approve(as_(amal), one).status_code == 302
    assert queries.is_approved(one)
    page = as_(lena).get(reverse("staff:protocol", args=[one.pk])).content.decode()
    assert "Sessions may run on this version." in page
    assert lena.display_name in page
    assert amal.display_name in page


def test_a_wrong_password_stands_beside_its_field(one: ProtocolVersion, as_: SignIn, lena: StaffMember) -> None:
    answer = approve(as_(lena), one, "not it")
    assert answer.status_code == 422
    assert "The password is not right. Nothing was signed." in answer.content.decode()
    assert one.approvals.count() == 0


def test_who_may_not_sign_first_reads_why(one: ProtocolVersion, as_: SignIn, amal: StaffMember) -> None:
    page = as_(amal).get(reverse("staff:protocol", args=[one.pk])).content.decode()
    assert "The first signature is a physician&#x27;s." in page
    assert 'type="password"' not in page
    assert approve(as_(amal), one).status_code == 422


def test_the_difference_to_the_former_version_is_read(
    one: ProtocolVersion, as_: SignIn, lena: StaffMember, now: datetime
) -> None:
    protocol = queries.protocol_of(one)
    dose = protocol.dose_mg_per_kg
    lower = dose.model_copy(update={"hard_max": dose.hard_max.model_copy(update={"value": Decimal("0.9")})})
    second = services.load_protocol(by=SYSTEM, at=now, protocol=protocol.model_copy(update={"dose_mg_per_kg": lower}))
    page = as_(lena).get(reverse("staff:protocol", args=[second.pk])).content.decode()
    assert "Changed since version 1" in page
    assert "Dose · refused above" in page
    assert "<strong>0.9</strong> mg/kg" in page
    assert "dose_mg_per_kg" not in re.sub(r"<[^>]*>", " ", page)


def test_a_source_that_is_a_kept_study_is_one_tap_away(one: ProtocolVersion, as_: SignIn, lena: StaffMember) -> None:
    client = as_(lena)
    page = client.get(reverse("staff:protocol", args=[one.pk])).content.decode()
    study = next(one for one in load_evidence().studies.values() if one.protocol_source == "phillips-2019")
    address = reverse("staff:study", args=[study.id])
    assert f'<a href="{address}">' in page
    assert client.get(address).status_code == 200


def test_the_shared_rules_are_read_and_signed_by_two(
    one: ProtocolVersion, as_: SignIn, lena: StaffMember, amal: StaffMember
) -> None:
    address = reverse("staff:protocol_rules")
    page = as_(lena).get(address).content.decode()
    for code in load_library().rule_set.rules:
        assert f">{code.code}</span>" in page
    assert "Lamotrigine" in page
    assert "hold from 160 mmHg" in page
    assert "{" not in page.split("<main")[1].split("</main>")[0].replace("{&quot;", "")
    assert as_(lena).post(address, {"password": "not it"}).status_code == 422
    assert as_(lena).post(address, {"password": PASSWORD}).status_code == 302
    assert "You signed first." in as_(lena).get(address).content.decode()
    assert as_(amal).post(address, {"password": PASSWORD}).status_code == 302
    assert queries.rules_are_approved()
    assert 'type="password"' not in as_(amal).get(address).content.decode()


def test_the_list_asks_as_often_for_one_approval_as_for_many(
    one: ProtocolVersion,
    as_: SignIn,
    lena: StaffMember,
    tomasz: StaffMember,
    now: datetime,
    django_assert_max_num_queries: Any,
) -> None:
    client = as_(lena)
    client.get(reverse("staff:protocols"))
    counts = []
    for version_row in list(ProtocolVersion.objects.all()[:3]):
        for who in (lena, tomasz):
            services.approve(by=who, password=PASSWORD, at=now, version=version_row)
        with django_assert_max_num_queries(16) as asked:
            client.get(reverse("staff:protocols"))
        counts.append(len(asked))
    assert len(set(counts)) == 1
