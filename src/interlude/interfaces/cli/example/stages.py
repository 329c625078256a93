"""About thirty invented patients, at every stage that a clinic's patients can be at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from django.db import transaction

from interlude.interfaces.cli.example import before
from interlude.interfaces.cli.example.course import CourseStory, whole_course
from interlude.interfaces.cli.example.people import person
from interlude.interfaces.cli.example.setting import Setting
from interlude.record.appointments import services as appointments
from interlude.record.clinic.queries import clinic_zone, local_day
from interlude.record.followup.models import Decision
from interlude.record.patients import services as patients
from interlude.record.patients.models import Patient

DAY = timedelta(days=1)


def populate(setting: Setting, now: datetime) -> Iterator[str]:
    """Bring every patient to the stage where the clinic meets them today; says what it does."""
    steps = (
        ("new referrals", _referred),
        ("consultations", _consulted),
        ("plans", _planned),
        ("series under way", _under_way),
        ("finished series", _finished),
    )
    number = 0
    for name, stage in steps:
        yield name
        number = stage(setting, now, number)


def _hours_ago(now: datetime, days: int, hours: int = 0) -> datetime:
    return now - days * DAY - timedelta(hours=hours)


@transaction.atomic
def _referred(setting: Setting, now: datetime, number: int) -> int:
    """Three referrals of the last days; one of them has a consultation booked."""
    for offset in range(3):
        patient = before.refer(setting, person(number, local_day(now)), _hours_ago(now, offset, 3), number)
        if offset:
            _book_consultation(setting, patient, now, now + (offset + 1) * DAY)
        number += 1
    return number


def _book_consultation(setting: Setting, patient: Patient, now: datetime, starts_at: datetime) -> None:
    starts_at = starts_at.replace(minute=0, second=0, microsecond=0)
    appointments.book(
        by=setting.staff["mira"],
        at=now - timedelta(hours=2),
        patient=patient,
        kind="consultation",
        starts_at=starts_at,
        minutes=60,
        people=[(setting.staff["tomasz"], "physician")],
    )


@transaction.atomic
def _consulted(setting: Setting, now: datetime, number: int) -> int:
    """Two with open questions, one ready for the decision, one who is not eligible for now."""
    for complete in (False, False, True):
        who = person(number, local_day(now))
        patient = before.refer(setting, who, _hours_ago(now, 6, number), number)
        before.consult(setting, patient, who, _hours_ago(now, 2, number % 5), complete=complete)
        number += 1
    who = person(number, local_day(now))
    patient = before.refer(setting, who, _hours_ago(now, 9), number)
    before.consult(setting, patient, who, _hours_ago(now, 4))
    reason = "Blood pressure is being adjusted by the family doctor first; review in six weeks."
    before.decide(setting, patient, _hours_ago(now, 4), outcome="postponed", reason=reason)
    return number + 1


def _planned(setting: Setting, now: datetime, number: int) -> int:
    """Two plans not signed yet, three series that begin in the next days."""
    for _draft in range(2):
        with transaction.atomic():
            who = person(number, local_day(now))
            patient = before.refer(setting, who, _hours_ago(now, 8, number), number)
            before.consult(setting, patient, who, _hours_ago(now, 3, number % 4))
            before.decide(setting, patient, _hours_ago(now, 2, number % 4))
            before.draft(setting, patient, _hours_ago(now, 1, number % 4), "ptsd-iv" if _draft else "trd-iv")
        number += 1
    for days in (1, 2, 4):
        whole_course(setting, number, now, -days, lambda _story: None)
        number += 1
    return number


def _under_way(setting: Setting, now: datetime, number: int) -> int:
    """Nine in the middle of a series. The sessions of the first six are due today and still to be held."""
    midnight = datetime.combine(local_day(now), time(0), tzinfo=clinic_zone())
    for days in (2, 2, 4, 2, 2, 4):
        whole_course(setting, number, now, days, lambda _story: None, until=midnight)
        number += 1
    for days in (1, 3, 3):
        whole_course(setting, number, now, days, lambda _story: None)
        number += 1
    return number


def _finished(setting: Setting, now: datetime, number: int) -> int:
    """Series that are over: some decided on, some waiting for the decision, one ended."""
    outcomes: tuple[tuple[int, str, str], ...] = (
        (9, "", ""),
        (12, "", ""),
        (16, Decision.MAINTAIN, "Clear response after three sessions; a weekly session keeps it for now."),
        (21, Decision.TAPER, "Stable for two weeks; the interval is widened."),
        (26, Decision.END, "No gain of a quarter after the series; the patient goes on with CBT alone."),
    )
    for days, decision, reason in outcomes:

        def then(story: CourseStory, decision: str = decision, reason: str = reason) -> None:
            last = story.sessions()[-1].ends_at + 2 * DAY
            if not decision or last > now:
                return
            more: dict[str, object] = {}
            if decision != Decision.END:
                more["ladder_step"] = _first_step(story)
            story.decide_next(decision, reason, last, **more)
            patients.invite_to_portal(by=setting.staff["mira"], at=last, patient=story.patient)

        whole_course(setting, number, now, days, then)
        number += 1
    return number


def _first_step(story: CourseStory) -> str:
    from interlude.record.protocols.queries import protocol_of

    return protocol_of(story.course.protocol_version).maintenance.ladder[0].code
