from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import StaffMember
from interlude.record.patients.models import Patient
from interlude.record.vault.fields import EncryptedJSONField, EncryptedTextField
from interlude.record.worklist.models import Task


class AssignmentState(models.TextChoices):
    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    COVERED = "covered", _("Answered together with another one")
    MISSED = "missed", _("Missing")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Assignment(models.Model):
    """One questionnaire that is due once: when it may be answered, and what it is anchored to.

    `anchor` says in a code what the date hangs on ("intake", "before:2", "after:1:24h", "weekly:3", "sent").
    Sessions, appointments and courses belong to later rooms, so they are plain identifiers here.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="assignments")
    instrument = models.CharField(max_length=40)
    anchor = models.CharField(max_length=40, blank=True)
    due_at = models.DateTimeField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    session_id = models.UUIDField(null=True, blank=True)
    appointment_id = models.UUIDField(null=True, blank=True)
    course_id = models.UUIDField(null=True, blank=True)
    key = models.CharField(max_length=120, blank=True)
    assigned_at = models.DateTimeField()
    assigned_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    # The current state, kept beside its history (`steps`) because the portal and the day's board ask for it.
    state = models.CharField(max_length=10, choices=AssignmentState.choices, default=AssignmentState.OPEN)

    class Meta:
        ordering = ["due_at", "instrument"]
        indexes = [
            models.Index(fields=["patient", "state", "due_at"]),
            models.Index(fields=["state", "closes_at"]),
            models.Index(fields=["session_id"]),
            models.Index(fields=["appointment_id"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "key"], condition=~models.Q(key=""), name="one_assignment_of_a_key"
            ),
            models.CheckConstraint(
                condition=models.Q(opens_at__lte=models.F("due_at"), closes_at__gte=models.F("due_at")),
                name="due_inside_its_window",
            ),
        ]

    def is_open_at(self, at: datetime) -> bool:
        return self.state == AssignmentState.OPEN and self.opens_at <= at < self.closes_at

    def is_missing_at(self, at: datetime) -> bool:
        """Was it never answered, whether or not somebody has noted that yet?"""
        return self.state == AssignmentState.MISSED or (self.state == AssignmentState.OPEN and at >= self.closes_at)


class AssignmentStep(models.Model):
    """What happened to an assignment, when and by whom. Append-only."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=10, choices=AssignmentState.choices)
    due_at = models.DateTimeField()
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]


class ItemAnswer(models.Model):
    """One tap on one question, before the questionnaire is sent. The latest of an item counts. Append-only."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    sequence = models.PositiveIntegerField()
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="item_answers")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=20)
    value = EncryptedJSONField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["assignment", "sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["assignment", "sequence"], name="one_answer_at_a_time")
        ]

    @property
    def subject_id(self) -> UUID:
        return self.patient_id


class AnsweredBy(models.TextChoices):
    PATIENT = "patient", _("Patient, on the portal")
    PAPER = "paper", _("Patient, on paper")
    CLINICIAN = "clinician", _("Clinician")


class Response(models.Model):
    """One answered questionnaire with its score as it was computed then. Append-only.

    `total` and `band` are empty when an answer that they need is missing: a missing answer is never zero.
    `flags`: [{code, tier, item, template, params}].
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    assignment = models.OneToOneField(
        Assignment, on_delete=models.PROTECT, null=True, blank=True, related_name="response"
    )
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="responses")
    instrument = models.CharField(max_length=40)
    instrument_version = models.CharField(max_length=20)
    answers = EncryptedJSONField()
    total = models.IntegerField(null=True)
    band = models.CharField(max_length=30, blank=True)
    missing_items = models.PositiveSmallIntegerField(default=0)
    flags = models.JSONField(default=list)
    answered_at = models.DateTimeField()
    answered_by_kind = models.CharField(max_length=10, choices=AnsweredBy.choices)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["answered_at"]
        indexes = [models.Index(fields=["patient", "instrument", "answered_at"])]

    @property
    def subject_id(self) -> UUID:
        return self.patient_id


class RiskAlert(models.Model):
    """An answer that a person must look at within a time. Its state is the state of its urgent task.

    It is raised with the answer itself, also when the questionnaire is never sent.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="risk_alerts")
    assignment = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, null=True, blank=True, related_name="risk_alerts"
    )
    response = models.ForeignKey(Response, on_delete=models.PROTECT, null=True, blank=True, related_name="risk_alerts")
    instrument = models.CharField(max_length=40)
    tier = models.CharField(max_length=10)
    flags = models.JSONField(default=list)
    raised_at = models.DateTimeField()
    due_at = models.DateTimeField()
    task = models.OneToOneField(Task, on_delete=models.PROTECT, related_name="risk_alert")

    class Meta:
        ordering = ["-raised_at"]
        indexes = [models.Index(fields=["patient", "raised_at"])]


class RiskActionKind(models.TextChoices):
    CALLED = "called", _("Spoke with the patient by telephone")
    SEEN = "seen", _("Saw the patient")
    SCREENED = "screened", _("Asked the suicide-risk screener")
    HANDED_ON = "handed_on", _("Handed on to emergency care")
    NOT_REACHED = "not_reached", _("Tried, did not reach the patient")


class RiskAction(models.Model):
    """What somebody did about an alert, in their own words. Append-only."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    alert = models.ForeignKey(RiskAlert, on_delete=models.PROTECT, related_name="actions")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=RiskActionKind.choices)
    note = EncryptedTextField()
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at"]

    @property
    def subject_id(self) -> UUID:
        return self.patient_id
