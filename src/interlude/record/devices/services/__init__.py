from interlude.record.devices.services.intake import hold, note_heard, store_messages
from interlude.record.devices.services.registry import (
    RESOLUTIONS,
    add_device,
    assign,
    bindings_changed,
    change_device,
    resolve_quarantine,
    unassign,
)

__all__ = [
    "RESOLUTIONS",
    "add_device",
    "assign",
    "bindings_changed",
    "change_device",
    "hold",
    "note_heard",
    "resolve_quarantine",
    "store_messages",
    "unassign",
]
