"""The shared rules need the same two signatures as a protocol, and a changed rule needs them again."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import DatabaseError, transaction

from interlude.domain.protocol.rulebook import Rulebook
from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.models import AuditEntry
from interlude.record.protocols import queries, services
from interlude.record.protocols.models import RulesApproval, RulesVersion
from interlude.record.protocols.queries import rules
from tests.conftest import PASSWORD


@pytest.fixture
def other_rules() -> Rulebook:
    """What an update of the software would bring: one rule is milder."""
    now = rules.current_rules()
    milder = now.rules[4].model_copy(update={"title": "Another title"})
    changed = now.model_copy(update={"rules": (*now.rules[:4], milder, *now.rules[5:])})
    return changed


def test_nothing_is_approved_at_delivery_and_two_people_approve(
    db: None, lena: StaffMember, amal: StaffMember, now: datetime
) -> None:
    assert queries.rules_version() is None
    assert not queries.rules_are_approved()
    with pytest.raises(Refused, match="first signature is a physician"):
        services.approve_rules(by=amal, password=PASSWORD, at=now)
    with pytest.raises(Refused) as wrong:
        services.approve_rules(by=lena, password="not it", at=now)
    assert wrong.value.field == "password"
    assert not RulesVersion.objects.exists()
    services.approve_rules(by=lena, password=PASSWORD, at=now)
    assert not queries.rules_are_approved()
    with pytest.raises(Refused, match="You signed first"):
        services.approve_rules(by=lena, password=PASSWORD, at=now)
    services.approve_rules(by=amal, password=PASSWORD, at=now)
    assert queries.rules_are_approved()
    assert RulesVersion.objects.count() == 1
    assert AuditEntry.objects.filter(what="protocols.rules.approved").count() == 2
    assert not services.may_approve_rules(lena)


def test_a_changed_rule_is_not_approved_until_it_is_signed_again(
    db: None,
    lena: StaffMember,
    amal: StaffMember,
    now: datetime,
    other_rules: Rulebook,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from interlude.domain.protocol.identity import sha256
    from interlude.record.protocols.services import rules as service

    for who in (lena, amal):
        services.approve_rules(by=who, password=PASSWORD, at=now)
    assert queries.rules_changes() == (None, ())
    monkeypatch.setattr(rules, "current_rules", lambda: other_rules)
    monkeypatch.setattr(rules, "current_rules_sha256", lambda: sha256(other_rules))
    monkeypatch.setattr(service, "current_rules", lambda: other_rules)
    assert not queries.rules_are_approved()
    former, (change,) = queries.rules_changes()
    assert former is not None
    assert (former.version, change.new and change.new.text) == (1, "Another title")
    services.approve_rules(by=lena, password=PASSWORD, at=now)
    assert RulesVersion.objects.count() == 2


def test_what_was_signed_cannot_be_rewritten(db: None, lena: StaffMember, now: datetime) -> None:
    services.approve_rules(by=lena, password=PASSWORD, at=now)
    for model in (RulesVersion, RulesApproval):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all().delete()
