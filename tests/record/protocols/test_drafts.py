"""Drafting the next version: every change checked and kept, two people sign, running courses keep their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from interlude.domain.instruments.data import Datum, data_of
from interlude.domain.protocol.library import ProtocolFileError
from interlude.domain.protocol.revision import datum_at
from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.actors import SYSTEM
from interlude.record.audit.models import AuditEntry
from interlude.record.protocols import queries, services
from interlude.record.protocols.models import DraftStep, ProtocolDraft, ProtocolVersion
from tests.conftest import PASSWORD

HARD = "dose_mg_per_kg.hard_max"


@pytest.fixture
def base(db: None, now: datetime, lena: StaffMember, tomasz: StaffMember) -> ProtocolVersion:
    services.load_library(by=SYSTEM, at=now)
    version = ProtocolVersion.objects.get(key="trd-iv")
    for who in (lena, tomasz):
        services.approve(by=who, password=PASSWORD, at=now, version=version)
    return version


@pytest.fixture
def draft(base: ProtocolVersion, lena: StaffMember, now: datetime) -> ProtocolDraft:
    return services.create_draft(by=lena, at=now, base=base)


@pytest.fixture
def change(draft: ProtocolDraft, lena: StaffMember, now: datetime) -> Callable[..., DraftStep]:
    def put(value: str, path: str = HARD, reason: str = "Our audit of 2026.", **other: str) -> DraftStep:
        old = datum_at(queries.draft_of(draft).content, path)
        fields: dict[str, Any] = {"unit": old.unit, "source": "clinic-decision", "certainty": "P"} | other
        new = Datum(value=Decimal(value), **fields)
        return services.change_value(by=lena, at=now, draft=draft, path=path, new=new, reason=reason)

    return put


@pytest.fixture
def submitted(
    draft: ProtocolDraft, change: Callable[..., DraftStep], lena: StaffMember, now: datetime
) -> ProtocolVersion:
    change("0.9")
    day = timezone.localdate(now)
    return services.submit_draft(by=lena, password=PASSWORD, at=now, draft=draft, effective_on=day)


def audited(what: str) -> int:
    return AuditEntry.objects.filter(what=what).count()


def test_a_draft_begins_as_its_base_and_each_change_is_one_step_and_one_entry(
    draft: ProtocolDraft, change: Callable[..., DraftStep]
) -> None:
    assert queries.draft_of(draft).changes == ()
    change("0.9")
    change("0.8")
    current = queries.draft_of(draft)
    assert [step.position for step in current.steps] == [1, 2]
    assert [step.before["value"] for step in current.steps] == ["1", "0.9"]
    (one,) = current.changes
    assert (one.words, one.new and one.new.text) == (("Dose", "refused above"), "0.8")
    assert current.steps[-1].content_sha256 == current.sha256
    assert audited("protocols.draft.changed") == 2
    assert audited("protocols.draft.opened") == 1


# path | value | other | field or reason
REFUSED = [
    (HARD, "0.4", {}, "limits are crossed"),
    ("series.gap_min_days", "5", {}, "spacing impossible"),
    (HARD, "0.9", {"source": ""}, "Say where the new value comes from."),
    (HARD, "0.9", {"source": "hearsay"}, "There is no source called hearsay."),
    (HARD, "0.9", {"certainty": "V"}, "certainty P"),
    (HARD, "0.9", {"unit": "mg"}, "The unit stays mg/kg."),
    (HARD, "0.9", {"reason": " "}, "Say why this value changes."),
]


@pytest.mark.parametrize(("path", "value", "other", "words"), REFUSED, ids=lambda cell: str(cell))
def test_what_does_not_fit_is_refused_and_leaves_no_trace(
    path: str, value: str, other: dict[str, str], words: str, draft: ProtocolDraft, change: Callable[..., DraftStep]
) -> None:
    with pytest.raises(Refused) as refused:
        change(value, path, **other)
    assert words in str(refused.value)
    if isinstance(refused.value, ProtocolFileError):
        assert refused.value.params["line"]
    assert queries.draft_of(draft).steps == ()
    assert audited("protocols.draft.changed") == 0


def test_a_value_is_put_back_as_it_was(
    draft: ProtocolDraft, change: Callable[..., DraftStep], lena: StaffMember, now: datetime
) -> None:
    change("0.9")
    services.restore_value(by=lena, at=now, draft=draft, path=HARD)
    current = queries.draft_of(draft)
    assert (current.changes, len(current.steps)) == ((), 2)
    with pytest.raises(Refused, match="already"):
        services.restore_value(by=lena, at=now, draft=draft, path=HARD)


def test_who_may_draft_and_only_one_draft_at_a_time(
    base: ProtocolVersion, draft: ProtocolDraft, lena: StaffMember, amal: StaffMember, now: datetime
) -> None:
    with pytest.raises(Refused, match="A physician drafts"):
        services.create_draft(by=amal, at=now, base=base)
    with pytest.raises(Refused, match="open draft"):
        services.create_draft(by=lena, at=now, base=base)
    assert (services.may_draft(lena), services.may_draft(amal)) == (True, False)
    services.discard_draft(by=lena, at=now, draft=draft)
    assert services.create_draft(by=lena, at=now, base=base) != draft


def test_submitting_makes_a_version_with_the_first_signature(
    submitted: ProtocolVersion, base: ProtocolVersion, lena: StaffMember, tomasz: StaffMember, now: datetime
) -> None:
    assert (submitted.version, submitted.approvals.get().staff) == (2, lena)
    assert not queries.is_approved(submitted)
    assert queries.former_version(submitted) == base
    assert [change.path for change in queries.changes_since(base, submitted)] == [HARD]
    with pytest.raises(Refused, match="You signed first"):
        services.approve(by=lena, password=PASSWORD, at=now, version=submitted)
    services.approve(by=tomasz, password=PASSWORD, at=now, version=submitted)
    assert queries.is_approved(submitted)


def test_plans_start_from_the_version_in_force(
    submitted: ProtocolVersion, base: ProtocolVersion, tomasz: StaffMember, now: datetime
) -> None:
    def current(days: int = 0) -> ProtocolVersion:
        day = timezone.localdate(now) + timedelta(days=days)
        return next(version for version in queries.newest_versions(day) if version.key == "trd-iv")

    today = timezone.localdate(now)
    assert current() == base
    assert queries.waiting_versions(today)["trd-iv"] == submitted
    services.approve(by=tomasz, password=PASSWORD, at=now, version=submitted)
    assert current() == submitted
    assert current(-1) == base
    assert "trd-iv" not in queries.waiting_versions(today)


def test_a_declined_version_is_never_used_and_never_signed(
    submitted: ProtocolVersion, base: ProtocolVersion, lena: StaffMember, tomasz: StaffMember, now: datetime
) -> None:
    with pytest.raises(Refused, match="Say why you decline"):
        services.decline(by=tomasz, at=now, version=submitted, reason="")
    services.decline(by=tomasz, at=now, version=submitted, reason="The audit counts nine people.")
    assert not services.may_decline(tomasz, submitted)
    with pytest.raises(Refused, match="was declined"):
        services.approve(by=tomasz, password=PASSWORD, at=now, version=submitted)
    assert base in queries.newest_versions()
    assert submitted not in queries.newest_versions()
    again = services.create_draft(by=lena, at=now, base=submitted)
    assert queries.draft_of(again).changes == ()


def test_what_is_submitted_is_whole_changed_and_not_in_the_past(
    draft: ProtocolDraft, change: Callable[..., DraftStep], lena: StaffMember, now: datetime
) -> None:
    day = timezone.localdate(now)

    def submit(on: Any = day, password: str = PASSWORD, seen: str = "") -> None:
        services.submit_draft(by=lena, password=password, at=now, draft=draft, effective_on=on, seen_sha256=seen)

    with pytest.raises(Refused, match="nothing to submit"):
        submit()
    change("0.9")
    with pytest.raises(Refused, match="in the past"):
        submit(day - timedelta(days=1))
    with pytest.raises(Refused, match="has changed since"):
        submit(seen="0" * 64)
    with pytest.raises(Refused) as wrong:
        submit(password="not it")
    assert wrong.value.field == "password"
    assert ProtocolVersion.objects.filter(key="trd-iv").count() == 1
    assert queries.draft_of(draft).is_open
    submit(seen=queries.draft_of(draft).sha256)
    with pytest.raises(Refused, match="closed"):
        change("0.8")


def test_since_when_each_number_holds(
    submitted: ProtocolVersion, base: ProtocolVersion, tomasz: StaffMember, now: datetime
) -> None:
    history = list(queries.history_of("trd-iv"))
    assert queries.in_force_since(submitted, history) == {}
    later = now + timedelta(days=3)
    services.approve(by=tomasz, password=PASSWORD, at=later, version=submitted)
    since = queries.in_force_since(submitted, queries.history_of("trd-iv"))
    assert set(since) == {path for path, _datum in data_of(queries.protocol_of(submitted))}
    assert since[HARD] == timezone.localdate(later)
    assert {day for path, day in since.items() if path != HARD} == {timezone.localdate(now)}


def test_the_history_of_a_draft_cannot_be_rewritten(change: Callable[..., DraftStep]) -> None:
    step = change("0.9")
    with pytest.raises(DatabaseError), transaction.atomic():
        DraftStep.objects.filter(pk=step.pk).update(reason="Another one")
    with pytest.raises(DatabaseError), transaction.atomic():
        ProtocolDraft.objects.all().delete()


def test_a_trial_is_kept_with_the_content_that_it_tried(
    draft: ProtocolDraft, change: Callable[..., DraftStep], lena: StaffMember, now: datetime
) -> None:
    change("0.6", "dose_mg_per_kg.soft_max")
    services.try_draft(by=lena, at=now, draft=draft, seed=7)
    current = queries.draft_of(draft)
    assert current.trial is not None
    assert current.trial.content_sha256 == current.sha256
    assert current.trial.after["people"] == 1000
    change("0.9")
    current = queries.draft_of(draft)
    assert current.trial is not None
    assert current.trial.content_sha256 != current.sha256
    assert audited("protocols.draft.tried") == 1


def test_a_plan_begins_on_a_version_from_its_day_on_unless_it_is_declined(
    submitted: ProtocolVersion, base: ProtocolVersion, tomasz: StaffMember, now: datetime
) -> None:
    today = timezone.localdate(now)
    assert services.may_begin(base, today)
    assert services.may_begin(submitted, today)
    with pytest.raises(Refused, match="holds from") as early:
        services.check_may_begin(submitted, today - timedelta(days=1))
    assert early.value.params["day"] == today
    services.decline(by=tomasz, at=now, version=submitted, reason="Nine people only.")
    assert not services.may_begin(submitted, today)


def test_the_sentence_on_top_changes_with_a_reason(draft: ProtocolDraft, lena: StaffMember, now: datetime) -> None:
    def put(text: str, reason: str = "The dose is another one.") -> DraftStep:
        return services.change_summary(by=lena, at=now, draft=draft, text=text, reason=reason)

    old = queries.draft_of(draft).content.summary
    for text, reason, field in (("", "Why", "text"), (old, "Why", "text"), ("New.", " ", "reason")):
        with pytest.raises(Refused) as refused:
            put(text, reason)
        assert refused.value.field == field
    put("0.4 mg/kg over  40 minutes.")
    current = queries.draft_of(draft)
    assert current.content.summary == "0.4 mg/kg over 40 minutes."
    assert [change.path for change in current.changes] == ["summary"]
    assert current.steps[-1].content_sha256 == current.sha256
    assert audited("protocols.draft.changed") == 1
