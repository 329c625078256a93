"""Form fields that read what people really type and say what is wrong beside the box, keeping the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.refusals import Refused
from interlude.domain.units import format_for_input, parse_number
from interlude.interfaces.design import formats

# Month names are read in both languages of the product whatever the page's own, by their first three letters.
_MONTHS = {
    "jan": 1, "jän": 1, "feb": 2, "mar": 3, "mär": 3, "mrz": 3, "mae": 3, "apr": 4, "may": 5, "mai": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "okt": 10, "nov": 11, "dec": 12, "dez": 12,
}  # fmt: skip


class NumberInput(forms.TextInput):
    """A text box for a number: the browser never reads or rewrites what was typed."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false", **(attrs or {})})


class NumberField(forms.Field):
    """A non-negative number with a unit. Cleans to `Decimal`, exactly as typed; None when empty and optional.

    `unit` stands behind the box. `min_value` and `max_value` are inclusive. `places`: most decimals allowed
    (0 = whole numbers only).
    """

    widget = NumberInput
    default_error_messages = {
        "required": gettext_lazy("Enter a number."),
        "low": gettext_lazy("{value} is too low. The lowest that can be entered is {limit}."),
        "high": gettext_lazy("{value} is too high. The highest that can be entered is {limit}."),
        "places": gettext_lazy("Enter at most {places} decimals."),
        "whole": gettext_lazy("Enter a whole number."),
    }

    def __init__(
        self,
        *,
        unit: str = "",
        min_value: Decimal | int | None = None,
        max_value: Decimal | int | None = None,
        places: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.unit, self.min_value, self.max_value, self.places = unit, min_value, max_value, places

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values or not str(value).strip():
            return None
        try:
            return parse_number(str(value))
        except Refused as refused:
            raise ValidationError(formats.translate(refused), code="number") from None

    def validate(self, value: Decimal | None) -> None:
        super().validate(value)
        if value is None:
            return
        # A box shows 52.875 as 52.8750, because three decimals could be read as thousands: that zero does not count.
        exponent = value.normalize().as_tuple().exponent
        if self.places is not None and isinstance(exponent, int) and -exponent > self.places:
            key = "places" if self.places else "whole"
            raise ValidationError(self.error_messages[key].format(places=self.places), code=key)
        if self.min_value is not None and value < self.min_value:
            self._out_of_range("low", value, self.min_value)
        if self.max_value is not None and value > self.max_value:
            self._out_of_range("high", value, self.max_value)

    def _out_of_range(self, key: str, value: Decimal, limit: Decimal | int) -> None:
        shown = [f"{formats.clinic_number(number)} {self.unit}".strip() for number in (value, limit)]
        raise ValidationError(self.error_messages[key].format(value=shown[0], limit=shown[1]), code=key)

    def prepare_value(self, value: Any) -> Any:
        return format_for_input(value, formats.decimal_sign()) if isinstance(value, (Decimal, int)) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "")


class DateBoxes(forms.MultiWidget):
    """Day, month and year in three boxes; the focus never jumps by itself."""

    template_name = "design/widgets/date_boxes.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        box = {"autocomplete": "off"}
        super().__init__(
            {
                "day": forms.TextInput({**box, "inputmode": "numeric", "class": "input input-w2"}),
                "month": forms.TextInput({**box, "class": "input input-w4"}),
                "year": forms.TextInput({**box, "inputmode": "numeric", "class": "input input-w4"}),
            },
            attrs,
        )

    def decompress(self, value: Any) -> list[str]:
        if isinstance(value, str) and value:
            value = date.fromisoformat(value)
        if isinstance(value, date):
            return [str(value.day), formats.month_names()[value.month - 1], str(value.year)]
        return ["", "", ""]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_day" if id_ else id_

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        labels = (_("Day"), _("Month"), _("Year"))
        for label, box in zip(labels, context["widget"]["subwidgets"], strict=True):
            box["box_label"] = label
            if box["attrs"].get("id"):
                box["attrs"]["id"] = f"{context['widget']['attrs']['id']}_{box['name'].rsplit('_', 1)[1]}"
        return context


class ClinicDateField(forms.Field):
    """A known date in three boxes; months as numbers or names. Cleans to `date`.

    `not_future` and `not_past` refuse dates on the other side of today (the clinic's day); `earliest` refuses
    dates before a given day.
    """

    widget = DateBoxes
    default_error_messages = {
        "required": gettext_lazy("Enter a date."),
        "parts": gettext_lazy("Enter the day, the month and the year."),
        "day": gettext_lazy("The day must be a number from 1 to 31."),
        "month": gettext_lazy("The month must be a number from 1 to 12 or a name like March."),
        "year": gettext_lazy("Enter the year with four digits, like 2026."),
        "impossible": gettext_lazy("There is no such day. Check the day and the month."),
        "future": gettext_lazy("{date} is in the future. Enter today or an earlier day."),
        "past": gettext_lazy("{date} is in the past. Enter today or a later day."),
        "early": gettext_lazy("{date} is too early. Enter {earliest} or a later day."),
    }

    def __init__(
        self,
        *,
        not_future: bool = False,
        not_past: bool = False,
        earliest: date | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.not_future, self.not_past, self.earliest = not_future, not_past, earliest

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, date) or value is None:
            return value
        day, month, year = _date_parts(value)
        if not (day or month or year):
            return None
        if not (day and month and year):
            raise self._error("parts")
        return self._date(day, month, year)

    def _date(self, day: str, month: str, year: str) -> date:
        if not re.fullmatch(r"[0-9]{1,2}", day, re.ASCII) or not 1 <= int(day) <= 31:
            raise self._error("day")
        number = _month_number(month)
        if number is None:
            raise self._error("month")
        if not re.fullmatch(r"[12][0-9]{3}", year, re.ASCII):
            raise self._error("year")
        try:
            return date(int(year), number, int(day))
        except ValueError:
            raise self._error("impossible") from None

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is None:
            return
        today = timezone.localdate()
        if self.not_future and value > today:
            raise self._error("future", date=formats.clinic_date(value))
        if self.not_past and value < today:
            raise self._error("past", date=formats.clinic_date(value))
        if self.earliest and value < self.earliest:
            raise self._error("early", date=formats.clinic_date(value), earliest=formats.clinic_date(self.earliest))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True

    def _error(self, key: str, **params: str) -> ValidationError:
        return ValidationError(str(self.error_messages[key]).format(**params), code=key)


class ClinicTimeField(forms.Field):
    """A time of day by the 24-hour clock: `9:05`, `09:05`, `0905`. Cleans to `time`."""

    widget = forms.TextInput
    default_error_messages = {
        "required": gettext_lazy("Enter a time."),
        "time": gettext_lazy("Enter a time by the 24-hour clock, like 09:30 or 14:15."),
    }

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"class": "input input-w4", "autocomplete": "off", "inputmode": "text"}

    def to_python(self, value: Any) -> time | None:
        if isinstance(value, time) or value in self.empty_values:
            return value or None
        match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})|([0-9]{2})([0-9]{2})", str(value).strip(), re.ASCII)
        if match:
            hour, minute = (int(part) for part in match.groups() if part is not None)
            if hour < 24 and minute < 60:
                return time(hour, minute)
        raise ValidationError(self.error_messages["time"], code="time")

    def prepare_value(self, value: Any) -> Any:
        return formats.clinic_time(value) if isinstance(value, time) else value


class TilesField(forms.ChoiceField):
    """One of a few choices as large tiles. `inline` puts short ones side by side.

    `hints`: {choice value: one line below its label}.
    """

    widget = forms.RadioSelect

    def __init__(self, *, hints: dict[str, Any] | None = None, inline: bool = False, **kwargs: Any) -> None:
        self.hints, self.inline = hints or {}, inline
        super().__init__(**kwargs)


class TilesMultipleField(forms.MultipleChoiceField):
    """Any of a few choices as large tiles with check boxes."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, hints: dict[str, Any] | None = None, inline: bool = False, **kwargs: Any) -> None:
        self.hints, self.inline = hints or {}, inline
        super().__init__(**kwargs)


def _date_parts(value: str | Sequence[Any]) -> tuple[str, str, str]:
    """Day, month and year as typed, from three boxes or from one ISO text."""
    if isinstance(value, str):
        parts = value.strip().split("-")
        return (parts[2], parts[1], parts[0]) if len(parts) == 3 else (value.strip(), "", "")
    day, month, year = (str(part or "").strip() for part in value)
    return day, month, year


def _month_number(text: str) -> int | None:
    if re.fullmatch(r"[0-9]{1,2}", text, re.ASCII):
        return int(text) if 1 <= int(text) <= 12 else None
    word = text.lower().rstrip(".")
    if len(word) < 3 or not word.isalpha():
        return None
    return _MONTHS.get(word[:3])
