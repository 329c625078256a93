"""`interlude init`: a new clinic, asked for step by step or given by options. All of it can be changed later."""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from interlude.domain.refusals import N_, Refused
from interlude.interfaces.cli.clinic_data import add_data_argument, create, writing
from interlude.interfaces.cli.failure import Failure


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_argument(parser)
    parser.add_argument("--name", help="the clinic's name")
    parser.add_argument("--time-zone", help="for example Europe/Berlin")
    parser.add_argument("--decimal-sign", choices=[".", ","], help="how the clinic writes decimals")
    parser.add_argument("--language", choices=["en", "de"], help="language of the pages")
    parser.add_argument("--country", metavar="XX", help="country as two letters, for example DE")
    parser.add_argument("--letterhead", metavar="TEXT", help="lines of the letterhead, separated by |")
    parser.add_argument("--site", metavar="NAME", help="name of the first site")
    parser.add_argument("--hours", metavar="DAYS=FROM-TO", action="append", help='for example "mon-fri=08:00-18:00"')
    parser.add_argument("--chair", metavar="ROOM/CHAIR[:bed]", action="append", help='for example "Room 1/Chair 1"')
    parser.add_argument(
        "--device",
        metavar="NAME=IDENTIFIER",
        action="append",
        help="a monitor and the identifier that it sends",
    )
    parser.add_argument("--staff", metavar="SIGN-IN:NAME:ROLE", action="append", help='"lena:Dr Lena Brandt:physician"')
    parser.add_argument("--emergency", metavar="LABEL=NUMBER", action="append", help='"Emergency=112"')
    parser.add_argument("--admin", metavar="SIGN-IN:NAME", help="the administrator")
    parser.add_argument("--address", default="http://localhost:8000", help="how browsers will reach the clinic")


@dataclass(frozen=True)
class Question:
    option: str
    text: str
    default: str


QUESTIONS = (
    Question("name", "Name of the clinic", ""),
    Question("time_zone", "Time zone", "Europe/Berlin"),
    Question("language", "Language of the pages (en or de)", "en"),
    Question("decimal_sign", "Decimal sign (. or ,)", "."),
    Question("country", "Country (two letters)", "DE"),
    Question("site", "Name of the first site", "Main site"),
    Question("hours", "Opening hours", "mon-fri=08:00-18:00"),
    Question("chair", "First chair, as ROOM/CHAIR", "Room 1/Chair 1"),
    Question("emergency", "Emergency number, as LABEL=NUMBER", "Emergency=112"),
    Question("admin", "Administrator, as SIGN-IN:NAME", ""),
)
LISTS = {"hours", "chair", "emergency"}


def _answers(options: argparse.Namespace) -> dict[str, Any]:
    """What was given, what a person at a terminal answers, and the defaults. Name and administrator are needed."""
    answers: dict[str, Any] = {}
    for question in QUESTIONS:
        value = getattr(options, question.option)
        if value is None and sys.stdin.isatty():
            suffix = f" [{question.default}]" if question.default else ""
            value = input(f"{question.text}{suffix}: ").strip() or None
            value = [value] if value and question.option in LISTS else value
        if value is None:
            value = [question.default] if question.option in LISTS else question.default
        if not value:
            raise Refused(N_("it is needed"), field=f"--{question.option.replace('_', '-')}")
        answers[question.option] = value
    return answers


def _parts(text: str, sign: str, count: int, option: str, example: str) -> list[str]:
    parts = [part.strip() for part in text.split(sign, count - 1)]
    if len(parts) != count or not all(parts):
        raise Refused(N_("'{text}' is not like {example}"), field=option, text=text, example=example)
    return parts


def run(options: argparse.Namespace) -> int:
    if (Path(options.data) / "interlude.sqlite3").exists():
        raise Failure(f"{options.data} holds a clinic already; nothing was changed")
    answers = _answers(options)
    plan = _plan(options, answers)
    print("Creating keys and database ...", flush=True)
    existed = Path(options.data).exists()
    directory = create(options.data)
    try:
        with writing(directory):
            links = _set_up(plan)
    except Exception:
        _take_back(directory, existed)
        raise
    print(f"The clinic stands in {directory}.")
    print("One-time links, each for one person, good for seven days:")
    for name, token in links:
        print(f"  {name}: {options.address.rstrip('/')}/welcome/{token}")
    print(f"Start it with: interlude serve --data {options.data}")
    return 0


def _take_back(directory: Path, existed: bool) -> None:
    """Nothing half done: a clinic that could not be set up leaves no keys and no database behind."""
    from django.db import connection

    connection.close()
    if not existed:
        shutil.rmtree(directory, ignore_errors=True)
        return
    for path in [*directory.glob("interlude.sqlite3*"), *(directory / "keys").glob("*.key")]:
        path.unlink()


def _plan(options: argparse.Namespace, answers: dict[str, Any]) -> dict[str, Any]:
    """Read everything before anything is created, so that a mistake leaves nothing half done."""
    # Only here, because a settings module must not be chosen before the data directory is.
    from interlude.record.clinic.hours import parse_hours

    admin = _parts(answers["admin"], ":", 2, "--admin", "aylin:Aylin Demir")
    return {
        "clinic": {
            "name": answers["name"],
            "time_zone": answers["time_zone"],
            "language": answers["language"],
            "decimal_sign": answers["decimal_sign"],
            "country": answers["country"].upper()[:2],
            "letterhead": (options.letterhead or answers["name"]).replace("|", "\n"),
        },
        "site": answers["site"],
        "hours": [span for text in answers["hours"] for span in parse_hours(text, field="--hours")],
        "chairs": [_parts(text, "/", 2, "--chair", "Room 1/Chair 1") for text in answers["chair"]],
        "devices": [_parts(text, "=", 2, "--device", "Monitor 1=0009FBFFFF9B42B3") for text in options.device or []],
        "staff": [_parts(text, ":", 3, "--staff", "lena:Dr Lena Brandt:physician") for text in options.staff or []],
        "emergency": [_parts(text, "=", 2, "--emergency", "Emergency=112") for text in answers["emergency"]],
        "admin": admin,
    }


def _set_up(plan: dict[str, Any]) -> list[tuple[str, str]]:
    """Write the whole clinic in one transaction through the same services as the pages. Returns the links."""
    from django.db import transaction
    from django.utils import timezone

    from interlude.record.accounts import services as accounts
    from interlude.record.audit.actors import SYSTEM
    from interlude.record.clinic.models import Clinic
    from interlude.record.plans import services as plans
    from interlude.record.protocols import services as protocols

    now = timezone.now()
    if Clinic.objects.exists():
        raise Failure("this database holds a clinic already; nothing was changed")
    with transaction.atomic():
        _set_up_places(plan, now)
        protocols.load_library(by=SYSTEM, at=now)
        plans.load_consent_texts(by=SYSTEM, at=now)
        people = [(plan["admin"][0], plan["admin"][1], "administrator"), *map(tuple, plan["staff"])]
        links = []
        for username, name, role in people:
            staff = accounts.add_staff(by=SYSTEM, at=now, username=username, display_name=name, role=role)
            links.append((name, accounts.make_one_time_link(by=SYSTEM, at=now, staff=staff)))
    return links


def _set_up_places(plan: dict[str, Any], now: datetime) -> None:
    from interlude.record.audit.actors import SYSTEM
    from interlude.record.clinic import services as clinic
    from interlude.record.devices import services as devices

    clinic.set_up_clinic(by=SYSTEM, at=now, **plan["clinic"])
    site = clinic.save_site(by=SYSTEM, at=now, name=plan["site"])
    clinic.set_opening_hours(by=SYSTEM, at=now, site=site, spans=plan["hours"])
    rooms: dict[str, Any] = {}
    for room_name, chair_name in plan["chairs"]:
        if room_name not in rooms:
            rooms[room_name] = clinic.save_room(by=SYSTEM, at=now, site=site, name=room_name)
        name, _colon, kind = chair_name.partition(":")
        clinic.save_chair(by=SYSTEM, at=now, room=rooms[room_name], name=name, kind=kind or "recliner")
    numbers = [(label, number, True) for label, number in plan["emergency"]]
    clinic.set_emergency_numbers(by=SYSTEM, at=now, numbers=numbers)
    for name, identifier in plan["devices"]:
        devices.add_device(by=SYSTEM, at=now, name=name, identifiers=[identifier])
