from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import StaffMember
from interlude.record.clinic.models import Chair
from interlude.record.patients.models import Patient
from interlude.record.plans.models import Course
from interlude.record.vault.fields import EncryptedTextField


class Kind(models.TextChoices):
    CONSULTATION = "consultation", _("Consultation")
    INFUSION = "infusion", _("Ketamine session")
    INTEGRATION = "integration", _("Integration")
    COMPLEMENTARY = "complementary", _("Complementary therapy")


class State(models.TextChoices):
    BOOKED = "booked", _("Booked")
    CONFIRMED = "confirmed", _("Confirmed")
    ARRIVED = "arrived", _("Arrived")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")
    MISSED = "missed", _("Missed")


LIVE_STATES = (State.BOOKED, State.CONFIRMED, State.ARRIVED)
FREED_STATES = (State.CANCELLED, State.MISSED)


class Part(models.TextChoices):
    NURSE = "nurse", _("Nurse")
    PHYSICIAN = "physician", _("Physician")
    THERAPIST = "therapist", _("Therapist")


class ReasonClass(models.TextChoices):
    """Why an appointment was cancelled or moved, in classes that can be counted."""

    PATIENT_ILL = "patient_ill", _("Patient is ill")
    PATIENT_WISH = "patient_wish", _("Patient's wish")
    PATIENT_UNREACHABLE = "patient_unreachable", _("Patient could not be reached")
    NO_DRIVER = "no_driver", _("No driver")
    CLINICAL = "clinical", _("Clinical reason")
    STAFF_AWAY = "staff_away", _("Staff away")
    CHAIR_OR_DEVICE = "chair_or_device", _("Chair or device out of use")
    COURSE_ENDED = "course_ended", _("Course ended")
    OTHER = "other", _("Another reason")


class Appointment(models.Model):
    """A patient's time in the clinic, with a chair where one is needed. `state` repeats the newest step.

    The patient is here from `starts_at` to `ends_at`; the chair is held until `chair_until` (cleaning).
    `number` counts the ketamine sessions of the course (1 is the first); an integration visit carries the
    number of the session it follows. `element` is the therapy's code for complementary visits.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="appointments")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    element = models.CharField(max_length=40, blank=True)
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments")
    chair_until = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.BOOKED)
    version = models.PositiveIntegerField(default=1)
    booked_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at"]
        indexes = [
            models.Index(fields=["starts_at"]),
            models.Index(fields=["chair", "starts_at"]),
            models.Index(fields=["patient", "starts_at"]),
            models.Index(fields=["course", "kind", "number"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="appointment_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="infusion")
                | models.Q(chair__isnull=False, course__isnull=False, number__isnull=False, chair_until__isnull=False),
                name="session_has_chair_course_number",
            ),
            models.UniqueConstraint(
                fields=["course", "number"],
                condition=models.Q(kind="infusion") & ~models.Q(state__in=["cancelled", "missed"]),
                name="a_session_number_once_in_a_course",
            ),
        ]

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_STATES


class AppointmentStaff(models.Model):
    """A person of the clinic who takes part in an appointment, and how long this takes of their time."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="staffing")
    staff = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="appointments")
    part = models.CharField(max_length=12, choices=Part.choices)
    held_from = models.DateTimeField()
    held_until = models.DateTimeField()

    class Meta:
        ordering = ["part"]
        indexes = [models.Index(fields=["staff", "held_from"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(held_until__gt=models.F("held_from")), name="person_is_held_forwards"
            ),
            models.UniqueConstraint(fields=["appointment", "staff"], name="a_person_once_in_an_appointment"),
        ]


class AppointmentStep(models.Model):
    """What became of an appointment, when, by whom, and from which time it was moved. Never changed."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=12, choices=State.choices)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    by_kind = models.CharField(max_length=16)
    by_id = models.CharField(max_length=64)
    by_name = models.CharField(max_length=120, blank=True)
    moved_from = models.DateTimeField(null=True, blank=True)
    reason_class = models.CharField(max_length=24, choices=ReasonClass.choices, blank=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    note = EncryptedTextField(null=True)

    class Meta:
        ordering = ["at", "recorded_at"]

    @property
    def subject_id(self) -> UUID:
        return self.patient_id
