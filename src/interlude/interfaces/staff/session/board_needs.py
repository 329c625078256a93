"""What everybody who has not had the dose yet still needs: consent, driver, questionnaire, fasting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from interlude.interfaces.design import formats
from interlude.record.appointments.models import Appointment, Kind
from interlude.record.appointments.queries import day_bounds
from interlude.record.clinic.queries import local_day
from interlude.record.dosing.models import GateAnswer, Session
from interlude.record.measures.models import Response
from interlude.record.plans.queries import consent_states, drivers_of


@dataclass
class Tick:
    """One thing that has to be there: yes, no, or not known. `text` says it in words."""

    label: str
    state: str
    text: str

    @property
    def kind(self) -> str:
        return {"yes": "ok", "no": "stop"}.get(self.state, "wait")


class Needs:
    """Consent, driver, questionnaire and fasting of everybody who has not had the dose yet."""

    def __init__(self, sessions: list[Session], waiting: list[Appointment], now: datetime) -> None:
        self.now = now
        before = [session for session in sessions if session.started_at is None and session.ended_at is None]
        in_house = [session for session in sessions if session.ended_at is None]
        infusions = [one for one in waiting if one.kind == Kind.INFUSION]
        courses = {one.course.pk: one.course for one in before}
        courses |= {one.course.pk: one.course for one in infusions if one.course is not None}
        self.consents = consent_states(courses.values(), now)
        self.drivers = drivers_of([*(one.appointment_id for one in in_house), *(one.pk for one in infusions)])
        patients = {*(one.patient_id for one in before), *(one.patient_id for one in infusions)}
        day, end = day_bounds(local_day(now))
        answered = Response.objects.filter(
            patient__in=patients, instrument="phq9", answered_at__gte=day, answered_at__lt=end
        )
        self.phq9 = set(answered.values_list("patient_id", flat=True))
        self.fasting: dict[UUID, GateAnswer] = {}
        answers = GateAnswer.objects.filter(session__in=before, item="fasting", is_override=False)
        for row in answers.select_related("session").order_by("position"):
            self.fasting[row.session_id] = row

    def consent(self, course_id: UUID | None) -> Tick:
        state = self.consents.get(course_id) if course_id else None
        if state is None:
            return Tick(_("Consent"), "unknown", _("not known"))
        text = _(state.reason.template).format(**state.reason.params)
        return Tick(_("Consent"), "yes" if state.is_valid else "no", text)

    def driver(self, appointment_id: UUID) -> Tick:
        driver = self.drivers.get(appointment_id)
        return Tick(_("Driver"), "yes" if driver else "no", (driver.name or _("named")) if driver else _("not named"))

    def questionnaire(self, patient_id: UUID) -> Tick:
        done = patient_id in self.phq9
        return Tick("PHQ-9", "yes" if done else "no", _("answered today") if done else _("not answered today"))

    def fasted(self, session: Session) -> Tick:
        """In words only before the gate is open: which rule applies is decided there."""
        row = self.fasting.get(session.pk)
        if session.phase == "ready":
            return Tick(_("Fasting"), "yes", _("checked"))
        if row is None:
            return Tick(_("Fasting"), "unknown", _("not asked yet"))
        times = row.values or {}
        food, water = (formats.clinic_time(times.get(name)) for name in ("last_food_at", "last_water_at"))
        return Tick(_("Fasting"), "unknown", _("food {food}, drink {water}").format(food=food, water=water))
