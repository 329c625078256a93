"""The whole session on one page: what happened in order, readings, totals, the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.instruments import instrument
from interlude.domain.protocol import phase_info
from interlude.interfaces.design import formats
from interlude.interfaces.staff.session.numerals import number_text
from interlude.interfaces.staff.session.vials import vial_words
from interlude.record.accounts.models import StaffMember
from interlude.record.dosing.kinds import VITAL_KINDS
from interlude.record.dosing.models import Discharge, EventKind, RateSegment, Session, Why
from interlude.record.dosing.queries import DischargeState, discharge_state, segments_of
from interlude.record.dosing.queries.snapshot import dose_json
from interlude.record.dosing.rules import CARE
from interlude.record.stock.queries import left_to_discard_ug, rows_of_session

_STEPS = {
    "check_in": gettext_lazy("Checked in"),
    "pass_gate": gettext_lazy("Ready for the dose"),
    "reopen_gate": gettext_lazy("Not ready any more"),
    "start": gettext_lazy("Infusion started"),
    "inject": gettext_lazy("Injection given"),
    "complete": gettext_lazy("Infusion completed"),
    "stop": gettext_lazy("Infusion stopped"),
    "pause": gettext_lazy("Paused"),
    "resume": gettext_lazy("Resumed"),
    "rest": gettext_lazy("Rest began"),
    "meet_criteria": gettext_lazy("Ready to go home"),
    "lose_criteria": gettext_lazy("Not ready to go home any more"),
    "discharge": gettext_lazy("Discharged"),
    "cancel": gettext_lazy("Cancelled"),
    "transfer": gettext_lazy("Transferred to hospital"),
    "leave_early": gettext_lazy("Left against advice"),
}
_SHOWN_BY_SEGMENT = frozenset({"start", "change_rate", "pause", "resume", "stop", "complete"})
READING_KINDS = ("heart_rate", "spo2", "resp_rate", "etco2", "temperature")
EVERY_MIN = 5
"""A feed of one value a second is listed once in this many minutes; cuff and typed values are all listed."""


@dataclass
class ReportPage:
    """What the template of the report reads."""

    session: Session
    now: datetime
    by: StaffMember
    kinds: list[str] = field(default_factory=list)

    @cached_property
    def segments(self) -> list[RateSegment]:
        return segments_of(self.session) if self.session.route == "iv" else []

    @cached_property
    def dose(self) -> dict[str, Any]:
        return dose_json(self.session, self.segments, self.now)

    @cached_property
    def discharge(self) -> Discharge | None:
        return Discharge.objects.filter(session=self.session).select_related("by", "signature__staff").first()

    @cached_property
    def criteria(self) -> DischargeState | None:
        at = self.discharge.at if self.discharge else self.now
        return discharge_state(self.session, at)

    @property
    def is_final(self) -> bool:
        return phase_info(self.session.phase).is_final  # type: ignore[arg-type]

    @property
    def may_log(self) -> bool:
        return self.by.role in CARE

    @cached_property
    def ledger(self) -> list[Any]:
        return list(rows_of_session(self.session.pk))

    @cached_property
    def left_to_discard_mg(self) -> Any:
        left = left_to_discard_ug(self.session.pk)
        return Decimal(left).scaleb(-3).normalize() if left else None

    @property
    def facts(self) -> list[dict[str, Any]]:
        """Totals of the session."""
        session = self.session
        minutes = None
        if session.started_at and session.stopped_at and session.route == "iv":
            minutes = round((session.stopped_at - session.started_at).total_seconds() / 60)
        rows: list[dict[str, Any]] = [
            {"key": _("Phase"), "value": _(phase_info(session.phase).label)},  # type: ignore[arg-type]
            {"key": _("Chair"), "value": session.chair.name},
            {"key": _("Protocol"), "value": _(session.protocol_version.title)},
            {"key": _("DOSE ordered"), "value": _mg(self.dose["ordered_mg"], self.dose["ordered_mg_per_kg"])},
            {"key": _("DOSE given"), "value": _mg(self.dose["given_mg"], self.dose["given_mg_per_kg"])},
            {"key": _("Weight"), "value": _weight(session)},
        ]
        if minutes is not None:
            rows.append({"key": _("Time of the infusion"), "value": _("{minutes} min").format(minutes=minutes)})
        if session.lot is not None:
            rows.append({"key": _("Vial"), "value": _vial(session)})
        return rows

    @cached_property
    def timeline(self) -> list[dict[str, Any]]:
        """Everything that happened, in the order of time."""
        rows = [*self._steps(), *self._rates(), *self._events(), *self._scores()]
        rows.sort(key=lambda row: row["at"])
        zero = self.session.started_at
        for row in rows:
            row["when"] = formats.clinic_time(row["at"])
            if zero is not None and row["at"] >= zero:
                minute = int((row["at"] - zero).total_seconds() // 60)
                row["when"] += " " + _("min {minute}").format(minute=minute)
        return rows

    def _steps(self) -> Iterable[dict[str, Any]]:
        for step in self.session.steps.select_related("by"):
            if step.action in _SHOWN_BY_SEGMENT and self.segments:
                continue
            yield {
                "at": step.at,
                "title": str(_STEPS.get(step.action, step.action)),
                "text": step.reason or "",
                "who": step.by.display_name if step.by else "",
            }

    def _rates(self) -> Iterable[dict[str, Any]]:
        for row in self.segments:
            title = str(Why(row.why).label)
            if row.rate_mg_per_h:
                title = f"{title}: {formats.clinic_number(row.rate_mg_per_h.normalize())} mg/h"
            pump = (
                _("pump confirmed {time}").format(time=formats.clinic_time(row.pump_confirmed_at, seconds=True))
                if row.pump_confirmed_at
                else _("pump not confirmed")
            )
            kind = {"stop": "stop", "pause": "wait"}.get(row.why, "accent")
            yield {
                "at": row.starts_at,
                "title": title,
                "text": ". ".join(part for part in (row.reason or "", pump) if part),
                "who": row.by.display_name,
                "tag": _("dose"),
                "kind": kind,
            }

    def _events(self) -> Iterable[dict[str, Any]]:
        for row in self.session.events.select_related("by"):
            yield {
                "at": row.at,
                "title": str(EventKind(row.kind).label),
                "text": row.note or "",
                "who": row.by.display_name,
            }

    def _scores(self) -> Iterable[dict[str, Any]]:
        for row in self.session.scores.select_related("by"):
            definition = instrument(row.scale)
            yield {
                "at": row.at,
                "title": f"{definition.name} {row.total}",
                "text": _("of {maximum}").format(maximum=definition.scoring.maximum),
                "who": row.by.display_name,
                "tag": _("score"),
                "kind": "info",
            }

    @cached_property
    def readings(self) -> list[dict[str, Any]]:
        """Blood pressures and typed values one by one, a feed once in five minutes (the value nearest before)."""
        rows: dict[datetime, dict[str, Any]] = {}
        kinds = ("nibp_sys", "nibp_dia", *READING_KINDS)
        exact = self.session.observations.filter(kind__in=kinds, is_aperiodic=True).order_by("observed_at")
        for kind, at, value, source in exact.values_list("kind", "observed_at", "value", "source"):
            row = rows.setdefault(at.replace(microsecond=0), {"source": source})
            row[kind] = value
        self._add_feed(rows)
        self.kinds = [kind for kind in READING_KINDS if any(kind in row for row in rows.values())]
        return [self._reading(at, row) for at, row in sorted(rows.items())]

    def _add_feed(self, rows: dict[datetime, dict[str, Any]]) -> None:
        zero = self.session.started_at or self.session.checked_in_at
        feed = self.session.observations.filter(kind__in=READING_KINDS, is_aperiodic=False).order_by("observed_at")
        seen: dict[tuple[int, str], tuple[datetime, Any]] = {}
        for kind, at, value in feed.values_list("kind", "observed_at", "value").iterator(chunk_size=5000):
            slot = int((at - zero).total_seconds() // (EVERY_MIN * 60))
            seen.setdefault((slot, kind), (at, value))
        for (slot, kind), (_at, value) in seen.items():
            at = (zero + timedelta(minutes=EVERY_MIN * slot)).replace(microsecond=0)
            rows.setdefault(at, {"source": "monitor"}).setdefault(kind, value)

    def _reading(self, at: datetime, row: dict[str, Any]) -> dict[str, Any]:
        upper, lower = row.get("nibp_sys"), row.get("nibp_dia")
        pressure = (
            f"{number_text(upper, 0)}/{number_text(lower, 0)}" if upper is not None and lower is not None else None
        )
        zero = self.session.started_at
        return {
            "at": at,
            "minute": None if zero is None else int((at - zero).total_seconds() // 60),
            "pressure": pressure,
            "values": [number_text(row.get(kind), VITAL_KINDS[kind].places) for kind in self.kinds],
            "source": _("monitor") if row["source"] == "monitor" else _("typed"),
        }

    @property
    def columns(self) -> list[str]:
        return [f"{_(VITAL_KINDS[kind].short)} {VITAL_KINDS[kind].unit}" for kind in self.kinds]


def _mg(mg: str | None, per_kg: str | None) -> str | None:
    if mg is None:
        return None
    shown = f"{formats.clinic_number(mg)} mg"
    return f"{shown} ({formats.clinic_number(per_kg)} mg/kg)" if per_kg else shown


def _weight(session: Session) -> str | None:
    if session.weight_kg is None:
        return None
    text = f"{formats.clinic_number(session.weight_kg.normalize())} kg"
    return f"{text}, {formats.clinic_date(session.weighed_at)}" if session.weighed_at else text


def _vial(session: Session) -> str:
    assert session.lot is not None
    return vial_words(session.lot)
