"""A course: checked before it is signed, and followed afterwards; its consent and its comfort."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.protocol.library import load_library
from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import add_refusal, translate
from interlude.interfaces.staff.assessment.route import route_wishes
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.people.links import link
from interlude.interfaces.staff.people.opening import open_chart
from interlude.interfaces.staff.planning.basis import why_summary
from interlude.interfaces.staff.planning.dose_words import check_rows
from interlude.interfaces.staff.planning.forms import PasswordForm
from interlude.interfaces.staff.planning.origin import deviation_rows
from interlude.interfaces.staff.planning.protocols import approval_state
from interlude.interfaces.staff.planning.steps import next_steps
from interlude.interfaces.staff.planning.summary import dose_box, element_rows, finding_rows, order_rows
from interlude.interfaces.staff.planning.taper_words import taper_line, taper_rows
from interlude.interfaces.staff.planning.words import said
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.accounts.roles import Role
from interlude.record.appointments.queries import series_of
from interlude.record.assessments.queries import latest_decision
from interlude.record.plans import queries, services
from interlude.record.plans.models import Course, CourseState
from interlude.record.plans.order import findings
from interlude.record.plans.services import check_may_sign
from interlude.record.protocols.queries import protocol_of, versions

WRONG = 422


def course_of(request: StaffRequest, course_id: UUID) -> Course:
    """The course, if this person may see its patient; otherwise the page does not exist."""
    return get_object_or_404(queries.courses_for(request.user).prefetch_related("elements"), pk=course_id)


def shared_context(request: StaffRequest, course: Course) -> dict[str, Any]:
    """What every page about a course shows."""
    plan = queries.plan_of(course)
    protocol = protocol_of(course.protocol_version)
    version = versions().get(pk=course.protocol_version_id)
    found = findings(protocol, plan, course.weight_kg, bmi_kg_per_m2=None, block=course.block)
    indication = load_library().indications.get(course.indication)
    different = deviation_rows(queries.deviations_now(course))
    logged = {row["code"]: row for row in different}
    return {
        "patient": course.patient,
        "course": course,
        "banner": banner_for(course.patient, timezone.localdate(), request.user),
        "plan": plan,
        "protocol": protocol,
        "protocol_name": _(protocol.name),
        "version": version,
        "approval": approval_state(version),
        "indication_name": _(indication.name) if indication else course.indication,
        "order": order_rows(course),
        "elements": element_rows(plan),
        "deviations": [
            row | {"logged": logged.get(row["field"])}
            for row in finding_rows(found, plan.limit_reasons)
            if row["severity"] != "note"
        ],
        "why": why_summary(course, different),
        "taper": taper_rows(queries.taper_of(course, timezone.localdate())),
        "wishes": route_wishes(course.patient, timezone.localdate(), course.route),
        "box": dose_box(protocol, plan, course.weight_kg),
    }


def course(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """The plan as it stands, what became of it, consent, comfort, appointments and what comes next."""
    row = course_of(request, course_id)
    open_chart(request, row.patient_id, "course", timezone.now())
    now = timezone.now()
    consent = queries.consent_state(row, now)
    appointments = series_of(row)
    comfort = queries.comfort_of(row)
    checks = queries.dose_checks_of(row) if row.signature is not None else []
    shared = shared_context(request, row)
    context = shared | {
        "dose_checks": check_rows(checks),
        "steps": [
            {
                "at": step.at,
                "title": step.get_state_display(),
                "text": step.note or "",
                "who": step.by.display_name if step.by else "",
            }
            for step in queries.steps_of(row)
        ],
        "signature": row.signature,
        "consent": consent,
        "consent_words": said(consent.reason),
        "comfort": comfort,
        "appointments": appointments,
        "next_steps": next_steps(row, consent, appointments, comfort, checks, request.user, now)
        + (taper_line(row, shared["taper"]) if row.is_open else []),
        "is_draft": row.state == CourseState.DRAFT,
        "may_change": row.state == CourseState.DRAFT and request.user.role in (Role.PHYSICIAN, Role.THERAPIST),
        "may_book": row.is_open and request.user.role in (Role.PHYSICIAN, Role.NURSE, Role.FRONT_DESK),
    }
    return render(request, "staff/planning/course.html", context)


def plan_sign(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """Check every answer, then sign with the password. A page that is no longer current signs nothing."""
    row = course_of(request, course_id)
    if row.state != CourseState.DRAFT:
        return redirect("staff:course", row.pk)
    open_chart(request, row.patient_id, "plan", timezone.now())
    form = PasswordForm(request.POST or None, initial={"seen_version": row.version})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.sign_course(
                by=request.user,
                password=data["password"],
                at=timezone.now(),
                course=row,
                seen_version=data["seen_version"] if data["seen_version"] is not None else -1,
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("The plan is signed. The series can be booked."))
            return redirect("staff:course", row.pk)
    try:
        check_may_sign(request.user, row, timezone.now())
        refusal = ""
    except Refused as refused:
        refusal = translate(refused)
    context = shared_context(request, row) | {
        "form": form,
        "refusal": refusal,
        "decision": latest_decision(row.patient),
        "change_url": reverse("staff:plan_change", args=[row.pk]),
        "eligibility_url": link("eligibility", row.patient_id),
        "consent_words": said(queries.consent_state(row, timezone.now()).reason),
        "is_physician": request.user.role == Role.PHYSICIAN,
    }
    return render(request, "staff/planning/sign.html", context, status=WRONG if form.errors else 200)


def plan_discard(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """Throw a draft away."""
    row = course_of(request, course_id)
    try:
        services.discard_draft(by=request.user, at=timezone.now(), course=row)
    except Refused as refused:
        messages.error(request, translate(refused))
        return redirect("staff:course", row.pk)
    messages.success(request, _("The draft was discarded."))
    return redirect("staff:plan", row.patient_id)
