"""A whole course of one invented patient, as far as it has come by now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db import transaction

from interlude.domain.instruments import instrument
from interlude.interfaces.cli.example import before
from interlude.interfaces.cli.example.during import ARRIVES_MIN, STAY_MIN, STYLES, SessionStory
from interlude.interfaces.cli.example.people import Person, person
from interlude.interfaces.cli.example.setting import Setting
from interlude.record.appointments import services as appointments
from interlude.record.appointments.models import Appointment, Kind
from interlude.record.audit.actors import SYSTEM
from interlude.record.clinic.queries import clinic_zone, local_day
from interlude.record.dosing.models import Session
from interlude.record.followup import services as followup
from interlude.record.measures import services as measures
from interlude.record.measures.models import AssignmentState
from interlude.record.measures.queries import open_now
from interlude.record.patients.models import Patient
from interlude.record.plans import services as plans
from interlude.record.plans.models import Course
from interlude.record.therapy import services as therapy

BETWEEN = (time(8, 30), time(16, 30))
SUMMARIES = (
    "Felt light and at some distance from the usual heaviness; an image of a lake from childhood came up and stayed.",
    "Quiet session. Memories of her grandmother's kitchen; felt accompanied. Tired afterwards, slept well.",
    "A moment of fear when the sense of the body changed; passed with the nurse's voice. Wants to look at control.",
)


class CourseStory:
    """Brings one patient from referral to now. `first_on` is the wished day of the first session."""

    def __init__(self, setting: Setting, number: int, now: datetime, first_on: date, protocol: str = "trd-iv") -> None:
        self.setting, self.number, self.now, self.first_on = setting, number, now, first_on
        self.protocol = protocol
        self.zone: ZoneInfo = clinic_zone()
        self.who: Person = person(number, local_day(now))
        self.rng = np.random.default_rng([77, number])
        self.responds = bool(self.rng.random() < 0.6)
        self.answered = 0
        self.patient: Patient
        self.course: Course

    @classmethod
    def of(cls, setting: Setting, appointment: Appointment, now: datetime) -> CourseStory:
        """The story of a patient who is already known, to be told on from one appointment."""
        assert appointment.course is not None
        story = cls(setting, int(appointment.patient.number[2:]) - 1, now, local_day(appointment.starts_at))
        story.patient, story.course = appointment.patient, appointment.course
        story.answered = 2 + (appointment.number or 1)
        return story

    def moment(self, days_before: int, hour: int, minute: int = 0) -> datetime:
        day = self.first_on - timedelta(days=days_before)
        return datetime.combine(day, time(hour, minute), tzinfo=self.zone)

    @transaction.atomic
    def until_booked(self) -> list[Appointment]:
        """Referral, consultation, decision, plan, consent and the booked series."""
        self.patient = before.refer(self.setting, self.who, self.moment(13, 10, self.number % 50), self.number)
        consultation = self.moment(9, 9 + self.number % 7, 10)
        before.consult(self.setting, self.patient, self.who, consultation)
        before.decide(self.setting, self.patient, consultation + timedelta(minutes=45))
        self.course = before.draft(self.setting, self.patient, self.moment(8, 11), self.protocol)
        self.course = before.sign(self.setting, self.course, self.moment(8, 11, 20))
        followup.plan_intake(by=SYSTEM, at=self.moment(8, 11, 30), course=self.course)
        before.consent(self.patient, self.course, self.moment(7, 18))
        self.answer_questionnaires(self.moment(7, 18, 30))
        return self.book(self.moment(6, 9))

    def book(self, at: datetime) -> list[Appointment]:
        mira = self.setting.staff["mira"]
        answer = appointments.propose_series(
            by=mira, at=at, course=self.course, earliest_on=self.first_on, between=BETWEEN
        )
        booked = appointments.book_series(by=mira, at=at, course=self.course, proposal=answer.options[0].proposal)
        followup.plan_before(by=SYSTEM, at=at, course=self.course)
        return booked

    def sessions(self) -> list[Appointment]:
        """The booked ketamine sessions in order."""
        rows = Appointment.objects.filter(course=self.course, kind=Kind.INFUSION).select_related("course", "chair")
        return list(rows.exclude(state__in=["cancelled", "missed"]).order_by("starts_at"))

    def live_until_now(self, until: datetime | None = None) -> None:
        """Hold every session that was over by `until` (default: by now), with what follows it."""
        for appointment in self.sessions():
            started_at = appointment.starts_at - timedelta(minutes=ARRIVES_MIN)
            if started_at + timedelta(minutes=STAY_MIN + 5) > (until or self.now):
                break
            self.hold(appointment, started_at)

    @transaction.atomic
    def prepare(self, appointment: Appointment) -> None:
        """The day before: the patient names the driver; in the morning the patient answers the questionnaires."""
        evening = min(appointment.starts_at - timedelta(hours=15), self.now)
        name = f"Tom {self.who.family_name}"
        plans.name_driver(
            by=self.patient,
            at=evening,
            patient=self.patient,
            appointment_id=appointment.pk,
            name=name,
            phone=f"030 5551 {2000 + self.number}",
        )
        self.answer_questionnaires(min(appointment.starts_at - timedelta(hours=2), self.now))

    @transaction.atomic
    def hold(
        self,
        appointment: Appointment,
        started_at: datetime,
        *,
        until: datetime | None = None,
        message_every_s: int = 600,
    ) -> Session:
        """One session, whole or until an instant, and what follows a whole one."""
        self.prepare(appointment)
        style = STYLES[(self.number + (appointment.number or 1)) % len(STYLES)]
        story = SessionStory(
            self.setting,
            self.who,
            appointment,
            started_at,
            number=self.number,
            style=style,
            until=until,
            message_every_s=message_every_s,
        )
        session = story.tell()
        if session.stopped_at is not None:
            followup.plan_measures(by=SYSTEM, at=story.at(STAY_MIN + 1), session=session)
            self._afterwards(session)
        return session

    def _afterwards(self, session: Session) -> None:
        """The next day's integration visit, and a questionnaire a week later, where that lies in the past."""
        visit = therapy.integration_appointment(session)
        if visit is not None and visit.ends_at < self.now:
            jonas = self.setting.staff["jonas"]
            appointments.mark(by=self.setting.staff["mira"], at=visit.starts_at, appointment=visit, state="arrived")
            row = therapy.save_visit(
                by=jonas,
                at=visit.ends_at,
                session=session,
                held_at=visit.starts_at,
                minutes=50,
                summary=SUMMARIES[(self.number + session.number) % len(SUMMARIES)],
                themes="Distance, closeness, control",
                risk="No suicidal thoughts reported.",
                next_step="Write down one image a day until the next session.",
            )
            therapy.sign_visit(
                by=jonas, password=settings.DEMO_PASSWORD, at=visit.ends_at, visit=row, seen_version=row.version
            )
            visit.refresh_from_db()
            appointments.mark(by=jonas, at=visit.ends_at, appointment=visit, state="done")
        for days in (1, 7):
            at = session.checked_in_at + timedelta(days=days, hours=2)
            if at < self.now:
                self.answer_questionnaires(at)

    def answer_questionnaires(self, at: datetime) -> None:
        """Whatever is open is answered by the patient in the portal, item by item."""
        for assignment in list(open_now(self.patient, at)):
            if assignment.instrument not in ("phq9", "gad7"):
                continue
            assignment.refresh_from_db(fields=["state"])
            if assignment.state != AssignmentState.OPEN:  # covered by one answered a moment ago
                continue
            for item, value in self._answers(assignment.instrument).items():
                measures.answer_item(by=self.patient, at=at, assignment=assignment, item=item, value=value)
            measures.submit(by=self.patient, at=at, assignment=assignment)
            self.answered += assignment.instrument == "phq9"

    def _answers(self, code: str) -> dict[str, int]:
        """Answers whose sum falls from time to time in those who respond. Thoughts of death are not invented."""
        fall = 0.80 if self.responds else 0.95
        severity = self.who.phq9 * fall**self.answered + float(self.rng.normal(0, 1.0))
        items = [item.code for item in instrument(code).items if item.scored and item.code != "9"]
        share = severity / 27 * 3
        drawn = self.rng.normal(share, 0.5, size=len(items))
        return {item: int(np.clip(round(value), 0, 3)) for item, value in zip(items, drawn, strict=True)} | (
            {"9": 0} if code == "phq9" else {}
        )

    @transaction.atomic
    def decide_next(self, decision: str, reason: str, at: datetime, **more: object) -> None:
        followup.decide_next(
            by=self.setting.staff["lena"],
            password=settings.DEMO_PASSWORD,
            at=at,
            course=self.course,
            decision=decision,
            reason=reason,
            **more,  # type: ignore[arg-type]
        )


def whole_course(
    setting: Setting,
    number: int,
    now: datetime,
    first_session_days_ago: int,
    then: Callable[[CourseStory], None],
    *,
    until: datetime | None = None,
) -> CourseStory:
    """A course whose first session lay (or lies) so many days ago, lived until now, and what came after it."""
    first_on = local_day(now) - timedelta(days=first_session_days_ago)
    story = CourseStory(setting, number, now, first_on)
    story.until_booked()
    story.live_until_now(until)
    then(story)
    return story
