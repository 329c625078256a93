"""The phases of a session: one table. Pages, services and the drawing in the docs are read from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from interlude.domain.protocol.schema import Route
from interlude.domain.refusals import N_, Refused

Phase = Literal[
    "checked_in", "ready", "infusing", "paused", "injected", "stopped", "resting", "ready_for_discharge",
    "discharged", "cancelled", "transferred", "left_early",
]  # fmt: skip

Action = Literal[
    "pass_gate", "reopen_gate", "start", "inject", "change_rate", "pause", "resume", "stop", "complete", "rest",
    "meet_criteria", "lose_criteria", "discharge", "cancel", "transfer", "leave_early",
]  # fmt: skip


@dataclass(frozen=True)
class PhaseInfo:
    """`label` is a message id. `is_final`: nothing follows. `is_running`: medicine is going in now.
    `is_observed`: vital signs are due at the protocol's intervals."""

    phase: Phase
    label: str
    is_final: bool = False
    is_running: bool = False
    is_observed: bool = False


@dataclass(frozen=True)
class Transition:
    source: Phase
    action: Action
    target: Phase
    routes: tuple[Route, ...] = ("iv", "im")


PHASES: tuple[PhaseInfo, ...] = (
    PhaseInfo("checked_in", N_("Checked in")),
    PhaseInfo("ready", N_("Ready")),
    PhaseInfo("infusing", N_("Infusing"), is_running=True, is_observed=True),
    PhaseInfo("paused", N_("Paused"), is_observed=True),
    PhaseInfo("injected", N_("Injected"), is_observed=True),
    PhaseInfo("stopped", N_("Stopped"), is_observed=True),
    PhaseInfo("resting", N_("Resting"), is_observed=True),
    PhaseInfo("ready_for_discharge", N_("Ready to go home"), is_observed=True),
    PhaseInfo("discharged", N_("Discharged"), is_final=True),
    PhaseInfo("cancelled", N_("Cancelled"), is_final=True),
    PhaseInfo("transferred", N_("Transferred to hospital"), is_final=True),
    PhaseInfo("left_early", N_("Left against advice"), is_final=True),
)

_IV: tuple[Route, ...] = ("iv",)
_IM: tuple[Route, ...] = ("im",)

TRANSITIONS: tuple[Transition, ...] = (
    Transition("checked_in", "pass_gate", "ready"),
    Transition("checked_in", "cancel", "cancelled"),
    Transition("ready", "reopen_gate", "checked_in"),
    Transition("ready", "cancel", "cancelled"),
    Transition("ready", "start", "infusing", _IV),
    Transition("ready", "inject", "injected", _IM),
    Transition("infusing", "change_rate", "infusing", _IV),
    Transition("infusing", "pause", "paused", _IV),
    Transition("infusing", "stop", "stopped", _IV),
    Transition("infusing", "complete", "resting", _IV),
    Transition("paused", "resume", "infusing", _IV),
    Transition("paused", "stop", "stopped", _IV),
    Transition("injected", "rest", "resting", _IM),
    Transition("injected", "transfer", "transferred", _IM),
    Transition("stopped", "rest", "resting", _IV),
    Transition("stopped", "transfer", "transferred", _IV),
    Transition("stopped", "leave_early", "left_early", _IV),
    Transition("resting", "meet_criteria", "ready_for_discharge"),
    Transition("resting", "transfer", "transferred"),
    Transition("resting", "leave_early", "left_early"),
    Transition("ready_for_discharge", "lose_criteria", "resting"),
    Transition("ready_for_discharge", "discharge", "discharged"),
    Transition("ready_for_discharge", "transfer", "transferred"),
)
"""A dose once begun cannot be cancelled; an injection can be neither slowed, paused nor stopped; a running or
paused infusion is stopped before anything else can end the session."""

FIRST_PHASE: Phase = "checked_in"


def phase_info(phase: Phase) -> PhaseInfo:
    return next(info for info in PHASES if info.phase == phase)


def next_phase(phase: Phase, action: Action, route: Route) -> Phase:
    """The phase that follows. Raises `Refused` when the action is not possible now."""
    for row in TRANSITIONS:
        if row.source == phase and row.action == action and route in row.routes:
            return row.target
    raise Refused(N_("This cannot be done now: the session is in the phase “{phase}”."), phase=phase_info(phase).label)


def may(phase: Phase, action: Action, route: Route) -> bool:
    """The answer to `next_phase` without its reason."""
    return action in allowed_actions(phase, route)


def allowed_actions(phase: Phase, route: Route) -> tuple[Action, ...]:
    """What can be done now, in the order of the table."""
    return tuple(row.action for row in TRANSITIONS if row.source == phase and route in row.routes)


def diagram() -> str:
    """The table as Mermaid text, for the docs; a test compares the two."""
    lines = ["stateDiagram-v2", f"    [*] --> {FIRST_PHASE}"]
    for row in TRANSITIONS:
        only = "" if len(row.routes) == 2 else f" ({row.routes[0].upper()})"
        lines.append(f"    {row.source} --> {row.target}: {row.action}{only}")
    lines += [f"    {info.phase} --> [*]" for info in PHASES if info.is_final]
    return "\n".join(lines)
