"""Rules while the medicine is going in. Pausing and stopping are never harder than one tap."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from interlude.domain.protocol import Protocol, check_rate, next_phase
from interlude.domain.protocol import check_may_resume as check_pause_length
from interlude.domain.protocol.phases import Phase
from interlude.domain.protocol.schema import Route
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.roles import Role
from interlude.record.dosing.rules.roles import CARE, RUN, answers, check_role

OUT_OF_DATE = N_("This page is out of date: somebody has changed the session meanwhile. Reload it and look again.")


@dataclass(frozen=True)
class RateFacts:
    """What decides whether a rate may be set. Amounts in whole micrograms, the pause in minutes."""

    role: str
    phase: Phase
    route: Route
    protocol: Protocol
    weight_kg: Decimal
    rate_mg_per_h: Decimal
    given_ug: int
    dose_ug: int
    paused_min: Decimal = Decimal(0)
    reason: str = ""


def check_seen(version: int, seen_version: int) -> None:
    """Refuse a change that was made on a page that shows an older state of the session."""
    if version != seen_version:
        raise Refused(OUT_OF_DATE, field="seen_version")


def _check_rate(facts: RateFacts) -> None:
    check_rate(facts.protocol, facts.rate_mg_per_h, facts.weight_kg)
    if facts.rate_mg_per_h > 0 and facts.given_ug >= facts.dose_ug:
        raise Refused(
            N_("The ordered dose of {dose} mg has been given ({given} mg). More needs a new order."),
            field="rate_mg_per_h",
            dose=Decimal(facts.dose_ug).scaleb(-3),
            given=Decimal(facts.given_ug).scaleb(-3),
        )


def check_may_change_rate(facts: RateFacts) -> None:
    check_role(facts.role, RUN)
    next_phase(facts.phase, "change_rate", facts.route)
    if facts.rate_mg_per_h == 0:
        raise Refused(N_("To give nothing, pause or stop the infusion."), field="rate_mg_per_h")
    _check_rate(facts)
    if not facts.reason.strip():
        raise Refused(N_("Write why the rate is changed."), field="reason")


def check_may_resume(facts: RateFacts) -> None:
    """A nurse may resume a short pause; after a longer one a physician resumes."""
    check_role(facts.role, RUN)
    next_phase(facts.phase, "resume", facts.route)
    check_pause_length(facts.protocol, facts.paused_min, physician_agreed=facts.role == Role.PHYSICIAN)
    if facts.rate_mg_per_h == 0:
        raise Refused(N_("An infusion is resumed with a rate above 0."), field="rate_mg_per_h")
    _check_rate(facts)


def check_may_pause(phase: Phase, route: Route, role: str) -> None:
    check_role(role, CARE)
    next_phase(phase, "pause", route)


def check_may_stop(phase: Phase, route: Route, role: str) -> None:
    check_role(role, CARE)
    next_phase(phase, "stop", route)


def check_may_complete(phase: Phase, route: Route, role: str) -> None:
    """May the infusion be ended as planned, going on to rest?"""
    check_role(role, CARE)
    next_phase(phase, "complete", route)


def check_may_confirm_pump(role: str, is_newest: bool, is_confirmed: bool) -> None:
    check_role(role, RUN)
    if not is_newest:
        raise Refused(OUT_OF_DATE, field="seen_version")
    if is_confirmed:
        raise Refused(N_("The pump was confirmed already."))


may_change_rate = answers(check_may_change_rate)
may_resume = answers(check_may_resume)
may_pause = answers(check_may_pause)
may_stop = answers(check_may_stop)
may_complete = answers(check_may_complete)
may_confirm_pump = answers(check_may_confirm_pump)
