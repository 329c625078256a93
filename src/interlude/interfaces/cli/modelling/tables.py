"""Plain tables and paragraphs for a terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Sequence

MOST_COLUMNS = 120
LEAST_COLUMNS = 60
_NARROWEST = 24


def columns() -> int:
    """How wide to print: the terminal, within reason."""
    return max(LEAST_COLUMNS, min(MOST_COLUMNS, shutil.get_terminal_size((MOST_COLUMNS, 24)).columns))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Aligned columns under their heads; `right` are columns of numbers, and a long last column is wrapped."""
    body = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[place]) for row in body) for place in range(len(head))]
    before = sum(widths[:-1]) + 2 * (len(widths) - 1)
    widths[-1] = min(widths[-1], max(columns() - before, _NARROWEST))
    lines = []
    for index, row in enumerate(body):
        cells = [
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row[:-1], widths, strict=False))
        ]
        last = textwrap.wrap(row[-1], widths[-1]) or [""]
        if len(head) - 1 in right:
            last = [part.rjust(widths[-1]) for part in last]
        lines.append("  ".join([*cells, last[0]]).rstrip())
        lines += [" " * before + part for part in last[1:]]
        if index == 0:
            lines.append("  ".join("-" * width for width in widths))
    return "\n".join(lines)


def paragraph(words: str, *, first: str = "", indent: str = "") -> str:
    """`words` wrapped to the terminal, later lines under `indent`."""
    return textwrap.fill(words, columns(), initial_indent=first, subsequent_indent=indent or " " * len(first))


def bullets(texts: Iterable[str]) -> str:
    return "\n".join(paragraph(text, first="  - ") for text in texts)
