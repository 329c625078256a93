"""The contents of the discharge sheet, in the patient's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from interlude.interfaces.design import components, formats
from interlude.interfaces.staff.session.lines import shown_lines
from interlude.interfaces.staff.session.report import ReportPage
from interlude.record.appointments.queries import integration_after
from interlude.record.assessments.queries import allergy_banner
from interlude.record.clinic.models import Clinic
from interlude.record.clinic.queries import emergency_numbers
from interlude.record.dosing.models import Discharge
from interlude.record.dosing.protocol import pinned
from interlude.record.dosing.queries import vitals_now
from interlude.record.patients.models import Patient


def discharge_sheet(clinic: Clinic, page: ReportPage, discharge: Discharge) -> dict[str, Any]:
    """See `design.sample_documents` for the shape."""
    session = page.session
    return {
        "clinic": {"name": clinic.name, "letterhead": clinic.letterhead},
        "printed_at": page.now,
        "printed_by": page.by.display_name,
        "patient": _patient(session.patient),
        "session": [
            {"key": _("Date"), "value": formats.clinic_date(session.checked_in_at)},
            {"key": _("Medicine"), "value": _medicine(page)},
            {"key": _("DOSE given"), "value": f"{formats.clinic_number(page.dose['given_mg'])} mg"},
            {"key": _("Discharged"), "value": discharge.at},
        ],
        "recovery": _recovery(page, discharge),
        "driver": [
            {"key": _("Name"), "value": discharge.driver_name or _("Not known")},
            {"key": _("Phone"), "value": discharge.driver_phone or _("Not known")},
            {"key": _("Identity checked"), "value": _("Yes") if discharge.identity_checked else _("No")},
        ],
        "instructions": [_(one.text) for one in pinned(session).discharge.texts],
        "next": _next(page),
        "help": [{"label": one.label, "number": one.number} for one in emergency_numbers(for_patients=True)],
        "signed_by": discharge.by.display_name,
        "signed_at": discharge.at,
    }


def _patient(patient: Patient) -> dict[str, Any]:
    line = allergy_banner(patient)
    shown = components.banner(patient, clinical=True, allergies=line.names, allergies_state=str(line.state))
    born = formats.clinic_date(shown["born"])
    return {
        "name": f"{shown['family']}, {shown['given']}",
        "born": born,
        "sex": str(shown["sex"]),
        "number": shown["number"],
        "allergies": ", ".join(shown["allergy_names"]) or shown["allergy_words"],
    }


def _medicine(page: ReportPage) -> str:
    session = page.session
    medicine = session.lot.product.get_form_display() if session.lot else pinned(session).medicine
    return f"{medicine}, {session.get_route_display()}"


def _recovery(page: ReportPage, discharge: Discharge) -> list[dict[str, Any]]:
    """The criteria as they stood when the patient left, with what they rested on."""
    state = page.criteria
    if state is None:
        return []
    vitals = vitals_now(page.session, discharge.at)
    return [
        {
            "criterion": line.label,
            "value": ", ".join(fact.value for fact in line.evidence) or "–",
            "met": line.passes,
        }
        for line in shown_lines(state.lines, page.by, vitals)
    ]


def _next(page: ReportPage) -> str | None:
    """The integration session that follows, if one is booked."""
    visit = integration_after(page.session.appointment)
    if visit is None:
        return None
    return _("Integration session on {when}.").format(when=formats.clinic_datetime(visit.starts_at))
