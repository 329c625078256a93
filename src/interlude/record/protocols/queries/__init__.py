"""Reading protocols: versions and their approval, drafts, and the trial on virtual patients."""

from interlude.record.protocols.queries.drafts import (
    CLOSING,
    SUMMARY,
    Draft,
    base_of,
    draft_of,
    is_declined,
    open_draft_of,
    open_drafts,
)
from interlude.record.protocols.queries.rules import (
    current_rules,
    rules_are_approved,
    rules_changes,
    rules_version,
)
from interlude.record.protocols.queries.versions import (
    APPROVALS_NEEDED,
    approved_versions,
    changes_since,
    former_version,
    history_of,
    in_force_since,
    is_approved,
    newest_versions,
    protocol_of,
    versions,
    waiting_versions,
)

__all__ = [
    "APPROVALS_NEEDED",
    "CLOSING",
    "SUMMARY",
    "Draft",
    "approved_versions",
    "base_of",
    "changes_since",
    "current_rules",
    "draft_of",
    "former_version",
    "history_of",
    "in_force_since",
    "is_approved",
    "is_declined",
    "newest_versions",
    "open_draft_of",
    "open_drafts",
    "protocol_of",
    "rules_are_approved",
    "rules_changes",
    "rules_version",
    "versions",
    "waiting_versions",
]
