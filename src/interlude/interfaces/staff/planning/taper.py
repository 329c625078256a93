"""Reducing another medicine beside the series: what was agreed, what is due, and who knows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.protocol.interactions import check_interactions
from interlude.domain.protocol.library import load_library
from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import ClinicDateField, DesignForm, add_refusal, translate
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.people.opening import open_chart
from interlude.interfaces.staff.planning.course import course_of
from interlude.interfaces.staff.planning.taper_words import note_rows, taper_rows
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.accounts.roles import Role
from interlude.record.assessments.models import MedicineStatement
from interlude.record.assessments.queries import medicines_of
from interlude.record.plans import queries, services
from interlude.record.plans.models import Course, CourseState

WRONG = 422


class TaperForm(DesignForm):
    """One agreed step. Only medicines of the patient's list can be chosen."""

    medicine = forms.ChoiceField(label=gettext_lazy("Medicine"))
    on = ClinicDateField(label=gettext_lazy("From"))
    dose = forms.CharField(
        label=gettext_lazy("Dose from this day on"), help_text=gettext_lazy("As agreed, like “0.5 mg in the evening”.")
    )
    prescriber = forms.CharField(label=gettext_lazy("Agreed with (prescriber)"))
    is_informed = forms.BooleanField(label=gettext_lazy("The prescriber is informed of this step"), required=False)
    note = forms.CharField(label=gettext_lazy("Note"), required=False)

    def __init__(self, *args: Any, medicines: list[MedicineStatement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["medicine"]
        assert isinstance(field, forms.ChoiceField)
        named = [(str(row.pk), " ".join(filter(None, [row.name, row.dose]))) for row in medicines]
        field.choices = [("", _("Choose")), *named]


def taper(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """The steps of a course, with what became of them; a new step; marks."""
    course = course_of(request, course_id)
    now = timezone.now()
    open_chart(request, course.patient_id, "taper", now)
    medicines = medicines_of(course.patient)
    if request.POST.get("verb"):
        return _mark(request, course)
    form = TaperForm(request.POST or None, medicines=medicines)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        chosen = next(row for row in medicines if str(row.pk) == values.pop("medicine"))
        try:
            services.plan_taper_step(by=request.user, at=now, course=course, medicine=chosen, **values)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("The step is written down. A task reminds the physicians on its day."))
            return redirect("staff:taper", course.pk)
    lines = queries.taper_of(course, timezone.localdate())
    may_write = request.user.role in (Role.PHYSICIAN, Role.NURSE) and course.state != CourseState.ENDED
    context = {
        "course": course,
        "patient": course.patient,
        "banner": banner_for(course.patient, timezone.localdate(), request.user),
        "taper": taper_rows(lines),
        "notes": note_rows(queries.notes_on(lines)),
        "warnings": _warnings(medicines),
        "form": form,
        "medicines": medicines,
        "may_write": may_write,
    }
    return render(request, "staff/planning/taper.html", context, status=WRONG if form.errors else 200)


def _mark(request: StaffRequest, course: Course) -> HttpResponse:
    step = next((row for row in course.taper_steps.all() if str(row.pk) == request.POST.get("id", "")), None)
    if step is None:
        raise Http404
    try:
        services.mark_taper_step(by=request.user, at=timezone.now(), step=step, kind=request.POST["verb"])
    except Refused as refused:
        messages.error(request, translate(refused))
    else:
        messages.success(request, _("Saved. The list of medicines is as it was."))
    return redirect("staff:taper", course.pk)


def _warnings(medicines: list[MedicineStatement]) -> list[dict[str, Any]]:
    """What is known about stopping a medicine of the list."""
    names = [str(row.name or "") for row in medicines]
    hits = check_interactions(load_library().interactions, names).results
    return [
        {"medicine": hit.medicine, "action": _(hit.interaction.action)}
        for hit in hits
        if hit.interaction.never_stop_abruptly
    ]
