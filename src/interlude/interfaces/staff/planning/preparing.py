"""Consent and comfort of a course, as staff record them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import add_refusal
from interlude.interfaces.design.printing import render_pdf
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.planning.course import course_of
from interlude.interfaces.staff.planning.forms import ComfortForm, ConsentForm
from interlude.interfaces.staff.planning.words import said
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.plans import queries, services
from interlude.record.plans.models import Channel, Comfort, ConsentText, Course

WRONG = 422


def _base(request: StaffRequest, course: Course) -> dict[str, Any]:
    banner = banner_for(course.patient, timezone.localdate(), request.user)
    return {"course": course, "patient": course.patient, "banner": banner}


def _text(request: StaffRequest, course: Course) -> ConsentText:
    """The newest text, in the language asked for, else the patient's, else the page's."""
    wanted = request.GET.get("language") or course.patient.language or translation.get_language() or "en"
    text = queries.newest_text(wanted)
    if text is None:
        raise Http404("no consent text is loaded")
    return text


def consent(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """The text, whether it is signed, and recording a paper that was signed in the clinic."""
    course = course_of(request, course_id)
    text = _text(request, course)
    state = queries.consent_state(course, timezone.now())
    form = ConsentForm(request.POST or None, initial={"text_sha256": text.sha256, "channel": Channel.PAPER})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.give_consent(
                by=request.user,
                at=timezone.now(),
                patient=course.patient,
                course=course,
                text_sha256=data["text_sha256"],
                signed_name=data["signed_name"],
                channel=Channel.PAPER,
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("Consent is recorded."))
            return redirect("staff:course", course.pk)
    context = _base(request, course) | {
        "text": text,
        "state": state,
        "state_words": said(state.reason),
        "form": form,
        "languages": ["en", "de"],
        "off_label": text.topics[0],
    }
    return render(request, "staff/planning/consent.html", context, status=WRONG if form.errors else 200)


def consent_print(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """The text as a document to sign on, or with the signature that was given in the portal."""
    course = course_of(request, course_id)
    text = _text(request, course)
    state = queries.consent_state(course, timezone.now())
    given = None
    if state.is_valid and state.consent is not None and state.consent.text_id == text.pk:
        given = {
            "by": state.consent.signed_name,
            "at": state.consent.signed_at,
            "method": state.consent.get_channel_display(),
        }
    patient = course.patient
    data = {
        "clinic": {"name": request.clinic.name, "letterhead": request.clinic.letterhead},
        "printed_at": timezone.now(),
        "printed_by": request.user.display_name,
        "patient": {
            "name": f"{patient.family_name}, {patient.given_name}",
            "born": patient.born_on,
            "sex": patient.get_sex_display(),
            "number": patient.number,
            "allergies": None,
        },
        "title": text.title,
        "version": f"{text.version} · {text.sha256[:12]}",
        "sections": [{"heading": topic["heading"], "paragraphs": [topic["text"]]} for topic in text.topics],
        "statements": [text.statement],
        "given": given,
    }
    pdf = render_pdf("consent", data, language=text.language)
    return HttpResponse(pdf, content_type="application/pdf")


def consent_withdraw(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """The patient takes the consent back: recorded at once, without a reason."""
    course = course_of(request, course_id)
    state = queries.consent_state(course, timezone.now())
    if state.consent is not None:
        try:
            services.withdraw_consent(by=request.user, at=timezone.now(), consent=state.consent)
            messages.success(request, _("It is recorded that the consent was taken back."))
        except Refused as refused:
            messages.error(request, said(refused))
    return redirect("staff:consent", course.pk)


def comfort(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """What makes the sessions comfortable, for the whole course."""
    course = course_of(request, course_id)
    now = queries.comfort_of(course)
    form = ComfortForm(request.POST or None, initial=_initial(now))
    if request.method == "POST" and form.is_valid():
        try:
            services.state_comfort(
                by=request.user, at=timezone.now(), patient=course.patient, course=course, **form.values()
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("The wishes are saved."))
            return redirect("staff:course", course.pk)
    context = _base(request, course) | {"form": form, "comfort": now}
    return render(request, "staff/planning/comfort.html", context, status=WRONG if form.errors else 200)


def _initial(row: Comfort | None) -> dict[str, Any]:
    if row is None:
        return {}
    answer = {True: "yes", False: "no", None: ""}
    names = ("seat", "headphones", "music", "comfort_item", "companion", "intention")
    return {name: getattr(row, name) for name in names} | {
        "eye_mask": answer[row.eye_mask],
        "blanket": answer[row.blanket],
    }
