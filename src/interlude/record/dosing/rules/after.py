"""Rules from the end of the dose to the way home."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from interlude.domain.protocol import next_phase
from interlude.domain.protocol.phases import Phase
from interlude.domain.protocol.schema import Role as ProtocolRole
from interlude.domain.protocol.schema import Route
from interlude.domain.refusals import N_, Refused
from interlude.record.dosing.rules.roles import CARE, RUN, answers, check_role


@dataclass(frozen=True)
class DischargeFacts:
    """What decides whether the patient may go home. `unmet`: labels of criteria neither met nor overridden."""

    role: str
    phase: Phase
    route: Route
    unmet: tuple[str, ...]
    stay_is_over: bool
    earliest_at: datetime
    may_shorten_stay: tuple[ProtocolRole, ...]
    shorten_reason: str
    driver_name: str
    driver_phone: str
    identity_checked: bool
    instructions_given: bool


def check_may_discharge(facts: DischargeFacts) -> None:
    check_role(facts.role, RUN)
    if facts.phase != "resting":
        next_phase(facts.phase, "discharge", facts.route)
    if not facts.driver_name.strip():
        raise Refused(N_("Enter the name of the person who takes the patient home."), field="driver_name")
    if not facts.driver_phone.strip():
        raise Refused(N_("Enter how that person can be reached."), field="driver_phone")
    if not facts.identity_checked:
        raise Refused(N_("Check the driver's identity and confirm it."), field="identity_checked")
    if not facts.instructions_given:
        raise Refused(
            N_("Give the written instructions and go through them with the patient and the driver."),
            field="instructions_given",
        )
    if facts.unmet:
        raise Refused(N_("Not ready to go home. Still needed: {lines}."), lines="; ".join(facts.unmet))
    if facts.stay_is_over:
        return
    if facts.role not in facts.may_shorten_stay:
        raise Refused(
            N_("The minimum stay ends at {time}. Only a physician may shorten it."),
            field="shorten_reason",
            time=facts.earliest_at.strftime("%H:%M"),
        )
    if not facts.shorten_reason.strip():
        raise Refused(
            N_("The minimum stay ends at {time}. Write why it is shortened."),
            field="shorten_reason",
            time=facts.earliest_at.strftime("%H:%M"),
        )


def check_may_rest(phase: Phase, route: Route, role: str) -> None:
    check_role(role, CARE)
    next_phase(phase, "rest", route)


def check_may_transfer(phase: Phase, route: Route, role: str) -> None:
    check_role(role, RUN)
    next_phase(phase, "transfer", route)


def check_may_end_early(phase: Phase, route: Route, role: str, note: str) -> None:
    """The patient leaves against advice: nobody holds them, and what was said is written down."""
    check_role(role, RUN)
    next_phase(phase, "leave_early", route)
    if not note.strip():
        raise Refused(N_("Write what the patient was told and decided."), field="note")


may_discharge = answers(check_may_discharge)
may_rest = answers(check_may_rest)
may_transfer = answers(check_may_transfer)
may_end_early = answers(check_may_end_early)
