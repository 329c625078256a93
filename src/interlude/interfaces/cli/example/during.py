"""A session minute by minute: what the nurse enters, what the physician signs, what the monitor sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from interlude.codecs.mllp import RawFrame
from interlude.interfaces.cli.example.people import Person
from interlude.interfaces.cli.example.setting import Setting
from interlude.interfaces.gateway.virtual import VirtualMonitor, read_plan
from interlude.record.appointments.models import Appointment
from interlude.record.devices.queries import devices_at
from interlude.record.dosing import services as dosing
from interlude.record.dosing.models import Session
from interlude.record.dosing.queries.gate import gate
from interlude.record.dosing.queries.given import planned_rate

ARRIVES_MIN = -22
STAY_MIN = 125


# The scores of somebody who has recovered whole.
RECOVERED: dict[str, dict[str, int | None]] = {
    "aldrete": dict.fromkeys(("activity", "respiration", "circulation", "consciousness", "oxygen"), 2),
    "padss": dict.fromkeys(("vital_signs", "gait", "nausea", "pain", "bleeding"), 2),
    "moaas": {"level": 5},
    "cadss6": dict.fromkeys(("1", "2", "6", "7", "15", "22"), 0),
}


@dataclass(frozen=True)
class Style:
    """How a session goes: what the nurse notes, and whether the rate is changed."""

    events: tuple[tuple[float, str], ...]
    rate_change: tuple[float, Decimal, str] | None = None
    cadss: tuple[int, ...] = (1, 1, 2, 1, 1, 1)


STYLES = (
    Style(events=((3, "music"), (4, "eye_mask"), (12, "dissociation"), (30.5, "calm"))),
    Style(
        events=((3, "music"), (11, "dissociation"), (17, "nausea"), (33, "calm")),
        rate_change=(18, Decimal("0.75"), "Nausea: a quarter slower"),
        cadss=(2, 1, 2, 2, 1, 2),
    ),
    Style(events=((4, "eye_mask"), (13, "dissociation"), (28, "companion"))),
    Style(
        events=((2, "music"), (14, "dissociation"), (19, "anxiety"), (21, "companion")),
        rate_change=(20, Decimal("0.8"), "Moment of fear: slower"),
        cadss=(2, 2, 3, 2, 2, 2),
    ),
)


def monitor_plan(
    eui64: str, name: str, number: int, who: Person, started_at: datetime, rate_mg_per_h: float, minutes: int
) -> dict[str, Any]:
    """The plan of one virtual monitor; the same for the history and for the live bedside."""
    return {
        "name": name.replace(" ", "-").upper(),
        "eui64": eui64,
        "seed": 1000 + number,
        "started_at": started_at.isoformat(),
        "weight_kg": float(who.weight_kg),
        "segments": [[0, minutes, rate_mg_per_h]],
        "nibp_every_min": 5,
        "zone": "Europe/Berlin",
    }


class SessionStory:
    """One session of one patient from check-in to discharge, or until a given instant."""

    def __init__(
        self,
        setting: Setting,
        who: Person,
        appointment: Appointment,
        started_at: datetime,
        *,
        number: int,
        style: Style,
        until: datetime | None = None,
        message_every_s: int = 300,
    ) -> None:
        self.setting, self.who, self.appointment = setting, who, appointment
        self.started_at, self.number, self.style = started_at, number, style
        self.until = until or started_at + timedelta(days=1)
        self.message_every_s = message_every_s
        self.nurse = setting.staff["amal" if number % 2 else "ruth"]
        self.physician = setting.staff["lena"]
        self.session: Session | None = None
        self.monitor: VirtualMonitor | None = None
        self.frames: list[RawFrame] = []

    def at(self, minute: float) -> datetime:
        return self.started_at + timedelta(minutes=minute)

    def now(self) -> Session:
        assert self.session is not None
        self.session.refresh_from_db()
        return self.session

    def tell(self) -> Session:
        """Live through the session up to `until`."""
        for minute, act in sorted(self._acts(), key=lambda pair: pair[0]):
            if self.at(minute) > self.until:
                break
            if act != self._hear_monitor:
                self._deliver()
            act(self.at(minute))
        self._deliver()
        assert self.session is not None
        self.session.refresh_from_db()
        return self.session

    def _acts(self) -> list[tuple[float, Callable[[datetime], object]]]:
        minutes = self.appointment.course.minutes or 40  # type: ignore[union-attr]
        acts: list[tuple[float, Callable[[datetime], object]]] = [
            (ARRIVES_MIN, self._check_in),
            (-14, self._answer_gate),
            (-6, self._sign_order),
            (0, self._start),
            (0.4, self._confirm_pump),
            (minutes, self._complete),
            (minutes + 0.5, self._score_dissociation),
            (STAY_MIN - 5, self._score_recovery),
            (STAY_MIN, self._discharge),
        ]
        acts += [(minute, self._event(kind)) for minute, kind in self.style.events]
        acts += [(minute, self._event("wellbeing_good")) for minute in (9.5, 19.5, 29.5, 38)]
        acts += [(minute, self._score_alertness) for minute in (10.5, 24.5, 37, 51, 64, 78, 91, 105)]
        if self.style.rate_change:
            acts.append((self.style.rate_change[0], self._change_rate))
            acts.append((self.style.rate_change[0] + 0.3, self._confirm_pump))
        second = -10 * 60
        while second < STAY_MIN * 60:
            acts.append((second / 60 + 0.01, self._hear_monitor))
            second += self.message_every_s
        return acts

    def _check_in(self, at: datetime) -> None:
        self.session = dosing.open_session(by=self.setting.staff["mira"], at=at, appointment=self.appointment)

    def _answer_gate(self, at: datetime) -> None:
        """The nurse answers every line that the chart has not answered yet."""
        values: dict[str, Any] = {
            "last_food_at": at - timedelta(hours=9),
            "last_water_at": at - timedelta(hours=3),
            "driver_name": "Tom " + self.who.family_name,
            "driver_phone": f"030 5551 {2000 + self.number}",
            "systolic_bp_mmhg": Decimal(self.who.systolic),
            "diastolic_bp_mmhg": Decimal(self.who.diastolic),
            "spo2_percent": Decimal(98),
            "heart_rate_per_min": Decimal(self.who.heart_rate),
            "respiratory_rate_per_min": Decimal(14),
            "weight_kg": self.who.weight_kg,
            "cssrs_tier": "none",
        }
        yes = {"identity_checked", "capacity_to_consent", "driver_arranged", "iv_access", "rescue_kit_checked"}
        stated = {"hours_since_food": "last_food_at", "hours_since_water": "last_water_at"}
        for line in gate(self.now(), at).lines:
            if line.passes:
                continue
            answer: dict[str, Any] = {}
            for question in line.questions:
                name = stated.get(question.code, question.code)
                if question.asked == "computed":
                    continue
                if question.kind == "yes_no":
                    answer[name] = question.code in yes
                elif name in values:
                    answer[name] = values[name]
            if answer:
                dosing.answer_gate(by=self.nurse, at=at, session=self.now(), item=line.code, answer=answer)

    def _sign_order(self, at: datetime) -> None:
        dosing.sign_order(by=self.physician, password=settings.DEMO_PASSWORD, at=at, session=self.now())

    def _start(self, at: datetime) -> None:
        dosing.start_infusion(by=self.nurse, at=at, session=self.now(), lot=self.setting.lot)

    def _confirm_pump(self, at: datetime) -> None:
        session = self.now()
        segment = session.rate_segments.latest("position")
        if segment.pump_confirmed_at is None:
            dosing.confirm_pump(by=self.nurse, at=at, session=session, segment=segment)

    def _event(self, kind: str) -> Callable[[datetime], object]:
        return lambda at: dosing.log_event(by=self.nurse, at=at, session=self.now(), kind=kind)

    def _change_rate(self, at: datetime) -> None:
        assert self.style.rate_change is not None
        session = self.now()
        _minute, factor, reason = self.style.rate_change
        rate = (session.rate_segments.latest("position").rate_mg_per_h * factor).quantize(Decimal("0.1"))
        dosing.change_rate(
            by=self.nurse, at=at, session=session, rate_mg_per_h=rate, reason=reason, seen_version=session.version
        )

    def _complete(self, at: datetime) -> None:
        dosing.complete(by=self.nurse, at=at, session=self.now())

    def _score_alertness(self, at: datetime) -> None:
        dosing.record_score(by=self.nurse, at=at, session=self.now(), scale="moaas", answers={"level": 5})

    def _score_dissociation(self, at: datetime) -> None:
        answers = dict(zip(("1", "2", "6", "7", "15", "22"), self.style.cadss, strict=True))
        dosing.record_score(by=self.nurse, at=at, session=self.now(), scale="cadss6", answers=answers)

    def _score_recovery(self, at: datetime) -> None:
        for scale, answers in RECOVERED.items():
            dosing.record_score(by=self.nurse, at=at, session=self.now(), scale=scale, answers=answers)
        yes = [
            "oriented",
            "walks",
            "drinks",
            "iv_removed",
            "instructions",
            "driver_present",
            "phone_check",
            "integration",
            "oxygen",
        ]
        for item in yes:
            dosing.answer_discharge(by=self.nurse, at=at, session=self.now(), item=item, answer=True)
        dosing.answer_discharge(by=self.nurse, at=at, session=self.now(), item="no_new_risk", answer=False)

    def _discharge(self, at: datetime) -> None:
        dosing.discharge(
            by=self.nurse,
            at=at,
            session=self.now(),
            driver_name="Tom " + self.who.family_name,
            driver_phone=f"030 5551 {2000 + self.number}",
            identity_checked=True,
            instructions_given=True,
        )

    def _hear_monitor(self, at: datetime) -> None:
        """One message of the monitor at the chair."""
        if self.monitor is None:
            self.monitor = self._monitor()
        self.frames.append(
            RawFrame(
                data=self.monitor.message(at),
                peer="127.0.0.1:0",
                received_at=at,
                default_zone=ZoneInfo("Europe/Berlin"),
            )
        )

    def _deliver(self) -> None:
        """What the monitor has sent meanwhile, through the same verb as the gateway's."""
        if self.frames:
            dosing.receive_batch(self.frames)
            self.frames = []

    def _monitor(self) -> VirtualMonitor:
        import json

        session = self.now()
        plan = plan_of(session, self.who, self.number, self.started_at)
        return read_plan(json.dumps({"monitors": [plan]}), now=datetime.now(UTC))[0]


def plan_of(session: Session, who: Person, number: int, started_at: datetime) -> dict[str, Any]:
    """The virtual monitor's plan for a session: it stands at the session's chair."""
    device = devices_at(session.chair_id).get(kind="monitor")
    minutes = session.minutes or 40
    rate = planned_rate(session) or session.dose_mg_per_kg * who.weight_kg * 60 / minutes
    return monitor_plan(device.identifiers[0], device.name, number, who, started_at, float(rate), minutes)
