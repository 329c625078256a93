"""Two people sign a version, the first a physician. Nothing is approved at delivery."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from interlude.domain.protocol.library import load_library
from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.actors import SYSTEM
from interlude.record.audit.models import AuditEntry
from interlude.record.protocols import queries, services
from interlude.record.protocols.models import ProtocolApproval, ProtocolVersion
from tests.conftest import PASSWORD


@pytest.fixture
def version(db: None, now: datetime) -> ProtocolVersion:
    services.load_library(by=SYSTEM, at=now)
    return ProtocolVersion.objects.get(key="trd-iv")


def test_every_protocol_is_loaded_once_and_none_is_approved(version: ProtocolVersion, now: datetime) -> None:
    shipped = load_library().protocols
    assert set(ProtocolVersion.objects.values_list("key", flat=True)) == set(shipped)
    assert not queries.approved_versions().exists()
    assert services.load_library(by=SYSTEM, at=now) == []
    assert AuditEntry.objects.filter(what="protocols.loaded").count() == len(shipped)


def test_a_stored_version_is_the_protocol_that_was_loaded(version: ProtocolVersion) -> None:
    assert queries.protocol_of(version) == load_library().protocols["trd-iv"]


# first approver | second approver | outcome
APPROVALS = """
    physician lena  | physician tomasz | approved
    physician lena  | nurse amal       | approved
    physician lena  | pharmacy petra   | approved
    physician lena  | physician lena   | You signed first. The second signature is another person's.
    physician lena  | therapist jonas  | The second signature is a physician's, a nurse's or a pharmacist's.
    nurse amal      | -                | The first signature is a physician's.
    pharmacy petra  | -                | The first signature is a physician's.
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


@pytest.mark.parametrize("row", rows(APPROVALS), ids=lambda row: f"{row[0]} then {row[1]}")
def test_who_approves(
    row: list[str], version: ProtocolVersion, staff: Callable[..., StaffMember], now: datetime
) -> None:
    refusal = ""
    for who in (name for name in row[:2] if name != "-"):
        try:
            services.approve(by=staff(*who.split()), password=PASSWORD, at=now, version=version)
        except Refused as refused:
            refusal = str(refused)
    assert queries.is_approved(version) == (row[2] == "approved")
    assert (refusal or "approved") == row[2]


def test_a_wrong_password_approves_nothing(version: ProtocolVersion, lena: StaffMember, now: datetime) -> None:
    with pytest.raises(Refused) as refused:
        services.approve(by=lena, password="not it", at=now, version=version)
    assert refused.value.field == "password"
    assert not ProtocolApproval.objects.exists()


def test_one_audit_entry_for_each_signature(
    version: ProtocolVersion, lena: StaffMember, tomasz: StaffMember, now: datetime
) -> None:
    for who in (lena, tomasz):
        services.approve(by=who, password=PASSWORD, at=now, version=version)
    entries = AuditEntry.objects.filter(what="protocols.approved").order_by("id")
    assert [entry.detail["position"] for entry in entries] == [1, 2]
    assert list(queries.approved_versions()) == [version]


def test_a_changed_protocol_is_a_new_version_without_approval(
    version: ProtocolVersion, lena: StaffMember, tomasz: StaffMember, now: datetime
) -> None:
    for who in (lena, tomasz):
        services.approve(by=who, password=PASSWORD, at=now, version=version)
    protocol = queries.protocol_of(version)
    dose = protocol.dose_mg_per_kg
    lower = dose.model_copy(update={"hard_max": dose.hard_max.model_copy(update={"value": Decimal("0.9")})})
    changed = protocol.model_copy(update={"dose_mg_per_kg": lower})
    second = services.load_protocol(by=SYSTEM, at=now, protocol=changed)
    assert (second.version, queries.is_approved(second)) == (2, False)
    assert queries.former_version(second) == version
    assert [change.path for change in queries.changes_since(version, second)] == ["dose_mg_per_kg.hard_max"]


def test_a_version_cannot_be_rewritten(version: ProtocolVersion) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        ProtocolVersion.objects.filter(pk=version.pk).update(title="Another one")
