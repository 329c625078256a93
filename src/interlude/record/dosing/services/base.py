"""What the verbs of this room have in common: the locked row, one step of the state table, what is told live."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from interlude.domain.protocol import Action, next_phase, phase_info
from interlude.record import live
from interlude.record.accounts.models import StaffMember
from interlude.record.devices.services import bindings_changed
from interlude.record.dosing.models import PhaseStep, Session


def locked(session: Session) -> Session:
    """The session as it is now, held until the end of the transaction."""
    return (
        Session.objects.select_for_update(of=("self",))
        .select_related("patient", "chair", "course", "appointment", "protocol_version", "lot__product")
        .get(pk=session.pk)
    )


def step(
    session: Session, action: Action, *, by: StaffMember | None, at: datetime, reason: str = "", **columns: Any
) -> PhaseStep:
    """Go one step in the state table and write it down. Raises `Refused` where the table has no such step.

    `columns` are columns of the session that change with it. A final phase frees chair and patient.
    """
    phase = next_phase(session.phase, action, session.route)  # type: ignore[arg-type]
    session.phase = phase
    session.version += 1
    if phase_info(phase).is_final:
        columns["ended_at"] = at
    for name, value in columns.items():
        setattr(session, name, value)
    session.save(update_fields=["phase", "version", *columns])
    if phase_info(phase).is_final:
        bindings_changed()
    row = PhaseStep(
        session=session,
        action=action,
        phase=phase,
        at=at,
        by=by,
        version=session.version,
        reason=reason.strip() or None,
    )
    row.save(force_insert=True)
    tell(session, "phase", {"phase": phase, "at": at.isoformat()})
    return row


def tell(session: Session, event: str, data: dict[str, Any]) -> None:
    """Tell every open page of the session, and the day's board, after the commit."""
    live.publish(f"session:{session.pk}", event, {"version": session.version, **data})
    if event in ("phase", "rate"):
        live.publish("today", "today.changed", {"session": str(session.pk)})
