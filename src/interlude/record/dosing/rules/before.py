"""Rules up to the start: check-in, gate, order, start and injection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from interlude.domain.protocol import Protocol, check_rate, next_phase
from interlude.domain.protocol.phases import Phase
from interlude.domain.protocol.schema import Role as ProtocolRole
from interlude.domain.protocol.schema import Route
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.roles import Role
from interlude.record.dosing.rules.roles import ORDER, RECEPTION, RUN, answers, check_role


@dataclass(frozen=True)
class CheckInFacts:
    """What decides whether a patient may be checked in at a chair."""

    role: str
    is_session_appointment: bool
    appointment_is_live: bool
    appointment_day: date
    today: date
    course_is_open: bool
    chair_is_active: bool
    chair_name: str
    chair_is_taken: bool
    patient_is_in_a_session: bool


def check_may_check_in(facts: CheckInFacts) -> None:
    check_role(facts.role, RECEPTION)
    if not facts.is_session_appointment:
        raise Refused(N_("This appointment is not a ketamine session."))
    if not facts.appointment_is_live:
        raise Refused(N_("This appointment was cancelled, missed or is over. Reload the page."))
    if facts.appointment_day != facts.today:
        raise Refused(
            N_("This appointment is on {day}, not today. Move it first."), day=facts.appointment_day.isoformat()
        )
    if not facts.course_is_open:
        raise Refused(N_("The plan of this patient is not signed, or has ended."))
    if not facts.chair_is_active:
        raise Refused(N_("{chair} is not in use."), field="chair", chair=facts.chair_name)
    if facts.chair_is_taken:
        raise Refused(
            N_("There is a session on {chair} already. Choose another chair."),
            field="chair",
            chair=facts.chair_name,
        )
    if facts.patient_is_in_a_session:
        raise Refused(N_("This patient is in another session now. End that one first."))


def check_may_answer_gate(phase: Phase, role: str) -> None:
    check_role(role, RUN)
    if phase not in ("checked_in", "ready"):
        raise Refused(N_("The gate is closed: the dose has begun, or the session is over."))


def check_may_override(role: str, allowed: tuple[ProtocolRole, ...], state: str, reason: str) -> None:
    """May this role go on after a no? An unanswered line is answered, never overridden."""
    if state != "not_ok":
        raise Refused(N_("Only a line that was answered with a no can be overridden."), field="override_reason")
    if not allowed:
        raise Refused(N_("Nobody may override this line."), field="override_reason")
    if role not in allowed:
        raise Refused(
            N_("Your role may not override this line. Ask: {roles}."),
            field="override_reason",
            roles=", ".join(allowed),
        )
    if not reason.strip():
        raise Refused(N_("Write the reason for the override."), field="override_reason")


def check_may_order(phase: Phase, role: str, weight_kg: Decimal | None, approved: bool) -> None:
    """May the order for this session be signed?"""
    check_role(role, ORDER)
    if phase not in ("checked_in", "ready"):
        raise Refused(N_("The dose has begun: the order cannot be changed any more."))
    if not approved:
        raise Refused(N_("The protocol of this plan is not approved. Two people have to approve it first."))
    if weight_kg is None:
        raise Refused(N_("There is no weight in the chart. Weigh the patient first."), field="weight_kg")


PSYCHOSIS_OPEN = N_(
    "Whether there is an active psychosis is not answered in the chart. Nobody starts on what is not known."
)
PSYCHOSIS_ACTIVE = N_("An active psychosis is charted. Ketamine is not given.")


@dataclass(frozen=True)
class StartFacts:
    """What decides whether the dose may begin. `gate_open`: every line fine or overridden by who may.

    `psychosis`: the newest charted answer; None while it is not answered.
    """

    role: str
    phase: Phase
    route: Route
    protocol: Protocol
    is_approved: bool
    rules_approved: bool
    course_is_open: bool
    gate_open: bool
    gate_missing: tuple[str, ...]
    dose_ug: int | None
    weight_kg: Decimal | None
    lot_is_expired: bool
    lot_balance_ug: int
    lot_form: str
    lot_number: str
    ordered_form: str
    rate_mg_per_h: Decimal | None = None
    psychosis: bool | None = None


def check_may_start(facts: StartFacts) -> None:
    """May the infusion start, or the injection be given?"""
    check_role(facts.role, RUN)
    if facts.phase not in ("checked_in", "ready"):
        next_phase(facts.phase, "start" if facts.route == "iv" else "inject", facts.route)
    if not facts.is_approved:
        raise Refused(N_("The protocol of this plan is not approved. Two people have to approve it first."))
    if not facts.rules_approved:
        raise Refused(N_("The shared rules are not approved. Two people have to approve them first."))
    if not facts.course_is_open:
        raise Refused(N_("The plan of this patient is not signed, or has ended."))
    if facts.psychosis is not False:
        raise Refused(PSYCHOSIS_ACTIVE if facts.psychosis else PSYCHOSIS_OPEN)
    if facts.dose_ug is None or facts.weight_kg is None:
        raise Refused(N_("The physician's order for this session is not signed."))
    if not facts.gate_open:
        raise Refused(N_("The gate is not open. Still needed: {lines}."), lines="; ".join(facts.gate_missing) or "-")
    if facts.lot_is_expired:
        raise Refused(N_("Lot {lot} has expired."), field="lot", lot=facts.lot_number)
    if facts.lot_form != facts.ordered_form:
        raise Refused(
            N_("The vial holds {form}, the order is for {ordered}."),
            field="lot",
            form=facts.lot_form,
            ordered=facts.ordered_form,
        )
    if facts.lot_balance_ug < facts.dose_ug:
        raise Refused(
            N_("The book says that {held} mg of this lot are left; the dose is {dose} mg. Count the lot."),
            field="lot",
            held=Decimal(facts.lot_balance_ug).scaleb(-3),
            dose=Decimal(facts.dose_ug).scaleb(-3),
        )
    if facts.route == "iv":
        if not facts.rate_mg_per_h:
            raise Refused(N_("An infusion starts with a rate above 0."), field="rate_mg_per_h")
        check_rate(facts.protocol, facts.rate_mg_per_h, facts.weight_kg)


def check_may_cancel(phase: Phase, route: Route, role: str) -> None:
    check_role(role, RECEPTION)
    next_phase(phase, "cancel", route)


FORM_OF_MEDICINE = {"Ketamine (racemic)": "racemic", "Esketamine": "esketamine"}

may_check_in = answers(check_may_check_in)
may_answer_gate = answers(check_may_answer_gate)
may_override = answers(check_may_override)
may_order = answers(check_may_order)
may_start = answers(check_may_start)
may_cancel = answers(check_may_cancel)

__all__ = ["FORM_OF_MEDICINE", "CheckInFacts", "Role", "StartFacts"]
