"""Which rows of a monitor's message may be charted. Each table row is one device row and what becomes of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlude.codecs.hl7v2.codes import METRICS
from interlude.codecs.hl7v2.reasons import HELD, PASSED
from interlude.codecs.hl7v2.units import convert

from .build import BPM, DIA, HR, MEAN, MMHG, PCT, RPM, SPO2, SYS, device, message, msh, obx, outcome, read

RR = "151578^MDC_TTHOR_RESP_RATE^MDC"
TEMP = "150344^MDC_TEMP^MDC"
CO2 = "151708^MDC_CONC_AWAY_CO2_ET^MDC"
DEGC = "268192^MDC_DIM_DEGC^MDC"

CODES = [
    # OBX-3, OBX-5, OBX-6, what becomes of it
    (HR, "71", BPM, "heart_rate 71 /min"),
    ("147842^MDC_ECG_CARD_BEAT_RATE^MDC", "71", BPM, "heart_rate 71 /min"),
    ("147842^MDC_ECG_HEART_RATE^MDC^8867-4^Heart rate^LN", "71", "{beats}/min^beats^UCUM", "heart_rate 71 /min"),
    ("8889-8^Heart rate by oximetry^LN^149530^MDC_PULS_OXIM_PULS_RATE^MDC", "60", BPM, "pulse_rate 60 /min"),
    ("MDC_ECG_HEART_RATE^147842^MDC", "71", BPM, "heart_rate 71 /min"),
    ("0002-4182^HR^MDIL", "71", "0004-0aa0^bpm^MDIL", "heart_rate 71 /min"),
    ("0002-4bb8^SpO2^MDIL", "97", "0004-0220^%^MDIL", "spo2 97 %"),
    ("0002-500a^RR^MDIL", "12", "0004-0ae0^rpm^MDIL", "resp_rate 12 /min"),
    ("0002-5000^Resp^MDIL", "12", "0004-0ae0^rpm^MDIL", "resp_rate 12 /min"),
    ("0002-480a^Pulse^MDIL", "60", "0004-0aa0^bpm^MDIL", "pulse_rate 60 /min"),
    (SPO2, "97.0", "%", "spo2 97.0 %"),
    (RR, "0", RPM, "resp_rate 0 /min"),
    ("150488^MDC_BLD_PERF_INDEX^MDC", "1.76", PCT, "perfusion_index 1.76 %"),
    ("150448^MDC_PULS_OXIM_PERF_REL^MDC", "3.9", "262656^MDC_DIM_DIMLESS^MDC", "perfusion_index 3.9 %"),
    (CO2, "38", MMHG, "etco2 38 mm[Hg]"),
    (CO2, "5", "265987^MDC_DIM_KILO_PASCAL^MDC", "etco2 37.50 mm[Hg]"),
    (CO2, "5.1", "kPa", "etco2 38.25 mm[Hg]"),
    (TEMP, "98.6", "266560^MDC_DIM_FAHR^MDC", "temperature 37.0 Cel"),
    (TEMP, "36.80", DEGC, "temperature 36.80 Cel"),
    # code, name and unit must agree
    ("150456^CO2_ET^MDC", "35", MMHG, "held name-disagrees"),
    ("150456^^MDC", "97", PCT, "held name-disagrees"),
    (SPO2, "35", MMHG, "held unit-disagrees"),
    (SPO2, "97", "", "held unit-disagrees"),
    (SPO2, "97", "262688^MDC_DIM_MMHG^MDC", "held unit-disagrees"),
    (SPO2, "0.97", "262656^MDC_DIM_DIMLESS^MDC", "held unit-disagrees"),
    (HR, "71", RPM, "held unit-disagrees"),
    (RR, "12", BPM, "held unit-disagrees"),
    (TEMP, "36.8", "268160^MDC_DIM_FAHR^MDC", "held unit-disagrees"),
    ("147842^MDC_ECG_HEART_RATE^MDC^150456^MDC_PULS_OXIM_SAT_O2^MDC", "71", BPM, "held name-disagrees"),
    ("0002-4182^Rythme cardiaque^MDIL", "71", "0004-0aa0^bpm^MDIL", "held name-disagrees"),
    ("999999^SOMETHING^MDC", "71", BPM, "held unknown-code"),
    ("147842^MDC_ECG_HEART_RATE^99XYZ", "71", BPM, "held unknown-code"),
    ("8867-4^Heart rate^LN", "71", BPM, "held unknown-code"),
    ("68063^MDC_ATTR_PT_WEIGHT^MDC", "0", "263875^MDC_DIM_KILO_G^MDC", "held weight-from-device"),
    ("158014^MDC_FLOW_FLUID_PUMP_CURRENT^MDC", "15", "mL/h", "held pump-data-not-charted"),
    ("1^HR LOW^MDIL-ALERT", "HR 44 < 50", "", "held alarm-not-charted"),
    # known, and no part of the chart
    ("147232^MDC_ECG_TIME_PD_QT_GL^MDC", "360", "264338^MDC_DIM_MILLI_SEC^MDC", "passed not-charted"),
    ("131841^MDC_ECG_AMPL_ST_I^MDC", "0.1", "mm", "passed not-charted"),
    ("184327^MDC_ECG_STAT_RHY^MDC", "MDC_ECG_SINUS_RHY", "", "passed not-charted"),
    ("68220^MDC_TIME_SYNC_PROTOCOL^MDC", "532224^MDC_TIME_SYNC_NONE^MDC", "", "passed not-charted"),
    ("131329^MDC_ECG_ELEC_POTL_I^MDC", "1^2^3", "mV", "passed waveform"),
]


@pytest.mark.parametrize(("code", "value", "unit", "expected"), CODES)
def test_codes_names_and_units(code: str, value: str, unit: str, expected: str) -> None:
    assert outcome(read(message(obx(code, value, unit)))) == expected


VALUES = [
    # kind, OBX-2, OBX-5, what becomes of it
    (HR, "NM", "71", "heart_rate 71 /min"),
    (HR, "NM", "71.", "heart_rate 71 /min"),
    (HR, "NM", " 71 ", "heart_rate 71 /min"),
    (HR, "NM", "+71", "heart_rate 71 /min"),
    (HR, "SN", "^71", "heart_rate 71 /min"),
    (HR, "SN", "=^71", "heart_rate 71 /min"),
    (HR, "SN", ">^71", "held value-not-a-number"),
    (HR, "ST", "71", "held value-type"),
    (HR, "", "71", "held value-type"),
    (HR, "NM", "7e1", "held value-not-a-number"),
    (HR, "NM", "71,5", "held value-not-a-number"),
    (HR, "NM", "٧١", "held value-not-a-number"),
    (HR, "NM", "71~72", "held value-not-a-number"),
    (HR, "NM", "seventy", "held value-not-a-number"),
    (HR, "NM", "9" * 400, "held value-not-a-number"),
    (HR, "NM", "", "passed no-value"),
    (HR, "NM", '""', "held sentinel"),
    (HR, "NM", "NaN", "held sentinel"),
    (HR, "NM", "---", "held sentinel"),
    (HR, "NM", "-999", "held sentinel"),
    (HR, "NM", "-100", "held sentinel"),
    (HR, "NM", "-99.9", "held sentinel"),
    (HR, "NM", "8388607", "held sentinel"),
    (HR, "NM", "-99.90", "held sentinel"),
    (HR, "NM", "0", "held zero-sensor-off"),
    (HR, "NM", "0.0", "held zero-sensor-off"),
    (HR, "NM", "-10000", "held implausible"),
    (HR, "NM", "351", "held implausible"),
    (HR, "NA", "1^2^3", "passed waveform"),
]


@pytest.mark.parametrize(("code", "kind", "value", "expected"), VALUES)
def test_values(code: str, kind: str, value: str, expected: str) -> None:
    assert outcome(read(message(obx(code, value, BPM, kind=kind)))) == expected


def test_a_temperature_that_is_ten_times_too_high_and_an_spo2_of_101_are_implausible() -> None:
    assert outcome(read(message(obx(TEMP, "384.5", DEGC)))) == "held implausible"
    assert outcome(read(message(obx(SPO2, "101", PCT)))) == "held implausible"
    assert outcome(read(message(obx(SPO2, "0", PCT)))) == "held zero-sensor-off"


FLAGS = """
OBX-8      | OBX-11 | value | outcome
           | R      | 71    | charted
           | F      | 71    | charted
N          | R      | 71    | charted
HH~PH~SP   | R      | 71    | charted
QUES       | R      | 71    | charted questionable
EARLY      | R      | 71    | charted early
ALACT      | R      | 71    | charted alarm-active
ALINH~QUES | R      | 71    | charted alarms-off,questionable
           | X      | 71    | held flagged-x
           | X      |       | passed no-value
           |        | 71    | held status-missing
           | D      | 71    | held status-not-final
           | P      | 71    | held status-not-final
INV        | X      | 71    | held flagged-invalid
INV        | R      | 71    | held flagged-invalid
NAV        | X      | 71    | passed no-value
OFF        | X      |       | passed no-value
NI         | X      |       | passed no-value
CAL        | R      | 71    | passed no-value
BUSY       | X      | 71    | passed no-value
DEMO       | R      | 71    | held test-data
TEST       | F      | 71    | held test-data
L~DEMO     | R      | 71    | held test-data
demo       | R      | 71    | held test-data
"""


@pytest.mark.parametrize("row", FLAGS.strip().splitlines()[1:])
def test_flags(row: str) -> None:
    flags, status, value, expected = (cell.strip() for cell in row.split("|"))
    found = read(message(obx(value=value, flags=flags, status=status)))
    got = f"charted {','.join(found.readings[0].flags)}".strip() if found.readings else outcome(found)
    assert got == expected


@pytest.mark.parametrize("mode", ["T", "D", "t"])
def test_test_and_debugging_messages_are_never_charted(mode: str) -> None:
    found = read(message(obx(), obx(SPO2, "97", PCT), header=msh(mode=mode)))
    assert found.answer_codes == ("CA",)
    assert [item.reason_code for item in found.held] == ["test-message", "test-message"]


def test_settings_are_not_measurements() -> None:
    assert outcome(read(message(obx(source="MSET^manual-setting^MDC")))) == "passed setting"
    assert outcome(read(message(obx(source="AMEAS^auto-measurement^MDC")))) == "heart_rate 71 /min"


def test_known_rows_of_philips_style_x_messages_are_held_not_charted() -> None:
    rows = (device(own_id="3f-Device"), obx(status="X"), obx(SPO2, "99", PCT, level="1.3.1.1", status="X"))
    found = read(message(*rows))
    assert [item.reason_code for item in found.held] == ["flagged-x", "flagged-x"]
    assert [item.reason_code for item in found.passed] == ["device-row"]
    assert found.verdict == "quarantined"


def test_device_rows_hand_down_id_and_time_to_the_nearest_level_below() -> None:
    found = read(
        message(
            device("1.0.0.0", own_id="0a1b2c3d4e5f6071^^0A1B2C3D4E5F6071^EUI-64"),
            device("1.2.0.0", own_id="module-9"),
            device("1.2.1.0", at="20260302092000+0000"),
            obx(level="1.1.1.1"),
            obx(SPO2, "97", PCT, level="1.2.1.1"),
            obx(RR, "12", RPM, level="1.2.1.2", at="20260302092900+0000", device="own-7^NS"),
        )
    )
    hr, spo2, rr = found.readings
    assert hr.device_ids == ("0A1B2C3D4E5F6071",)
    assert hr.time_as_sent == "20260302093004+0000"
    assert spo2.device_ids == ("module-9", "0A1B2C3D4E5F6071")
    assert spo2.time_as_sent == "20260302092000+0000"
    assert rr.device_ids == ("own-7", "module-9", "0A1B2C3D4E5F6071")
    assert rr.time_as_sent == "20260302092900+0000"
    assert "own-7" in found.device_ids


def test_nothing_is_handed_down_across_groups() -> None:
    raw = message(device(own_id="monitor-a"), obx()) + b"OBR|2||||||20260302092500+0000\r" + obx().encode() + b"\r"
    first, second = read(raw).readings
    assert first.device_ids == ("monitor-a",)
    assert second.device_ids == ("AA00BB11CC22DD33", "WARD7")
    assert second.time_as_sent == "20260302092500+0000"


IDS = [
    # OBX-18 of the device row, OBR-3, MSH-3, identifiers of the reading
    ("ID9^^0012210000000000^EUI-64", "", "GW^AA00BB11CC22DD33^EUI-64", ("ID9",)),
    ("^^aa00bb11cc22dd44^EUI-64", "", "GW", ("AA00BB11CC22DD44",)),
    ("0123456789abcdef^EUI-64", "", "GW", ("0123456789ABCDEF",)),
    ("", "0009fbffff9b42b3^^^EUI-64", "GW", ("0009FBFFFF9B42B3",)),
    ("", "order-7^APP^ACDE48234567ABCD^EUI-64", "GW", ("ACDE48234567ABCD",)),
    ("", "order-7", "GW^AA00BB11CC22DD33^EUI-64", ("AA00BB11CC22DD33", "GW")),
    ("", "", "GW^1.2.3^ISO", ("GW",)),
    ("", "", "", ()),
]


@pytest.mark.parametrize(("obx_18", "obr_3", "msh_3", "expected"), IDS)
def test_the_most_specific_identifier_wins(obx_18: str, obr_3: str, msh_3: str, expected: tuple[str, ...]) -> None:
    found = read(message(device(own_id=obx_18), obx(), header=msh(sender=msh_3), obr_3=obr_3))
    assert found.readings[0].device_ids == expected


def test_two_monitors_behind_one_gateway_are_never_taken_for_each_other() -> None:
    header = msh(sender="GATEWAY^AA00BB11CC22DD33^EUI-64")
    a = read(message(device(own_id="bed-1"), obx(), header=header)).readings[0]
    b = read(message(device(own_id="bed-2"), obx(), header=header)).readings[0]
    assert not set(a.device_ids) & set(b.device_ids)


@pytest.mark.parametrize("level", ["1", "1.0", "1.0.0", "1.0.0.0", "0.0.0.0"])
def test_device_rows_with_short_containment_count(level: str) -> None:
    below = "0.0.0.1" if level.startswith("0") else "1.0.0.1"
    found = read(message(device(level, own_id="m-1"), obx(level=below)))
    assert found.readings[0].device_ids == ("m-1",)


def test_a_containment_that_is_no_number_inherits_the_ids_of_its_group() -> None:
    found = read(message(device(own_id="m-1"), obx(level="MDS.1")))
    assert found.readings[0].device_ids == ("m-1",)


def test_rows_before_any_obr_are_read() -> None:
    raw = (msh() + "\r" + obx(at="20260302093001+0000") + "\r").encode()
    assert read(raw).readings[0].time_as_sent == "20260302093001+0000"


def cuff(sys: str, dia: str, mean: str, at: str = "20260302092000+0000", level: str = "1.6.1") -> list[str]:
    return [
        obx(SYS, sys, MMHG, level=f"{level}.1", at=at),
        obx(DIA, dia, MMHG, level=f"{level}.2", at=at),
        obx(MEAN, mean, MMHG, level=f"{level}.3", at=at),
    ]


PRESSURES = [
    (("120", "80", "93"), ["nibp_sys", "nibp_dia", "nibp_mean"]),
    (("80", "120", "93"), []),
    (("80", "80", "80"), []),
    (("120", "80", "130"), ["nibp_sys", "nibp_dia"]),
    (("120", "80", "70"), ["nibp_sys", "nibp_dia"]),
    (("120", "80", "-999"), ["nibp_sys", "nibp_dia"]),
]


@pytest.mark.parametrize(("values", "charted"), PRESSURES)
def test_pressures_of_one_measurement_must_fit_together(values: tuple[str, str, str], charted: list[str]) -> None:
    found = read(message(*cuff(*values)))
    assert [item.kind for item in found.readings] == charted
    assert len(found.readings) + len(found.held) == 3


def test_pressures_of_two_measurements_are_not_compared() -> None:
    rows = cuff("90", "50", "63", level="1.6.1") + cuff("180", "110", "130", "20260302092500+0000", level="1.6.2")
    assert len(read(message(*rows)).readings) == 6


def test_cuff_values_are_aperiodic_and_repeat_under_one_key() -> None:
    first = read(message(*cuff("120", "80", "93")))
    later = read(message(*cuff("120", "80", "93"), header=msh(control="M2"), obr_7="20260302093005+0000"))
    newer = read(message(*cuff("120", "80", "93", at="20260302092500+0000")))
    assert all(item.aperiodic for item in first.readings)
    assert [r.dedupe_key for r in first.readings] == [r.dedupe_key for r in later.readings]
    assert [r.dedupe_key for r in first.readings] != [r.dedupe_key for r in newer.readings]
    assert first.duplicate_key != later.duplicate_key


def test_a_cuff_value_without_any_time_is_held() -> None:
    found = read(message(obx(SYS, "120", MMHG), obx(), obr_7=""))
    assert [item.reason_code for item in found.held] == ["time-missing"]
    assert [item.kind for item in found.readings] == ["heart_rate"]


def test_values_without_any_time_are_new_with_every_message() -> None:
    keys = {
        read(message(obx(), obr_7=""), received=received).readings[0].dedupe_key
        for received in (read(message(obx())).received_at.replace(second=s) for s in (5, 6, 7))
    }
    assert len(keys) == 3


def test_a_row_says_itself_that_it_is_aperiodic() -> None:
    assert read(message(obx(SPO2, "97", PCT, source="^APERIODIC"))).readings[0].aperiodic


def test_of_two_sources_of_one_kind_one_is_primary() -> None:
    pleth = obx("151658^MDC_PULS_OXIM_PLETH_RESP_RATE^MDC", "19", RPM, level="1.3.1.1")
    impedance = obx(RR, "17", RPM, level="1.7.1.1")
    found = read(
        message(pleth, impedance, obx(SPO2, "97", PCT, level="1.3.1.2"), obx(SPO2, "95", PCT, level="1.4.1.1"))
    )
    assert {(r.kind, r.method, str(r.value), r.primary) for r in found.readings} == {
        ("resp_rate", "pleth", "19", False),
        ("resp_rate", "impedance", "17", True),
        ("spo2", "oximeter", "97", True),
        ("spo2", "oximeter", "95", False),
    }


def test_heartbeats_curves_and_watchdogs_are_passed() -> None:
    assert outcome(read((msh() + "\r").encode())) == "passed heartbeat"
    assert outcome(read(message(obx(kind="NA"), header=msh(kind="ORU^W01")))) == "passed waveform-message"
    watchdog = message(obx("0^MDCX_ATTR_EVT_WATCHDOG^MDC", "1", ""), header=msh(kind="ORU^R40^ORU_R40"))
    assert outcome(read(watchdog)) == "passed watchdog"


def test_an_alarm_is_held_with_its_event_and_its_numbers_are_not_charted() -> None:
    raw = message(
        obx("196616^MDC_EVT_ALARM^MDC", "196670^MDC_EVT_LO^MDC", "", kind="CWE", level="1.3.1.1.1"),
        obx(SPO2, "88", PCT, level="1.3.1.1.2"),
        header=msh(kind="ORU^R40^ORU_R40"),
    )
    found = read(raw)
    assert found.readings == ()
    assert [(item.reason_code, item.detail) for item in found.held] == [("alarm-not-charted", "196670 MDC_EVT_LO MDC")]


def test_the_patient_of_a_message_is_shown_and_decides_nothing() -> None:
    found = read(message(obx()))
    assert found.patient_shown == "P-77"
    assert "P-77" not in found.device_ids


def test_trailing_zeros_are_kept_and_the_original_too() -> None:
    reading = read(message(obx(TEMP, "36.80", DEGC))).readings[0]
    assert (str(reading.value), reading.value_as_sent, reading.unit_as_sent) == ("36.80", "36.80", DEGC)


def test_every_reason_has_a_text_and_no_code_has_two_meanings() -> None:
    assert not set(HELD) & set(PASSED)
    assert all(text.endswith(".") for text in [*HELD.values(), *PASSED.values()])
    assert len(METRICS) == 30


def test_hexadecimal_codes_are_partition_and_term() -> None:
    for code, metric in METRICS.items():
        text = f"{code >> 16:04x}-{code & 0xFFFF:04X}^{next(iter(metric.names))}^MDIL"
        unit = next(iter(metric.vital.units_accepted))
        value = "98" if metric.vital.kind != "temperature" else ("98.6" if unit == "[degF]" else "36.6")
        if metric.vital.kind in ("perfusion_index",):
            value = "2.5"
        value = "13" if unit == "kPa" else value
        found = read(message(obx(text, value, unit)))
        assert [item.kind for item in found.readings] == [metric.vital.kind], (text, unit, found.held)


@given(st.decimals(min_value="25", max_value="45", places=1))
def test_fahrenheit_and_back_is_exact_to_the_digit(celsius: Decimal) -> None:
    fahrenheit = (celsius * 9 / 5 + 32).quantize(Decimal("0.01"))
    assert convert(fahrenheit, "[degF]", "Cel") == celsius


@given(st.decimals(min_value="0", max_value="30", places=2))
def test_kilopascal_is_within_half_a_hundredth(kpa: Decimal) -> None:
    assert abs(convert(kpa, "kPa", "mm[Hg]") - kpa / Decimal("0.133322")) <= Decimal("0.005")


def test_a_conversion_without_a_rule_is_an_error() -> None:
    with pytest.raises(KeyError):
        convert(Decimal(1), "%", "mm[Hg]")
