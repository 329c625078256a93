"""The dose computed a second time, by another person, without seeing the first result."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import DesignForm, NumberField, add_refusal, translate
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.people.opening import open_chart
from interlude.interfaces.staff.planning.course import course_of
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.plans import services
from interlude.record.plans.services import check_may_check_dose

WRONG = 422


class DoseCheckForm(DesignForm):
    typed_mg = NumberField(
        label=gettext_lazy("Dose of one session, as you computed it"),
        unit="mg",
        help_text=gettext_lazy("Milligrams, with up to three decimals. Do not round up."),
    )


def plan_check(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """Weight and dose per kilogram are shown, the plan's result is not."""
    course = course_of(request, course_id)
    now = timezone.now()
    open_chart(request, course.patient_id, "dose_check", now)
    form = DoseCheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.check_dose(by=request.user, at=now, course=course, typed_mg=form.cleaned_data["typed_mg"])
        except Refused as refused:
            add_refusal(form, refused)
        else:
            if row.agrees:
                messages.success(request, _("Your dose and that of the plan agree."))
            else:
                messages.error(request, _("Your dose and that of the plan differ. The physicians are asked to look."))
            return redirect("staff:course", course.pk)
    try:
        check_may_check_dose(request.user, course)
        refusal = ""
    except Refused as refused:
        refusal = translate(refused)
    context = {
        "course": course,
        "patient": course.patient,
        "banner": banner_for(course.patient, timezone.localdate(), request.user),
        "form": form,
        "refusal": refusal,
    }
    return render(request, "staff/planning/dose_check.html", context, status=WRONG if form.errors else 200)
