"""Example contents of the printed documents: they show what each template needs. Invented, never stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from interlude.interfaces.design.samples import trend

_PATIENT = {
    "name": "HAAS, Noor",
    "born": "14-Jul-1981 (44 y)",
    "sex": "Female",
    "number": "K-00012",
    "allergies": "latex",
}
_HELP = [{"label": _("Clinic on call"), "number": "030 555 0100"}, {"label": _("Emergency"), "number": "112"}]


def document(name: str, now: datetime) -> dict[str, Any]:
    """The sample contents of one document."""
    frame = {
        "clinic": {"name": "Clinic by the Park", "letterhead": "Park Street 4\n10115 Berlin\n030 555 0100"},
        "printed_at": now,
        "printed_by": "Amal Haddad",
    }
    return {**frame, **_CONTENTS[name](now)}


def _discharge(now: datetime) -> dict[str, Any]:
    return {
        "patient": _PATIENT,
        "session": [
            {"key": _("Date"), "value": now.date()},
            {"key": _("Medicine"), "value": "ketamine (racemic), IV"},
            {"key": _("Dose given"), "value": "35 mg in 40 min"},
        ],
        "recovery": [
            {"criterion": _("Blood pressure"), "value": "132/84 mmHg", "met": True},
            {"criterion": _("Walks steadily"), "value": _("Yes"), "met": True},
        ],
        "driver": [{"key": _("Name"), "value": "Tom Haas"}, {"key": _("Arrived"), "value": now}],
        "instructions": [_("Do not drive or use machines until tomorrow."), _("Do not sign contracts today.")],
        "next": _("Integration talk tomorrow at 10:00."),
        "help": _HELP,
        "signed_by": "Amal Haddad",
        "signed_at": now,
    }


def _consent(now: datetime) -> dict[str, Any]:
    return {
        "patient": _PATIENT,
        "version": "3",
        "sections": [
            {"heading": _("What it is"), "paragraphs": [_("Racemic ketamine is used outside its licence here.")]},
            {"heading": _("What may happen"), "paragraphs": [_("Blood pressure may rise for a short time.")]},
        ],
        "statements": [_("I could ask all my questions."), _("Somebody takes me home.")],
    }


def _course_summary(now: datetime) -> dict[str, Any]:
    return {
        "patient": _PATIENT,
        "plan": [{"key": _("Indication"), "value": "TRD"}, {"key": _("Dose"), "value": "0.5 mg/kg in 40 min"}],
        "sessions": {
            "columns": [_("Session"), _("Date"), _("Dose mg"), _("Highest BP mmHg")],
            "rows": [
                [1, now.date() - timedelta(days=7), Decimal("35.0"), "158/96"],
                [2, now.date(), Decimal("35"), None],
            ],
        },
        "scores": trend(now.date()),
        "decision": _("Maintain with one session per month."),
        "signed_by": "Dr Lena Brandt",
        "signed_at": now,
    }


def _day_list(now: datetime) -> dict[str, Any]:
    return {
        "day": now.date(),
        "columns": [_("Time"), _("Patient"), _("What"), _("Driver"), _("Missing")],
        "widths": [1, 3, 3, 3, 2],
        "groups": [
            {"title": "Chair 1", "rows": [["09:30", "HAAS, Noor", _("Session 3"), "Tom Haas", None]]},
            {"title": "Chair 2", "rows": []},
        ],
    }


def _portal_invitation(now: datetime) -> dict[str, Any]:
    return {
        "greeting": _("Dear Noor Haas,"),
        "paragraphs": [_("with this link you can prepare your next appointment at home.")],
        "link": "https://clinic.example/p/3f9c2a7be1",
        "expires_at": now + timedelta(days=14),
        "steps": [_("Open the link or scan the code."), _("Enter your date of birth."), _("Answer the questions.")],
        "help": _HELP,
    }


def _protocol(now: datetime) -> dict[str, Any]:
    return {
        "title": _("Depression, series by infusion"),
        "version": "2",
        "fingerprint": "917a1aaf3e74bc51",
        "summary": _("0.5 mg/kg over 40 minutes, three infusions."),
        "grade": "B",
        "effective": "01-Apr-2026",
        "is_approved": False,
        "approvals": [{"name": "Dr Lena Brandt", "role": _("Physician"), "at": now}],
        "groups": [{"title": _("Dose and time"), "rows": [[_("Dose"), "0.5 mg/kg", "V [1]", None]]}],
        "statements": [{"title": _("Evidence"), "rows": [[_("Half of the people responded."), "V [1]"]]}],
        "former": "1",
        "changes": [[_("Dose"), "0.6 mg/kg (P)", "0.5 mg/kg (V)"]],
        "certainties": [{"key": "V", "value": _("verified at the source")}],
        "sources": [{"number": "1", "citation": "Fava et al. 2018", "address": ""}],
    }


_CONTENTS = {
    "discharge": _discharge,
    "consent": _consent,
    "course_summary": _course_summary,
    "day_list": _day_list,
    "portal_invitation": _portal_invitation,
    "protocol": _protocol,
}
