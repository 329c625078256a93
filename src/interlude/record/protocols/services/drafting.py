"""The draft of a next version: opened by a physician, changed number by number, tried on virtual patients."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from interlude.domain.instruments.data import Datum
from interlude.domain.protocol.identity import sha256
from interlude.domain.protocol.library import load_library
from interlude.domain.protocol.revision import check_whole, datum_at, replaced, with_value
from interlude.domain.protocol.schema import Protocol
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.audit import services as audit
from interlude.record.protocols.models import DraftStep, ProtocolDraft, ProtocolVersion, StepKind
from interlude.record.protocols.queries import SUMMARY, Draft, draft_of, open_draft_of
from interlude.record.protocols.trial import DEFAULT_LEVEL, PEOPLE, as_json, try_out


def check_may_draft(by: StaffMember) -> None:
    """Raises `Refused`: a physician writes the next version of a protocol."""
    if by.role != Role.PHYSICIAN:
        raise Refused(N_("A physician drafts a new version of a protocol."))


def may_draft(by: StaffMember) -> bool:
    """The answer to `check_may_draft` without its reason."""
    return by.role == Role.PHYSICIAN


@transaction.atomic
def create_draft(*, by: StaffMember, at: datetime, base: ProtocolVersion) -> ProtocolDraft:
    """Open a draft that begins as a copy of `base`. One protocol has one open draft at a time."""
    check_may_draft(by)
    base = ProtocolVersion.objects.select_for_update().get(pk=base.pk)
    if open_draft_of(base.key) is not None:
        raise Refused(N_("There is an open draft of this protocol already."))
    draft = ProtocolDraft.objects.create(base=base, opened_by=by, opened_at=at)
    detail = {"key": base.key, "base": base.version}
    audit.record(by=by, at=at, what="protocols.draft.opened", about=draft, detail=detail)
    return draft


@transaction.atomic
def change_value(
    *, by: StaffMember, at: datetime, draft: ProtocolDraft, path: str, new: Datum, reason: str
) -> DraftStep:
    """Put another number at `path` (of `data_of`).

    Raises `Refused` (field value, source, certainty, note or reason), or `ProtocolFileError` with field, line and
    reason when the protocol as a whole would no longer fit.
    """
    current = locked(by, draft)
    if not reason.strip():
        raise Refused(N_("Say why this value changes."), field="reason")
    content = with_value(load_library(), current.content, path, new)
    before = datum_at(current.content, path)
    return add_step(
        current, StepKind.CHANGED, by=by, at=at, content=content, path=path, before=before, after=new, reason=reason
    )


@transaction.atomic
def restore_value(*, by: StaffMember, at: datetime, draft: ProtocolDraft, path: str) -> DraftStep:
    """Put the base's number back. Raises as `change_value` does when it no longer fits to the other changes."""
    current = locked(by, draft)
    before, after = datum_at(current.content, path), datum_at(current.former, path)
    if before == after:
        raise Refused(N_("This is the value that stands there already."), field="value")
    content = check_whole(load_library(), replaced(current.content, {path: after}))
    return add_step(current, StepKind.RESTORED, by=by, at=at, content=content, path=path, before=before, after=after)


@transaction.atomic
def change_summary(*, by: StaffMember, at: datetime, draft: ProtocolDraft, text: str, reason: str) -> DraftStep:
    """Put another sentence on top of the protocol, so that it says what the numbers say. Raises `Refused`."""
    current = locked(by, draft)
    text = " ".join(text.split())
    if not text:
        raise Refused(N_("Say in one sentence what the protocol comes to."), field="text")
    if text == current.content.summary:
        raise Refused(N_("This is the sentence that stands there already."), field="text")
    if not reason.strip():
        raise Refused(N_("Say why this sentence changes."), field="reason")
    content = check_whole(load_library(), current.content.model_copy(update={SUMMARY: text}))
    before, after = {"text": current.content.summary}, {"text": text}
    return add_step(
        current,
        StepKind.CHANGED,
        by=by,
        at=at,
        content=content,
        path=SUMMARY,
        before=before,
        after=after,
        reason=reason,
    )


@transaction.atomic
def try_draft(
    *, by: StaffMember, at: datetime, draft: ProtocolDraft, seed: int, level_ng_per_ml: float = DEFAULT_LEVEL
) -> DraftStep:
    """Give the orders of the base and of the draft to the same virtual patients, and keep what came of it."""
    current = locked(by, draft)
    found = try_out(current.former, current.content, people=PEOPLE, seed=seed, level_ng_per_ml=level_ng_per_ml)
    return add_step(current, StepKind.TRIED, by=by, at=at, content=current.content, after=as_json(found))


def locked(by: StaffMember, draft: ProtocolDraft) -> Draft:
    """The draft as it stands, locked until the end of the transaction. Raises `Refused` for a closed one."""
    check_may_draft(by)
    current = draft_of(ProtocolDraft.objects.select_for_update().select_related("base").get(pk=draft.pk))
    if not current.is_open:
        raise Refused(N_("This draft is closed. Open a new one."))
    return current


def add_step(
    current: Draft,
    kind: StepKind,
    *,
    by: StaffMember,
    at: datetime,
    content: Protocol,
    path: str = "",
    before: Datum | dict[str, Any] | None = None,
    after: Datum | dict[str, Any] | None = None,
    reason: str = "",
    version: ProtocolVersion | None = None,
) -> DraftStep:
    """Append to the draft's history, with one audit entry."""
    step = DraftStep.objects.create(
        draft=current.row,
        position=len(current.steps) + 1,
        kind=kind,
        path=path,
        before=before.model_dump(mode="json") if isinstance(before, Datum) else before,
        after=after.model_dump(mode="json") if isinstance(after, Datum) else after,
        reason=reason.strip(),
        content_sha256=sha256(content),
        version=version,
        by=by,
        at=at,
    )
    detail = {"key": current.row.base.key, "position": step.position, "path": path, "sha256": step.content_sha256}
    audit.record(by=by, at=at, what=f"protocols.draft.{kind}", about=current.row, detail=detail)
    return step
