"""How I did: the scores of the patient's own questionnaires in plain words and as bars."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.instruments import Instrument
from interlude.domain.instruments import instrument as instrument_of
from interlude.interfaces.portal.requests import PortalRequest
from interlude.interfaces.portal.words import plain_name
from interlude.record.measures.change import change
from interlude.record.outcomes.queries import session_marks, trend

# On both of them fewer points are better.
SHOWN = ("phq9", "gad7")


def _words(instrument: Instrument, points: list[int]) -> str:
    """The change since the first answers, in one sentence that promises nothing."""
    params = {"first": points[0], "now": points[-1]}
    if len(points) < 2:
        return _("Your first answers gave {now} points. When you answer again you can compare.").format(**params)
    if points[0] == points[-1]:
        return _("Your score is {now}, the same as the first time.").format(**params)
    what = change(instrument, points[0], points[-1])
    if what.code == "unknown":
        return _("Your score was {first} the first time and is {now} now.").format(**params)
    if what.code == "no_clear_change":
        return _("Your score was {first} the first time and is {now} now. That is a small change.").format(**params)
    if what.code == "worse":
        return _(
            "Your score was {first} the first time and is {now} now. That is clearly more trouble than then. "
            "Please talk with us."
        ).format(**params)
    return _("Your score was {first} the first time and is {now} now. That is clearly less trouble than then.").format(
        **params
    )


def progress(request: PortalRequest) -> HttpResponse:
    """The patient's own scores over time, with the sessions between them."""
    patient, now = request.portal_patient, timezone.now()
    sessions = [{"on": mark.on, "session": mark.number} for mark in session_marks(patient, patient)]
    pictures: list[dict[str, Any]] = []
    for code in SHOWN:
        instrument = instrument_of(code)
        answered = trend(patient, patient, code, now)["points"]
        points = [point["value"] for point in answered if point["value"] is not None]
        if points:
            pictures.append(
                {
                    "name": plain_name(code),
                    "words": _words(instrument, points),
                    "rows": sorted([*answered, *sessions], key=lambda row: row["on"]),
                    "highest": instrument.scoring.maximum,
                }
            )
    return render(request, "portal/progress.html", {"pictures": pictures})
