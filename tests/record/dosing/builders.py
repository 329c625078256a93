"""One patient with a signed plan, consent, driver and an appointment this morning, made by the rooms' own verbs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from interlude.domain.protocol import Protocol, dose_for, load_library
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.services import sign
from interlude.record.appointments.models import Appointment
from interlude.record.assessments.services import record_fact
from interlude.record.audit.actors import SYSTEM
from interlude.record.clinic.models import Chair
from interlude.record.dosing import services
from interlude.record.dosing.models import RateSegment, Session
from interlude.record.patients import services as patients
from interlude.record.patients.models import Patient
from interlude.record.plans import services as plans
from interlude.record.plans.models import Course
from interlude.record.plans.queries import newest_text
from interlude.record.protocols import services as protocols
from interlude.record.protocols.models import ProtocolVersion
from interlude.record.protocols.queries import rules_are_approved
from interlude.record.stock import services as stock
from interlude.record.stock.models import Lot, Product

PASSWORD = "a long test password"
EVERY_ANSWER: dict[str, Any] = {
    "identity": True,
    "capacity": True,
    "alcohol_drugs": {"alcohol_or_drugs_24h": False, "intoxicated_or_withdrawing": False},
    "benzodiazepine": {"takes_benzodiazepine": False},
    "stimulant": False,
    "health_changed": False,
    "pregnancy": {"can_become_pregnant": False},
    "blood_pressure_hold": {"systolic_bp_mmhg": Decimal(124), "diastolic_bp_mmhg": Decimal(78)},
    "oxygen": Decimal(98),
    "vital_signs": {"heart_rate_per_min": Decimal(72), "respiratory_rate_per_min": Decimal(14)},
    "suicide_risk": {"cssrs_tier": "none"},
    "urinary": False,
    "last_session": False,
    "iv_access": True,
    "rescue_kit": True,
}


@dataclass
class Clinic:
    """The people and things that a session needs."""

    physician: StaffMember
    second: StaffMember
    nurse: StaffMember
    chairs: list[Chair]
    lot: Lot
    at: datetime

    def version(
        self, key: str = "trd-iv", approved: bool = True, protocol: Protocol | None = None, rules: bool = True
    ) -> ProtocolVersion:
        chosen = protocol or load_library().protocol(key)
        version = protocols.load_protocol(by=SYSTEM, at=self.at, protocol=chosen)
        if approved and not version.approvals.exists():
            for person in (self.physician, self.second):
                protocols.approve(by=person, password=PASSWORD, at=self.at, version=version)
        if rules and not rules_are_approved():
            for person in (self.physician, self.second):
                protocols.approve_rules(by=person, password=PASSWORD, at=self.at)
        return version

    def patient(self, family: str = "Haas", given: str = "Noor", weight_kg: str = "70") -> Patient:
        patient = patients.register(
            by=self.physician,
            at=self.at,
            family_name=family,
            given_name=given,
            born_on=date(1981, 7, 14),
            sex="female",
            is_another_person=True,
        )
        for code, value in (("weight_kg", Decimal(weight_kg)), ("psychosis_active", False)):
            record_fact(
                by=self.nurse,
                at=self.at,
                patient=patient,
                code=code,
                value=value,
                observed_at=self.at - timedelta(days=1),
            )
        return patient

    def course(self, patient: Patient, version: ProtocolVersion) -> Course:
        minutes = 40 if version.route == "iv" else None
        course = Course(
            pk=uuid4(),
            patient=patient,
            protocol_version=version,
            indication=version.indication,
            route=version.route,
            dose_mg_per_kg=Decimal("0.5"),
            minutes=minutes,
            weight_kg=Decimal(70),
            weight_on=self.at.date(),
            dose_ug=dose_for(Decimal(70), Decimal("0.5")),
            planned_sessions=3,
            gap_min_days=2,
            gap_max_days=4,
            state="signed",
            created_at=self.at,
            created_by=self.physician,
            changed_at=self.at,
            changed_by=self.physician,
        )
        course.signature = sign(
            by=self.physician, password=PASSWORD, meaning="plan", about=course, content={}, at=self.at
        )
        course.save(force_insert=True)
        plans.load_consent_texts(by=SYSTEM, at=self.at)
        text = newest_text("en")
        assert text is not None
        plans.give_consent(
            by=patient,
            at=self.at,
            patient=patient,
            course=course,
            text_sha256=text.sha256,
            signed_name=f"{patient.given_name} {patient.family_name}",
        )
        return course

    def appointment(self, course: Course, chair: int = 0, at: datetime | None = None) -> Appointment:
        starts_at = at or self.at + timedelta(minutes=15)
        number = course.appointments.count() + 1
        appointment = Appointment.objects.create(
            patient=course.patient,
            course=course,
            kind="infusion",
            number=number,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2, minutes=15),
            chair=self.chairs[chair],
            chair_until=starts_at + timedelta(hours=2, minutes=15),
            booked_at=self.at,
        )
        plans.name_driver(
            by=course.patient,
            at=self.at,
            patient=course.patient,
            appointment_id=appointment.pk,
            name="Tom Doe",
            phone="+49 30 5550101",
        )
        return appointment

    def checked_in(self, family: str = "Haas", chair: int = 0, key: str = "trd-iv", weight_kg: str = "70") -> Session:
        course = self.course(self.patient(family, weight_kg=weight_kg), self.version(key))
        return services.open_session(by=self.nurse, at=self.at, appointment=self.appointment(course, chair))

    def ready(self, **which: Any) -> Session:
        session = self.checked_in(**which)
        services.sign_order(by=self.physician, password=PASSWORD, at=self.at, session=session)
        self.answer_gate(session)
        return fresh(session)

    def answer_gate(self, session: Session, skip: tuple[str, ...] = (), **other: Any) -> None:
        answers = {**EVERY_ANSWER, "fasting": self.fasted(), **other}
        if session.route == "im":
            answers.pop("iv_access")
        for item, answer in answers.items():
            if item not in skip:
                services.answer_gate(by=self.nurse, at=self.at, session=session, item=item, answer=answer)

    def fasted(self, food_h: float = 9, water_h: float = 3) -> dict[str, datetime]:
        return {
            "last_food_at": self.at - timedelta(hours=food_h),
            "last_water_at": self.at - timedelta(hours=water_h),
        }

    def running(self, after: timedelta = timedelta(minutes=1), **which: Any) -> Session:
        session = self.ready(**which)
        services.start_infusion(by=self.nurse, at=self.at + after, session=session, lot=self.lot)
        return fresh(session)


def fresh(session: Session) -> Session:
    return Session.objects.select_related("patient", "chair", "course", "protocol_version").get(pk=session.pk)


def newest(session: Session) -> RateSegment:
    return session.rate_segments.order_by("-position")[0]


def make_lot(nurse: StaffMember, at: datetime, form: str = "racemic", vials: int = 20) -> Lot:
    product = Product.objects.filter(form=form).first() or stock.add_product(
        by=nurse,
        at=at,
        name="ketamine" if form == "racemic" else "esketamine",
        form=form,
        concentration_mg_per_ml=Decimal(10),
        vial_ml=Decimal(5),
    )
    row = stock.receive(
        by=nurse, at=at, product=product, lot_number=f"L{vials}", expires_on=date(2027, 1, 31), vials=vials
    )
    return row.lot


Staff = Callable[..., StaffMember]
