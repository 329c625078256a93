from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models

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
