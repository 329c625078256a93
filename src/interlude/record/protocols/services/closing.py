"""How a draft ends: submitted with the first signature, discarded; and a submitted version that is declined."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from interlude.domain.protocol.identity import sha256
from interlude.domain.protocol.library import load_library
from interlude.domain.protocol.revision import check_whole
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.protocols.models import DraftStep, ProtocolDraft, ProtocolVersion, StepKind
from interlude.record.protocols.queries import APPROVALS_NEEDED, draft_of, is_declined
from interlude.record.protocols.services.approval import SECOND_APPROVERS, approve
from interlude.record.protocols.services.drafting import add_step, locked
from interlude.record.protocols.services.library import load_protocol


@transaction.atomic
def submit_draft(
    *, by: StaffMember, password: str, at: datetime, draft: ProtocolDraft, effective_on: date, seen_sha256: str = ""
) -> ProtocolVersion:
    """Make the draft the next version, with the submitter's signature as the first of the two.

    `seen_sha256`: the content that was read; another one is refused as stale. Raises `Refused` (field `password`,
    `effective_on`) and `ProtocolFileError`; then nothing is kept.
    """
    current = locked(by, draft)
    content = check_whole(load_library(), current.content)
    if seen_sha256 and seen_sha256 != sha256(content):
        raise Refused(N_("The draft has changed since you read it. Read it again before you sign."))
    if content == current.former:
        raise Refused(N_("Nothing is changed: there is nothing to submit."))
    if effective_on < timezone.localdate(at):
        raise Refused(N_("A version cannot hold from a day in the past."), field="effective_on")
    key = current.row.base.key
    same = ProtocolVersion.objects.filter(key=key, sha256=sha256(content)).first()
    if same is not None:
        raise Refused(N_("This is word for word version {number}."), number=same.version)
    version = load_protocol(by=by, at=at, protocol=content, effective_on=effective_on)
    add_step(current, StepKind.SUBMITTED, by=by, at=at, content=content, version=version)
    approve(by=by, password=password, at=at, version=version)
    return version


@transaction.atomic
def discard_draft(*, by: StaffMember, at: datetime, draft: ProtocolDraft, reason: str = "") -> DraftStep:
    """End a draft without a version. Its history stays."""
    current = locked(by, draft)
    return add_step(current, StepKind.DISCARDED, by=by, at=at, content=current.content, reason=reason)


def check_may_decline(by: StaffMember, version: ProtocolVersion) -> None:
    """Raises `Refused`: who may give the second signature may decline it, while it is missing."""
    given = list(version.approvals.all())
    if len(given) >= APPROVALS_NEEDED:
        raise Refused(N_("This version is approved already."))
    if is_declined(version):
        raise Refused(N_("This version was declined already."))
    if not DraftStep.objects.filter(version=version, kind=StepKind.SUBMITTED).exists():
        raise Refused(N_("Only a version that was drafted here can be declined."))
    if by.role not in SECOND_APPROVERS:
        raise Refused(N_("The second signature is a physician's, a nurse's or a pharmacist's."))


def may_decline(by: StaffMember, version: ProtocolVersion) -> bool:
    """The answer to `check_may_decline` without its reason."""
    try:
        check_may_decline(by, version)
    except Refused:
        return False
    return True


@transaction.atomic
def decline(*, by: StaffMember, at: datetime, version: ProtocolVersion, reason: str) -> DraftStep:
    """Refuse the second signature (or take back one's own first one) with a reason. The version is never used."""
    version = ProtocolVersion.objects.select_for_update().get(pk=version.pk)
    check_may_decline(by, version)
    if not reason.strip():
        raise Refused(N_("Say why you decline."), field="reason")
    row = DraftStep.objects.get(version=version, kind=StepKind.SUBMITTED).draft
    current = draft_of(row)
    return add_step(current, StepKind.DECLINED, by=by, at=at, content=current.content, reason=reason, version=version)
