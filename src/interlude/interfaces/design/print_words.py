"""The fixed words of the printed documents in the active language."""

from __future__ import annotations

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    return {
        "allergies": _("Allergies"),
        "born": _("Born"),
        "claim": _("Decision support beside the bedside monitor; the monitor stays the alarm source."),
        "consent_given": _("Consent given"),
        "consent_title": _("Consent to treatment with ketamine"),
        "course_title": _("Summary of treatment"),
        "criterion": _("Criterion"),
        "date": _("Date"),
        "day_list_title": _("Day list"),
        "decision": _("Decision"),
        "discharge_title": _("Discharge after treatment"),
        "driver": _("Taken home by"),
        "help": _("When you need help"),
        "id": _("ID"),
        "instructions": _("Until tomorrow"),
        "invitation_title": _("Your personal link"),
        "link": _("Link"),
        "met": _("Met"),
        "missing": _("Missing"),
        "name_in_capitals": _("Name in capitals"),
        "next": _("Next step"),
        "not_met": _("Not met"),
        "nothing_planned": _("Nothing is planned on this day."),
        "of": _("of"),
        "page": _("Page"),
        "patient": _("Patient"),
        "plan": _("Plan"),
        "printed": _("Printed"),
        "qr_alt": _("QR code of the link"),
        "recovery": _("Recovery"),
        "scores": _("Course of the scores"),
        "session": _("Session"),
        "sessions": _("Sessions"),
        "sex": _("Sex"),
        "signature": _("Signature"),
        "signed_by": _("Signed by"),
        "state": _("State"),
        "statements": _("I confirm"),
        "valid_until": _("Valid until"),
        "value": _("Value"),
        "version": _("Version"),
        "what_to_do": _("What to do"),
    }
