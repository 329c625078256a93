from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.patients.models import Patient


class TaskState(models.TextChoices):
    OPEN = "open", _("Open")
    TAKEN = "taken", _("Taken")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("No longer needed")


class Task(models.Model):
    """One thing that somebody has to do, with an owner: a person, or a role until a person takes it."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=60)
    title_template = models.CharField(max_length=200)
    title_params = models.JSONField(default=dict)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="tasks")
    owner_role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    owner = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="tasks")
    due_at = models.DateTimeField(null=True, blank=True)
    is_urgent = models.BooleanField(default=False)
    url_name = models.CharField(max_length=80, blank=True)
    url_args = models.JSONField(default=list)
    key = models.CharField(max_length=120, blank=True)
    opened_at = models.DateTimeField()
    # The current state, kept beside its history (`steps`) because every page counts the open tasks.
    state = models.CharField(max_length=8, choices=TaskState.choices, default=TaskState.OPEN)

    class Meta:
        indexes = [models.Index(fields=["state", "owner_role"]), models.Index(fields=["key"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(owner_role="") | models.Q(owner__isnull=False), name="a_task_has_an_owner"
            ),
            models.UniqueConstraint(
                fields=["key"],
                condition=models.Q(state__in=["open", "taken"]) & ~models.Q(key=""),
                name="one_open_task_of_a_key",
            ),
        ]


class TaskStep(models.Model):
    """What happened to a task, when and by whom."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=8, choices=TaskState.choices)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64)
