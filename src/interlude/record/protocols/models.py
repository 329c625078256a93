from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import Signature, StaffMember


class ProtocolVersion(models.Model):
    """One loaded version of a treatment protocol. Its content never changes; a change is a new version.

    `content` is the canonical JSON of `domain.protocol.schema.Protocol`, `sha256` its identity.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    key = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    indication = models.CharField(max_length=40)
    route = models.CharField(max_length=2)
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()
    effective_on = models.DateField(null=True)
    """New plans use it from this day on; null: as soon as two people have signed it."""

    class Meta:
        ordering = ["key", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "version"], name="one_protocol_of_a_version"),
            models.UniqueConstraint(fields=["key", "sha256"], name="one_version_of_a_content"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class ProtocolApproval(models.Model):
    """One of the two signatures that a version needs. The first is a physician's; no person gives both."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="approvals")
    position = models.PositiveSmallIntegerField()
    staff = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(position__in=[1, 2]), name="two_approvals"),
            models.UniqueConstraint(fields=["version", "position"], name="one_approval_of_a_position"),
            models.UniqueConstraint(fields=["version", "staff"], name="two_people_approve"),
        ]


class ProtocolDraft(models.Model):
    """A next version that is being written. Its content is the base's with the changes of its steps, in order."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    base = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="drafts")
    opened_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return f"Draft after {self.base}"


class StepKind(models.TextChoices):
    CHANGED = "changed", _("Changed")
    RESTORED = "restored", _("Put back")
    TRIED = "tried", _("Tried on virtual patients")
    SUBMITTED = "submitted", _("Submitted")
    DECLINED = "declined", _("Declined")
    DISCARDED = "discarded", _("Discarded")


class DraftStep(models.Model):
    """One thing that happened to a draft. `before` and `after` are data of the domain, or what a trial found."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    draft = models.ForeignKey(ProtocolDraft, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=StepKind.choices)
    path = models.CharField(max_length=200, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    content_sha256 = models.CharField(max_length=64)
    """The draft's content after this step."""
    version = models.ForeignKey(ProtocolVersion, null=True, on_delete=models.PROTECT, related_name="steps")
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["draft", "position"], name="one_step_of_a_position"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["submitted", "declined"], version__isnull=False)
                | (models.Q(version__isnull=True) & ~models.Q(kind__in=["submitted", "declined"])),
                name="a_submitted_draft_has_a_version",
            ),
        ]


class RulesVersion(models.Model):
    """The shared rules (`domain.protocol.rulebook.Rulebook`) as somebody signed them. Never changes."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.PositiveIntegerField(unique=True)
    content = models.JSONField()
    sha256 = models.CharField(max_length=64, unique=True)
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"Rules, version {self.version}"


class RulesApproval(models.Model):
    """One of the two signatures on the shared rules, as with a protocol."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(RulesVersion, on_delete=models.PROTECT, related_name="approvals")
    position = models.PositiveSmallIntegerField()
    staff = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(position__in=[1, 2]), name="two_approvals_of_rules"),
            models.UniqueConstraint(fields=["version", "position"], name="one_rules_approval_of_a_position"),
            models.UniqueConstraint(fields=["version", "staff"], name="two_people_approve_rules"),
        ]
