"""What the components show, decided in Python so that the templates only lay it out.

Five states of a measured value: `normal`, `outside`, `critical`, `unknown` (no range to judge by) and
`missing` (not measured). Nothing maps an unknown state to normal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

Text = str | Promise


@dataclass(frozen=True)
class Look:
    """Words and shape of a state: neither depends on colour."""

    label: Text
    icon: str


VALUE_STATES = {
    "normal": Look(gettext_lazy("Within range"), "check"),
    "outside": Look(gettext_lazy("Outside range"), "triangle-alert"),
    "critical": Look(gettext_lazy("Critical"), "octagon-alert"),
    "unknown": Look(gettext_lazy("No range known"), "circle-question-mark"),
    "missing": Look(gettext_lazy("Not measured"), "circle-dashed"),
}

TAGS = {
    "ok": "circle-check",
    "info": "info",
    "wait": "triangle-alert",
    "stop": "octagon-x",
    "accent": "circle-dot",
    "neutral": "",
}

ALARMS = {
    "high": ("octagon", "***", gettext_lazy("High priority")),
    "medium": ("triangle", "**", gettext_lazy("Medium priority")),
    "low": ("circle", "*", gettext_lazy("Low priority")),
}

STEP_STATES = {
    "done": gettext_lazy("Done"),
    "current": gettext_lazy("Now"),
    "upcoming": gettext_lazy("To come"),
    "skipped": gettext_lazy("Left out"),
    "stopped": gettext_lazy("Stopped"),
}

ALLERGY_STATES = {
    "known": gettext_lazy("Known allergies"),
    "none_known": gettext_lazy("No known allergies"),
    "not_recorded": gettext_lazy("Allergies not recorded"),
    "unavailable": gettext_lazy("Allergies unavailable"),
}

SEXES = {
    "female": pgettext_lazy("sex", "Female"),
    "male": pgettext_lazy("sex", "Male"),
    "other": pgettext_lazy("sex", "Other"),
}

SERIES = ("bp", "hr", "spo2", "rr", "ce", "rate")


def value_state(state: str | None) -> str:
    """One of the five states; anything that is not one of them counts as unknown, never as normal."""
    return state if state in VALUE_STATES else "unknown"


def stat_state(value: object, state: str | None) -> str:
    """The state of a shown value: without a value it is missing, whatever was claimed."""
    return "missing" if value is None or value == "" else value_state(state)


def allergy_line(state: str | None, allergies: Iterable[object] = ()) -> tuple[str, str, list[str]]:
    """State, its words, and the names. Known without names, or a state we do not know, is unavailable."""
    names = [str(name) for name in allergies]
    key = state if state in ALLERGY_STATES else "unavailable"
    if key == "known" and not names:
        key = "unavailable"
    return key, str(ALLERGY_STATES[key]), names if key == "known" else []


def banner(patient: Any, *, clinical: bool, allergies: Iterable[object], allergies_state: str | None) -> dict[str, Any]:
    """Everything that the patient banner says. An erased or unknown datum is words, never blank."""
    unknown = _("Not known")
    born: date | None = getattr(patient, "born_on", None)
    state, words, names = allergy_line(allergies_state, allergies)
    return {
        "family": (getattr(patient, "family_name", None) or unknown).upper(),
        "given": getattr(patient, "given_name", None) or unknown,
        "born": born,
        "age": _years(born, timezone.localdate()) if born else None,
        "sex": SEXES.get(getattr(patient, "sex", ""), unknown),
        "number": getattr(patient, "number", None) or unknown,
        "clinical": clinical,
        "allergy_state": state,
        "allergy_words": words,
        "allergy_names": names,
    }


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def series_name(name: str) -> str:
    return name if name in SERIES else ""


def steps(items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Pathway steps with the words of their state; an unknown state counts as to come."""
    shown = []
    for number, item in enumerate(items, start=1):
        state = item.get("state", "upcoming")
        state = state if state in STEP_STATES else "upcoming"
        shown.append({"mark": item.get("mark", number), **item, "state": state, "state_words": STEP_STATES[state]})
    return shown


def html_attributes(extra: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Keyword arguments of a tag as attributes: `hx_post` becomes `hx-post`; None and False are left out."""
    return [
        (name.rstrip("_").replace("_", "-"), True if value is True else value)
        for name, value in extra.items()
        if value is not None and value is not False
    ]
