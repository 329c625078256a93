"""Virtual monitors from a plan file: whose vital signs they show, and the messages they send.

Plan (JSON): {"monitors": [{
  "name": "CHAIR-1", "eui64": "0A1B2C3D4E5F6071",     required; EUI-64 is 16 hexadecimal digits
  "seed": 7,                                            fixes every value; default 0
  "started_at": "2026-03-02T09:18:00+01:00",            minute 0 of the session; default: now
  "weight_kg": 70, "segments": [[0, 40, 52.5]],         infusion: from minute, to minute, mg/h; default none
  "nibp_every_min": 5,                                  cuff interval; 0 = no cuff
  "capnography": false,
  "events": [["probe_off", 20, 0.5, 1]],                kind, from minute, minutes, size
  "probe_off_sends_nothing": false,                     leave lost values out instead of sending empty rows
  "zone": "Europe/Vienna" }]}                           zone of the timestamps; default UTC
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from interlude.codecs.hl7v2.build import CuffReading, monitor_message
from interlude.domain.pharmacology import concentrations, load_card
from interlude.domain.physiology import Event, Scenario, VirtualPatient, draw_profile
from interlude.domain.refusals import Refused

__all__ = ["BadPlan", "Moment", "VirtualMonitor", "monitor_message", "read_plan"]

_EUI_64 = re.compile(r"[0-9A-Fa-f]{16}\Z")
_HORIZON_MIN = 12 * 60
_GRID_S = 5
_KEYS = {
    "name", "eui64", "seed", "started_at", "weight_kg", "segments", "nibp_every_min", "capnography", "events",
    "probe_off_sends_nothing", "zone",
}  # fmt: skip


class BadPlan(ValueError):
    """The plan cannot be used; the text is one line."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a monitor shows at one time: canonical kinds to values (None: sensor off), and the last cuff."""

    values: Mapping[str, int | None]
    cuff: CuffReading | None


@dataclass(slots=True)
class VirtualMonitor:
    """One monitor. `show` gives what it displays; `message` the bytes that it sends."""

    name: str
    eui64: str
    show: Callable[[datetime], Moment]
    zone: tzinfo = UTC
    sent: int = field(default=0, init=False)

    def message(self, at: datetime) -> bytes:
        """The PCD-01 message of this second, without framing."""
        self.sent += 1
        moment = self.show(at)
        return monitor_message(
            eui64=self.eui64,
            name=self.name,
            control_id=f"{self.eui64[-6:]}{int(at.timestamp() * 1000)}",
            at=at.astimezone(self.zone),
            values=moment.values,
            cuff=moment.cuff,
        )


def read_plan(text: str, *, now: datetime) -> list[VirtualMonitor]:
    """The monitors of a plan. Raises BadPlan."""
    try:
        plan = json.loads(text)
    except ValueError as problem:
        raise BadPlan(f"the plan is not JSON: {problem}") from None
    listed = plan.get("monitors") if isinstance(plan, dict) else None
    if not isinstance(listed, list) or not listed:
        raise BadPlan('the plan needs a list "monitors"')
    monitors = []
    for number, item in enumerate(listed, 1):
        try:
            monitors.append(_monitor(item, now))
        except (KeyError, TypeError, ValueError, ZoneInfoNotFoundError, Refused) as problem:
            raise BadPlan(f"monitor {number} of the plan: {problem}") from None
    return monitors


def _monitor(item: Any, now: datetime) -> VirtualMonitor:
    if not isinstance(item, dict):
        raise ValueError("not an object")
    if unknown := set(item) - _KEYS:
        raise ValueError(f"unknown key {sorted(unknown)[0]!r}")
    for key in ("name", "eui64"):
        if not isinstance(item.get(key), str) or not item[key]:
            raise ValueError(f"{key!r} is missing")
    if not _EUI_64.match(item["eui64"]):
        raise ValueError("'eui64' is not 16 hexadecimal digits")
    started_at = datetime.fromisoformat(item["started_at"]) if "started_at" in item else now
    if started_at.tzinfo is None:
        raise ValueError("'started_at' has no zone")
    return VirtualMonitor(
        name=item["name"],
        eui64=item["eui64"].upper(),
        show=_patient_at(item, started_at),
        zone=ZoneInfo(item.get("zone", "UTC")),
    )


def _patient_at(item: dict[str, Any], started_at: datetime) -> Callable[[datetime], Moment]:
    """What the monitor of this patient shows, as a pure function of the time."""
    rng = np.random.default_rng(int(item.get("seed", 0)))
    profile = draw_profile(rng)
    events = tuple(
        Event(kind, float(start), float(length), float(size)) for kind, start, length, size in item.get("events", ())
    )
    patient = VirtualPatient(
        profile, rng, scenario=Scenario(events), with_capnography=bool(item.get("capnography", False))
    )
    every_min = float(item.get("nibp_every_min", 5))
    if not (math.isfinite(every_min) and every_min >= 0):
        raise ValueError("'nibp_every_min' must be 0 or more")
    leave_out = bool(item.get("probe_off_sends_nothing", False))
    grid_min = np.arange(0, _HORIZON_MIN * 60 + 1, _GRID_S) / 60.0
    segments = [(float(start), float(end), float(rate)) for start, end, rate in item.get("segments", ())]
    if segments:
        model = load_card("kamp2020").individual(float(item["weight_kg"]))
        site = np.maximum(concentrations(model, segments, grid_min).ce_s_ng_per_ml, 0.0)
    else:
        site = np.zeros_like(grid_min)

    def effect_site(minute: float) -> float:
        return float(np.interp(minute, grid_min, site))

    @lru_cache(maxsize=4)
    def cuff_number(number: int) -> CuffReading:
        minute = number * every_min
        cuff = patient.cuff_at(minute, effect_site(minute))
        pulse = patient.vitals_at(minute, effect_site(minute)).heart_rate_per_min
        return CuffReading(
            at=started_at + timedelta(minutes=minute),
            sys_mmhg=cuff.systolic_mmhg,
            dia_mmhg=cuff.diastolic_mmhg,
            mean_mmhg=cuff.mean_mmhg,
            pulse_per_min=pulse,
        )

    def show(at: datetime) -> Moment:
        minute = max(0.0, (at - started_at).total_seconds() / 60)
        seen = patient.vitals_at(minute, effect_site(minute))
        values: dict[str, int | None] = {
            "heart_rate": seen.heart_rate_per_min,
            "spo2": seen.spo2_percent,
            "pulse_rate": seen.pulse_rate_per_min,
            "resp_rate": seen.respiratory_rate_per_min,
        }
        if patient.with_capnography:
            values["etco2"] = seen.etco2_mmhg
        if leave_out:
            values = {kind: value for kind, value in values.items() if value is not None}
        begun = at >= started_at
        return Moment(values, cuff_number(int(minute / every_min + 1e-9)) if every_min and begun else None)

    return show
