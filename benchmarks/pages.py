"""Every page that each role reaches by links on the example clinic: server time, and queries in a doubled clinic.

    python benchmarks/pages.py [--data DEMO] [--repeat 5] [--slowest 15] [--no-doubling] [--patients N]

Without --data an example clinic is made first, by `interlude demo` itself; DEMO is copied and stays as it is. Pages are
found by following links from each person's first page, and asked for through Django's test client: middleware, view,
template and database, without the socket. "processor" is the same in processor time: on a busy machine the difference
to the server time is what others took. Then the clinic is doubled (people, staff, chairs, sessions, tasks) and the
queries of the same pages are counted again: a page whose number grows asks once for each row.
With --patients the clinic is first filled up to N people: all referred over three years and in a care team, every
fifth with a consultation, an eligibility decision and a drafted plan; doubling is then left out.
Targets: p95 of every page under 100 ms (150 ms with --patients); the same number of queries. Exit status 1 when one is
missed.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from html import unescape
from itertools import cycle
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from make_demo import first_page

TARGET_S = 0.1
LARGE_TARGET_S = 0.15
FULL_EVERY = 5
FILL_DAYS = 3 * 365
PER_NAME = 4
"""Addresses of one URL name that are measured for each role."""
SKIPPED = {"staff:live", "staff:sign_out"}
PORTAL_PATIENTS = 6


@dataclass
class Page:
    """One URL name: how long it took, and its queries by (role, address)."""

    name: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    queries: dict[tuple[str, str], int] = field(default_factory=dict)
    doubled: dict[tuple[str, str], int] = field(default_factory=dict)
    slowest: tuple[float, str, str] = (0.0, "", "")
    failed: list[str] = field(default_factory=list)

    def grown(self) -> list[tuple[tuple[str, str], int, int]]:
        pairs = ((key, before, self.doubled.get(key, before)) for key, before in self.queries.items())
        return [(key, before, after) for key, before, after in pairs if after > before]


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Visitor:
    """One person's browser without the browser."""

    def __init__(self, who: str, client: Any, start: list[str]) -> None:
        self.who, self.client = who, client
        self.found: dict[str, list[str]] = defaultdict(list)
        self._follow(start)

    def get(self, address: str) -> Any:
        return self.client.get(address, HTTP_HOST="localhost")

    def _follow(self, start: list[str]) -> None:
        """Visit pages breadth first; of one URL name only the first few addresses."""
        waiting, known = list(start), set(start)
        while waiting:
            address = waiting.pop(0)
            name = name_of(address)
            if name is None or name in SKIPPED or len(self.found.get(name, ())) >= PER_NAME:
                continue
            answer = self.get(address)
            if answer.status_code in (301, 302):
                target = answer.headers["Location"]
                if target.startswith("/") and target not in known:
                    known.add(target)
                    waiting.append(target)
                continue
            self.found[name].append(address)
            if not answer.headers.get("Content-Type", "").startswith("text/html"):
                continue
            for link in links_in(answer.content.decode()):
                if link not in known:
                    known.add(link)
                    waiting.append(link)


def links_in(html: str) -> list[str]:
    """What a page leads to or fetches by itself, on this site and without a fragment."""
    found = re.findall(r'\b(?:href|hx-get|src|data-chart-url|data-preview-url)="(/[^"#]*)', html)
    return [unescape(link) for link in found if not link.startswith(("/static/", "//"))]


def name_of(address: str) -> str | None:
    from django.urls import Resolver404, resolve

    try:
        return resolve(address.partition("?")[0]).view_name
    except Resolver404:
        return None


def visitors() -> list[Visitor]:
    """One person of each role, and some patients in the portal."""
    from django.test import Client
    from django.utils import timezone

    from interlude.interfaces.staff.entrance.views import first_page as first_of
    from interlude.record.accounts.models import StaffMember
    from interlude.record.measures.models import Assignment

    found = []
    by_role: dict[str, StaffMember] = {}
    for person in StaffMember.objects.filter(is_active=True).order_by("username"):
        by_role.setdefault(person.role, person)
    for role, person in sorted(by_role.items()):
        client = Client()
        client.force_login(person)
        found.append(Visitor(role, client, [first_of(person), "/tasks", "/design/"]))
    found.append(Visitor("anybody", Client(), ["/sign-in", "/healthz", "/p/help"]))
    now = timezone.now()
    waiting = Assignment.objects.filter(state="open", opens_at__lte=now, closes_at__gt=now).order_by("due_at")
    open_now = waiting.values_list("patient_id", flat=True)
    for number, patient_id in enumerate(list(dict.fromkeys(open_now))[:PORTAL_PATIENTS]):
        client = Client()
        client.get("/healthz", HTTP_HOST="localhost")
        session = client.session
        session["portal"] = {"patient": str(patient_id), "opened": now.isoformat(), "seen": now.isoformat()}
        session.save()
        client.cookies["interlude"] = session.session_key
        from django.urls import reverse

        found.append(Visitor(f"patient {number + 1}", client, [reverse("portal:home"), reverse("portal:progress")]))
    return found


def measure(everybody: list[Visitor], pages: dict[str, Page], repeat: int) -> None:
    """Time each page after one warm-up, and count its queries."""
    for visitor in everybody:
        for name, addresses in visitor.found.items():
            page = pages.setdefault(name, Page(name))
            for address in addresses:
                page.queries[(visitor.who, address)] = queries_of(visitor, address)
                for _ in range(repeat):
                    cpu, wall = time.process_time(), time.perf_counter()
                    answer = visitor.get(address)
                    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
                    page.wall.append(wall)
                    page.cpu.append(cpu)
                    page.slowest = max(page.slowest, (cpu, visitor.who, address))
                    if answer.status_code >= 500:
                        page.failed.append(f"{visitor.who} {address}")


def queries_of(visitor: Visitor, address: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    visitor.get(address)  # what is read once per process is not this page's
    with CaptureQueriesContext(connection) as context:
        visitor.get(address)
    return sum(not re.match(r"(SAVEPOINT|RELEASE|BEGIN|COMMIT)", one["sql"]) for one in context.captured_queries)


def double(now: datetime) -> tuple[int, int]:
    """As many people, chairs and staff again, at the same stages. Returns patients before and after."""
    from django.conf import settings
    from django.db import transaction

    from interlude.domain.refusals import Refused
    from interlude.interfaces.cli.example import stages
    from interlude.interfaces.cli.example.course import whole_course
    from interlude.interfaces.cli.example.setting import Setting, add_chair
    from interlude.record.accounts import services as accounts
    from interlude.record.accounts.models import StaffMember
    from interlude.record.audit.actors import SYSTEM
    from interlude.record.clinic.models import Chair
    from interlude.record.patients.models import Patient

    before = Patient.objects.count()
    begun = now - timedelta(days=90)
    for person in list(StaffMember.objects.all()):
        accounts.add_staff(
            by=SYSTEM,
            at=begun,
            username=f"{person.username}2",
            display_name=f"{person.display_name} II",
            role=person.role,
            password=settings.DEMO_PASSWORD,
        )
    chairs = Chair.objects.count()
    for number in range(chairs + 1, 2 * chairs + 1):
        add_chair(number, begun)  # its monitor stood there when the past sessions were held
    # The second half has its own people, so that nobody of the first is asked twice at one time.
    twins = StaffMember.objects.filter(username__endswith="2")
    second = replace(Setting.load(), staff={twin.username[:-1]: twin for twin in twins})
    number = before
    for stage in (stages._referred, stages._consulted, stages._planned):
        number = stage(second, now, number)
    days_ago = cycle((2, 4, 1, 3, 9, 12, 16, 21, 26))
    while Patient.objects.count() < 2 * before and number < 4 * before:
        number += 1
        # Who finds no place, or cannot go home after an invented session, is no patient of this clinic.
        with suppress(Refused, IndexError), transaction.atomic():
            whole_course(second, number, now, next(days_ago), lambda _story: None)
    return before, Patient.objects.count()


def fill(now: datetime, wanted: int) -> int:
    """Bring the clinic to `wanted` patients by the same verbs as a clinic uses; returns how many there are."""
    from django.db import transaction

    from interlude.domain.refusals import Refused
    from interlude.interfaces.cli.example import before
    from interlude.interfaces.cli.example.people import person
    from interlude.interfaces.cli.example.setting import Setting
    from interlude.record.clinic.queries import local_day
    from interlude.record.patients.models import Patient

    setting, number = Setting.load(), 1000
    there, started = Patient.objects.count(), time.perf_counter()
    while there < wanted:
        number += 1
        at = now - timedelta(days=5 + number * 7919 % FILL_DAYS)
        who = person(number, local_day(now))
        with suppress(Refused), transaction.atomic():
            patient = before.refer(setting, who, at, number)
            if number % FULL_EVERY == 0:
                before.consult(setting, patient, who, at + timedelta(days=2))
                before.decide(setting, patient, at + timedelta(days=2))
                before.draft(setting, patient, at + timedelta(days=3))
            there += 1
        if number % 500 == 0:
            print(f"{there} patients after {time.perf_counter() - started:.0f} s", flush=True)
    return Patient.objects.count()


def report(pages: dict[str, Page], slowest: int, doubled: bool, target_s: float) -> bool:
    good = True
    rows = sorted(pages.values(), key=lambda page: -percentile(page.wall, 0.95))
    print(f"\n{'page':32} {'n':>4} {'p50 ms':>7} {'p95 ms':>7} {'processor p95':>14} {'queries':>9}  doubled")
    for position, page in enumerate(rows):
        p95 = percentile(page.wall, 0.95)
        grown = page.grown() if doubled else []
        bad = p95 >= target_s or bool(grown) or bool(page.failed)
        good = good and not bad
        if position >= slowest and not bad:
            continue
        counts = sorted(page.queries.values())
        after = "same" if not grown else f"GROWS {grown[0][1]} -> {grown[0][2]} ({grown[0][0][0]} {grown[0][0][1]})"
        print(
            f"{page.name:32} {len(page.wall):4} {percentile(page.wall, 0.5) * 1000:7.1f} {p95 * 1000:7.1f} "
            f"{percentile(page.cpu, 0.95) * 1000:14.1f} {counts[0]:4}-{counts[-1]:<4}  {after if doubled else '-'}"
            f"{'  MISSED' if p95 >= target_s else ''}{'  FAILS ' + page.failed[0] if page.failed else ''}"
        )
    everything = [value for page in rows for value in page.wall]
    processor = [value for page in rows for value in page.cpu]
    print(
        f"\n{len(rows)} pages, {len(everything)} requests: p50 {percentile(everything, 0.5) * 1000:.1f} ms, "
        f"p95 {percentile(everything, 0.95) * 1000:.1f} ms "
        f"({percentile(everything, 0.95) / target_s:.2f} of the target); "
        f"processor p95 {percentile(processor, 0.95) * 1000:.1f} ms"
    )
    slow = [page.name for page in rows if percentile(page.wall, 0.95) >= target_s]
    print(f"pages over {target_s * 1000:.0f} ms at p95: {', '.join(slow) or 'none'}")
    print(f"pages whose queries grow: {', '.join(p.name for p in rows if p.grown()) or 'none'}" if doubled else "")
    return good


def unreached(pages: dict[str, Page]) -> list[str]:
    from interlude.config import access

    return [name for name, row in access.rules().items() if "GET" in row and name not in pages and name not in SKIPPED]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a demo's data directory; it is copied")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--slowest", type=int, default=15, help="how many of the pages that reach the target to list")
    parser.add_argument("--no-doubling", action="store_true")
    parser.add_argument("--patients", type=int, default=0, help="fill the clinic up to this many first")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="interlude-bench-") as scratch:
        data = Path(scratch) / "demo"
        if options.data:
            shutil.copytree(options.data, data, ignore=shutil.ignore_patterns("writer.lock"))
        else:
            print("Making an example clinic ...", flush=True)
            first_page(data)
        return run(data, options)


def run(data: Path, options: argparse.Namespace) -> int:
    from interlude.interfaces.cli.clinic_data import enter

    enter(str(data))
    from django.utils import timezone

    from interlude.interfaces.cli.example.setting import Setting
    from interlude.interfaces.cli.example.today import anchor

    for _step in anchor(Setting.load(), timezone.now()):
        pass
    if options.patients:
        print(f"Filling the clinic up to {options.patients} patients ...", flush=True)
        print(f"{fill(timezone.now(), options.patients)} patients")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; following links ...", flush=True)
    everybody = visitors()
    gc.collect()
    gc.freeze()  # as the server does before its first request
    pages: dict[str, Page] = {}
    measure(everybody, pages, options.repeat)
    doubling = not (options.no_doubling or options.patients)
    if doubling:
        print("Doubling the clinic ...", flush=True)
        before, after = double(timezone.now())
        print(f"{before} patients became {after}")
        for visitor in everybody:
            for name, addresses in visitor.found.items():
                for address in addresses:
                    pages[name].doubled[(visitor.who, address)] = queries_of(visitor, address)
    good = report(pages, options.slowest, doubling, LARGE_TARGET_S if options.patients else TARGET_S)
    if os.getloadavg()[0] > (os.cpu_count() or 1):
        print(
            f"load {os.getloadavg()[0]:.1f}: others wanted this machine too; the server times include waiting for them"
        )
    print(f"not reached by links: {', '.join(unreached(pages)) or 'none'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
