"""Everything that the cockpit shows at one instant, in the words and numbers of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.pharmacology import load_card
from interlude.domain.protocol import allowed_actions, phase_info
from interlude.interfaces.design.forms import DesignForm
from interlude.interfaces.staff.model_labels import assumed
from interlude.interfaces.staff.session import forms
from interlude.interfaces.staff.session.due import Due, due_list
from interlude.interfaces.staff.session.numerals import Numeral, links_of, live_rules, numerals
from interlude.interfaces.staff.session.rates import other_units, pump_task
from interlude.record.accounts.models import StaffMember
from interlude.record.dosing.models import EventKind, RateSegment, Score, Session, SessionEvent, Why
from interlude.record.dosing.protocol import pinned
from interlude.record.dosing.queries.facts import baseline
from interlude.record.dosing.queries.forecast import has_forecast, levels_json, model_json, state_at
from interlude.record.dosing.queries.given import segments_of
from interlude.record.dosing.queries.latest import latest_observations
from interlude.record.dosing.queries.snapshot import dose_json, rate_json
from interlude.record.dosing.queries.vitals import vitals_from
from interlude.record.dosing.rules import CARE, RUN
from interlude.record.protocols.queries import is_approved

SHOWN_EVENTS = 12
QUICK_EVENTS = (
    (gettext_lazy("State"), ("calm", "wellbeing_good", "wellbeing_unwell", "dissociation", "dissociation_ends")),
    (
        gettext_lazy("Side effects"),
        ("nausea", "vomiting", "dizziness", "headache", "anxiety", "agitation", "chest_pain", "dyspnoea"),
    ),
    (gettext_lazy("At the chair"), ("music", "eye_mask", "companion", "comfort", "extravasation")),
)
ASKS_TO_STOP = "patient_says_stop"

_ICONS = {
    "infusing": "syringe",
    "paused": "pause",
    "injected": "syringe",
    "stopped": "octagon-x",
    "resting": "armchair",
}


@dataclass
class Cockpit:
    """What the templates of the cockpit read. One instance per request; nothing is read twice."""

    session: Session
    now: datetime
    by: StaffMember
    forms: dict[str, DesignForm] = field(default_factory=dict)
    preview: dict[str, Any] | None = None

    @cached_property
    def protocol(self) -> Any:
        return pinned(self.session)

    @cached_property
    def approved(self) -> bool:
        return is_approved(self.session.protocol_version)

    @cached_property
    def latest(self) -> Mapping[str, Any]:
        return latest_observations([self.session.pk])[self.session.pk]

    @cached_property
    def base(self) -> Mapping[str, Any]:
        return baseline(self.session) if self.session.started_at else {}

    @cached_property
    def vitals(self) -> Mapping[str, Any]:
        return vitals_from(self.session, self.now, dict(self.latest), baseline=dict(self.base), approved=self.approved)

    @cached_property
    def numerals(self) -> list[Numeral]:
        return numerals(self.vitals)

    @cached_property
    def rules(self) -> dict[str, Any]:
        return live_rules(self.session, self.protocol if self.approved else None, self.vitals, self.base)

    @cached_property
    def advice(self) -> list[Numeral]:
        """What the protocol says about values outside their limits; the monitor stays the alarm."""
        return [one for one in self.numerals if one.action and one.state in ("outside", "critical")]

    @cached_property
    def segments(self) -> list[RateSegment]:
        return segments_of(self.session) if self.session.route == "iv" else []

    @cached_property
    def dose(self) -> dict[str, Any]:
        return dose_json(self.session, self.segments, self.now)

    @cached_property
    def links(self) -> list[dict[str, Any]]:
        return links_of(self.session, self.now)

    @cached_property
    def events(self) -> list[SessionEvent]:
        return list(self.session.events.select_related("by").order_by("-at", "-recorded_at"))

    @cached_property
    def shown_events(self) -> list[dict[str, Any]]:
        return [self._event(row) for row in self.events[:SHOWN_EVENTS]]

    def _event(self, row: SessionEvent) -> dict[str, Any]:
        young = (self.now - row.recorded_at).total_seconds() < 60
        may_take_back = young and row.by_id == self.by.pk and row.kind != EventKind.NOTE
        return {"row": row, "minute": self.minute(row.at), "may_take_back": may_take_back and self.may_log}

    @cached_property
    def scores(self) -> list[Score]:
        return list(self.session.scores.select_related("by").order_by("at"))

    @cached_property
    def last_scores(self) -> dict[str, Score]:
        return {row.scale: row for row in self.scores}

    @cached_property
    def due(self) -> list[Due]:
        return due_list(
            self.session,
            self.protocol,
            self.now,
            latest=self.latest,
            scored_at={scale: row.at for scale, row in self.last_scores.items()},
            events=[(row.kind, row.at) for row in self.events],
        )

    @cached_property
    def score_forms(self) -> list[dict[str, Any]]:
        """MOAA/S and CADSS-6, the latter opened when it is due."""
        due = {one.code: one for one in self.due}
        rows = []
        for scale, code in (("moaas", "sedation"), ("cadss6", "dissociation")):
            form = self.forms.get(scale) or forms.ScoreForm(scale=scale)
            one = due.get(code)
            rows.append(
                {
                    "form": form,
                    "scale": scale,
                    "name": form.definition.name,  # type: ignore[attr-defined]
                    "last": self.last_scores.get(scale),
                    "due": one,
                    "open": bool(form.errors) or (one is not None and one.due_at <= self.now),
                }
            )
        return rows

    # -- what may be done --------------------------------------------------------------------------

    @cached_property
    def actions(self) -> tuple[str, ...]:
        return allowed_actions(self.session.phase, self.session.route)  # type: ignore[arg-type]

    @cached_property
    def may_run(self) -> bool:
        return self.by.role in RUN

    @cached_property
    def may_log(self) -> bool:
        return self.by.role in CARE and not phase_info(self.session.phase).is_final  # type: ignore[arg-type]

    @property
    def can(self) -> dict[str, bool]:
        """Each action that is possible now for this person; `change_rate` and `resume` only for who runs the dose."""
        run = {"change_rate", "resume", "transfer", "leave_early"}
        return {action: action not in run or self.may_run for action in self.actions}

    # -- the dose ----------------------------------------------------------------------------------

    @cached_property
    def rate(self) -> dict[str, Any] | None:
        """The charted rate in every unit, what was given, and what the pump still needs."""
        if not self.segments:
            return None
        shown = rate_json(self.session, self.segments, self.now)
        last = self.segments[-1]
        return {
            **shown,
            "mg_per_h": shown["rates"]["mg_per_h"],
            "others": other_units(shown["rates"]),
            "limit": shown["limit_mg_per_h"],
            "step": self._step(Decimal(str(shown["rates"]["mg_per_h"]))),
            "pump": None if last.pump_confirmed_at else pump_task(self.session, last),
            "given_at": self.now,
            "is_running": last.rate_mg_per_h > 0,
            "ends_at": self._after(shown["minutes_to_dose"]),
            "empty_at": self._after(shown["minutes_to_empty"]),
            "paused_at": last.starts_at if last.why == Why.PAUSE else None,
            "dose_is_given": bool(self.session.dose_ug) and self.dose["given_ug"] >= self.session.dose_ug,
        }

    def _step(self, rate: Decimal) -> str:
        """A quarter of the running rate (the protocol's step), as a number that can be typed."""
        if self.protocol.rate is None:
            return "0"
        step = rate * self.protocol.rate.step_percent.value / 100
        return format(step.quantize(Decimal("0.1")) if step >= 1 else step.quantize(Decimal("0.001")), "f")

    def _after(self, minutes: float | None) -> datetime | None:
        return None if minutes is None else self.now + timedelta(minutes=minutes)

    @cached_property
    def levels(self) -> dict[str, Any] | None:
        """Cp and Ce now, with the model they come from; None without a verified model."""
        if not self.segments or not has_forecast(self.session):
            return None
        model = model_json()
        said = assumed(load_card(model["model"]))
        return {**levels_json(state_at(self.session, self.segments, self.now)), "model": model, "said": said}

    # -- the clock ---------------------------------------------------------------------------------

    @cached_property
    def clock(self) -> dict[str, Any]:
        """Which phase it is and since when: of the dose while it runs, of the rest after it."""
        session = self.session
        start = session.started_at or session.checked_in_at
        planned = session.minutes * 60 if session.minutes and session.phase == "infusing" else None
        if session.phase == "paused" and self.segments:
            start = self.segments[-1].starts_at
        elif session.stopped_at is not None and session.route == "iv":
            start = session.stopped_at
        end = session.ended_at or self.now
        return {
            "name": _(phase_info(session.phase).label),  # type: ignore[arg-type]
            "started_at": start,
            "planned_s": planned,
            "elapsed_s": max(0, int((end - start).total_seconds())),
            "running": session.ended_at is None,
            "icon": _ICONS.get(session.phase, "timer"),
        }

    def minute(self, at: datetime) -> int | None:
        """Whole minutes of the dose at an instant; None before it."""
        if self.session.started_at is None:
            return None
        return int((at - self.session.started_at).total_seconds() // 60)

    @property
    def quick_events(self) -> list[dict[str, Any]]:
        return [
            {"title": title, "kinds": [(kind, EventKind(kind).label) for kind in kinds]}
            for title, kinds in QUICK_EVENTS
        ]

    # -- forms -------------------------------------------------------------------------------------

    @property
    def rate_form(self) -> DesignForm:
        return self.forms.get("rate") or forms.RateForm(initial=forms.seen(self.session))

    @property
    def resume_form(self) -> DesignForm:
        return self.forms.get("resume") or forms.ResumeForm(initial=forms.seen(self.session))

    @property
    def words_form(self) -> DesignForm:
        return self.forms.get("words") or forms.WordsForm(auto_id="id_words_%s")

    @property
    def vitals_form(self) -> DesignForm:
        return self.forms.get("vitals") or forms.VitalsForm(auto_id="id_vitals_%s")

    @property
    def preview_others(self) -> list[dict[str, Any]]:
        return other_units(self.preview["rates"]) if self.preview else []

    @property
    def has_errors(self) -> bool:
        return any(form.errors for form in self.forms.values())
