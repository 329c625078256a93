"""The next appointment of a patient and what comes before it, in clock times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from interlude.domain.protocol import choose_fasting
from interlude.domain.protocol.schema import FastingPreset
from interlude.record.appointments.models import LIVE_STATES, Appointment, Kind
from interlude.record.assessments.catalogue import catalogue
from interlude.record.assessments.queries import computed_facts, facts_of, trials_of
from interlude.record.patients.models import Patient
from interlude.record.plans.models import Course, Driver
from interlude.record.plans.queries import driver_of
from interlude.record.protocols.queries import protocol_of


@dataclass(frozen=True)
class Preparation:
    """`food_until` and `water_until` are instants counted back from the appointment; None where nothing is asked."""

    appointment: Appointment
    fasting: FastingPreset | None
    food_until: datetime | None
    water_until: datetime | None
    driver: Driver | None

    @property
    def needs_driver(self) -> bool:
        return self.appointment.kind == Kind.INFUSION


def next_appointment(patient: Patient, at: datetime) -> Appointment | None:
    """The first live appointment that has not ended."""
    return (
        Appointment.objects.filter(patient=patient, state__in=LIVE_STATES, ends_at__gt=at)
        .select_related("course__protocol_version")
        .order_by("starts_at")
        .first()
    )


def fasting_of(patient: Patient, course: Course, at: datetime) -> FastingPreset:
    """The fasting rule of this patient and dose. What is not known makes it the stricter one."""
    protocol = protocol_of(course.protocol_version)
    facts = facts_of(patient)
    facts |= computed_facts(patient, facts, trials_of(patient), at)
    code, _reason = choose_fasting(protocol, course.dose_mg_per_kg, facts.values(), at, catalogue())
    return next(preset for preset in protocol.gate.fasting if preset.code == code)


def preparation(patient: Patient, at: datetime) -> Preparation | None:
    """What to do before the next appointment; None when none is booked."""
    appointment = next_appointment(patient, at)
    if appointment is None:
        return None
    if appointment.kind != Kind.INFUSION or appointment.course is None:
        return Preparation(appointment, None, None, None, None)
    fasting = fasting_of(patient, appointment.course, appointment.starts_at)
    return Preparation(
        appointment=appointment,
        fasting=fasting,
        food_until=appointment.starts_at - timedelta(hours=float(fasting.food_h.value)),
        water_until=appointment.starts_at - timedelta(hours=float(fasting.water_h.value)),
        driver=driver_of(patient, appointment.pk),
    )
