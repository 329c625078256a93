"""The day at a glance: chairs, who sits on them, who waits, what is missing. A constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.protocol import phase_info
from interlude.interfaces.staff.session.board_needs import Needs, Tick
from interlude.interfaces.staff.session.due import Due, due_list
from interlude.interfaces.staff.session.numerals import Numeral, live_rules, numerals
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import CLINICAL
from interlude.record.appointments.models import LIVE_STATES, Appointment, Kind
from interlude.record.appointments.queries import appointments_for, day_bounds
from interlude.record.clinic.models import Chair
from interlude.record.clinic.queries import active_chairs, local_day
from interlude.record.dosing.models import Observation, Score, Session, SessionEvent
from interlude.record.dosing.protocol import pinned
from interlude.record.dosing.queries import sessions_for
from interlude.record.dosing.queries.latest import latest_observations
from interlude.record.dosing.queries.vitals import vitals_from
from interlude.record.protocols.queries import approved_versions
from interlude.record.vault.cipher import load_subject_keys

GROUPS = {
    "running": gettext_lazy("Running"),
    "recovery": gettext_lazy("Recovery"),
    "gate": gettext_lazy("Before the dose"),
    "waiting": gettext_lazy("To come"),
    "gone": gettext_lazy("Gone home"),
}
_PHASE_GROUP = {
    "checked_in": "gate",
    "ready": "gate",
    "infusing": "running",
    "paused": "running",
    "injected": "running",
    "stopped": "running",
    "resting": "recovery",
    "ready_for_discharge": "recovery",
}
_PHASE_KIND = {
    "infusing": "accent",
    "injected": "accent",
    "paused": "wait",
    "stopped": "stop",
    "ready": "ok",
    "ready_for_discharge": "ok",
}
LATE_AFTER_MIN = 10
BASELINE_KINDS = ("nibp_sys", "abp_sys")
"""Of these the protocol knows a limit in percent of the baseline."""

SHOWN_VITALS = ("nibp", "heart_rate", "spo2")


@dataclass
class Row:
    """One patient of the day."""

    group: str
    name: str
    patient_url: str
    chair: Chair | None
    phase: str
    kind: str
    url: str
    action: str = ""
    starts_at: datetime | None = None
    clock_from: datetime | None = None
    planned_min: int | None = None
    minutes: int | None = None
    vitals: list[Numeral] = field(default_factory=list)
    rules: dict[str, Any] = field(default_factory=dict)
    next_due: Due | None = None
    more_due: int = 0
    ticks: list[Tick] = field(default_factory=list)
    session: Session | None = None
    number: int | None = None
    note: str = ""
    is_late: bool = False

    @property
    def missing(self) -> list[Tick]:
        return [tick for tick in self.ticks if tick.state != "yes"]

    @property
    def rules_id(self) -> str:
        return f"vital-rules-{self.session.pk}" if self.session else ""

    @property
    def planned_seconds(self) -> int:
        return (self.planned_min or 0) * 60

    @property
    def elapsed_seconds(self) -> int:
        return min(self.planned_seconds, (self.minutes or 0) * 60)

    @property
    def at_risk(self) -> bool:
        return any(one.state == "critical" for one in self.vitals)


@dataclass
class Board:
    rows: list[Row]
    free_chairs: list[Chair]
    now: datetime
    clinical: bool

    def group(self, name: str) -> list[Row]:
        return [row for row in self.rows if row.group == name]

    @property
    def groups(self) -> list[dict[str, Any]]:
        return [
            {"code": code, "title": title, "rows": rows} for code, title in GROUPS.items() if (rows := self.group(code))
        ]

    @property
    def counts(self) -> list[dict[str, Any]]:
        """How many where: patients in the house, running, in recovery, to come, and with something missing."""
        running, recovery, gate = (len(self.group(name)) for name in ("running", "recovery", "gate"))
        rows = [
            {"label": _("In the house"), "count": running + recovery + gate},
            {"label": GROUPS["running"], "count": running},
            {"label": GROUPS["recovery"], "count": recovery},
            {"label": GROUPS["waiting"], "count": len(self.group("waiting"))},
        ]
        if self.clinical:
            rows.append({"label": _("At risk"), "count": sum(row.at_risk for row in self.rows), "is_risk": True})
        return rows

    @property
    def topics(self) -> str:
        return " ".join(
            ["today", *(f"session:{row.session.pk}" for row in self.rows if row.session and row.group != "gone")]
        )


def board(by: StaffMember, now: datetime) -> Board:
    """The board as this person may see it: vital signs for clinicians only."""
    clinical = by.role in CLINICAL
    start, end = day_bounds(local_day(now))
    sessions = list(
        sessions_for(by)
        .filter(Q(ended_at=None) | Q(checked_in_at__gte=start, checked_in_at__lt=end))
        .order_by("chair__name", "checked_in_at")
    )
    seated = {session.appointment_id for session in sessions}
    waiting = [
        one
        for one in appointments_for(by)
        .filter(starts_at__gte=start, starts_at__lt=end, state__in=LIVE_STATES)
        .select_related("patient", "chair", "course__protocol_version")
        .order_by("starts_at", "id")
        if one.pk not in seated
    ]
    load_subject_keys([*{one.patient_id for one in sessions}, *{one.patient_id for one in waiting}])
    needs = Needs(sessions, waiting, now)
    live = _Live([one for one in sessions if one.ended_at is None], clinical, now)
    rows = [_session_row(session, needs, live, by, now) for session in sessions]
    rows += [_waiting_row(one, needs, by, now) for one in waiting]
    taken = {session.chair_id for session in sessions if session.ended_at is None}
    free = [chair for chair in active_chairs() if chair.pk not in taken]
    return Board(rows, free, now, clinical)


class _Live:
    """Vital signs and what is due of all sessions that have not ended, read together."""

    def __init__(self, sessions: list[Session], clinical: bool, now: datetime) -> None:
        self.now = now
        ids = [session.pk for session in sessions] if clinical else []
        self.events: dict[UUID, list[tuple[str, datetime]]] = {}
        self.scored: dict[UUID, dict[str, datetime]] = {}
        self.latest = latest_observations(ids) if clinical else {}
        self.base = _baselines(ids)
        versions = {session.protocol_version_id for session in sessions}
        self.approved = set(approved_versions().filter(pk__in=versions).values_list("pk", flat=True))
        events = SessionEvent.objects.filter(session__in=ids)
        for session_id, kind, at in events.values_list("session_id", "kind", "at"):
            self.events.setdefault(session_id, []).append((kind, at))
        scores = Score.objects.filter(session__in=ids).order_by("at")
        for session_id, scale, at in scores.values_list("session_id", "scale", "at"):
            self.scored.setdefault(session_id, {})[scale] = at

    def fill(self, row: Row, session: Session) -> None:
        """Put the numbers of one session into its row."""
        latest = self.latest.get(session.pk)
        if latest is None:
            return
        base = self.base.get(session.pk, {}) if session.started_at else {}
        approved = session.protocol_version_id in self.approved
        vitals = vitals_from(session, self.now, latest, baseline=base, approved=approved)
        protocol = pinned(session)
        row.vitals = [one for one in numerals(vitals) if one.name in SHOWN_VITALS]
        row.rules = live_rules(session, protocol if approved else None, vitals, base)
        due = due_list(
            session,
            protocol,
            self.now,
            latest=latest,
            scored_at=self.scored.get(session.pk, {}),
            events=self.events.get(session.pk, []),
        )
        row.next_due = due[0] if due else None
        row.more_due = sum(one.is_over for one in due[1:])


def _baselines(session_ids: list[UUID]) -> dict[UUID, dict[str, Observation]]:
    """The last pressures before each session's own beginning: what a rise is counted from."""
    values = Observation.objects.filter(session=OuterRef("pk"), observed_at__lte=OuterRef("started_at"))
    newest = {
        f"newest_{kind}": Subquery(values.filter(kind=kind).order_by("-observed_at", "-id").values("pk")[:1])
        for kind in BASELINE_KINDS
    }
    rows = Session.objects.filter(pk__in=session_ids).order_by().annotate(**newest).values_list(*newest)
    found: dict[UUID, dict[str, Observation]] = {}
    for one in Observation.objects.filter(pk__in=[pk for row in rows for pk in row if pk is not None]):
        found.setdefault(one.session_id, {})[one.kind] = one
    return found


def _name(patient: Any) -> str:
    return f"{(patient.family_name or _('Not known')).upper()}, {patient.given_name or _('Not known')}"


def _session_row(session: Session, needs: Needs, live: _Live, by: StaffMember, now: datetime) -> Row:
    info = phase_info(session.phase)  # type: ignore[arg-type]
    clinical = by.role in CLINICAL
    start = session.started_at or session.checked_in_at
    if session.stopped_at is not None:
        start = session.stopped_at
    row = Row(
        group="gone" if info.is_final else _PHASE_GROUP[session.phase],
        name=_name(session.patient),
        patient_url=reverse("staff:patient", args=[session.patient_id]),
        chair=session.chair,
        phase=_(info.label),
        kind=_PHASE_KIND.get(session.phase, "neutral"),
        url=_session_url(session, info.is_final) if clinical else "",
        clock_from=None if info.is_final else start,
        minutes=None if info.is_final else int((now - start).total_seconds() // 60),
        planned_min=session.minutes if session.phase in ("infusing", "paused") else None,
        session=session,
        number=session.number,
        starts_at=session.appointment.starts_at,
    )
    if info.is_final:
        return row
    if session.started_at is None:
        row.ticks = [needs.consent(session.course_id), needs.driver(session.appointment_id)]
        if clinical:
            row.ticks = [needs.fasted(session), *row.ticks, needs.questionnaire(session.patient_id)]
    elif row.group == "recovery":
        row.ticks = [needs.driver(session.appointment_id)]
    if clinical:
        live.fill(row, session)
    return row


def _session_url(session: Session, is_final: bool) -> str:
    if is_final:
        return reverse("staff:session_report", args=[session.pk])
    if session.started_at is None:
        return reverse("staff:gate", args=[session.pk])
    if session.phase in ("resting", "ready_for_discharge"):
        return reverse("staff:recovery", args=[session.pk])
    return reverse("staff:cockpit", args=[session.pk])


def _waiting_row(one: Appointment, needs: Needs, by: StaffMember, now: datetime) -> Row:
    is_session = one.kind == Kind.INFUSION
    may_check_in = is_session and by.role in ("physician", "nurse", "front_desk")
    row = Row(
        group="waiting",
        name=_name(one.patient),
        patient_url=reverse("staff:patient", args=[one.patient_id]),
        chair=one.chair,
        phase=one.get_state_display() if is_session else one.get_kind_display(),
        kind="info" if is_session else "neutral",
        url=reverse("staff:check_in", args=[one.pk]) if may_check_in else "",
        action=_("Check in") if may_check_in else "",
        starts_at=one.starts_at,
        number=one.number,
        is_late=is_session and one.starts_at + timedelta(minutes=LATE_AFTER_MIN) < now,
    )
    if is_session:
        row.ticks = [needs.consent(one.course_id), needs.driver(one.pk)]
        if by.role in CLINICAL:
            row.ticks.append(needs.questionnaire(one.patient_id))
    return row
