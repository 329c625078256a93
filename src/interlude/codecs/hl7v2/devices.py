"""Which device a row comes from: OBX-18 of the row or of the device rows above it, else OBR-3, else MSH-3.

An identifier is "the one device" only at its most specific level: when a row carries OBX-18, a gateway
named in MSH-3 is not offered as its device, so that two monitors behind one gateway cannot be taken for
each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from interlude.codecs.hl7v2.header import Header
from interlude.codecs.hl7v2.message import Segment

_EUI_64 = re.compile(r"[0-9A-Fa-f]{16}\Z")
_EUI_NAMES = frozenset({"EUI-64", "EUI64"})

Level = tuple[int, int, int, int]


def entity_ids(components: Sequence[str]) -> tuple[str, ...]:
    """The identifiers in one entity identifier (EI: id ^ namespace ^ universal id ^ type).

    The universal id names whoever assigned the id, often a gateway or a maker; it is the device itself only
    when no id stands before it."""
    parts = [part.strip() for part in components]
    first = parts[0] if parts else ""
    if first:
        return (normal_id(first),)
    universal = parts[2] if len(parts) > 2 else ""
    return (normal_id(universal),) if universal else ()


def normal_id(text: str) -> str:
    """An EUI-64 in capitals, anything else as sent."""
    text = text.strip()
    return text.upper() if _EUI_64.match(text) else text


def ids_of_row(obx: Segment) -> tuple[str, ...]:
    """OBX-18 of one row, every repetition, EUI-64 first."""
    return _eui_first(
        identifier
        for repetition in range(1, len(obx.repetitions(18)) + 1)
        for identifier in entity_ids(obx.components(18, repetition))
    )


def ids_of_group(obr: Segment | None) -> tuple[str, ...]:
    """OBR-3 when it names a device: an EUI-64 as the id, or as the universal id."""
    if obr is None:
        return ()
    parts = [part.strip() for part in obr.components(3)]
    found = [parts[0]] if parts and _EUI_64.match(parts[0]) else []
    if len(parts) > 3 and parts[3].upper() in _EUI_NAMES and _EUI_64.match(parts[2]):
        found.append(parts[2])
    return tuple(dict.fromkeys(normal_id(text) for text in found))


def ids_of_sender(header: Header) -> tuple[str, ...]:
    """MSH-3: its universal id when that is an EUI-64, then its name."""
    universal = header.part(3, 2) if header.part(3, 3).upper() in _EUI_NAMES else ""
    return tuple(normal_id(text) for text in (universal, header.part(3, 1)) if text)


def level_of(containment: str) -> Level | None:
    """OBX-4 as (MDS, VMD, channel, metric); missing trailing levels are 0, facets are cut off. None if no
    number."""
    return _level_of(containment) if len(containment) < 40 else None


@lru_cache(maxsize=1024)
def _level_of(containment: str) -> Level | None:
    parts = containment.strip().split(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        return None
    numbers = [int(part) for part in parts[:4]]
    a, b, c, d = numbers + [0] * (4 - len(numbers))
    return a, b, c, d


def ancestors(level: Level) -> Iterable[Level]:
    """The levels above, nearest first."""
    a, b, c, _ = level
    seen = {level}
    for above in ((a, b, c, 0), (a, b, 0, 0), (a, 0, 0, 0)):
        if above not in seen:
            seen.add(above)
            yield above


def _eui_first(found: Iterable[str]) -> tuple[str, ...]:
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda text: not _EUI_64.match(text)))
