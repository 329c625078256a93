"""`interlude protocol`: the shipped protocols and a clinic's own files, without a database."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interlude.domain.instruments.data import data_of
from interlude.domain.protocol.diff import Change, Content, changes, numbers
from interlude.domain.protocol.files import to_toml
from interlude.domain.protocol.identity import canonical_json, sha256
from interlude.domain.protocol.library import ProtocolFileError, check_protocol, load_library, parse_protocol
from interlude.domain.protocol.schema import Protocol
from interlude.domain.refusals import N_, Refused

BAD = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="the protocols that ship, and indications without one")
    listing.add_argument("--json", action="store_true")
    show = actions.add_parser("show", help="every number of a protocol with unit, certainty and source")
    show.add_argument("name", metavar="NAME", help="name of a shipped protocol, or a file")
    form = show.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--toml", action="store_true", help="as a whole file, to be changed and checked")
    check = actions.add_parser("check", help="say whether files may be loaded; exit status 2 if not")
    check.add_argument("files", metavar="FILE", nargs="+")
    check.add_argument("--json", action="store_true")
    diff = actions.add_parser("diff", help="what changed from A to B, in words")
    diff.add_argument("a", metavar="A", help="name of a shipped protocol, or a file")
    diff.add_argument("b", metavar="B")
    diff.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> int:
    return int(_ACTIONS[options.action](options) or 0)


def _list(options: argparse.Namespace) -> None:
    rows = list(_listed())
    if options.json:
        _print_json(rows)
        return
    for row in rows:
        names = ", ".join(row["protocols"]) or f"none: {row['honest_text']}"
        print(f"{row['name']} (grade {row['grade']}; {row['offer_text'].rstrip('.').lower()})\n    {names}")


def _listed() -> Iterator[dict[str, Any]]:
    for one in load_library().indications.values():
        yield {
            "indication": one.code,
            "name": one.name,
            "grade": one.grade,
            "offer": one.offer,
            "offer_text": one.offer_text,
            "honest_text": one.honest_text,
            "protocols": list(one.protocols),
            "route_to": one.route_to,
        }


def _show(options: argparse.Namespace) -> None:
    protocol = protocol_named(options.name)
    if options.toml:
        sys.stdout.write(to_toml(protocol))
    elif options.json:
        _print_json(json.loads(canonical_json(protocol)) | {"sha256": sha256(protocol)})
    else:
        sources = load_library().sources
        print(f"{protocol.name} ({protocol.code}), grade {protocol.grade}, {protocol.route.upper()}")
        print(f"{protocol.summary}\nfingerprint {sha256(protocol)}")
        print("Nothing in a file is approved. Two people of a clinic approve a version there.\n")
        for number in numbers(protocol):
            datum = number.datum
            note = f" [{datum.note}]" if datum.note else ""
            print(f"{', '.join(number.words)}: {datum} ({datum.certainty}: {sources[datum.source].citation}){note}")


def _check(options: argparse.Namespace) -> int:
    answers = [_answer(file) for file in options.files]
    if options.json:
        _print_json(answers)
    for answer in () if options.json else answers:
        if answer["fits"]:
            print(f"{answer['file']}: fits ({answer['code']}, {answer['numbers']} numbers, none approved)")
        else:
            where = f", line {answer['line']}" if answer["line"] else ""
            print(f"{answer['file']}{where}: {answer['reason']}", file=sys.stderr)
    return 0 if all(answer["fits"] for answer in answers) else BAD


def _answer(file: str) -> dict[str, Any]:
    try:
        protocol = _of_file(file)
    except ProtocolFileError as refused:
        params = refused.params
        return {"file": file, "fits": False, "line": params["line"], "reason": str(params["reason"])}
    except Refused as refused:
        return {"file": file, "fits": False, "line": 0, "reason": str(refused)}
    count = len(list(data_of(protocol)))
    return {"file": file, "fits": True, "code": protocol.code, "numbers": count, "sha256": sha256(protocol)}


def _diff(options: argparse.Namespace) -> None:
    found = changes(protocol_named(options.a), protocol_named(options.b))
    if options.json:
        _print_json([_as_json(change) for change in found])
        return
    for change in found:
        print(change)
    if not found:
        print("No difference.")


def _as_json(change: Change) -> dict[str, Any]:
    def content(one: Content | None) -> dict[str, str] | None:
        if one is None:
            return None
        return {name: getattr(one, name) for name in ("text", "unit", "source", "certainty", "note")}

    return {
        "path": change.path,
        "place": list(change.words),
        "kind": change.kind,
        "old": content(change.old),
        "new": content(change.new),
    }


def protocol_named(name: str) -> Protocol:
    """A shipped protocol by its name, or the one in a file of that name. Raises `Refused`."""
    library = load_library()
    if name in library.protocols:
        return library.protocols[name]
    if not Path(name).exists() and Path(name).suffix != ".toml":
        names = ", ".join(library.protocols)
        raise Refused(N_("There is no protocol and no file called {name}. Protocols: {names}."), name=name, names=names)
    return _of_file(name)


def _of_file(file: str) -> Protocol:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(N_("the file cannot be read: {error}"), error=error) from error
    protocol = parse_protocol(text, file=file)
    check_protocol(load_library(), protocol, file=file, text=text)
    return protocol


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


_ACTIONS = {"list": _list, "show": _show, "check": _check, "diff": _diff}
