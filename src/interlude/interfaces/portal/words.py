"""What questionnaires are called on the patient's pages: no test names, no diagnoses."""

from __future__ import annotations

from django.utils.translation import gettext as _

from interlude.domain.refusals import N_

PLAIN_NAMES = {
    "phq9": N_("Mood"),
    "gad7": N_("Worry and tension"),
    "vas_mood": N_("Mood right now"),
    "nrs_pain": N_("Pain"),
    "auditc": N_("Alcohol"),
    "pcl5": N_("Hard memories"),
    "who5": N_("Well-being"),
}


def plain_name(instrument: str) -> str:
    """The name in the language of the page."""
    return _(PLAIN_NAMES.get(instrument, N_("Questions")))
