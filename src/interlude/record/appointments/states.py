"""The one table of what may become of an appointment, and who says so."""

from __future__ import annotations

from interlude.record.appointments.models import State

NEXT: dict[str, tuple[str, ...]] = {
    State.BOOKED: (State.CONFIRMED, State.ARRIVED, State.MISSED, State.CANCELLED),
    State.CONFIRMED: (State.ARRIVED, State.MISSED, State.CANCELLED),
    State.ARRIVED: (State.DONE, State.CANCELLED),
    State.MISSED: (State.ARRIVED,),
    State.DONE: (),
    State.CANCELLED: (),
}
"""A missed appointment whose patient comes late after all becomes `arrived` while its place is still free."""


def may_become(state: str, target: str) -> bool:
    return target in NEXT[state]
