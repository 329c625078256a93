"""The message of a bedside monitor, as IHE PCD-01 wants it: used by the virtual bedside and by
benchmarks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from interlude.codecs.hl7v2.separators import STANDARD
from interlude.codecs.hl7v2.times import format_dtm

_BEATS = "264864^MDC_DIM_BEAT_PER_MIN^MDC"
_BREATHS = "264928^MDC_DIM_RESP_PER_MIN^MDC"
_PERCENT = "262688^MDC_DIM_PERCENT^MDC"
_MMHG = "266016^MDC_DIM_MMHG^MDC"
_DEGC = "268192^MDC_DIM_DEGC^MDC"

# kind -> (VMD number, OBX-3, OBX-6)
_ROWS = {
    "heart_rate": (1, "147842^MDC_ECG_HEART_RATE^MDC", _BEATS),
    "spo2": (2, "150456^MDC_PULS_OXIM_SAT_O2^MDC", _PERCENT),
    "pulse_rate": (2, "149530^MDC_PULS_OXIM_PULS_RATE^MDC", _BEATS),
    "perfusion_index": (2, "150488^MDC_BLD_PERF_INDEX^MDC", _PERCENT),
    "resp_rate": (3, "151578^MDC_TTHOR_RESP_RATE^MDC", _BREATHS),
    "etco2": (4, "151708^MDC_CONC_AWAY_CO2_ET^MDC", _MMHG),
    "temperature": (5, "150344^MDC_TEMP^MDC", _DEGC),
}
_CUFF_ROWS = (
    ("sys_mmhg", "150021^MDC_PRESS_BLD_NONINV_SYS^MDC", _MMHG),
    ("dia_mmhg", "150022^MDC_PRESS_BLD_NONINV_DIA^MDC", _MMHG),
    ("mean_mmhg", "150023^MDC_PRESS_BLD_NONINV_MEAN^MDC", _MMHG),
    ("pulse_per_min", "149546^MDC_PULS_RATE_NON_INV^MDC", _BEATS),
)
_VMDS = {
    1: ("70666^MDC_DEV_ECG_RESP_VMD^MDC", "70739^MDC_DEV_CARD_RATE_CHAN^MDC"),
    2: ("69642^MDC_DEV_ANALY_SAT_O2_VMD^MDC", "70675^MDC_DEV_PULS_CHAN^MDC"),
    3: ("70666^MDC_DEV_ECG_RESP_VMD^MDC", ""),
    4: ("", ""),
    5: ("", ""),
    6: ("70686^MDC_DEV_PRESS_BLD_NONINV_VMD^MDC", "70687^MDC_DEV_PRESS_BLD_NONINV_CHAN^MDC"),
}
_CUFF_VMD = 6


@dataclass(frozen=True, slots=True)
class CuffReading:
    """One inflation of the cuff; a monitor repeats it with its own time until the next."""

    at: datetime
    sys_mmhg: int
    dia_mmhg: int
    mean_mmhg: int
    pulse_per_min: int | None = None


def monitor_message(
    *,
    eui64: str,
    name: str,
    control_id: str,
    at: datetime,
    values: Mapping[str, Decimal | int | None],
    cuff: CuffReading | None = None,
    processing_id: str = "P",
) -> bytes:
    """One ORU^R01 with all values of one moment, without framing.

    `eui64` is the monitor's identifier (16 hexadecimal digits; OBX-18 of its device row and MSH-3), `at`
    the time of the values and of the message (aware), `values` canonical kinds in the chart's units; None
    is sent as a row without a value, as a monitor does whose sensor is off. MSH-15/16 are AL/NE. No patient
    is named. Raises KeyError for a kind that monitors do not send continuously."""
    stamp = format_dtm(at)
    application = f"{STANDARD.encode(name)}^{eui64}^EUI-64"
    lines = [
        f"MSH|^~\\&|{application}|{STANDARD.encode(name)}|INTERLUDE||{stamp}||ORU^R01^ORU_R01|"
        f"{STANDARD.encode(control_id)}|{processing_id}|2.6|||AL|NE||UNICODE UTF-8|||"
        "IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO",
        'PID|||""',
        f"OBR|1||{STANDARD.encode(control_id)}^{application}|182777000^monitoring of patient^SCT|||{stamp}",
    ]
    rows = _Rows(lines)
    rows.device("69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC", "1.0.0.0", own_id=f"{eui64}^^{eui64}^EUI-64")
    for kind, value in sorted(values.items(), key=lambda item: _ROWS[item[0]][0]):
        vmd, code, unit = _ROWS[kind]
        rows.metric(vmd, code, value, unit)
    if cuff is not None:
        when = format_dtm(cuff.at)
        for attribute, code, unit in _CUFF_ROWS:
            if (measured := getattr(cuff, attribute)) is not None:
                rows.metric(_CUFF_VMD, code, measured, unit, when)
    return ("\r".join(lines) + "\r").encode("utf-8")


class _Rows:
    """Numbers OBX rows and their containment, and opens a device row when its first metric comes."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._count = 0
        self._metrics: dict[int, int] = {}

    def device(self, code: str, containment: str, own_id: str = "") -> None:
        self._count += 1
        tail = f"|||||||{own_id}" if own_id else ""
        self._lines.append(f"OBX|{self._count}||{code}|{containment}|||||||X{tail}")

    def metric(self, vmd: int, code: str, value: Decimal | int | None, unit: str, when: str = "") -> None:
        if vmd not in self._metrics:
            self._metrics[vmd] = 0
            for row, level in zip(_VMDS[vmd], (f"1.{vmd}.0.0", f"1.{vmd}.1.0"), strict=True):
                if row:
                    self.device(row, level)
        self._metrics[vmd] += 1
        self._count += 1
        status = "X" if value is None else "R"
        text = "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
        tail = f"|||{when}" if when else ""
        containment = f"1.{vmd}.1.{self._metrics[vmd]}"
        self._lines.append(f"OBX|{self._count}|NM|{code}|{containment}|{text}|{unit}|||||{status}{tail}")
