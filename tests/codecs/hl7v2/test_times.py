"""HL7 times: precision, zones, daylight saving, and device clocks that are wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlude.codecs.hl7v2 import format_dtm, parse_dtm

from .build import RECEIVED, VIENNA, message, msh, obx, read

READ = [
    # text, UTC time, precision, zone assumed (the default zone is Vienna)
    ("20260302093004+0000", "2026-03-02T09:30:04", "second", False),
    ("20260302093004.5-0500", "2026-03-02T14:30:04.500000", "second", False),
    ("20260302093004+0530", "2026-03-02T04:00:04", "second", False),
    ("20260302093004", "2026-03-02T08:30:04", "second", True),
    ("20260302093004-0000", "2026-03-02T08:30:04", "second", True),
    ("20260302093004123", "2026-03-02T08:30:04.123000", "second", True),
    ("20260302093004.1234567", "2026-03-02T08:30:04.123456", "second", True),
    ("20260302093004.0000+0530", "2026-03-02T04:00:04", "second", False),
    ("202603020930", "2026-03-02T08:30:00", "minute", True),
    ("2026030209", "2026-03-02T08:00:00", "hour", True),
    ("20260302", "2026-03-01T23:00:00", "day", True),
    ("202603", "2026-02-28T23:00:00", "month", True),
    ("2026", "2025-12-31T23:00:00", "year", True),
    (" 20260302093004+0000 ", "2026-03-02T09:30:04", "second", False),
    ("20261231235960+0000", "2027-01-01T00:00:00", "second", False),
    ("20240229120000+0000", "2024-02-29T12:00:00", "second", False),
]


@pytest.mark.parametrize(("text", "utc", "precision", "assumed"), READ)
def test_times_are_read(text: str, utc: str, precision: str, assumed: bool) -> None:
    sent = parse_dtm(text, VIENNA)
    assert sent is not None
    assert sent.at.astimezone(UTC).replace(tzinfo=None).isoformat() == utc
    assert (sent.precision, sent.zone_assumed) == (precision, assumed)


@pytest.mark.parametrize(
    "text",
    ["", "now", "202", "20261301", "20260230", "2026030225", "20260302093099", "20260302093004+0099", "0000",
     "2026-03-02T09:30", "20260302093004Z", "99991231235959-2359x", "٢٠٢٦", "00010101000000+2359"],
)  # fmt: skip
def test_what_is_no_time_is_none(text: str) -> None:
    assert parse_dtm(text, VIENNA) is None


def test_the_repeated_hour_of_october_is_the_one_near_the_receipt() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 summer time
    for received in (first, first + timedelta(hours=1)):
        sent = parse_dtm("20261025023000", VIENNA, near=received)
        assert sent is not None
        assert sent.at.astimezone(UTC) == received


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_none(text: str) -> None:
    parse_dtm(text, VIENNA)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), st.sampled_from(["UTC", "Asia/Kolkata"]))  # noqa: DTZ001
def test_a_written_time_reads_back_to_the_millisecond(naive: datetime, zone: str) -> None:
    at = naive.replace(tzinfo=ZoneInfo(zone))
    if at.utcoffset() and at.utcoffset().total_seconds() % 60:  # type: ignore[union-attr]
        return  # local mean time of long ago has seconds, which HL7 cannot say
    sent = parse_dtm(format_dtm(at), VIENNA)
    assert sent is not None
    assert timedelta(0) <= at - sent.at < timedelta(milliseconds=1)


def stamp(at: datetime) -> str:
    return f"{at:%Y%m%d%H%M%S}+0000"


CLOCKS = [
    # device clock ahead of ours by, age of the value in the message, expected age in the chart, device time?, flag
    ("right", timedelta(0), timedelta(0), timedelta(0), True, None),
    ("right, old cuff value", timedelta(0), timedelta(minutes=24), timedelta(minutes=24), True, None),
    ("three minutes late", timedelta(minutes=-3), timedelta(0), timedelta(minutes=3), True, "clock-drift"),
    ("one hour ahead", timedelta(hours=1), timedelta(0), timedelta(0), False, "clock-off"),
    ("wrong zone, old cuff value", timedelta(hours=5, minutes=30), timedelta(hours=6), timedelta(hours=6), False,
     "clock-off"),
    ("factory clock", timedelta(days=-4806), timedelta(0), timedelta(0), False, "clock-off"),
    ("factory clock, old value", timedelta(days=-4806), timedelta(minutes=5), timedelta(minutes=5), False,
     "clock-off"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "ahead", "age", "expected", "is_device_time", "flag"), CLOCKS)
def test_device_clocks(
    name: str, ahead: timedelta, age: timedelta, expected: timedelta, is_device_time: bool, flag: str | None
) -> None:
    sent = RECEIVED + ahead
    raw = message(obx(at=stamp(sent - age)), header=msh(sent=stamp(sent)), obr_7=stamp(sent))
    (reading,) = read(raw).readings
    assert abs(RECEIVED - reading.observed_at - expected) <= timedelta(seconds=1)
    assert reading.observed_at_is_device_time is is_device_time
    assert flag is None or flag in reading.flags


TIMES = [
    # MSH-7, OBR-7, OBX-14, expected
    ("20260302093004+0000", "20260302093004+0000", "20260302095504+0000", "time-after-message"),
    ("20260302093004+0000", "20260302093004+0000", "tomorrow", "time-unreadable"),
    ("20260302093004+0000", "20260302093004+0000", "20260302", "time-too-coarse"),
    ("", "20130103021700", "", "time-unverified"),
    ("", "20260302103004", "", "09:30:04 device zone-assumed"),
    ("", "", "", "09:30:05 ours no-device-time"),
    ("20260302093004+0000", "20260302093003", "", "09:30:03 device zone-from-message"),
    ("20260302103004", "20260302103003", "", "09:30:03 device zone-assumed"),
    ("20260302093004+0000", "20260302093003+0000", "20260302093001+0000", "09:30:01 device"),
    ("20090713090030+0000", "20090813095715+0000", "", "09:30:05 ours time-contradicts,clock-off"),
]


@pytest.mark.parametrize(("msh_7", "obr_7", "obx_14", "expected"), TIMES)
def test_the_time_of_a_value(msh_7: str, obr_7: str, obx_14: str, expected: str) -> None:
    found = read(message(obx(at=obx_14), header=msh(sent=msh_7), obr_7=obr_7))
    if found.held:
        assert found.held[0].reason_code == expected
        return
    (reading,) = found.readings
    whose = "device" if reading.observed_at_is_device_time else "ours"
    got = f"{reading.observed_at.astimezone(UTC):%H:%M:%S} {whose} {','.join(reading.flags)}".strip()
    assert got == expected


def test_the_order_of_the_chart_is_the_order_of_receipt_for_a_clock_that_is_off() -> None:
    seen = []
    for second in range(20):
        received = RECEIVED + timedelta(seconds=second)
        device_now = stamp(datetime(2013, 1, 3, 2, 17, tzinfo=UTC) + timedelta(seconds=second))
        raw = message(obx(), header=msh(sent=device_now), obr_7=device_now)
        (reading,) = read(raw, received=received).readings
        seen.append(reading.observed_at)
        assert abs(reading.observed_at - received) <= timedelta(seconds=1)
    assert seen == sorted(seen)
