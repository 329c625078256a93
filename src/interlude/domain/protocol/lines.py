"""Which line of a TOML text a place in the data stands on, so that a refusal can point at it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-.\"]+)\s*=")


def line_of(text: str, location: Sequence[int | str]) -> int:
    """Line (from 1) of the nearest written ancestor of `location`; 0 when nothing of it is in the text."""
    written = _index(text)
    path = tuple(str(part) for part in location)
    for length in range(len(path), 0, -1):
        if path[:length] in written:
            return written[path[:length]]
    return 0


def syntax_error(text: str, error: tomllib.TOMLDecodeError) -> tuple[int, str]:
    """Line (from 1) and words of what the parser could not read; at the end of the text where it names no line."""
    words = str(error)
    place = re.search(r"at line (\d+)", words)
    return int(place[1]) if place else text.count("\n") + 1, words.split(" (at ")[0]


def line_with(text: str, words: str) -> int:
    """The first line (from 1) that holds these words; 0 where none does."""
    return next((number for number, line in enumerate(text.splitlines(), start=1) if words in line), 0)


def _index(text: str) -> dict[tuple[str, ...], int]:
    """First line of every table, array entry and key that is written at the start of a line."""
    lines: dict[tuple[str, ...], int] = {}
    counts: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            table = _numbered(_parts(header[2]), counts)
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, str(counts[table]))
            lines.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key:
            lines.setdefault((*table, *_parts(key[1])), number)
    return lines


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip().strip('"') for part in name.split("."))


def _numbered(parts: tuple[str, ...], counts: dict[tuple[str, ...], int]) -> tuple[str, ...]:
    """A header below an array entry belongs to its newest entry: [[a]] then [a.b] is a, 0, b."""
    path: tuple[str, ...] = ()
    for position, part in enumerate(parts):
        path = (*path, part)
        if path in counts and position < len(parts) - 1:
            path = (*path, str(counts[path]))
    return path
