"""Example data of the style guide: invented, and never stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interlude.interfaces.design.forms import (
    ClinicDateField,
    ClinicTimeField,
    DesignForm,
    NumberField,
    TilesField,
    TilesMultipleField,
)


@dataclass(frozen=True)
class SamplePatient:
    family_name: str | None = "Haas"
    given_name: str | None = "Noor"
    born_on: date | None = date(1981, 7, 14)
    sex: str = "female"
    number: str = "K-00012"


class SampleForm(DesignForm):
    """Every kind of field once."""

    name = forms.CharField(label=_("Name of the driver"), help_text=_("The person who takes the patient home."))
    weight_kg = NumberField(label=_("Weight today"), unit="kg", places=1, help_text=_("Weighed at the clinic today."))
    born_on = ClinicDateField(label=_("Date of birth"), not_future=True, help_text=_("For example 14 July 1981."))
    starts_at = ClinicTimeField(label=_("Start"), help_text=_("24-hour clock, like 09:30."))
    route = TilesField(
        label=_("Route"),
        choices=[("iv", _("Infusion (IV)")), ("im", _("Injection (IM)"))],
        hints={"iv": _("Over 40 minutes by pump"), "im": _("One injection")},
        inline=True,
    )
    comforts = TilesMultipleField(
        label=_("Comfort"),
        choices=[("mask", _("Eye mask")), ("music", _("Music")), ("blanket", _("Blanket"))],
        required=False,
        inline=True,
    )
    chair = forms.ChoiceField(label=_("Chair"), choices=[("1", "Chair 1"), ("2", "Chair 2"), ("b", "Bed A")])
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea, required=False)
    confirmed = forms.BooleanField(label=_("I have checked vial, strength and syringe"))


def wrong_form() -> SampleForm:
    """The same form, sent with everything that people get wrong."""
    form = SampleForm(
        {
            "name": "",
            "weight_kg": "1.000",
            "born_on_day": "31",
            "born_on_month": "Feb",
            "born_on_year": "1981",
            "starts_at": "half past nine",
            "route": "",
            "chair": "1",
        },
        prefix=None,
        auto_id="wrong_%s",
    )
    form.full_clean()
    return form


def record_chart(now: datetime) -> dict[str, Any]:
    """A session at minute 24 with a change of rate, in the chart's format."""
    now_s = 24 * 60 + 10
    bp = [[t * 60, 122 + 2.4 * t - t * t * 0.05, 76 + 1.2 * t - t * t * 0.025] for t in (-5, 0, 5, 10, 15, 20, 24)]
    hr = [[t, 70 + t / 60 * 1.2 + (t // 30 % 3)] for t in range(-300, now_s, 30)]
    spo2 = [[t, 98 - (t // 90 % 3) * 0.7] for t in range(-300, now_s, 30)]
    rr = [[t, 15 + (t // 60 % 3)] for t in range(-300, now_s, 60)]
    past = [[t, round(178 * (1 - 2.718 ** (-t / 760)), 1)] for t in range(0, now_s, 30)]
    peak = past[-1][1]
    future = [[now_s + t, round(peak + (178 - peak) * (1 - 2.718 ** (-t / 760)) * 0.6, 1)] for t in range(0, 950, 60)]
    end, top = future[-1]
    future += [[end + t, round(top * 2.718 ** (-t / 800), 1)] for t in range(60, 2400, 60)]
    stopped = [[now_s + t, round(peak * 2.718 ** (-t / 800), 1)] for t in range(0, 3300, 60)]
    return {
        "start_at": (now - timedelta(seconds=now_s)).isoformat(),
        "now_s": now_s,
        "from_s": -300,
        "to_s": 3600,
        "series": [
            {
                "id": "bp",
                "panel": "bp",
                "kind": "bars",
                "label": "BP",
                "unit": "mmHg",
                "range": [40, 200],
                "points": [[t, round(s), round(d)] for t, s, d in bp],
            },
            {"id": "hr", "kind": "dots", "label": "HR", "unit": "/min", "points": hr},
            {
                "id": "spo2",
                "panel": "spo2",
                "kind": "dots",
                "label": "SpO2",
                "unit": "%",
                "range": [85, 100],
                "points": spo2,
            },
            {"id": "rr", "panel": "rr", "kind": "dots", "label": "RR", "unit": "/min", "range": [0, 30], "points": rr},
        ],
        "rate": {
            "label": "Rate",
            "unit": "mg/h",
            "range": [0, 80],
            "segments": [
                {"from_s": 0, "to_s": 720, "value": 52.5},
                {"from_s": 720, "to_s": 780, "value": 0},
                {"from_s": 780, "to_s": None, "value": 45},
            ],
            "planned": [{"from_s": now_s, "to_s": 2400, "value": 45}],
        },
        "forecast": {
            "unit": "ng/mL",
            "range": [0, 200],
            "lines": [{"id": "ce", "label": "Ce", "past": past, "future": future, "if_stopped": stopped}],
        },
        "events": [
            {"t": 0, "label": "Start", "kind": "action"},
            {"t": 540, "label": "Nausea", "kind": "symptom"},
            {"t": 720, "label": "Pause", "kind": "action"},
            {"t": 780, "label": "Restart", "kind": "action"},
            {"t": 1260, "label": "Calm", "kind": "symptom"},
        ],
        "limits": [
            {"panel": "bp", "from": 90, "to": 160, "label": "Protocol limits, systolic"},
            {"panel": "spo2", "from": 94, "to": 100, "label": "Protocol limits, adults"},
        ],
    }


def trend(today: date) -> dict[str, Any]:
    """PHQ-9 before and during a series, in the trend's format."""
    day = today - timedelta(days=28)
    return {
        "label": "PHQ-9",
        "range": [0, 27],
        "points": [
            {"on": day + timedelta(days=offset), "value": value}
            for offset, value in ((0, 22), (7, 18), (14, None), (18, 11), (26, 9))
        ],
        "infusions": [day + timedelta(days=offset) for offset in (3, 7, 10, 14, 17, 21)],
        "bands": [
            {"from": 0, "to": 5, "label": _("None")},
            {"from": 5, "to": 10, "label": _("Mild")},
            {"from": 10, "to": 15, "label": _("Moderate")},
            {"from": 15, "to": 20, "label": _("Moderately severe")},
            {"from": 20, "to": 27, "label": _("Severe")},
        ],
    }


def context(now: datetime) -> dict[str, Any]:
    """What the style guide's template shows."""
    return {
        "patient": SamplePatient(),
        "erased": SamplePatient(family_name=None, given_name=None, born_on=None, sex="unknown"),
        "latex": ["latex"],
        "weight_fact": [{"key": _("Weight"), "value": "70 kg"}],
        "sample_form": SampleForm(),
        "wrong_form": wrong_form(),
        "tasks": [
            {"title": _("Consultation"), "url": "#t1", "status": _("Completed")},
            {
                "title": _("Eligibility"),
                "url": "#t2",
                "status": _("In progress"),
                "kind": "info",
                "hint": _("2 rules need review"),
            },
            {"title": _("Consent"), "url": "#t3", "status": _("Expired"), "kind": "stop"},
            {"title": _("Session 1"), "hint": _("Needs a signed plan")},
        ],
        "steps": [
            {"label": _("Consultation"), "state": "done", "note": "02-Mar"},
            {"label": _("Eligible"), "state": "done", "note": "03-Mar"},
            {"label": _("Session 1"), "state": "done", "note": "05-Mar", "url": "#s1"},
            {"label": _("Session 2"), "state": "skipped", "note": "09-Mar"},
            {"label": _("Session 3"), "state": "current", "note": "12-Mar", "mark": 3, "url": "#s3"},
            {"label": _("Session 4"), "state": "upcoming", "note": "16-Mar", "mark": 4},
            {"label": _("Review"), "state": "upcoming", "note": "19-Mar"},
        ],
        "events": [
            {
                "at": now - timedelta(minutes=2),
                "title": _("Rate changed to 45 mg/h"),
                "text": _("Nausea"),
                "who": "Amal Haddad",
            },
            {
                "at": now - timedelta(minutes=11),
                "title": _("Paused"),
                "tag": _("Pause"),
                "kind": "wait",
                "who": "Amal Haddad",
            },
        ],
        "rows": [
            {"key": _("Indication"), "value": _("Treatment-resistant depression"), "change_url": "#c1"},
            {"key": _("Dose"), "value": "0.5 mg/kg", "change_url": "#c2"},
            {"key": _("Driver"), "value": "", "change_url": "#c3"},
        ],
        "tab_items": [
            {"label": _("Pathway"), "url": "#p", "current": True},
            {"label": _("Sessions"), "url": "#s", "count": 6},
            {"label": _("Notes"), "url": "#n"},
        ],
        "crumbs": [{"label": _("Patients"), "url": "#"}, {"label": "HAAS, Noor"}],
        "seen": {
            "now": now,
            "s4": now - timedelta(seconds=4),
            "m4": now - timedelta(minutes=4),
            "m7": now - timedelta(minutes=7),
            "m12": now - timedelta(minutes=12),
        },
        "phase_from": now - timedelta(seconds=1450),
        "chart_data": record_chart(now),
        "trend_data": trend(now.date()),
        "limit": Decimal("1250.5"),
    }
