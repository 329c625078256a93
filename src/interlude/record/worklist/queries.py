from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q, QuerySet

from interlude.record.accounts.models import StaffMember
from interlude.record.worklist.models import Task, TaskState

UNFINISHED = [TaskState.OPEN, TaskState.TAKEN]


def tasks_for(by: StaffMember) -> QuerySet[Task]:
    """Unfinished tasks of a person: the own ones, and those of the roles that nobody has taken yet."""
    mine = Q(owner=by) | Q(owner=None, owner_role__in=by.access_roles)
    return (
        Task.objects.filter(mine, state__in=UNFINISHED)
        .select_related("patient", "owner")
        .order_by("-is_urgent", F("due_at").asc(nulls_last=True), "opened_at")
    )


def all_open(by: StaffMember) -> QuerySet[Task]:
    """Every unfinished task, for the board that shows what is overdue, whoever owns it."""
    return (
        Task.objects.filter(state__in=UNFINISHED)
        .select_related("patient", "owner")
        .order_by("-is_urgent", F("due_at").asc(nulls_last=True), "opened_at")
    )


def overdue(at: datetime) -> QuerySet[Task]:
    return Task.objects.filter(state__in=UNFINISHED, due_at__lt=at).select_related("patient", "owner")
