"""Drafts: what a draft says now, what happened to it, and which are open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from interlude.domain.instruments.data import Datum
from interlude.domain.protocol.diff import Change, changes
from interlude.domain.protocol.identity import sha256
from interlude.domain.protocol.revision import replaced
from interlude.domain.protocol.schema import Protocol
from interlude.record.protocols.models import DraftStep, ProtocolDraft, ProtocolVersion, StepKind
from interlude.record.protocols.queries.versions import protocol_of

SUMMARY = "summary"
"""Path of the one text that a draft may change: what the protocol comes to in one sentence."""

CLOSING = (StepKind.SUBMITTED, StepKind.DISCARDED)


@dataclass(frozen=True)
class Draft:
    """A draft as it stands: its base and its content, the numbers that differ, and its steps, oldest first."""

    row: ProtocolDraft
    former: Protocol
    content: Protocol
    numbers: Mapping[str, Datum]
    steps: tuple[DraftStep, ...]

    @property
    def is_open(self) -> bool:
        return not any(step.kind in CLOSING for step in self.steps)

    @property
    def sha256(self) -> str:
        return sha256(self.content)

    @property
    def changes(self) -> tuple[Change, ...]:
        return changes(self.former, self.content)

    @property
    def trial(self) -> DraftStep | None:
        """The last trial; `content_sha256` says whether the draft has changed since."""
        return next((step for step in reversed(self.steps) if step.kind == StepKind.TRIED), None)

    @property
    def version(self) -> ProtocolVersion | None:
        """The version that came of it."""
        return next((step.version for step in self.steps if step.kind == StepKind.SUBMITTED), None)


def draft_of(row: ProtocolDraft) -> Draft:
    """The draft of a row. Two queries."""
    steps = tuple(row.steps.select_related("by", "version").order_by("position"))
    former = protocol_of(row.base)
    changed = [step for step in steps if step.kind in (StepKind.CHANGED, StepKind.RESTORED)]
    numbers = {step.path: Datum.model_validate(step.after) for step in changed if step.path != SUMMARY}
    content = replaced(former, numbers)
    texts = [step.after["text"] for step in changed if step.path == SUMMARY and step.after]
    if texts:
        content = content.model_copy(update={SUMMARY: texts[-1]})
    return Draft(row, former, content, numbers, steps)


def open_drafts() -> dict[str, ProtocolDraft]:
    """The open draft of each protocol that has one, by its key."""
    rows = ProtocolDraft.objects.exclude(steps__kind__in=CLOSING).select_related("base", "opened_by")
    return {row.base.key: row for row in rows}


def open_draft_of(key: str) -> ProtocolDraft | None:
    return open_drafts().get(key)


def base_of(draft_id: UUID) -> ProtocolDraft | None:
    return ProtocolDraft.objects.select_related("base", "opened_by").filter(pk=draft_id).first()


def is_declined(version: ProtocolVersion) -> bool:
    """Did somebody decline this version instead of signing it?"""
    return DraftStep.objects.filter(version=version, kind=StepKind.DECLINED).exists()
