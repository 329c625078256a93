"""Many threads, each with a database connection of its own, want one chair at one time.

    python -m tests.faults.race --data DIR --chair ID --threads 8

Prints one JSON line: `booked` (how many won) and `refused` (what the others were told).
"""

from __future__ import annotations

import argparse
import json
import threading
from datetime import datetime, time, timedelta
from typing import Any

from interlude.interfaces.cli.clinic_data import enter, writing


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--chair", required=True)
    parser.add_argument("--threads", type=int, default=8)
    options = parser.parse_args()
    with writing(enter(options.data)):
        print(json.dumps(race(options.chair, options.threads)))


def race(chair_id: str, threads: int) -> dict[str, Any]:
    from django.utils import timezone

    from interlude.domain.refusals import Refused
    from interlude.record.accounts.models import StaffMember
    from interlude.record.appointments.models import Appointment
    from interlude.record.appointments.services import book
    from interlude.record.clinic.models import Chair
    from interlude.record.clinic.queries import clinic_zone

    zone, now = clinic_zone(), timezone.now()
    # Two to four days after today's session, as the plan wants it; the clinic is closed at the weekend.
    day = next(day for gap in (2, 3, 4) if (day := now.astimezone(zone).date() + timedelta(days=gap)).weekday() < 5)
    starts_at = datetime.combine(day, time(10), tzinfo=zone)
    chair, nurse = Chair.objects.get(pk=chair_id), StaffMember.objects.get(username="amal")
    first = Appointment.objects.filter(state="booked", number=1).select_related("course__patient").order_by("pk")
    courses = [row.course for row in first[:threads]]
    assert len(courses) == threads
    answers: list[str] = []
    together = threading.Barrier(threads)

    def want(course: Any) -> None:
        from django.db import connection

        together.wait()
        try:
            book(
                by=nurse,
                at=now,
                patient=course.patient,
                kind="infusion",
                course=course,
                starts_at=starts_at,
                chair=chair,
            )
            answers.append("")
        except Refused as refused:
            answers.append(f"{refused.field}: {refused}")
        finally:
            connection.close()

    running = [threading.Thread(target=want, args=(course,)) for course in courses]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(60)
    return {"booked": answers.count(""), "refused": [answer for answer in answers if answer]}


if __name__ == "__main__":
    main()
