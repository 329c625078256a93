"""The worklist, and the search behind Ctrl+K."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import translate
from interlude.interfaces.staff.navigation import nav_items
from interlude.interfaces.staff.requests import StaffRequest
from interlude.interfaces.staff.session.arrivals import arrivals
from interlude.record.accounts.roles import Role
from interlude.record.patients.queries import search
from interlude.record.vault.cipher import load_subject_keys
from interlude.record.worklist import services
from interlude.record.worklist.models import Task
from interlude.record.worklist.queries import all_open, tasks_for

MOST_TASKS = 200
_SEES_NAMES = {Role.PHYSICIAN, Role.NURSE, Role.THERAPIST, Role.FRONT_DESK}


def _row(task: Task, user_id: UUID, now: object) -> dict[str, object]:
    try:
        url = reverse(task.url_name, args=task.url_args) if task.url_name else ""
    except NoReverseMatch:
        url = ""
    return {
        "task": task,
        "title": _(task.title_template).format(**task.title_params),
        "url": url,
        "overdue": task.due_at is not None and task.due_at < now,  # type: ignore[operator]
        "mine": task.owner_id == user_id,
    }


def worklist(request: StaffRequest) -> HttpResponse:
    """What I have to do, most urgent first; with `?all=1` what anybody has to do."""
    everybody = request.GET.get("all") == "1" and request.user.role in _SEES_NAMES
    tasks = list((all_open(request.user) if everybody else tasks_for(request.user))[:MOST_TASKS])
    load_subject_keys([task.patient_id for task in tasks if task.patient_id])
    now = timezone.now()
    context = {
        "rows": [_row(task, request.user.pk, now) for task in tasks],
        "everybody": everybody,
        "shows_names": request.user.role in _SEES_NAMES,
        "now": now,
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "staff/work/rows.html" if part else "staff/work/worklist.html", context)


def task(request: StaffRequest, task_id: UUID) -> HttpResponse:
    """Take a task, finish it, or drop it as no longer needed."""
    mine = get_object_or_404(all_open(request.user), pk=task_id)
    verb = request.POST.get("verb", "")
    now = timezone.now()
    try:
        if verb == "take":
            services.take_task(by=request.user, at=now, task=mine)
        elif verb in ("done", "drop"):
            services.close_task(by=request.user, at=now, task=mine, dropped=verb == "drop")
        else:
            messages.error(request, _("Choose take, done or drop."))
    except Refused as refused:
        messages.error(request, translate(refused))
    return redirect("staff:worklist")


def find(request: StaffRequest) -> JsonResponse:
    """The command palette: patients by the beginnings of their names or number, and the pages of the menu.

    Whoever is expected for a session today comes first, so that three letters, Enter and Enter check them in.
    """
    text = request.GET.get("q", "").strip()
    pages = [
        {"title": str(item["label"]), "hint": _("Page"), "kind": "page", "url": item["url"]}
        for item in nav_items(request.user, "")
        if text.lower() in str(item["label"]).lower()
    ]
    people: list[dict[str, str]] = []
    if text and request.user.role in _SEES_NAMES:
        found = search(request.user, text, limit=8)
        people = arrivals(request.user, found, timezone.now())
        people += [
            {
                "title": f"{(patient.family_name or '').upper()}, {patient.given_name}",
                "hint": patient.number,
                "kind": "patient",
                "url": reverse("staff:patient", args=[patient.pk]),
            }
            for patient in found
        ]
    return JsonResponse({"results": [*people, *pages]})
