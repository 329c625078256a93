from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from interlude.domain.refusals import N_, Refused
from interlude.record import live
from interlude.record.accounts.models import StaffMember
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.patients.models import Patient
from interlude.record.worklist.models import Task, TaskState, TaskStep
from interlude.record.worklist.queries import UNFINISHED


def _step(task: Task, state: str, by: Actor, at: datetime) -> None:
    task.state = state
    task.save(update_fields=["state", "owner"])
    TaskStep.objects.create(task=task, state=state, at=at, actor_kind=by.actor_kind, actor_id=by.actor_id)
    audit.record(by=by, at=at, what=f"worklist.task.{state}", about=task, patient_id=task.patient_id)
    live.publish("worklist", "worklist.changed", {"task": str(task.pk)})


@transaction.atomic
def open_task(
    *,
    by: Actor,
    at: datetime,
    kind: str,
    title: str,
    title_params: dict[str, Any] | None = None,
    patient: Patient | None = None,
    owner_role: str | None = None,
    owner: StaffMember | None = None,
    due_at: datetime | None = None,
    is_urgent: bool = False,
    url_name: str = "",
    url_args: list[str] | None = None,
    key: str = "",
) -> Task:
    """Open a task with an owner. `title` is an English msgid with {gaps}; `key` makes a second call return the
    task that is open already."""
    if not owner_role and owner is None:
        raise ValueError("a task needs an owner or an owning role")
    if key:
        existing = Task.objects.filter(key=key, state__in=UNFINISHED).first()
        if existing:
            return existing
    task = Task.objects.create(
        kind=kind,
        title_template=title,
        title_params=title_params or {},
        patient=patient,
        owner_role=owner_role or "",
        owner=owner,
        due_at=due_at,
        is_urgent=is_urgent,
        url_name=url_name,
        url_args=url_args or [],
        key=key,
        opened_at=at,
    )
    TaskStep.objects.create(task=task, state=TaskState.OPEN, at=at, actor_kind=by.actor_kind, actor_id=by.actor_id)
    audit.record(
        by=by,
        at=at,
        what="worklist.task.opened",
        about=task,
        patient_id=task.patient_id,
        detail={"kind": kind},
    )
    live.publish("worklist", "worklist.changed", {"task": str(task.pk)})
    return task


def _check_unfinished(task: Task) -> None:
    if task.state not in UNFINISHED:
        raise Refused(N_("This task is finished already. Reload the page."))


@transaction.atomic
def take_task(*, by: StaffMember, at: datetime, task: Task) -> Task:
    """Make `by` the owner. Raises `Refused` when somebody else has taken it meanwhile."""
    task = Task.objects.select_for_update().get(pk=task.pk)
    _check_unfinished(task)
    if task.owner_id not in (None, by.pk):
        raise Refused(N_("Somebody else has taken this task. Reload the page."))
    task.owner = by
    _step(task, TaskState.TAKEN, by, at)
    return task


@transaction.atomic
def close_task(*, by: Actor, at: datetime, task: Task, dropped: bool = False) -> Task:
    """Finish a task, or drop it as no longer needed."""
    task = Task.objects.select_for_update().get(pk=task.pk)
    _check_unfinished(task)
    _step(task, TaskState.DROPPED if dropped else TaskState.DONE, by, at)
    return task


@transaction.atomic
def close_by_key(*, by: Actor, at: datetime, key: str, dropped: bool = False) -> int:
    """Finish the open task of a key, where there is one. Returns how many were closed."""
    tasks = list(Task.objects.select_for_update().filter(key=key, state__in=UNFINISHED))
    for task in tasks:
        _step(task, TaskState.DROPPED if dropped else TaskState.DONE, by, at)
    return len(tasks)
