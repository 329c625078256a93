"""Writing protocols: loading versions, drafting the next one, approving."""

from interlude.record.protocols.services.approval import (
    SECOND_APPROVERS,
    approve,
    check_may_approve,
    check_may_begin,
    may_approve,
    may_begin,
)
from interlude.record.protocols.services.closing import (
    check_may_decline,
    decline,
    discard_draft,
    may_decline,
    submit_draft,
)
from interlude.record.protocols.services.drafting import (
    change_summary,
    change_value,
    check_may_draft,
    create_draft,
    may_draft,
    restore_value,
    try_draft,
)
from interlude.record.protocols.services.library import load_library, load_protocol
from interlude.record.protocols.services.rules import approve_rules, check_may_approve_rules, may_approve_rules

__all__ = [
    "SECOND_APPROVERS",
    "approve",
    "approve_rules",
    "change_summary",
    "change_value",
    "check_may_approve",
    "check_may_approve_rules",
    "check_may_begin",
    "check_may_decline",
    "check_may_draft",
    "create_draft",
    "decline",
    "discard_draft",
    "load_library",
    "load_protocol",
    "may_approve",
    "may_approve_rules",
    "may_begin",
    "may_decline",
    "may_draft",
    "restore_value",
    "submit_draft",
    "try_draft",
]
