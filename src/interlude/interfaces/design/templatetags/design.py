"""Tags and filters of the design system: `{% load design %}`. Reference: docs/explanation/design.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interlude.interfaces.design import components, fields, formats, icons, trend
from interlude.interfaces.design.forms import summary_of

register = template.Library()

register.filter("clinic_date", formats.clinic_date)
register.filter("clinic_time", formats.clinic_time)
register.filter("clinic_datetime", formats.clinic_datetime)
register.filter("clinic_number", formats.clinic_number)
register.filter("age_text", formats.age_text)
register.filter("clock_text", formats.clock_text)


@register.filter
def weekday_date(value: object) -> str:
    return formats.clinic_date(value, weekday=True)


@register.filter
def iso(value: object) -> str:
    """The machine's form of a date or time, for `datetime` and `data-age-at`."""
    return value.isoformat() if hasattr(value, "isoformat") else str(value or "")


@register.simple_tag
def icon(name: str, size: int | None = None, label: str = "", css: str = "") -> SafeString:
    return icons.icon(str(name), size, str(label), css)


@register.simple_tag
def server_now() -> str:
    return timezone.now().isoformat()


@register.simple_tag
def age_words() -> SafeString:
    """The words of ages.js in the language of the page."""
    words = {
        "s": _("{count} s"),
        "min": _("{count} min"),
        "h": _("{count} h"),
        "d": [ngettext("{count} day", "{count} days", 1), ngettext("{count} day", "{count} days", 2)],
        "last": _("last {value}"),
        "overdue": _("Overdue"),
    }
    return json_script(words, "age-words")


# -- forms -----------------------------------------------------------------------------------------


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """One field with label, hint, error and input."""
    return bound.as_field_group()


@register.simple_tag
def field_kind(bound: BoundField) -> str:
    widget = bound.field.widget
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "tiles"
    if isinstance(widget, fields.DateBoxes):
        return "date"
    if isinstance(widget, forms.CheckboxInput):
        return "tick"
    return "number" if isinstance(bound.field, fields.NumberField) else "text"


@register.simple_tag
def choice_hint(bound: BoundField, option: Any) -> Any:
    hints = getattr(bound.field, "hints", {})
    return hints.get(str(option.data["value"]), "") or hints.get(option.data["value"], "")


@register.inclusion_tag("design/parts/error_summary.html")
def error_summary(*forms_: forms.BaseForm | None) -> dict[str, Any]:
    """All errors of the forms (and formsets' forms) of a page, with links to their inputs."""
    lines = [line for form in forms_ if form for line in summary_of(form)]
    return {"lines": lines}


@register.simple_tag
def button(
    label: str,
    kind: str = "",
    icon: str = "",
    href: str = "",
    type: str = "submit",
    size: str = "",
    disabled: bool = False,
    **extra: Any,
) -> SafeString:
    """A button, or a link that looks like one when `href` is given. Other arguments become attributes."""
    classes = " ".join(
        part
        for part in ("btn", f"btn-{kind}" if kind else "", f"btn-{size}" if size else "", extra.pop("css", ""))
        if part
    )
    if disabled:
        extra["aria_disabled"] = "true"
    attributes = _attributes(extra)
    drawing = icons.icon(icon) if icon else ""
    if href and not disabled:
        return format_html('<a class="{}" href="{}"{}>{} {}</a>', classes, href, attributes, drawing, label)
    if disabled and type == "submit":
        type = "button"
    return format_html('<button class="{}" type="{}"{}>{} {}</button>', classes, type, attributes, drawing, label)


def _attributes(extra: Mapping[str, Any]) -> SafeString:
    html = SafeString("")
    for name, value in components.html_attributes(extra):
        html += format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value)
    return html


# -- words with a shape ----------------------------------------------------------------------------


@register.simple_tag
def tag(label: str, kind: str = "neutral", icon: str = "") -> SafeString:
    kind = kind if kind in components.TAGS else "neutral"
    name = icon or components.TAGS[kind]
    return format_html('<span class="tag tag-{}">{}{}</span>', kind, icons.icon(name) if name else "", label)


@register.simple_tag
def alarm(priority: str, label: str) -> SafeString:
    """An alarm badge: filled, with the shape and the asterisks of its priority (high, medium, low)."""
    shape, stars, words = components.ALARMS[priority]
    return format_html(
        '<span class="alarm alarm-{}">{}<span aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}:</span> {}</span>',
        priority,
        icons.icon(shape),
        stars,
        words,
        label,
    )


@register.inclusion_tag("design/parts/value.html")
def value(number: object, unit: str = "", state: str = "unknown") -> dict[str, Any]:
    """A measured value in a line of text or a table, in one of the five states."""
    key = components.stat_state(number, state)
    return {"number": number, "unit": unit, "state": key, "look": components.VALUE_STATES[key]}


@register.inclusion_tag("design/parts/stat.html")
def stat(
    label: str,
    number: object,
    unit: str = "",
    state: str = "unknown",
    at: datetime | str | None = None,
    fresh_s: int | None = None,
    stale_s: int | None = None,
    previous: object = None,
    series: str = "",
    size: str = "",
    note: str = "",
    name: str = "",
) -> dict[str, Any]:
    """A live number with its age. Overdue after `fresh_s`, blanked after `stale_s` (2 x fresh by default)."""
    key = components.stat_state(number, state)
    return {
        "label": label,
        "number": number,
        "length": 5 if series == "bp" else min(5, max(3, len(str(number)))) if number is not None else 3,
        "unit": unit,
        "state": key,
        "look": components.VALUE_STATES[key],
        "at": at,
        "fresh_s": fresh_s,
        "stale_s": stale_s or (2 * fresh_s if fresh_s else None),
        "previous": previous,
        "series": components.series_name(series),
        "size": size,
        "note": note,
        "name": name,
    }


@register.inclusion_tag("design/parts/age.html")
def age(at: datetime | str | None, fresh_s: int | None = None, stale_s: int | None = None) -> dict[str, Any]:
    """The age of a value in a line or a cell: counts up by itself."""
    return {"at": at, "fresh_s": fresh_s, "stale_s": stale_s or (2 * fresh_s if fresh_s else None)}


@register.inclusion_tag("design/parts/link_state.html")
def link_state(label: str = "") -> dict[str, Any]:
    """Whether this page hears the server: live, connecting, no live data."""
    return {"label": label}


@register.inclusion_tag("design/parts/feed_state.html")
def feed_state(
    label: str, at: datetime | str | None, fresh_s: int = 3, stale_s: int = 10, name: str = ""
) -> dict[str, Any]:
    """Whether a device is heard: its own clock, apart from the age of any value."""
    return {"label": label, "at": at, "fresh_s": fresh_s, "stale_s": stale_s, "name": name}


@register.inclusion_tag("design/parts/phase_clock.html")
def phase_clock(
    name: str,
    started_at: datetime | str | None = None,
    planned_s: int | None = None,
    elapsed_s: int = 0,
    running: bool = True,
    icon: str = "timer",
) -> dict[str, Any]:
    """Which phase it is and how long it runs. `elapsed_s`: seconds at the time of rendering (or so far)."""
    return {
        "name": name,
        "started_at": started_at,
        "planned_s": planned_s,
        "elapsed_s": elapsed_s,
        "running": running,
        "icon": icon,
        "shown_s": min(elapsed_s, planned_s) if planned_s else elapsed_s,
    }


# -- larger parts ----------------------------------------------------------------------------------


@register.inclusion_tag("design/parts/patient_banner.html")
def patient_banner(
    patient: Any,
    allergies: Iterable[object] = (),
    allergies_state: str | None = None,
    clinical: bool = True,
    url: str = "",
    extra: Iterable[Mapping[str, Any]] = (),
    label: str = "",
) -> dict[str, Any]:
    """Who this page is about. `extra`: more facts as {key, value}, shown after the number."""
    shown = components.banner(patient, clinical=clinical, allergies=allergies or (), allergies_state=allergies_state)
    return {**shown, "url": url, "extra": extra, "label": label or _("Patient")}


@register.inclusion_tag("design/parts/task_list.html")
def task_list(items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Items {title, url, hint, status, kind}; an item without `url` cannot be started yet."""
    return {"items": items}


@register.inclusion_tag("design/parts/pathway.html")
def pathway(items: Iterable[Mapping[str, Any]], label: str = "") -> dict[str, Any]:
    """Steps {label, state, note, url, mark}; states done, current, upcoming, skipped, stopped."""
    return {"steps": components.steps(items), "label": label}


@register.inclusion_tag("design/parts/timeline.html")
def timeline(items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What happened: {at, title, text, who, url, tag, kind}."""
    return {"items": items}


@register.inclusion_tag("design/parts/summary_list.html")
def summary_list(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Rows {key, value, change_url, change_label}."""
    return {"rows": rows}


@register.inclusion_tag("design/parts/empty_state.html")
def empty_state(title: str, text: str = "", icon: str = "inbox", url: str = "", action: str = "") -> dict[str, Any]:
    return {"title": title, "text": text, "icon": icon, "url": url, "action": action}


@register.inclusion_tag("design/parts/notice.html")
def notice(text: str, kind: str = "info", title: str = "") -> dict[str, Any]:
    """A message in the page: info, success, warning, error."""
    names = {"success": "circle-check", "warning": "triangle-alert", "error": "octagon-alert"}
    return {"text": text, "kind": kind if kind in names else "info", "title": title, "icon": names.get(kind, "info")}


@register.inclusion_tag("design/parts/tabs.html")
def tabs(items: Iterable[Mapping[str, Any]], label: str = "") -> dict[str, Any]:
    """Pages of one subject as links: {label, url, current, count}. Works without script."""
    return {"items": items, "label": label}


@register.inclusion_tag("design/parts/breadcrumbs.html")
def breadcrumbs(items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {"items": items}


@register.inclusion_tag("design/parts/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Any, parameter: str = "page") -> dict[str, Any]:
    """Previous and next of a Django page object, keeping the other query parameters."""
    request = context.get("request")
    query = request.GET.copy() if request else None

    def link(number: int) -> str:
        if query is None:
            return f"?{parameter}={number}"
        query[parameter] = str(number)
        return "?" + query.urlencode()

    return {
        "page": page,
        "previous": link(page.previous_page_number()) if page.has_previous() else "",
        "next": link(page.next_page_number()) if page.has_next() else "",
    }


@register.inclusion_tag("design/parts/chart.html")
def chart(
    data: Mapping[str, Any] | None = None, id: str = "chart", title: str = "", src: str = "", height: int = 0
) -> dict[str, Any]:
    """The anaesthesia record; the format of `data` stands at the top of static/design/js/chart.js."""
    return {"data": data, "id": id, "title": title, "src": src, "height": height, "data_id": f"{id}-data"}


@register.inclusion_tag("design/parts/trend.html")
def trend_svg(data: Mapping[str, Any]) -> dict[str, Any]:
    """A score by date with bands and infusion marks; `data` as in `design.trend.geometry`."""
    shape = trend.geometry(data)
    return {"g": shape, "summary": trend.summary(shape)}
