"""The plan builder: from a protocol to an adapted draft, with its limits live beside the fields."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.protocol.library import load_library
from interlude.domain.protocol.schema import Protocol
from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import add_refusal
from interlude.interfaces.staff.assessment.route import comparison_rows, route_wishes
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.people.opening import open_chart, patient_of
from interlude.interfaces.staff.planning.forms import FIELD_OF, SOFT_CODES, PlanForm
from interlude.interfaces.staff.planning.protocols import approval_state
from interlude.interfaces.staff.planning.summary import dose_box, finding_rows
from interlude.interfaces.staff.planning.words import said, statement_rows
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.assessments.queries import facts_of
from interlude.record.patients.models import Patient
from interlude.record.plans import queries, services
from interlude.record.plans.models import Course
from interlude.record.plans.order import Plan, check_values, findings, reason_field, starting_plan
from interlude.record.plans.queries import bmi_of, charted_weight
from interlude.record.protocols.models import ProtocolVersion
from interlude.record.protocols.queries import newest_versions, protocol_of, versions

WRONG = 422


def plan(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Choose a protocol; with `?protocol=` adapt it; with a draft at hand go on with the draft."""
    patient = open_chart(request, patient_id, "plan", timezone.now())
    chosen = request.GET.get("protocol", "")
    draft = queries.draft_of(patient)
    if draft is not None and request.method == "GET" and not chosen:
        return redirect("staff:plan_change", draft.pk)
    if not chosen:
        return _choose(request, patient)
    version = _version(chosen)
    return _builder(request, patient, version, draft=None)


def plan_change(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """Adapt a draft. A signed plan is not changed: it says so on its own page."""
    course = get_object_or_404(queries.courses_for(request.user), pk=course_id)
    if course.state != "draft":
        return redirect("staff:course", course.pk)
    patient = open_chart(request, course.patient_id, "plan", timezone.now())
    chosen = request.GET.get("protocol", "")
    version = _version(chosen) if chosen else course.protocol_version
    return _builder(request, patient, version, draft=course)


def _version(text: str) -> ProtocolVersion:
    try:
        return get_object_or_404(versions(), pk=UUID(text))
    except ValueError:
        raise Http404 from None


def _choose(request: StaffRequest, patient: Patient) -> HttpResponse:
    """Protocols of the charted indication first, with what is honestly known about it."""
    fact = facts_of(patient).get("indication")
    code = str(fact.value) if fact else ""
    row = load_library().indications.get(code)
    loaded = newest_versions()
    offered = set(row.protocols) if row and row.may_plan else set()
    rows = [
        {"version": one, "protocol": protocol_of(one), "state": approval_state(one), "fits": one.key in offered}
        for one in loaded
    ]
    other = load_library().indications.get(row.route_to) if row and row.route_to else None
    context = {
        "patient": patient,
        "banner": banner_for(patient, timezone.localdate(), request.user),
        "indication": row,
        "indication_name": _(row.name) if row else "",
        "honest": _(row.honest_text) if row else "",
        "grade_note": _(row.grade_note) if row and row.grade_note else "",
        "findings": statement_rows(row.findings) if row else [],
        "route_to": _(other.name) if other else "",
        "fitting": [one for one in rows if one["fits"]],
        "others": [one for one in rows if not one["fits"]],
        "weight": charted_weight(patient),
    }
    return render(request, "staff/planning/choose.html", context)


def _builder(
    request: StaffRequest, patient: Patient, version: ProtocolVersion, *, draft: Course | None
) -> HttpResponse:
    protocol = protocol_of(version)
    block = draft.block if draft else 1 + patient.courses.exclude(signature=None).count()
    same = draft is not None and draft.protocol_version_id == version.pk
    first = queries.plan_of(draft) if draft is not None and same else starting_plan(protocol, block=block)
    initial = PlanForm.initial_of(protocol, first, draft.version if draft else None)
    preview_url = reverse("staff:plan_preview", args=[patient.pk]) + f"?protocol={version.pk}&block={block}"
    form = PlanForm(request.POST or None, initial=initial, protocol=protocol, preview_url=preview_url)
    if request.method == "POST" and form.is_valid():
        try:
            course = _save(request, patient, version, form, draft)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("The draft is saved. Check it, then sign."))
            return redirect("staff:plan_sign", course.pk)
    context = {
        "patient": patient,
        "banner": banner_for(patient, timezone.localdate(), request.user),
        "draft": draft,
        "version": version,
        "protocol": protocol,
        "protocol_name": _(protocol.name),
        "state": approval_state(version),
        "form": form,
        "evidence": statement_rows(protocol.evidence),
        "notes": statement_rows(protocol.notes),
        "indication": load_library().indications.get(version.indication),
        "others": [one for one in newest_versions() if one.indication == version.indication and one.pk != version.pk],
        "wishes": route_wishes(patient, timezone.localdate(), protocol.route),
        "routes_in_words": comparison_rows(),
        **_shown(patient, protocol, first, block, form),
    }
    return render(request, "staff/planning/builder.html", context, status=WRONG if form.errors else 200)


def _save(
    request: StaffRequest, patient: Patient, version: ProtocolVersion, form: PlanForm, draft: Course | None
) -> Course:
    now = timezone.now()
    if draft is None:
        return services.draft_course(
            by=request.user, at=now, patient=patient, protocol_version=version, plan=form.plan()
        )
    return services.change_course(
        by=request.user,
        at=now,
        course=draft,
        plan=form.plan(),
        protocol_version=version,
        seen_version=form.cleaned_data["seen_version"],
    )


def _shown(patient: Patient, protocol: Protocol, first: Plan, block: int, form: PlanForm) -> dict[str, Any]:
    """The preview of what stands in the form. While that cannot be read there is no dose to show, and why."""
    if not form.is_bound:
        return preview_of(patient, protocol, first, block, form)
    if form.is_valid() or ("dose_mg_per_kg" in form.cleaned_data and _numbers_read(form)):
        return preview_of(patient, protocol, form.plan(), block, form)
    return {
        "weight": charted_weight(patient),
        "box": None,
        "refusal": next(iter(form.errors.values()))[0],
        "limits": limit_boxes(form, []),
        "hard": [],
        "today": timezone.localdate(),
    }


def _numbers_read(form: PlanForm) -> bool:
    """Were all numbers read, so that only a service's refusal stands beside a field?"""
    names = ("dose_mg_per_kg", "minutes", "planned_sessions", "gap_min_days", "gap_max_days")
    return all(form.cleaned_data.get(name) is not None for name in names if name in form.fields)


def preview_of(patient: Patient, protocol: Protocol, plan: Plan, block: int, form: PlanForm) -> dict[str, Any]:
    """Dose, rates, curve and limits of the values as they stand in the form; a refusal in words when they are none."""
    weight = charted_weight(patient)
    context: dict[str, Any] = {"weight": weight, "box": None, "refusal": "", "fields": []}
    found = []
    if weight is not None:
        try:
            check_values(protocol, plan)
            found = findings(protocol, plan, weight[0], bmi_kg_per_m2=bmi_of(patient), block=block)
            context["box"] = dose_box(protocol, plan, weight[0])
        except Refused as refused:
            context["refusal"] = said(refused)
    rows = finding_rows(found, plan.limit_reasons)
    context["hard"] = [row for row in rows if row["severity"] == "hard"]
    context["notes_found"] = [row for row in rows if row["severity"] == "note"]
    context["limits"] = limit_boxes(form, rows)
    context["today"] = timezone.localdate()
    return context


def limit_boxes(form: PlanForm, rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """For each number of the form: the limits it touches, and the reason boxes that this opens."""
    boxes: dict[str, dict[str, Any]] = {}
    touched = {row["code"]: row for row in rows}
    for name in ("dose_mg_per_kg", "minutes", "planned_sessions", "gap_min_days", "gap_max_days"):
        codes = [code for code in SOFT_CODES if FIELD_OF[code] == name]
        reasons = [form[reason_field(code)] for code in codes if code in touched or form.errors.get(reason_field(code))]
        hard = [row for row in rows if row["field"] == name and row["severity"] == "hard"]
        soft = [touched[code] for code in codes if code in touched]
        boxes[name] = {"hard": hard, "soft": soft, "reasons": reasons, "id": f"limits-{name}"}
    return boxes


def plan_preview(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """The live panel while the form is filled in. Writes nothing."""
    patient = patient_of(request, patient_id)
    version = _version(request.GET.get("protocol", ""))
    protocol = protocol_of(version)
    block = int(request.GET.get("block", "1")) if request.GET.get("block", "1").isdigit() else 1
    form = PlanForm(request.POST, protocol=protocol)
    context = _shown(patient, protocol, starting_plan(protocol, block=block), block, form)
    return render(request, "staff/planning/preview.html", {**context, "is_live": True, "form": form})
