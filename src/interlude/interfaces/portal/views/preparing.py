"""What the patient does before a session: read and sign the consent, name the driver, state wishes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import translate
from interlude.interfaces.portal.forms import ComfortForm, ConsentForm, DriverForm
from interlude.interfaces.portal.requests import PortalRequest
from interlude.record.followup.queries import preparation
from interlude.record.plans import services
from interlude.record.plans.models import Comfort, Consent, Course
from interlude.record.plans.queries import (
    ConsentState,
    comfort_of,
    consent_state,
    current_course,
    driver_of,
    last_driver_of,
    newest_text,
)


def _course(request: PortalRequest) -> Course:
    course = current_course(request.portal_patient)
    if course is None:
        raise Http404
    return course


def consent(request: PortalRequest) -> HttpResponse:
    """The text, in full and as it is stored; signed by typing the name."""
    course = _course(request)
    state = consent_state(course, timezone.now())
    if state.is_valid and state.consent:
        return redirect("portal:signed_consent", state.consent.pk)
    text = newest_text(get_language() or "en")
    if text is None:
        raise Http404
    form = ConsentForm(request.POST or None, initial={"text_sha256": text.sha256})
    if request.method == "POST" and form.is_valid():
        try:
            given = services.give_consent(
                by=request.portal_patient,
                at=timezone.now(),
                patient=request.portal_patient,
                course=course,
                text_sha256=form.cleaned_data["text_sha256"],
                signed_name=form.cleaned_data["signed_name"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Thank you. Your agreement is saved."))
            return redirect("portal:signed_consent", given.pk)
    return render(
        request, "portal/consent.html", {"text": text, "form": form, "state": state, "state_words": _words(state)}
    )


def _words(state: ConsentState) -> str:
    return _(state.reason.template).format(**state.reason.params)


def signed_consent(request: PortalRequest, consent_id: UUID) -> HttpResponse:
    """The text that was signed, word for word, with name and time; it can be taken back here."""
    rows = Consent.objects.select_related("text", "withdrawal").filter(patient=request.portal_patient)
    given = get_object_or_404(rows, pk=consent_id)
    if request.method == "POST":
        try:
            services.withdraw_consent(by=request.portal_patient, at=timezone.now(), consent=given)
        except Refused as refused:
            messages.error(request, translate(refused))
        else:
            messages.success(request, _("You have taken your agreement back. The clinic will talk with you."))
        return redirect("portal:signed_consent", given.pk)
    context = {"given": given, "text": given.text, "withdrawal": getattr(given, "withdrawal", None)}
    return render(request, "portal/signed_consent.html", context)


def driver(request: PortalRequest) -> HttpResponse:
    """Who takes the patient home after the next session."""
    patient, now = request.portal_patient, timezone.now()
    before = preparation(patient, now)
    if before is None or not before.needs_driver:
        return redirect("portal:home")
    known = driver_of(patient, before.appointment.pk) or last_driver_of(patient)
    initial = {"name": known.name, "phone": known.phone} if known else None
    form = DriverForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.name_driver(
                by=patient, at=now, patient=patient, appointment_id=before.appointment.pk, **form.cleaned_data
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Thank you. We know now who takes you home."))
            return redirect("portal:home")
    return render(request, "portal/driver.html", {"form": form, "before": before})


_AS_WORD = {True: "yes", False: "no", None: ""}
_AS_VALUE = {"yes": True, "no": False, "": None}


def _stated(row: Comfort | None) -> dict[str, Any]:
    if row is None:
        return {}
    texts = ("seat", "headphones", "music", "comfort_item", "companion", "intention")
    return {
        **{name: getattr(row, name) or "" for name in texts},
        "eye_mask": _AS_WORD[row.eye_mask],
        "blanket": _AS_WORD[row.blanket],
    }


def comfort(request: PortalRequest) -> HttpResponse:
    """What makes the sessions comfortable."""
    course = _course(request)
    form = ComfortForm(request.POST or None, initial=_stated(comfort_of(course)))
    if request.method == "POST" and form.is_valid():
        wishes = {**form.cleaned_data}
        for name in ("eye_mask", "blanket"):
            wishes[name] = _AS_VALUE[wishes[name]]
        try:
            services.state_comfort(
                by=request.portal_patient, at=timezone.now(), patient=request.portal_patient, course=course, **wishes
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Thank you. Your wishes are saved."))
            return redirect("portal:home")
    return render(request, "portal/comfort.html", {"form": form})
