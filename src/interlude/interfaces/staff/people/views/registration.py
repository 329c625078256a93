from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import add_refusal
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.people.forms import ContactForm, ReferralForm, RegisterForm
from interlude.interfaces.staff.people.opening import patient_of
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.accounts.roles import Role
from interlude.record.patients import services
from interlude.record.patients.queries import patients_for

WRONG = 422


def register(request: StaffRequest) -> HttpResponse:
    """Register a person once. Somebody alike is shown for comparison before a second one is made."""
    form = RegisterForm(request.POST or None)
    alike: list[object] = []
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            patient = services.register(by=request.user, at=now, **form.cleaned_data)
        except services.PossibleDuplicate as duplicate:
            alike = [one for one in duplicate.patients if patients_for(request.user).filter(pk=one.pk).exists()]
            form.ask_to_compare()
            add_refusal(form, duplicate)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            if request.user.role == Role.THERAPIST:
                services.join_care_team(by=request.user, at=now, patient=patient, staff=request.user)
            messages.success(request, _("Registered as {number}.").format(number=patient.number))
            return redirect("staff:refer", patient_id=patient.pk)
    if request.POST.get("is_another_person") == "on":
        form.ask_to_compare()
    return render(
        request,
        "staff/people/register.html",
        {"form": form, "alike": alike},
        status=WRONG if form.errors else 200,
    )


def refer(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """How the patient came: by whom, when, why."""
    patient = patient_of(request, patient_id)
    form = ReferralForm(request.POST or None, initial={"received_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.refer(by=request.user, at=timezone.now(), patient=patient, **form.cleaned_data)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("The referral is recorded."))
            return redirect("staff:patient", patient_id=patient.pk)
    return _patient_form(request, patient_id, form, _("Referral"), _("Save referral"), skip=True)


def contact(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Change how the patient is reached."""
    patient = patient_of(request, patient_id)
    form = ContactForm(request.POST or None, initial=ContactForm.initial_of(patient))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_contact(by=request.user, at=timezone.now(), patient=patient, **form.cleaned_data)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("The contact details are saved."))
            return redirect("staff:patient", patient_id=patient.pk)
    return _patient_form(request, patient_id, form, _("Contact details"), _("Save"))


def _patient_form(
    request: StaffRequest,
    patient_id: UUID,
    form: ContactForm | ReferralForm,
    title: str,
    save: str,
    skip: bool = False,
) -> HttpResponse:
    patient = patient_of(request, patient_id)
    context = {
        "patient": patient,
        "banner": banner_for(patient, timezone.localdate(), request.user),
        "form": form,
        "form_title": title,
        "save_label": save,
        "skip": skip,
    }
    return render(request, "staff/people/form.html", context, status=WRONG if form.errors else 200)
