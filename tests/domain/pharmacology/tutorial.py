"""Runs the code of the pharmacology tutorial, block after block, as a notebook would.

A block ```python is run in one namespace with the blocks before it; what it prints stands in the block ```text that
follows. `python -m tests.domain.pharmacology.tutorial` writes the printed results anew.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[3] / "docs" / "tutorials" / "pharmacology.md"
BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:```text\n(?P<printed>.*?)```\n)?", re.DOTALL)


def runs(text: str) -> Iterator[tuple[str, str, str]]:
    """(code, what the page says it prints, what it printed) of each block, in order."""
    names: dict[str, Any] = {"__name__": "tutorial"}
    for found in BLOCK.finditer(text):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(found["code"], PAGE.name, "exec"), names)
        yield found["code"], found["printed"] or "", out.getvalue()


def rewritten(text: str) -> str:
    """The page with the results that its code prints now."""
    printed = iter([out for _code, _said, out in runs(text)])

    def block(found: re.Match[str]) -> str:
        out = next(printed)
        return f"```python\n{found['code']}```\n" + (f"```text\n{out}```\n" if out else "")

    return BLOCK.sub(block, text)


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
