from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import Signature, StaffMember
from interlude.record.assessments.models import EligibilityDecision
from interlude.record.patients.models import Patient
from interlude.record.protocols.models import ProtocolVersion
from interlude.record.vault.fields import EncryptedJSONField, EncryptedTextField


class CourseState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SIGNED = "signed", _("Signed")
    RUNNING = "running", _("Running")
    ENDED = "ended", _("Ended")


class Course(models.Model):
    """One patient's plan: what is given, how much, how often, and what goes with it.

    `dose_ug` is the dose of one session for `weight_kg` in whole micrograms, computed when it is signed (and
    shown before). `limit_reasons` holds the reason in words for each soft limit it goes beyond (code -> text).
    `eligibility_decision`: the signed decision that the signature rests on.
    `version` grows with each change, so that a page that is no longer current is noticed.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="courses")
    protocol_version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="courses")
    indication = models.CharField(max_length=40)
    route = models.CharField(max_length=2, choices=[("iv", _("Infusion")), ("im", _("Injection"))])
    dose_mg_per_kg = models.DecimalField(max_digits=5, decimal_places=3)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    weight_kg = models.DecimalField(max_digits=5, decimal_places=2)
    weight_on = models.DateField()
    dose_ug = models.BigIntegerField()
    planned_sessions = models.PositiveSmallIntegerField()
    gap_min_days = models.PositiveSmallIntegerField()
    gap_max_days = models.PositiveSmallIntegerField()
    block = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=8, choices=CourseState.choices, default=CourseState.DRAFT)
    reason = EncryptedTextField(null=True)
    limit_reasons = EncryptedJSONField(null=True)
    eligibility_decision = models.ForeignKey(
        EligibilityDecision, on_delete=models.PROTECT, null=True, related_name="courses"
    )
    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(state="draft"), name="one_draft_of_a_patient"
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=models.Q(state__in=["signed", "running"]),
                name="one_open_course_of_a_patient",
            ),
            models.CheckConstraint(
                condition=models.Q(route="iv", minutes__gt=0) | models.Q(route="im", minutes=None),
                name="minutes_for_an_infusion_only",
            ),
            models.CheckConstraint(
                condition=models.Q(gap_min_days__gte=1) & models.Q(gap_max_days__gte=models.F("gap_min_days")),
                name="course_gaps_in_order",
            ),
            models.CheckConstraint(condition=models.Q(dose_ug__gt=0), name="course_has_a_dose"),
            models.CheckConstraint(
                condition=models.Q(state="draft") | models.Q(state="ended") | models.Q(signature__isnull=False),
                name="open_course_is_signed",
            ),
        ]

    @property
    def subject_id(self) -> UUID:
        return self.patient_id

    @property
    def is_open(self) -> bool:
        return self.state in (CourseState.SIGNED, CourseState.RUNNING)


class CourseStep(models.Model):
    """What became of a course, when, by whom. Rows are added, never changed."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=8, choices=CourseState.choices)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    note = EncryptedTextField(null=True)

    class Meta:
        ordering = ["at", "recorded_at"]

    @property
    def subject_id(self) -> UUID:
        return self.patient_id


class CourseElement(models.Model):
    """A therapy beside ketamine: its code and timing in the protocol library, and how many sessions."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="elements")
    kind = models.CharField(max_length=40)
    timing = models.CharField(max_length=40)
    sessions = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["course", "kind"], name="a_therapy_once_in_a_course")]
