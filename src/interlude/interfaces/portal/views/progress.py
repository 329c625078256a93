"""How I did: the scores of the patient's own questionnaires in plain words and as a picture."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from interlude.domain.instruments import Instrument
from interlude.domain.instruments import instrument as instrument_of
from interlude.interfaces.portal.requests import PortalRequest
from interlude.record.measures.change import change
from interlude.record.outcomes.queries import trend

# What the pictures are called: no name of a questionnaire, no diagnosis.
PLAIN_NAMES = {"phq9": gettext_noop("Mood"), "gad7": gettext_noop("Worry and tension")}


def _words(instrument: Instrument, points: list[int]) -> str:
    """The change since the first answers, in one sentence that promises nothing."""
    now = points[-1]
    if len(points) < 2:
        return _("Your first answers gave {now} points. When you answer again you can compare.").format(now=now)
    params = {"first": points[0], "now": now}
    if points[0] == now:
        return _("Your score is {now}, the same as the first time.").format(**params)
    what = change(instrument, points[0], now)
    if what.code == "unknown":
        return _("Your score was {first} the first time and is {now} now.").format(**params)
    if what.code == "no_clear_change":
        return _("Your score was {first} the first time and is {now} now. That is a small change.").format(**params)
    if what.code == "worse":
        return _(
            "Your score was {first} the first time and is {now} now. You feel worse than then. Please talk with us."
        ).format(**params)
    return _("Your score was {first} the first time and is {now} now. You feel better than then.").format(**params)


def progress(request: PortalRequest) -> HttpResponse:
    """The patient's own scores over time, with sessions marked."""
    pictures = []
    for code in PLAIN_NAMES:
        instrument = instrument_of(code)
        data = trend(request.portal_patient, request.portal_patient, code, timezone.now())
        points = [point["value"] for point in data["points"] if point["value"] is not None]
        if not points:
            continue
        data["bands"] = [{**band, "label": _(band["label"])} for band in data["bands"]]
        data["label"] = _(PLAIN_NAMES[code])
        pictures.append({"name": data["label"], "words": _words(instrument, points), "data": data})
    return render(request, "portal/progress.html", {"pictures": pictures})
