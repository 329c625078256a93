"""The reader of device observations (IHE PCD-01): from the OBX rows of a message to readings, held and
passed rows.

A value becomes a reading only when code, name and unit agree, when OBX-8 and OBX-11 say that it is real,
when it is a plausible number and when its time is resolved. A row that could be a measurement and fails is
held with the reason; a row that is knowingly no part of the chart is passed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from interlude.codecs.hl7v2 import codes, devices
from interlude.codecs.hl7v2.between_rows import check_pressures, choose_primary
from interlude.codecs.hl7v2.clock import Clock, Unresolved
from interlude.codecs.hl7v2.message import Segment
from interlude.codecs.hl7v2.reasons import PASSED
from interlude.codecs.hl7v2.results import Held, Outcome, Passed, Reading
from interlude.codecs.hl7v2.units import convert, read_unit, term_code

_NUMBER = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{0,10})?|\.\d{1,10})\Z", re.ASCII)
SENTINELS = frozenset(Decimal(text) for text in ("-999", "-99.9", "-100", "8388607"))
_NO_VALUE_WORDS = frozenset({"", '""', "--", "---", "-?-", "NAN", "NULL", "NRES", "+INFINITY", "-INFINITY"})
_ZERO_IS_OFF = frozenset({"heart_rate", "pulse_rate", "spo2"})
_GAPS = frozenset({"NAV", "OFF", "NI", "CAL", "BUSY"})
_TESTS = frozenset({"TEST", "DEMO"})
_MARKS = {"QUES": "questionable", "EARLY": "early", "ALACT": "alarm-active", "ALINH": "alarms-off"}
_SETTINGS = frozenset({"MSET", "ASET"})
_WAVE_TYPES = frozenset({"NA", "MA", "ED"})
_TEXT_TYPES = frozenset({"ST", "TX", "FT", "CWE", "CE", "CF", "CNE", "DTM", "TS", "DT", "TM", "IS", "ID", "EI"})


@dataclass(slots=True)
class Group:
    """One OBR and its OBX rows, with what the device rows hand down."""

    obr: Segment | None
    rows: list[tuple[int, Segment]] = field(default_factory=list)
    ids: dict[devices.Level, tuple[str, ...]] = field(default_factory=dict)
    times: dict[devices.Level, str] = field(default_factory=dict)
    device_rows: set[int] = field(default_factory=set)

    def learn(self) -> None:
        """Collect OBX-18 and OBX-14 of the device rows; they hold for the rows below them in this group
        only."""
        for index, obx in self.rows:
            if not is_device_row(obx):
                continue
            self.device_rows.add(index)
            level = devices.level_of(obx.field(4))
            if level is None:
                continue
            if obx.field(18) and level not in self.ids:
                self.ids[level] = devices.ids_of_row(obx)
            if obx.field(14) and level not in self.times:
                self.times[level] = obx.component(14, 1)

    def device_ids(self, obx: Segment) -> tuple[str, ...]:
        """The row's own OBX-18, then those of the device rows above it, nearest first."""
        found = list(devices.ids_of_row(obx)) if obx.field(18) else []
        if self.ids:
            level = devices.level_of(obx.field(4))
            if level is None:
                found += [identifier for ids in self.ids.values() for identifier in ids]
            else:
                found += [i for above in devices.ancestors(level) for i in self.ids.get(above, ())]
        return tuple(dict.fromkeys(found)) or devices.ids_of_group(self.obr)

    def time_as_sent(self, obx: Segment) -> str:
        """OBX-14, else the nearest device row's, else OBR-7; "" when there is none."""
        if own := obx.component(14, 1).strip():
            return own
        level = devices.level_of(obx.field(4)) if self.times else None
        if level is not None:
            for above in devices.ancestors(level):
                if above in self.times:
                    return self.times[above].strip()
        return self.obr.component(7, 1).strip() if self.obr else ""


def groups_of(segments: Iterable[Segment]) -> list[Group]:
    """The OBR groups in order; rows before any OBR form a group of their own. OBX rows are counted from
    1."""
    groups: list[Group] = []
    count = 0
    for segment in segments:
        if segment.name == "OBR":
            groups.append(Group(segment))
        elif segment.name == "OBX":
            count += 1
            if not groups:
                groups.append(Group(None))
            groups[-1].rows.append((count, segment))
    for group in groups:
        group.learn()
    return groups


def is_device_row(obx: Segment) -> bool:
    """A row that describes a device: no value, and either no value type, a level above metrics, or
    MDC_DEV_..."""
    if obx.field(5) and not obx.field(5).isspace():
        return False
    if not obx.field(2).strip():
        return True
    level = devices.level_of(obx.field(4))
    return (level is not None and level[3] == 0) or "MDC_DEV_" in obx.field(3)


def read_rows(
    segments: Iterable[Segment], *, clock: Clock, sender_ids: tuple[str, ...], hold_all: str = ""
) -> list[Outcome]:
    """Every OBX row as Reading, Held or Passed, in order. `hold_all` is a reason that no value can
    overcome."""
    outcomes: list[Outcome] = []
    for group in groups_of(segments):
        found = [_read_row(group, index, obx, clock, sender_ids, hold_all) for index, obx in group.rows]
        outcomes += check_pressures(found)
    return choose_primary(outcomes)


def _read_row(
    group: Group, index: int, obx: Segment, clock: Clock, sender_ids: tuple[str, ...], hold_all: str
) -> Outcome:
    if index in group.device_rows:
        return Passed("device-row", index)
    identified = _identity(obx)
    if obx.field(2) in _WAVE_TYPES:
        return Passed("waveform", index)
    if isinstance(identified, str) and identified in PASSED:
        return Passed(identified, index)
    if obx.field(17) and _source_kinds(obx) & _SETTINGS:
        return Passed("setting", index)
    flags = _flags(obx)
    value = obx.field(5).strip()
    if not value or flags & _GAPS:
        return Passed("no-value", index)
    if isinstance(identified, str):
        text_only = obx.field(2).strip().upper() in _TEXT_TYPES and not _NUMBER.match(value)
        if identified == "unknown-code" and text_only:
            return Passed("text", index)
        return _held(identified, index, obx)
    reason = hold_all or _not_real(obx, flags)
    if reason:
        return _held(reason, index, obx)
    return _measure(group, index, obx, identified, clock, sender_ids, flags)


def _held(reason: str, index: int, obx: Segment) -> Held:
    code = obx.field(3)
    detail = f"{code} {obx.field(5).strip()} {obx.field(6)}".strip()
    return Held.because(reason, index, detail[:200], code[:80])


def _measure(
    group: Group,
    index: int,
    obx: Segment,
    metric: codes.Metric,
    clock: Clock,
    sender_ids: tuple[str, ...],
    flags: set[str],
) -> Outcome:
    vital = metric.vital
    plain = obx.plain(6)
    unit = _unit_of_plain(plain) if plain else read_unit(obx.components(6))
    if unit is None or unit not in vital.units_accepted:
        return _held("unit-disagrees", index, obx)
    number = _number(obx)
    if isinstance(number, str):
        return _held(number, index, obx)
    if number in SENTINELS:
        return _held("sentinel", index, obx)
    if number == 0 and vital.kind in _ZERO_IS_OFF:
        return _held("zero-sensor-off", index, obx)
    value = convert(number, unit, vital.unit)
    if not vital.lowest <= value <= vital.highest:
        return _held("implausible", index, obx)
    time_as_sent = group.time_as_sent(obx)
    aperiodic = metric.aperiodic or _says_aperiodic(obx)
    if aperiodic and not time_as_sent:  # repeated with every message, it would look new every second
        return _held("time-missing", index, obx)
    when = clock.resolve(time_as_sent)
    if isinstance(when, Unresolved):
        return _held(when.reason, index, obx)
    marks = tuple(sorted({_MARKS[flag] for flag in flags if flag in _MARKS})) + when.flags
    return Reading(
        kind=vital.kind,
        value=value,
        unit=vital.unit,
        observed_at=when.at,
        observed_at_is_device_time=when.is_device_time,
        device_ids=group.device_ids(obx) or sender_ids,
        obx_index=index,
        aperiodic=aperiodic,
        raw_code=str(metric.code),
        method=metric.method,
        containment=obx.field(4).strip(),
        value_as_sent=obx.field(5).strip(),
        unit_as_sent=obx.field(6),
        time_as_sent=time_as_sent,
        flags=marks,
    )


def _identify(parts: Sequence[str]) -> codes.Metric | str:
    """The metric that OBX-3 names, or the reason why not. Either coding triplet may hold it, in either
    order."""
    if len(parts) > 2 and parts[2].strip().upper() == "MDIL-ALERT":
        return "alarm-not-charted"
    found: codes.Metric | None = None
    for start in (0, 3):
        code_text, name, system = (parts[i].strip() if i < len(parts) else "" for i in range(start, start + 3))
        if system.upper() not in ("", "MDC", "MDIL"):
            continue
        code = term_code(code_text)
        if code is None and (swapped := term_code(name)) is not None:
            code, name = swapped, code_text
        if code is None:
            continue
        if code in codes.BODY_MEASURES:
            return "weight-from-device"
        if code in codes.PUMP_CODES:
            return "pump-data-not-charted"
        metric = codes.METRICS.get(code)
        if metric is None:
            continue
        if codes.normal_name(name) not in metric.names or (found and found.vital is not metric.vital):
            return "name-disagrees"
        found = found or metric
    if found:
        return found
    code = term_code(parts[0]) if parts else None
    if code in codes.WAVEFORM_CODES:
        return "waveform"
    if code in codes.NOT_CHARTED_CODES or any(codes.NOT_CHARTED_NAMES.match(part.strip()) for part in parts[:2]):
        return "not-charted"
    return "unknown-code"


def _identity(obx: Segment) -> codes.Metric | str:
    plain = obx.plain(3)
    return _identify_plain(plain) if plain else _identify(obx.components(3))


@lru_cache(maxsize=1024)
def _identify_plain(text: str) -> codes.Metric | str:
    return _identify(text.split("~", 1)[0].split("^"))


@lru_cache(maxsize=1024)
def _unit_of_plain(text: str) -> str | None:
    return read_unit(text.split("~", 1)[0].split("^"))


def _not_real(obx: Segment, flags: set[str]) -> str:
    """Why OBX-8 or OBX-11 keep this value out of the chart; "" when they do not."""
    if flags & _TESTS:
        return "test-data"
    if "INV" in flags:
        return "flagged-invalid"
    status = obx.field(11).strip().upper()
    if status == "X":
        return "flagged-x"
    if not status:
        return "status-missing"
    return "" if status in ("R", "F") else "status-not-final"


def _number(obx: Segment) -> Decimal | str:
    """OBX-5 as a number, or the reason why it is none."""
    repeats = obx.repetitions(5)
    text = repeats[0].strip() if repeats else ""
    if text.upper() in _NO_VALUE_WORDS:
        return "sentinel"
    kind = obx.field(2).strip().upper()
    if kind == "SN":
        parts = obx.components(5)
        if len(parts) != 2 or parts[0].strip() not in ("", "="):
            return "value-not-a-number"
        text = parts[1].strip()
    elif kind != "NM":
        return "value-type"
    if len(repeats) != 1 or not _NUMBER.match(text):
        return "value-not-a-number"
    return Decimal(text)


def _flags(obx: Segment) -> set[str]:
    if not obx.field(8):
        return set()
    return {obx.component(8, 1, n).strip().upper() for n in range(1, len(obx.repetitions(8)) + 1)}


def _source_kinds(obx: Segment) -> set[str]:
    if not obx.field(17):
        return set()
    return {part.strip().upper() for n in range(1, len(obx.repetitions(17)) + 1) for part in obx.components(17, n)}


def _says_aperiodic(obx: Segment) -> bool:
    return "APERIODIC" in obx.field(13).upper() or "APERIODIC" in obx.field(17).upper()
