"""Reasons of the domain as sentences of a page: translated with the texts inside them, numbers the clinic's way.

The domain fills its templates with message ids, codes of its closed lists, and figures written the English way. Here
each of them becomes what the page shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import Refused
from interlude.interfaces.design import formats

_FIGURE = re.compile(r"^[<-]? ?\d+(\.\d+)?( (%|pp|points|SD|mmHg|d|week))?$")
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_LONG = re.compile(r"\d{4,}(?=[^\d.]|$)")
_MINUS = re.compile(r"^-(?=\d)")
_JOINED = (" / ", "; ", ", ")


def figure_text(text: str) -> str:
    """A figure of the domain ("1.35", "54 %", "-3.16 points") with the clinic's decimal sign and a real minus."""
    text = _LONG.sub(lambda found: formats.clinic_number(int(found[0])), text)
    return _MINUS.sub("\N{MINUS SIGN}", _POINT.sub(formats.decimal_sign(), text))


def text_of(value: str, terms: Mapping[str, str] | None = None) -> str:
    """A text inside a sentence: a figure, a code of `terms`, a message id, or several of these joined."""
    if not value:
        return ""
    if _FIGURE.match(value):
        return figure_text(value)
    if terms and value in terms:
        value = terms[value]
    translated = _(value)
    if translated != value:
        return translated
    for sign in _JOINED:
        if sign in value:
            return sign.join(text_of(part, terms) for part in value.split(sign))
    return value


def sentence(reason: Reason | Refused, terms: Mapping[str, str] | None = None) -> str:
    """The sentence in the language of the page. `terms`: code -> English label, for codes that stand in it."""
    params: dict[str, Any] = {}
    for name, value in reason.params.items():
        if isinstance(value, str):
            params[name] = text_of(value, terms)
        elif isinstance(value, int) and not isinstance(value, bool):
            params[name] = formats.clinic_number(value)
        elif isinstance(value, Reason | Refused):
            params[name] = sentence(value, terms)
        else:
            params[name] = value
    return formats.translate(Refused(reason.template, **params))
