"""The session itself: one dose for one patient on one chair, and the phases it went through."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from interlude.domain.protocol.phases import PHASES
from interlude.record.accounts.models import Signature, StaffMember
from interlude.record.clinic.models import Chair
from interlude.record.patients.models import Patient
from interlude.record.stock.models import Lot
from interlude.record.vault.fields import EncryptedTextField


class Route(models.TextChoices):
    IV = "iv", _("Infusion (IV)")
    IM = "im", _("Injection (IM)")


class Session(models.Model):
    """One treatment session. What was ordered is copied at check-in, so that a later change of the plan cannot
    change a session that has begun.

    The columns of the current state (`phase`, `started_at`, `stopped_at`, `ended_at`) stand beside their history
    (`steps`) because every live page reads them; `version` grows with each change that a page must have seen.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="sessions")
    course = models.ForeignKey("plans.Course", on_delete=models.PROTECT, related_name="sessions")
    appointment = models.OneToOneField("appointments.Appointment", on_delete=models.PROTECT, related_name="session")
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, related_name="sessions")
    number = models.PositiveSmallIntegerField()
    protocol_version = models.ForeignKey("protocols.ProtocolVersion", on_delete=models.PROTECT, related_name="sessions")
    route = models.CharField(max_length=2, choices=Route.choices)
    dose_mg_per_kg = models.DecimalField(max_digits=6, decimal_places=3)
    minutes = models.PositiveSmallIntegerField(null=True)
    # Computed from the weight; empty until a weight is charted. Fixed when the dose begins.
    weight_kg = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    weighed_at = models.DateTimeField(null=True)
    dose_ug = models.BigIntegerField(null=True)
    # From the vial that was chosen at the start.
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, null=True, related_name="+")
    concentration_mg_per_ml = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    syringe_ml = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    fasting = models.CharField(max_length=24, blank=True)
    phase = models.CharField(
        max_length=20, choices=[(info.phase, _(info.label)) for info in PHASES], default="checked_in"
    )
    version = models.PositiveIntegerField(default=1)
    checked_in_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-checked_in_at"]
        indexes = [models.Index(fields=["chair", "checked_in_at"]), models.Index(fields=["ended_at"])]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chair"], condition=Q(ended_at=None), name="one_session_on_a_chair"),
            models.UniqueConstraint(fields=["patient"], condition=Q(ended_at=None), name="one_session_of_a_patient"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("checked_in_at")), name="a_session_ends_after_it_began"
            ),
            models.CheckConstraint(
                condition=Q(started_at=None) | (Q(dose_ug__gt=0) & Q(lot__isnull=False)),
                name="a_dose_has_an_amount_and_a_lot",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False) ^ Q(phase__in=[info.phase for info in PHASES if not info.is_final]),
                name="a_session_has_ended_in_a_final_phase",
            ),
        ]

    @property
    def subject_id(self) -> UUID:
        return self.patient_id

    @property
    def dose_mg(self) -> Decimal | None:
        return None if self.dose_ug is None else Decimal(self.dose_ug).scaleb(-3)


class PhaseStep(models.Model):
    """One change of phase: what, when, who, and the version of the session after it. Never changed."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="steps")
    action = models.CharField(max_length=20)
    phase = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField()
    reason = EncryptedTextField(null=True)

    class Meta:
        ordering = ["version"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["session", "version"], name="one_step_of_a_version")]

    @property
    def subject_id(self) -> UUID:
        return self.session.patient_id


class SessionOrder(models.Model):
    """A physician's signed order for this session: dose, time and weight as they stood. The newest one counts."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="orders")
    dose_ug = models.BigIntegerField()
    minutes = models.PositiveSmallIntegerField(null=True)
    weight_kg = models.DecimalField(max_digits=5, decimal_places=2)
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    signature = models.ForeignKey(Signature, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "id"]
