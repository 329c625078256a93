"""Anchor the example to now: two sessions at minutes 12 and 31, one patient resting, others on their way.

What was done on earlier days stays as it was done. Everything happens by the same services as on the pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from interlude.domain.refusals import Refused
from interlude.domain.timetabling import Interval
from interlude.interfaces.cli.example.course import CourseStory
from interlude.interfaces.cli.example.during import ARRIVES_MIN, RECOVERED, plan_of
from interlude.interfaces.cli.example.people import person
from interlude.interfaces.cli.example.setting import Setting, add_chair
from interlude.record.accounts.roles import Role
from interlude.record.appointments import services as appointments
from interlude.record.appointments.models import Appointment, Kind, ReasonClass
from interlude.record.appointments.services.series import gap_reasons
from interlude.record.appointments.timetable import engagements
from interlude.record.clinic.queries import clinic_zone, local_day
from interlude.record.dosing import services as dosing
from interlude.record.dosing.models import Session
from interlude.record.dosing.queries.discharge import discharge_state
from interlude.record.patients.models import Patient

RUNNING_MINUTES = (12, 31)
RESTING_MINUTE = 68
# Who comes later today: minutes from now.
LATER_MINUTES = (8, 95)


def anchor(setting: Setting, now: datetime) -> Iterator[str]:
    """End what an earlier start left open, then bring today's patients to where they are now."""
    yield "ending what was left open"
    for session in Session.objects.filter(ended_at=None).select_related("patient", "chair"):
        wind_up(setting, session, now)
    _give_up_the_past(setting, now)
    yield "today's sessions"
    for minute in (*RUNNING_MINUTES, RESTING_MINUTE):
        _bring_to(setting, now, minute)
    soon = (now, now + timedelta(hours=3))
    expected = Appointment.objects.filter(kind=Kind.INFUSION, state__in=["booked", "confirmed"], starts_at__range=soon)
    for minutes in LATER_MINUTES[expected.count() :]:
        _expect(setting, now, minutes)


@transaction.atomic
def wind_up(setting: Setting, session: Session, now: datetime) -> None:
    """End a session that an earlier start left open: given as planned, rested, sent home by a physician."""
    lena, nurse = setting.staff["lena"], setting.staff["amal"]
    if session.phase in ("checked_in", "ready"):
        dosing.cancel_session(by=lena, at=now, session=session, reason="The example day was begun anew.")
        return
    if session.phase in ("infusing", "paused"):
        dosing.stop(by=nurse, at=now, session=session, reason="The example day was begun anew.")
        session.refresh_from_db()
    if session.phase in ("stopped", "injected"):
        dosing.begin_rest(by=nurse, at=now, session=session)
    _recover(nurse, session, now)
    session.refresh_from_db()
    state = discharge_state(session, now)
    shorten = "" if state and state.stay_is_over else "The example day was begun anew."
    dosing.discharge(
        by=lena,
        at=now,
        session=session,
        driver_name="Tom",
        driver_phone="030 5551 2000",
        identity_checked=True,
        instructions_given=True,
        shorten_reason=shorten,
        password=settings.DEMO_PASSWORD,
    )


def _recover(nurse: Any, session: Session, now: datetime) -> None:
    for scale, answers in RECOVERED.items():
        dosing.record_score(by=nurse, at=now, session=session, scale=scale, answers=answers)
    state = discharge_state(session, now)
    for line in state.lines if state else ():
        if line.passes:
            continue
        answer: dict[str, Any] = {}
        for question in line.questions:
            if question.kind == "yes_no":
                answer[question.code] = question.code != "new_risk_state"
            elif question.asked == "vitals":
                answer[question.code] = _as_before(session, question.code)
        if answer:
            dosing.answer_discharge(by=nurse, at=now, session=session, item=line.code, answer=answer)


def _as_before(session: Session, code: str) -> object:
    """The value of the gate: the patient is as before the session."""
    from interlude.record.dosing.queries.facts import vital_facts

    facts = {fact.code: fact.value for fact in vital_facts(session, before=session.started_at)}
    return facts.get(code)


def _give_up_the_past(setting: Setting, now: datetime) -> None:
    """Series whose days passed while the example slept are planned again, from tomorrow on."""
    late = Appointment.objects.filter(
        kind=Kind.INFUSION, state__in=["booked", "confirmed"], starts_at__lt=now
    ).select_related("course")
    courses = {row.course_id: row.course for row in late}
    for course in courses.values():
        if course is None or not course.is_open:
            continue
        try:
            answer = appointments.propose_series(
                by=setting.staff["mira"],
                at=now,
                course=course,
                earliest_on=local_day(now) + timedelta(days=1),
                replacing=True,
            )
            if answer.options:
                appointments.book_series(
                    by=setting.staff["mira"],
                    at=now,
                    course=course,
                    proposal=answer.options[0].proposal,
                    replacing=True,
                    reason_class="patient_wish",
                )
        except Refused:
            # The gaps of this series can no longer be kept: the desk sees it on the course's page.
            continue


def _bring_to(setting: Setting, now: datetime, minute: int) -> None:
    """Somebody whose infusion began `minute` minutes ago."""
    started_at = _on_one_day(now - timedelta(minutes=minute))
    story, appointment = _somebody(setting, now, started_at + timedelta(minutes=ARRIVES_MIN))
    story.hold(appointment, started_at, until=now, message_every_s=15 if minute <= max(RUNNING_MINUTES) else 120)


def _on_one_day(started_at: datetime) -> datetime:
    """The start, moved before midnight where the answers at the gate were given before it: they hold that day."""
    if local_day(started_at) == local_day(started_at + timedelta(minutes=ARRIVES_MIN)):
        return started_at
    midnight = started_at.astimezone(clinic_zone()).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.astimezone(started_at.tzinfo) - timedelta(minutes=1)


def _expect(setting: Setting, now: datetime, minutes: int) -> None:
    """Somebody who comes in `minutes` minutes, with driver and questionnaires done where it is soon."""
    story, appointment = _somebody(setting, now, now + timedelta(minutes=minutes))
    if minutes < 60:
        story.prepare(appointment)


def _somebody(setting: Setting, now: datetime, starts_at: datetime) -> tuple[CourseStory, Appointment]:
    """A patient in the middle of a series whose next session can be at this time; a new one when there is none."""
    starts_at = starts_at.replace(second=0, microsecond=0)
    window = (starts_at - timedelta(days=1), starts_at + timedelta(days=1))
    waiting = (
        Appointment.objects.filter(
            kind=Kind.INFUSION, number__gte=2, state__in=["booked", "confirmed"], starts_at__range=window
        )
        .select_related("course", "patient")
        .order_by("starts_at")
    )
    for appointment in waiting:
        assert appointment.course is not None
        earlier = appointment.course.appointments.filter(kind=Kind.INFUSION, number__lt=appointment.number)
        if earlier.exclude(state__in=["done", "cancelled", "missed"]).exists():
            continue
        at = min(now, starts_at) - timedelta(hours=20)
        if moved := _move(setting, appointment, starts_at, at):
            return CourseStory.of(setting, moved, now), moved
    number = Patient.objects.count()
    story = CourseStory(setting, number, now, local_day(starts_at))
    first = min(story.until_booked(), key=lambda row: row.starts_at)
    at = story.moment(5, 9)
    moved = _move(setting, first, starts_at, at) or _move_alone(setting, first, starts_at, at)
    if moved is None:
        raise RuntimeError("the example clinic has no free chair and nurse now")
    return story, moved


def _move(setting: Setting, appointment: Appointment, starts_at: datetime, at: datetime) -> Appointment | None:
    """Move a session to this time, on a chair and with a nurse that are free then; None when its gaps forbid it.

    After several starts within an hour every chair was in use a moment ago; then one more is set up.
    """
    assert appointment.course is not None
    if gap_reasons(appointment.course, _days(appointment, starts_at)):
        return None
    until = starts_at + ((appointment.chair_until or appointment.ends_at) - appointment.starts_at)
    taken = engagements(appointment.patient_id, starts_at, until, without=[appointment.pk])

    def is_free(key: object) -> bool:
        return not any(one.overlaps(Interval(starts_at, until)) for one in taken.get(str(key), ()))

    chair = next((chair for chair in setting.chairs if is_free(chair.pk)), None)
    if chair is None:
        chair = add_chair(len(setting.chairs) + 1, at)
        setting.chairs.append(chair)
    nurses = [person for person in setting.staff.values() if person.role == Role.NURSE]
    nurse = next((nurse for nurse in nurses if is_free(nurse.pk)), None)
    try:
        moved = appointments.move(
            by=setting.staff["mira"],
            at=at,
            appointment=appointment,
            starts_at=starts_at,
            chair=chair,
            staff=[nurse] if nurse else [],
        )
    except Refused:
        return None
    return Appointment.objects.select_related("course", "patient", "chair").get(pk=moved.pk)


@transaction.atomic
def _move_alone(setting: Setting, appointment: Appointment, starts_at: datetime, at: datetime) -> Appointment | None:
    """After many starts in a day the therapist's next day is full: then the visit after this session is given up."""
    visits = Appointment.objects.filter(
        course=appointment.course, kind=Kind.INTEGRATION, number=appointment.number, state__in=["booked", "confirmed"]
    )
    for visit in visits:
        appointments.cancel(by=setting.staff["mira"], at=at, appointment=visit, reason_class=ReasonClass.STAFF_AWAY)
    return _move(setting, appointment, starts_at, at)


def _days(appointment: Appointment, starts_at: datetime) -> list[date]:
    """The local days of the course's sessions if this one were at that time."""
    assert appointment.course is not None
    others = appointment.course.appointments.filter(kind=Kind.INFUSION).exclude(pk=appointment.pk)
    rows = others.exclude(state__in=["cancelled", "missed"]).values_list("starts_at", flat=True)
    return [local_day(moment) for moment in (*rows, starts_at)]


def bedside_plan(now: datetime) -> dict[str, Any]:
    """What the virtual bedside shows: the patients of the chairs in use, an empty chair's monitor sends nothing."""
    monitors = []
    for session in Session.objects.filter(ended_at=None, started_at__isnull=False).select_related("patient", "chair"):
        number = int(session.patient.number[2:]) - 1
        who = person(number, local_day(now))
        assert session.started_at is not None
        monitors.append(plan_of(session, who, number, session.started_at))
    return {"monitors": monitors}


def write_plan(now: datetime, path: Path) -> int:
    """Write the plan of the virtual bedside; returns the number of monitors."""
    plan = bedside_plan(now)
    path.write_text(json.dumps(plan))
    return len(plan["monitors"])
