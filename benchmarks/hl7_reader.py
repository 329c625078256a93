"""The HL7 v2 reader against python-hl7, on a message of twenty OBX rows, in one run.

    python benchmarks/hl7_reader.py [--seconds 2]

Three things are timed, each on the same bytes: the full tree (python-hl7 parses it, ours parses and builds it), the
PCD-01 interpretation (ours: readings with code, unit, time and device checked), and the twenty values alone as
python-hl7 users take them. The ratios are what counts; the rates depend on the machine.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import hl7

from interlude.codecs.hl7v2 import parse, read_message
from interlude.codecs.hl7v2.build import CuffReading, monitor_message

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def twenty_rows() -> bytes:
    """A monitor's message with exactly twenty OBX rows."""
    values = {
        "heart_rate": 72,
        "spo2": 98,
        "pulse_rate": 71,
        "perfusion_index": Decimal("3.10"),
        "resp_rate": 14,
        "etco2": 38,
        "temperature": Decimal("36.8"),
    }
    raw = monitor_message(
        eui64="0A1B2C3D4E5F6071",
        name="BENCH",
        control_id="B1",
        at=AT,
        values=values,
        cuff=CuffReading(AT, 124, 78, 93, 70),
    )
    rows = raw.count(b"\rOBX|")
    unit = "264338^MDC_DIM_MILLI_SEC^MDC"
    padding = "".join(
        f"OBX|{rows + n}|NM|147232^MDC_ECG_TIME_PD_QT_GL^MDC|1.1.2.{n}|38{n}|{unit}|||||R\r"
        for n in range(1, 21 - rows)
    ).encode()
    return raw + padding


def rate(work: Callable[[], object], seconds: float) -> float:
    """Calls per second, over at least `seconds`."""
    work()
    done, started = 0, time.perf_counter()
    while (spent := time.perf_counter() - started) < seconds:
        for _ in range(20):
            work()
        done += 20
    return done / spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="time given to each measurement")
    seconds = parser.parse_args().seconds
    raw = twenty_rows()
    text = raw.decode()
    message = parse(raw)
    assert message is not None
    assert sum(1 for _ in message.named("OBX")) == 20
    found = read_message(raw, default_zone=UTC, received_at=AT)
    assert len(found.readings) == 11, found
    assert not found.held

    def their_values() -> list[str]:
        return [str(row[5]) for row in hl7.parse(text).segments("OBX")]

    def our_tree() -> object:
        parsed = parse(raw)
        return parsed.tree() if parsed else None

    theirs = rate(lambda: hl7.parse(text), seconds)
    ours = rate(our_tree, seconds)
    values = rate(their_values, seconds)
    parsed_only = rate(lambda: parse(raw), seconds)
    meaning = rate(lambda: read_message(raw, default_zone=UTC, received_at=AT), seconds)
    print(f"message: {len(raw)} bytes, 20 OBX rows")
    print(f"python-hl7 {hl7.__version__}, full tree        {theirs:10,.0f} /s")
    print(f"ours, full tree                {ours:10,.0f} /s   {ours / theirs:5.1f} x python-hl7")
    print(f"ours, parsed (lazy values)     {parsed_only:10,.0f} /s   {parsed_only / theirs:5.1f} x python-hl7")
    print(f"python-hl7, the OBX-5 values   {values:10,.0f} /s")
    print(f"ours, PCD-01 interpretation    {meaning:10,.0f} /s   {meaning / values:5.1f} x python-hl7's values alone")


if __name__ == "__main__":
    main()
