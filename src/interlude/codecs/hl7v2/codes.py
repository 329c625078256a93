"""The vital signs that may enter the chart from a monitor, as data.

Codes: ISO/IEEE 11073-10101 terms as 32-bit numbers. Names: the reference ids and labels that devices were
seen to send with that code; a row whose name is another concept's is not believed. Sources: IHE PCD TF Vol
2, the collected messages of monitors in public repositories, HL7 FHIR R4 vital signs (LOINC, UCUM).

Plausible ranges say what a working sensor can report. They only keep artefacts out of the chart; they are
no clinical limits and raise no alarm. They are proposed values (certainty "P"), not approved by a named
person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from interlude.codecs.hl7v2.units import (
    BEATS,
    BREATHS,
    CELSIUS,
    FAHRENHEIT,
    KPA,
    MMHG,
    PER_MINUTE,
    PERCENT,
    RATIO,
)


@dataclass(frozen=True, slots=True)
class Vital:
    """What the chart calls it: canonical kind, unit, LOINC codes, and what a sensor can plausibly
    report."""

    kind: str
    unit: str
    units_accepted: frozenset[str]
    lowest: Decimal
    highest: Decimal
    loinc: tuple[str, ...]
    range_certainty: str = "P"


@dataclass(frozen=True, slots=True)
class Metric:
    """One term code of one vital sign. `method` keeps sources apart; `rank` orders them, 0 preferred."""

    code: int
    vital: Vital
    names: frozenset[str]
    method: str
    rank: int
    aperiodic: bool


def normal_name(text: str) -> str:
    """A name without prefix, case, spaces and punctuation: "MDC_PULS_OXIM_SAT_O2" -> "PULSOXIMSATO2"."""
    text = text.strip().upper().removeprefix("MDC_").removeprefix("MDC ")
    return _NOT_NAME.sub("", text)


_NOT_NAME = re.compile(r"[^A-Z0-9]")


def _vital(kind: str, unit: str, accepted: str, low: str, high: str, *loinc: str) -> Vital:
    return Vital(kind, unit, frozenset(accepted.split()), Decimal(low), Decimal(high), loinc)


_BEAT = f"{BEATS} {PER_MINUTE}"
_BREATH = f"{BREATHS} {PER_MINUTE}"
_PRESSURE = f"{MMHG} {KPA}"

VITALS = {
    vital.kind: vital
    for vital in (
        _vital("heart_rate", PER_MINUTE, _BEAT, "15", "350", "8867-4"),
        _vital("pulse_rate", PER_MINUTE, _BEAT, "15", "350", "8889-8", "8867-4"),
        _vital("spo2", PERCENT, PERCENT, "1", "100", "59408-5", "2708-6"),
        _vital("perfusion_index", PERCENT, f"{PERCENT} {RATIO}", "0", "30"),
        _vital("resp_rate", PER_MINUTE, _BREATH, "0", "150", "9279-1"),
        _vital("etco2", MMHG, _PRESSURE, "0", "150", "19891-1"),
        _vital("inspired_co2", MMHG, _PRESSURE, "0", "100"),
        _vital("nibp_sys", MMHG, _PRESSURE, "30", "300", "8480-6"),
        _vital("nibp_dia", MMHG, _PRESSURE, "10", "220", "8462-4"),
        _vital("nibp_mean", MMHG, _PRESSURE, "20", "250", "8478-0"),
        _vital("abp_sys", MMHG, _PRESSURE, "20", "320", "8480-6"),
        _vital("abp_dia", MMHG, _PRESSURE, "5", "250", "8462-4"),
        _vital("abp_mean", MMHG, _PRESSURE, "10", "280", "8478-0"),
        _vital("temperature", CELSIUS, f"{CELSIUS} {FAHRENHEIT}", "25", "45", "8310-5"),
    )
}

# code | kind | method | rank | p(eriodic) or a(periodic) | names
_TABLE = """
147842 | heart_rate      | ecg       | 0 | p | ECG_HEART_RATE, ECG_CARD_BEAT_RATE, HR, Heart Rate
149530 | pulse_rate      | oximeter  | 0 | p | PULS_OXIM_PULS_RATE, PR, Pulse, Pulse Rate, SpO2 Pulse
149514 | pulse_rate      | pulse     | 1 | p | PULS_RATE, PR, Pulse, Pulse Rate
149522 | pulse_rate      | arterial  | 2 | p | PULS_RATE, BLD_PULS_RATE_INV, PR, Pulse, Pulse Rate
149546 | pulse_rate      | cuff      | 3 | a | PULS_RATE_NON_INV, PR, Pulse, NIBP PR, NBP Pulse
150456 | spo2            | oximeter  | 0 | p | PULS_OXIM_SAT_O2, SpO2, Sat O2
150488 | perfusion_index | oximeter  | 0 | p | BLD_PERF_INDEX, PI, Perf
150448 | perfusion_index | oximeter  | 1 | p | PULS_OXIM_PERF_REL, PI, Perf
151594 | resp_rate       | co2       | 0 | p | CO2_RESP_RATE, awRR, RR
151562 | resp_rate       | resp      | 1 | p | RESP_RATE, RR, Resp
151552 | resp_rate       | resp      | 2 | p | RESP, RR
151578 | resp_rate       | impedance | 3 | p | TTHOR_RESP_RATE, RR, Resp
151658 | resp_rate       | pleth     | 4 | p | PULS_OXIM_PLETH_RESP_RATE, RRp
151708 | etco2           | co2       | 0 | p | CONC_AWAY_CO2_ET, AWAY_CO2_ET, etCO2, CO2 Et
151716 | inspired_co2    | co2       | 0 | p | CONC_AWAY_CO2_INSP, AWAY_CO2_INSP, imCO2, inCO2
150021 | nibp_sys        | cuff      | 0 | a | PRESS_BLD_NONINV_SYS, NBPs, NIBPs, NIBP Sys
150022 | nibp_dia        | cuff      | 0 | a | PRESS_BLD_NONINV_DIA, NBPd, NIBPd, NIBP Dia
150023 | nibp_mean       | cuff      | 0 | a | PRESS_BLD_NONINV_MEAN, NBPm, NIBPm, NIBP Mean
150301 | nibp_sys        | cuff      | 1 | a | PRESS_CUFF_SYS, NBPs, NIBPs, NIBP Sys
150302 | nibp_dia        | cuff      | 1 | a | PRESS_CUFF_DIA, NBPd, NIBPd, NIBP Dia
150303 | nibp_mean       | cuff      | 1 | a | PRESS_CUFF_MEAN, NBPm, NIBPm, NIBP Mean
150037 | abp_sys         | arterial  | 0 | p | PRESS_BLD_ART_ABP_SYS, ABPs
150038 | abp_dia         | arterial  | 0 | p | PRESS_BLD_ART_ABP_DIA, ABPd
150039 | abp_mean        | arterial  | 0 | p | PRESS_BLD_ART_ABP_MEAN, ABPm
150033 | abp_sys         | arterial  | 1 | p | PRESS_BLD_ART_SYS, ARTs
150034 | abp_dia         | arterial  | 1 | p | PRESS_BLD_ART_DIA, ARTd
150035 | abp_mean        | arterial  | 1 | p | PRESS_BLD_ART_MEAN, ARTm
150344 | temperature     | probe     | 0 | p | TEMP, T, Temp, T1, Temp1
150368 | temperature     | core      | 1 | p | TEMP_CORE, Tcore
188496 | temperature     | axilla    | 2 | a | TEMP_AXIL, Taxil
"""


def _metrics() -> dict[int, Metric]:
    found: dict[int, Metric] = {}
    for line in _TABLE.strip().splitlines():
        code, kind, method, rank, period, names = (cell.strip() for cell in line.split("|"))
        accepted = frozenset(normal_name(name) for name in names.split(","))
        found[int(code)] = Metric(int(code), VITALS[kind], accepted, method, int(rank), period == "a")
    return found


METRICS = _metrics()

# Weight and height come from a person who weighed: a dose hangs on them. Shown, never charted from a device.
BODY_MEASURES = frozenset({68063, 188736, 188740})

# Infusion pumps (IHE PCD TF Vol 3): read by a later version; shown, never charted.
PUMP_CODES = frozenset(
    {158014, 157784, 157884, 157872, 157993, 157864, 157916, 157924, 157760, 158005, 158006}
    | {184508, 184514, 184516, 184517, 184519, 184520}
)

# Known, and knowingly not part of this chart: curves, intervals, ST levels, rhythm words, device attributes.
WAVEFORM_CODES = frozenset({131329, 150452, 151780})
NOT_CHARTED_CODES = frozenset({147232, 147236, 184327, 67975, 68220, 68162})
NOT_CHARTED_NAMES = re.compile(
    r"(?:MDC_)?(?:ECG_TIME_PD_|ECG_AMPL_ST|ECG_STAT|ECG_ELEC_POTL|ECG_V_P_C|ATTR_|TIME_|OBS_WAVE|DEV_|AUDIO_|ALARM_)",
    re.IGNORECASE,
)
