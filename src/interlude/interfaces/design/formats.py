"""How the clinic writes dates, times, numbers and ages: the same on every device, whatever its own settings.

The decimal sign is the clinic's, kept for the running request by `use_decimal_sign`; the time zone is Django's
current one. Months are written as three letters so that day and month cannot be swapped.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from asgiref.local import Local
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from interlude.domain.refusals import Refused
from interlude.domain.units import format_number

_request = Local()


def use_decimal_sign(sign: str) -> None:
    """Keep the clinic's decimal sign ("," or ".") for the rest of this request."""
    _request.decimal_sign = sign if sign in (".", ",") else "."


def decimal_sign() -> str:
    """The clinic's decimal sign; a point outside of a request."""
    return getattr(_request, "decimal_sign", ".")


def month_names() -> list[str]:
    """Three letters (or so) per month, January first, in the language of the page."""
    return [
        pgettext("month", "Jan"),
        pgettext("month", "Feb"),
        pgettext("month", "Mar"),
        pgettext("month", "Apr"),
        pgettext("month", "May"),
        pgettext("month", "Jun"),
        pgettext("month", "Jul"),
        pgettext("month", "Aug"),
        pgettext("month", "Sep"),
        pgettext("month", "Oct"),
        pgettext("month", "Nov"),
        pgettext("month", "Dec"),
    ]


def weekday_names() -> list[str]:
    """Three letters (or so) per weekday, Monday first, in the language of the page."""
    return [
        pgettext("weekday", "Mon"),
        pgettext("weekday", "Tue"),
        pgettext("weekday", "Wed"),
        pgettext("weekday", "Thu"),
        pgettext("weekday", "Fri"),
        pgettext("weekday", "Sat"),
        pgettext("weekday", "Sun"),
    ]


def _local(value: datetime) -> datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


def _read(value: object) -> object:
    """An ISO text becomes the instant or the day that it names; anything else stays as it is."""
    if not isinstance(value, str) or not value:
        return value
    try:
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except ValueError:
        return value


def clinic_date(value: object, weekday: bool = False) -> str:
    """`12-Mar-2026`, with `weekday` `Thu 12-Mar-2026`; words when there is no date."""
    value = _read(value)
    if isinstance(value, datetime):
        value = _local(value).date()
    if not isinstance(value, date):
        return _("Not known")
    text = f"{value.day:02d}-{month_names()[value.month - 1]}-{value.year:04d}"
    return f"{weekday_names()[value.weekday()]} {text}" if weekday else text


def clinic_time(value: object, seconds: bool = False) -> str:
    """`09:05` by the 24-hour clock, with `seconds` `09:05:30`."""
    value = _read(value)
    if isinstance(value, datetime):
        value = _local(value).time()
    if not isinstance(value, time):
        return _("Not known")
    return value.strftime("%H:%M:%S" if seconds else "%H:%M")


def clinic_datetime(value: object) -> str:
    """`12-Mar-2026 09:05`."""
    value = _read(value)
    if not isinstance(value, datetime):
        return _("Not known")
    return f"{clinic_date(value)} {clinic_time(value)}"


def clinic_number(value: object, places: int | None = None) -> str:
    """A number with the clinic's decimal sign and thin-space groups; words when there is none."""
    if isinstance(value, str) and value:
        text = value
        try:
            value = Decimal(text)
        except ArithmeticError:
            return text
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return _("Not known")
    return format_number(value, decimal_sign(), places)


def age_text(value: object, now: datetime | None = None) -> str:
    """How long ago an instant was: `12 s`, `3 min`, `2 h`, `5 days`. Same steps as ages.js."""
    value = _read(value)
    if not isinstance(value, datetime):
        return _("Not known")
    seconds = int(((now or timezone.now()) - value).total_seconds())
    return duration_text(max(0, seconds))


def duration_text(seconds: int) -> str:
    """A span in its largest fitting unit."""
    if seconds < 60:
        return _("{count} s").format(count=seconds)
    if seconds < 3600:
        return _("{count} min").format(count=seconds // 60)
    if seconds < 48 * 3600:
        return _("{count} h").format(count=seconds // 3600)
    days = seconds // 86400
    return ngettext("{count} day", "{count} days", days).format(count=days)


def clock_text(seconds: int) -> str:
    """Minutes and seconds of a running phase: `24:10`, from one hour `1:04:10`."""
    sign, seconds = ("−" if seconds < 0 else ""), abs(int(seconds))
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{sign}{minutes:02d}:{seconds:02d}"


def translate(refused: Refused) -> str:
    """The reason of a refusal in the language of the page, with numbers and dates in the clinic's way."""
    return _(refused.template).format(**{name: _shown(value) for name, value in refused.params.items()})


def _shown(value: object) -> object:
    if isinstance(value, Decimal):
        return clinic_number(value)
    if isinstance(value, float):
        return clinic_number(value)
    if isinstance(value, datetime):
        return clinic_datetime(value)
    if isinstance(value, date):
        return clinic_date(value)
    if isinstance(value, time):
        return clinic_time(value)
    if isinstance(value, Refused):
        return translate(value)
    return value
