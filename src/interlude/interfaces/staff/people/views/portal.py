from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from interlude.domain.refusals import Refused
from interlude.interfaces.design.printing import qr_svg, render_pdf
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.people.opening import patient_of
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.clinic.queries import emergency_numbers
from interlude.record.patients import services
from interlude.record.patients.models import Patient, PortalLink


def portal_url(request: StaffRequest, token: str) -> str:
    """The whole address that a patient opens."""
    try:
        path = reverse("portal:open", args=[token])
    except NoReverseMatch as error:
        raise Http404 from error
    return request.build_absolute_uri(path)


def invite(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Make a portal link and show it once: it is not stored and cannot be shown again."""
    patient = patient_of(request, patient_id)
    token = services.invite_to_portal(by=request.user, at=timezone.now(), patient=patient)
    return render(request, "staff/people/invited.html", _invitation(request, patient, token))


def _invitation(request: StaffRequest, patient: Patient, token: str) -> dict[str, Any]:
    url = portal_url(request, token)
    return {
        "patient": patient,
        "banner": banner_for(patient, timezone.localdate(), request.user),
        "token": token,
        "portal_url": url,
        "qr": mark_safe(qr_svg(url)),
        "days": services.PORTAL_LINK_LIFETIME.days,
        "expires_at": timezone.now() + services.PORTAL_LINK_LIFETIME,
    }


def letter(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """The invitation on paper. The secret comes from the page that shows it once; it must be this patient's."""
    patient = patient_of(request, patient_id)
    token = request.POST.get("token", "")
    found = _link_of(patient, token)
    if found is None:
        messages.error(request, _("This link has ended. Make a new one."))
        return redirect("staff:patient", patient_id=patient.pk)
    language = patient.language or request.clinic.language
    with translation.override(language):
        content = _letter_content(request, patient, found, token)
        pdf = render_pdf("portal_invitation", content, language=language)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="invitation-{patient.number}.pdf"'
    return response


def _letter_content(request: StaffRequest, patient: Patient, found: PortalLink, token: str) -> dict[str, Any]:
    clinic = request.clinic
    name = " ".join(str(part) for part in (patient.given_name, patient.family_name) if part)
    return {
        "clinic": {"name": clinic.name, "letterhead": clinic.letterhead},
        "printed_at": timezone.now(),
        "printed_by": request.user.display_name,
        "greeting": _("Dear {name},").format(name=name),
        "paragraphs": [
            _(
                "with this link you can prepare your appointments at home: answer questionnaires, read and sign the "
                "consent, and tell us who takes you home."
            ),
            _("Please keep this letter to yourself: the link opens your own page."),
        ],
        "link": portal_url(request, token),
        "expires_at": found.expires_at,
        "steps": [
            _("Open the link, or scan the code with your telephone."),
            _("Enter your date of birth."),
            _("Follow the page. You can stop at any time; what you answered is kept."),
        ],
        "help": [{"label": number.label, "number": number.number} for number in emergency_numbers(for_patients=True)],
    }


def _link_of(patient: Patient, token: str) -> PortalLink | None:
    try:
        found = services.portal_link(token=token, at=timezone.now())
    except Refused:
        return None
    return found if found.patient_id == patient.pk else None
