"""The five separators of a message and the escape sequences that protect them (HL7 v2, 2.5.4 and 2.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_HEX = re.compile(r"X(?:[0-9A-Fa-f]{2})+\Z")


@dataclass(frozen=True, slots=True)
class Separators:
    """MSH-1 and MSH-2. An empty string stands for a separator that the sender did not declare."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    @property
    def msh_2(self) -> str:
        return self.component + self.repetition + self.escape + self.subcomponent

    def decode(self, text: str, charset: str = "utf-8") -> str:
        """The text that a value stands for. Unknown or broken sequences stay as they were sent."""
        mark = self.escape
        if not mark or mark not in text:
            return text
        out: list[str] = []
        position = 0
        while (start := text.find(mark, position)) >= 0:
            end = text.find(mark, start + 1)
            if end < 0:
                break
            replacement = self._meaning(text[start + 1 : end], charset)
            if replacement is None:  # not a sequence: its closing mark may open the next one
                out.append(text[position:end])
                position = end
            else:
                out.append(text[position:start])
                out.append(replacement)
                position = end + 1
        out.append(text[position:])
        return "".join(out)

    def _meaning(self, code: str, charset: str) -> str | None:
        simple = {
            "F": self.field,
            "S": self.component,
            "R": self.repetition,
            "E": self.escape,
            "T": self.subcomponent,
            ".br": "\n",
            ".sp": "\n",
            "H": "",
            "N": "",
        }.get(code)
        if simple is not None:
            return simple
        if _HEX.match(code):
            raw = bytes.fromhex(code[1:])
            try:
                return raw.decode(charset)
            except (UnicodeDecodeError, LookupError):
                return raw.decode("latin-1")
        return None

    def encode(self, text: str) -> str:
        """The text made safe inside a field: separators escaped, control characters as hexadecimal."""
        return "".join(_escapes(self).get(character, character) for character in text)


@lru_cache(maxsize=64)
def _escapes(separators: Separators) -> dict[str, str]:
    mark = separators.escape
    letters = {
        separators.field: "F",
        separators.component: "S",
        separators.repetition: "R",
        separators.escape: "E",
        separators.subcomponent: "T",
    }
    table = {chr(code): f"{mark}X{code:02X}{mark}" if mark else " " for code in (*range(0x20), 0x7F)}
    for character, letter in letters.items():
        if character:
            table[character] = f"{mark}{letter}{mark}" if mark else " "
    return table


STANDARD = Separators()
