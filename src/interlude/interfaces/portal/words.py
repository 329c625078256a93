"""What questionnaires are called on the patient's pages: no test names, no diagnoses."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

PLAIN_NAMES = {
    "phq9": gettext_noop("Mood"),
    "gad7": gettext_noop("Worry and tension"),
    "vas_mood": gettext_noop("Mood right now"),
    "nrs_pain": gettext_noop("Pain"),
    "auditc": gettext_noop("Alcohol"),
    "pcl5": gettext_noop("Hard memories"),
    "who5": gettext_noop("Well-being"),
}


def plain_name(instrument: str) -> str:
    """The name in the language of the page."""
    return _(PLAIN_NAMES.get(instrument, gettext_noop("Questions")))
