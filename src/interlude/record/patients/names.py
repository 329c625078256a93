"""Normal forms of names, so that Müller, Mueller and MULLER meet."""

from __future__ import annotations

import unicodedata

_SPELLINGS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
SHORTEST_SEARCH = 2
LONGEST_SEARCH = 12


def normal_forms(name: str) -> set[str]:
    """The ways one name may be typed: with umlauts written out, and with marks left off."""
    lower = name.strip().lower().replace("-", " ")
    forms = {lower.translate(_SPELLINGS), lower}
    plain = set()
    for form in forms:
        stripped = "".join(c for c in unicodedata.normalize("NFKD", form) if not unicodedata.combining(c))
        plain.add("".join(c for c in stripped if c.isalnum() or c == " ").strip())
    return {form for form in plain if form}


def search_prefixes(*names: str) -> set[str]:
    """Every beginning of every word of the names, from 2 to 12 letters."""
    prefixes: set[str] = set()
    for name in names:
        for form in normal_forms(name):
            for word in (*form.split(), form.replace(" ", "")):  # "Al Rashid" answers to rash and to alrash
                prefixes.update(word[:n] for n in range(SHORTEST_SEARCH, min(len(word), LONGEST_SEARCH) + 1))
    return prefixes


def query_prefixes(text: str) -> list[set[str]]:
    """For each word of a search text, the normal forms that a stored beginning may equal."""
    return [
        {form.replace(" ", "")[:LONGEST_SEARCH] for form in normal_forms(word)}
        for word in text.replace(",", " ").split()
        if len(word) >= SHORTEST_SEARCH
    ]
