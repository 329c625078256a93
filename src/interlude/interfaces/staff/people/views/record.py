from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.people.forms import TeamForm
from interlude.interfaces.staff.people.journey import Journey, journeys
from interlude.interfaces.staff.people.links import link
from interlude.interfaces.staff.people.opening import open_chart, patient_of
from interlude.interfaces.staff.people.risks import risks_of_many
from interlude.interfaces.staff.people.steps import next_steps, pathway_steps, phase_tag, session_url
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import CLINICAL
from interlude.record.assessments import queries as assessments
from interlude.record.assessments.models import EligibilityOutcome
from interlude.record.outcomes.queries import trend
from interlude.record.patients import services
from interlude.record.patients.models import Patient
from interlude.record.patients.queries import care_team_of
from interlude.record.stock.queries import given_mg
from interlude.record.worklist.queries import all_open, tasks_for

SHOWN_APPOINTMENTS = 8
SHOWN_REPORTS = 20


def patient(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """The pathway of one patient: where they stand, what is next, what must be known."""
    now = timezone.now()
    one = open_chart(request, patient_id, "patient", now)
    journey = journeys([one], now)[one.pk]
    clinical = request.user.role in CLINICAL
    context: dict[str, Any] = {
        "patient": one,
        "banner": banner_for(one, timezone.localdate(), request.user),
        "clinical": clinical,
        "phase": phase_tag(journey, request.user),
        "steps": pathway_steps(journey, request.user),
        "next_steps": next_steps(journey, request.user, now),
        "journey": journey,
        "appointments": _appointments(journey),
        "tasks": _tasks(one, request.user, now),
        "referral": one.referrals.first(),
        "team": list(care_team_of(one.pk)),
        "team_form": TeamForm(),
        "portal_link": one.portal_links.filter(expires_at__gt=now).order_by("-created_at").first(),
    }
    context["is_in_team"] = any(member.staff_id == request.user.pk for member in context["team"])
    if clinical:
        context |= _clinical(request, one, journey)
    return render(request, "staff/people/patient.html", context)


def _clinical(request: StaffRequest, one: Patient, journey: Journey) -> dict[str, Any]:
    """What only clinicians see of a patient."""
    chart = trend(request.user, one)
    given = given_mg(session.pk for session in journey.sessions)
    for band in chart.get("bands", []):
        band["label"] = _(band["label"])
    return {
        "risks": risks_of_many(request.user, {one.pk: journey}, with_allergies=False)[one.pk],
        "new_rows": _new_rows(one, journey),
        "allergies": assessments.allergy_banner(one),
        "medicines": assessments.medicines_of(one),
        "medicines_reviewed": assessments.medicine_review(one),
        "reports": list(assessments.reports_of(one)[:SHOWN_REPORTS]),
        "trend": {**chart, "label": _(chart["label"])} if chart["points"] else None,
        "sessions": [
            {"session": session, "url": session_url(session), "given_mg": given.get(session.pk)}
            for session in reversed(journey.sessions)
        ],
        "measures_url": link("measures", one.pk),
    }


def _new_rows(one: Patient, journey: Journey) -> list[str]:
    """Rules that became more serious since the patient was found eligible."""
    if journey.decision is None or journey.decision.outcome != EligibilityOutcome.ELIGIBLE:
        return []
    picture = assessments.eligibility_picture(one, timezone.localdate())
    return [_(row.title) for row in assessments.new_since(journey.decision, picture)]


def _appointments(journey: Journey) -> list[dict[str, Any]]:
    return [
        {"appointment": row, "url": link("appointment", row.pk)} for row in journey.appointments[:SHOWN_APPOINTMENTS]
    ]


def _tasks(one: Patient, by: StaffMember, now: datetime) -> list[dict[str, Any]]:
    """Unfinished tasks about this patient: for clinicians all, for others their own, because a title may tell."""
    rows = all_open(by) if by.role in CLINICAL else tasks_for(by)
    shown = []
    for task in rows.filter(patient=one):
        late = task.due_at is not None and task.due_at < now
        shown.append(
            {
                "title": _(task.title_template).format(**task.title_params),
                "url": link(task.url_name.removeprefix("staff:"), *task.url_args) if task.url_name else "",
                "hint": task.owner.display_name if task.owner else task.get_owner_role_display(),
                "status": _("Urgent") if task.is_urgent else _("Overdue") if late else _("Open"),
                "kind": "stop" if task.is_urgent or late else "info",
            }
        )
    return shown


def team(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Join the care team of a patient, or add somebody."""
    one = patient_of(request, patient_id)
    now = timezone.now()
    if request.POST.get("verb") == "join" and request.user.role in CLINICAL:
        services.join_care_team(by=request.user, at=now, patient=one, staff=request.user)
        messages.success(request, _("You are in the care team now."))
        return redirect("staff:patient", patient_id=one.pk)
    form = TeamForm(request.POST)
    if form.is_valid():
        member = form.cleaned_data["staff"]
        services.join_care_team(by=request.user, at=now, patient=one, staff=member)
        messages.success(request, _("{name} is in the care team now.").format(name=member.display_name))
    else:
        messages.error(request, _("Choose who joins the care team."))
    return redirect("staff:patient", patient_id=one.pk)
