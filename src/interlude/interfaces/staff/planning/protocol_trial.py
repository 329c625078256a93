"""A kept trial as the page draws it: shares before and after in words, and two histograms on one axis."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from interlude.domain.refusals import Refused
from interlude.interfaces.design import formats
from interlude.interfaces.design.trend import Scale
from interlude.record.protocols.models import DraftStep

WIDTH, HEIGHT = 560, 200
LEFT, RIGHT, TOP, BOTTOM = 12, 12, 22, 34


def trial_view(step: DraftStep | None, now_sha256: str) -> dict[str, Any] | None:
    """What a `tried` step found, for the template; None without one. `is_current`: the draft is still that one."""
    if step is None or not isinstance(step.after, dict):
        return None
    kept = step.after
    people = kept["people"]
    return {
        "people": formats.clinic_number(people),
        "seed": kept["seed"],
        "at": step.at,
        "by": step.by.display_name,
        "model": kept["model"],
        "citation": kept["citation"],
        "labels": [_said(label) for label in kept["labels"]],
        "comparisons": [_comparison(one, people, kept["level_ng_per_ml"]) for one in kept["comparisons"]],
        "is_current": step.content_sha256 == now_sha256,
    }


def _said(label: dict[str, Any]) -> str:
    if label["template"] == "{text}":
        text = label["params"]["text"]
        return _(text)
    return formats.translate(Refused(label["template"], **label["params"]))


def _comparison(one: dict[str, Any], people: int, level: float) -> dict[str, Any]:
    titles = {"planned": _("The planned order"), "highest": _("The highest order that is not refused")}
    rows = [_order_row(one), *_share_rows(one, people), *_peak_rows(one)]
    return {
        "code": one["code"],
        "title": titles[one["code"]],
        "rows": rows,
        "is_refused_by_former": one["draft"]["order"]["is_refused_by_former"],
        "same": one["former"] == one["draft"],
        "histogram": _histogram(one, level) if one["draft"]["histogram"] else None,
    }


def _order_row(one: dict[str, Any]) -> dict[str, Any]:
    def words(arm: dict[str, Any]) -> str:
        order = arm["order"]
        dose = _number(order["dose_mg_per_kg"])
        if order["minutes"] is None:
            return _("{dose} mg/kg at once").format(dose=dose)
        return _("{dose} mg/kg in {minutes} min ({rate} mg/kg/h)").format(
            dose=dose, minutes=order["minutes"], rate=_number(order["rate_mg_per_kg_per_h"])
        )

    return _row(_("Order"), words(one["former"]), words(one["draft"]))


def _share_rows(one: dict[str, Any], people: int) -> list[dict[str, Any]]:
    names = {
        "ce_s": _("S-ketamine at the effect site, highest, from {limit}"),
        "systolic_bp_mmhg": _("Systolic pressure, highest, from {limit}"),
        "diastolic_bp_mmhg": _("Diastolic pressure, highest, from {limit}"),
    }

    def limit(share: dict[str, Any]) -> str:
        return f"{_number(share['limit'])} {share['unit']}"

    found = []
    draft = {share["code"]: share for share in one["draft"]["shares"]}
    for former in one["former"]["shares"]:
        share = draft.get(former["code"])
        limits = limit(former) if not share or limit(share) == limit(former) else f"{limit(former)} → {limit(share)}"
        new = _percent(share["count"], people) if share else "–"
        found.append(
            _row(names[former["code"]].format(limit=limits), _percent(former["count"], people), new)
            | {
                "old_share": former["count"] * 100 / people,
                "new_share": (share["count"] if share else 0) * 100 / people,
                "is_more": bool(share and share["count"] > former["count"]),
            }
        )
    return found


def _peak_rows(one: dict[str, Any]) -> list[dict[str, Any]]:
    def span(values: list[float], unit: str) -> str:
        low, middle, high = (formats.clinic_number(round(value)) for value in values)
        return _("{middle} {unit} (nine of ten: {low} to {high})").format(middle=middle, unit=unit, low=low, high=high)

    former, draft = one["former"], one["draft"]
    rows = [_row(_("Dose"), span(former["order"]["dose_mg"], "mg"), span(draft["order"]["dose_mg"], "mg"))]
    for key, label in (
        ("peak_ce_s_ng_per_ml", _("S-ketamine at the effect site, highest")),
        ("peak_cp_ng_per_ml", _("Ketamine in arterial blood, highest")),
    ):
        if former[key] and draft[key]:
            rows.append(_row(label, span(former[key], "ng/mL"), span(draft[key], "ng/mL")))
    return rows


def _row(label: str, old: str, new: str) -> dict[str, Any]:
    return {"label": label, "old": old, "new": new, "is_same": old == new}


def _percent(count: int, people: int) -> str:
    share = (Decimal(count) * 100 / people).quantize(Decimal("0.1"))
    return _("{share} % ({count} people)").format(
        share=formats.clinic_number(share, 1), count=formats.clinic_number(count)
    )


def _number(text: str) -> str:
    return formats.clinic_number(Decimal(text))


def _histogram(one: dict[str, Any], level: float) -> dict[str, Any]:
    """Bars of the draft, outline of the former version, the level as a line: positions in px of a 560 x 200 box."""
    edges, old, new = one["edges_ng_per_ml"], one["former"]["histogram"], one["draft"]["histogram"]
    x = Scale(edges[0], max(edges[-1], level * 1.05), LEFT, WIDTH - RIGHT)
    y = Scale(0, max(*old, *new, 1), HEIGHT - BOTTOM, TOP)
    bars = [
        {"x": x(low) + 1, "width": round(x(high) - x(low) - 2, 1), "y": y(count), "height": round(y(0) - y(count), 1)}
        for low, high, count in zip(edges, edges[1:], new, strict=False)
        if count
    ]
    outline = [f"{x(edges[0])},{y(0)}"]
    for low, high, count in zip(edges, edges[1:], old, strict=False):
        outline += [f"{x(low)},{y(count)}", f"{x(high)},{y(count)}"]
    outline.append(f"{x(edges[-1])},{y(0)}")
    step = next((one for one in (10, 20, 25, 50, 100, 200, 500) if x.high / one <= 9), 1000)
    level_x = x(level)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "top": TOP,
        "bottom": HEIGHT - BOTTOM,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "bars": bars,
        "outline": " ".join(outline),
        "level_x": level_x,
        "level_text": f"{formats.clinic_number(Decimal(str(level)))} ng/mL",
        "level_anchor": "end" if level_x > WIDTH * 0.75 else "start",
        "level_text_x": level_x + (-6 if level_x > WIDTH * 0.75 else 6),
        "ticks": [{"x": x(float(at)), "text": formats.clinic_number(at)} for at in range(0, int(x.high) + 1, step)],
    }
