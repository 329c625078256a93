from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest

from interlude.domain.instruments import TIERS
from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.models import AuditEntry
from interlude.record.measures import queries, services
from interlude.record.measures.models import Assignment, ItemAnswer, Response, RiskAlert
from interlude.record.measures.tiers import most_urgent, tier_rules
from interlude.record.patients.models import Patient
from interlude.record.worklist.models import Task
from interlude.record.worklist.queries import tasks_for

pytestmark = pytest.mark.django_db

# value of item 9, tier, hours until it is due, owner of the task
TIER_TABLE = [
    (0, "", 0, ""),
    (1, "look", 24, "nurse"),
    (2, "moderate", 4, "physician"),
    (3, "moderate", 4, "physician"),
]


@pytest.mark.parametrize(("value", "tier", "hours", "owner"), TIER_TABLE)
def test_item_9_opens_an_urgent_task_at_the_tap(
    phq9: Assignment, noor: Patient, now: datetime, value: int, tier: str, hours: int, owner: str
) -> None:
    services.answer_item(by=noor, at=now, assignment=phq9, item="9", value=value)
    if not tier:
        assert not RiskAlert.objects.exists()
        assert not Task.objects.exists()
        return
    alert = RiskAlert.objects.get()
    assert (alert.tier, alert.due_at) == (tier, now + timedelta(hours=hours))
    task = alert.task
    assert (task.owner_role, task.is_urgent, task.due_at) == (owner, True, alert.due_at)
    assert (task.url_name, task.url_args) == ("staff:risk_alert", [str(alert.pk)])
    assert AuditEntry.objects.filter(what="measures.risk.raised").count() == 1


# yes/no answers of the screener by item, tier, hours
SCREENER = [
    ({"1": 0, "2": 0, "6_lifetime": 0}, "", 0),
    ({"1": 1, "2": 0, "6_lifetime": 0}, "low", 24),
    ({"1": 1, "2": 1, "3": 1, "4": 0, "5": 0, "6_lifetime": 0}, "moderate", 4),
    ({"1": 1, "2": 1, "3": 1, "4": 1, "5": 0, "6_lifetime": 0}, "high", 0),
]


@pytest.mark.parametrize(("answers", "tier", "hours"), SCREENER, ids=["none", "low", "moderate", "high"])
def test_the_screener_entered_by_a_nurse_raises_its_tier(
    noor: Patient, amal: StaffMember, now: datetime, answers: dict[str, int], tier: str, hours: int
) -> None:
    response = services.enter_paper(
        by=amal, at=now, patient=noor, instrument="cssrs_screener", answers=answers, answered_at=now
    )
    assert response.total is None
    assert response.answered_by_kind == "clinician"
    alert = RiskAlert.objects.first()
    assert (alert.tier if alert else "") == tier
    if alert:
        assert alert.due_at == now + timedelta(hours=hours)
        assert alert.response == response


def test_sending_does_not_ring_twice_and_a_changed_mind_does_not_hide_it(
    phq9: Assignment, tap: Callable[..., None], noor: Patient, now: datetime
) -> None:
    tap(phq9, "000000001", now)
    services.answer_item(by=noor, at=now, assignment=phq9, item="9", value=0)
    services.answer_item(by=noor, at=now, assignment=phq9, item="9", value=1)
    services.submit(by=noor, at=now, assignment=phq9)
    assert RiskAlert.objects.count() == 1
    assert Task.objects.get().state == "open"


def test_a_more_urgent_answer_replaces_the_alert(
    phq9: Assignment, amal: StaffMember, lena: StaffMember, noor: Patient, now: datetime
) -> None:
    services.answer_item(by=noor, at=now, assignment=phq9, item="9", value=1)
    services.take_alert(by=amal, at=now, alert=RiskAlert.objects.get())
    services.answer_item(by=noor, at=now, assignment=phq9, item="9", value=3)
    old, new = RiskAlert.objects.order_by("due_at").reverse()
    assert (old.task.state, new.task.state) == ("dropped", "open")
    # A physician's task now: nobody owns it because a nurse had taken the milder one.
    assert [task.pk for task in tasks_for(lena)] == [new.task_id]


def test_a_rise_of_two_is_noticed_against_the_last_time(noor: Patient, amal: StaffMember, now: datetime) -> None:
    def paper(value: int, at: datetime) -> Response:
        return services.enter_paper(
            by=amal, at=now, patient=noor, instrument="phq9", answers={"9": value}, answered_at=at
        )

    paper(1, now - timedelta(days=7))
    worse = paper(3, now - timedelta(days=1))
    assert {flag["code"] for flag in worse.flags} == {"item9", "item9_rise"}
    better = paper(0, now)
    assert better.flags == []


def test_nothing_is_saved_when_the_alert_cannot_be_opened(phq9: Assignment, noor: Patient, now: datetime) -> None:
    with (
        patch("interlude.record.worklist.services.open_task", side_effect=RuntimeError("no task")),
        pytest.raises(RuntimeError),
    ):
        services.answer_item(by=noor, at=now, assignment=phq9, item="9", value=1)
    assert not ItemAnswer.objects.exists()
    assert not RiskAlert.objects.exists()


def test_an_alert_is_taken_acted_on_and_closed_with_words(
    phq9: Assignment, noor: Patient, amal: StaffMember, lena: StaffMember, now: datetime
) -> None:
    services.answer_item(by=noor, at=now, assignment=phq9, item="9", value=1)
    alert = queries.open_alerts(amal).get()
    services.take_alert(by=amal, at=now, alert=alert)
    with pytest.raises(Refused, match="Somebody else"):
        services.take_alert(by=lena, at=now, alert=alert)
    with pytest.raises(Refused, match="few words"):
        services.close_alert(by=amal, at=now, alert=alert, kind="called", note="  ")
    with pytest.raises(Refused, match="what was done"):
        services.close_alert(by=amal, at=now, alert=alert, kind="", note="x")
    with pytest.raises(Refused, match="stays open"):
        services.close_alert(by=amal, at=now, alert=alert, kind="not_reached", note="No answer")
    services.note_action(by=amal, at=now, alert=alert, kind="not_reached", note="No answer")
    assert queries.open_alerts(amal).exists()
    services.close_alert(by=amal, at=now, alert=alert, kind="called", note="Safe at home, sister there")
    assert not queries.open_alerts(amal).exists()
    assert [action.kind for action in alert.actions.all()] == ["not_reached", "called"]
    with pytest.raises(Refused, match="closed already"):
        services.close_alert(by=amal, at=now, alert=alert, kind="called", note="again")
    told = AuditEntry.objects.filter(what__startswith="measures.risk").order_by("id")
    assert [entry.what.rsplit(".", 1)[1] for entry in told] == ["raised", "taken", "acted", "closed"]
    assert "sister" not in str([entry.detail for entry in told])


def test_every_tier_has_a_rule_that_says_it_is_a_proposal() -> None:
    rules = tier_rules()
    assert set(rules) == set(TIERS)
    assert all(rule.within.certainty == "P" for rule in rules.values())
    assert most_urgent(["look", "high", "low"]) == "high"
    assert most_urgent([]) == ""
