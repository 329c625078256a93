"""Print, for files of HL7 messages, how the gateway answers and what it charts, as a Markdown table.

python tools/hl7_table.py FILE... [--received-at 2026-11-21T12:00:00+00:00] [--zone UTC]
"""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from interlude.codecs.hl7v2 import Interpretation, read_message
from interlude.interfaces.gateway.replay import messages_of


def _reasons(reading: Interpretation) -> str:
    parts = []
    if reading.readings:
        values = ", ".join(f"{r.kind} {r.value} {r.unit}" for r in reading.readings)
        flags = sorted({flag for r in reading.readings for flag in r.flags})
        parts.append(f"charted: {values}" + (f" ({', '.join(flags)})" if flags else ""))
    if reading.held:
        counted = Counter(item.reason_code for item in reading.held)
        parts.append("held: " + ", ".join(f"{n} x {code}" for code, n in counted.items()))
    if reading.passed:
        counted = Counter(item.reason_code for item in reading.passed)
        parts.append("passed: " + ", ".join(f"{n} x {code}" for code, n in counted.items()))
    return "; ".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--received-at", type=datetime.fromisoformat, default=datetime.now(UTC))
    parser.add_argument("--zone", type=ZoneInfo, default=ZoneInfo("UTC"))
    args = parser.parse_args()
    totals: Counter[str] = Counter()
    print("| file | type | answer | verdict | charted | held | passed | why |")
    print("|---|---|---|---|---|---|---|---|")
    for path in sorted(args.files):
        for raw in messages_of(path.read_bytes()):
            found = read_message(raw, default_zone=args.zone, received_at=args.received_at)
            code = "+".join(found.answer_codes) or "none"
            row = (path.name, found.type, code, found.verdict)
            counts = (len(found.readings), len(found.held), len(found.passed))
            print("| " + " | ".join(str(cell) for cell in (*row, *counts, _reasons(found))) + " |")
            totals.update([f"answer {code}", found.verdict])
            totals.update({"values charted": counts[0], "rows held": counts[1], "rows passed": counts[2]})
    print("\n" + ", ".join(f"{name}: {count}" for name, count in sorted(totals.items())))


if __name__ == "__main__":
    main()
