"""Every user-visible English text of the data files, for the message catalogue of the doors."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from interlude.domain.instruments.data import Datum, Source
from interlude.domain.protocol.library import Library, load_library
from interlude.domain.protocol.routes import route_comparison
from interlude.domain.protocol.workup import workup_items

_SHOWN = frozenset(
    {
        "text", "label", "question", "title", "action", "clear", "reason", "name", "summary", "honest_text",
        "offer_text", "grade_note", "effect", "plain", "evidence_note", "medicine", "topic", "patient_question",
    }
)  # fmt: skip
_LISTS = frozenset({"signs"})


def translatable_texts(library: Library | None = None) -> Iterator[str]:
    """Each text once, in file order. Citations and notes on numbers stay in English and are not among them."""
    library = library or load_library()
    roots: list[object] = [
        library.catalogue,
        library.rule_set,
        library.interactions,
        tuple(library.indications.values()),
        tuple(library.complementary.values()),
        tuple(library.protocols.values()),
        route_comparison(),
        workup_items(),
    ]
    seen: set[str] = set()
    for root in roots:
        for text in _texts(root):
            if text and text not in seen:
                seen.add(text)
                yield text


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Datum | Source):
        return
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            if isinstance(inner, str):
                if name in _SHOWN:
                    yield inner
            elif name in _LISTS:
                yield from inner
            else:
                yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
