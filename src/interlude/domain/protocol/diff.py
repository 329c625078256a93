"""What changed between two versions, for a reader: the place in words, the old and the new value with their source.

One line per changed number, sentence, text or list of words, in the order of the schema. Entries of a list are
matched by what names them, so that a line put in between moves nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel

from interlude.domain.instruments.data import Datum, Statement, data_of
from interlude.domain.protocol.words import ORDER, entry_key, entry_words, field_words

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True)
class Content:
    """What stands at one place. `text` is a number, a message id or words joined by commas; the rest "" if none."""

    text: str
    unit: str = ""
    source: str = ""
    certainty: str = ""
    note: str = ""

    def __str__(self) -> str:
        value = f"{self.text} {self.unit}".strip()
        origin = ", ".join(part for part in (self.certainty, self.source) if part)
        origin += f"; {self.note}" if self.note else ""
        return f"{value} ({origin})" if origin else value


@dataclass(frozen=True)
class Change:
    """One changed place. `path` is for machines, `words` (message ids, outermost first) for people."""

    path: str
    words: tuple[str, ...]
    old: Content | None
    new: Content | None
    number: str = ""
    """For a number of the new version its path of `data_of`, by which it can be changed."""

    @property
    def kind(self) -> Kind:
        if self.old is None:
            return "added"
        return "removed" if self.new is None else "changed"

    def __str__(self) -> str:
        """One line of text: "Dose, refused above: 1 mg/kg (P, ...) -> 0.9 mg/kg (P, ...)"."""
        place = ", ".join(self.words)
        if self.old is None:
            return f"+ {place}: {self.new}"
        if self.new is None:
            return f"- {place}: {self.old}"
        return f"~ {place}: {self.old} -> {self.new}"


@dataclass(frozen=True)
class _Leaf:
    words: tuple[str, ...]
    content: Content
    order: tuple[str, ...] = ()
    """Keys of a list's entries in their order, for the leaf that stands for the order."""
    datum: Datum | None = None


@dataclass(frozen=True)
class Number:
    """A number with its place: `path` as in `data_of`, `words` as in a `Change`."""

    path: str
    words: tuple[str, ...]
    datum: Datum


def numbers(model: BaseModel) -> tuple[Number, ...]:
    """Every number of a model in file order."""
    leaves = dict(_leaves(model, "", ()))
    return tuple(
        Number(place, leaves[path].words, datum)
        for path, place in _number_paths(model, leaves).items()
        if (datum := leaves[path].datum) is not None
    )


def changes(old: BaseModel, new: BaseModel) -> tuple[Change, ...]:
    """Every difference between two models of one kind; empty exactly when they are equal.

    In the order of the new version; what was removed stands where it stood, after what precedes it in the old one.
    """
    before, after = dict(_leaves(old, "", ())), dict(_leaves(new, "", ()))
    places = _number_paths(new, after)
    found = []
    for path in _merged(list(before), list(after)):
        was, now = before.get(path), after.get(path)
        shown = now or was
        if shown is None or _same(was, now):
            continue
        contents = (was.content if was else None, now.content if now else None)
        found.append(Change(path, shown.words, *contents, number=places.get(path, "")))
    return tuple(found)


def _number_paths(model: BaseModel, leaves: Mapping[str, _Leaf]) -> dict[str, str]:
    """By path of a leaf that is a number its path of `data_of`: both walk in file order."""
    paths = [path for path, leaf in leaves.items() if leaf.datum is not None]
    return dict(zip(paths, (path for path, _datum in data_of(model)), strict=True))


def _same(was: _Leaf | None, now: _Leaf | None) -> bool:
    """Entries that came or went are lines of their own: the order differs when those in both stand otherwise."""
    order = (was.order if was else ()) or (now.order if now else ())
    if not order:
        return was is not None and now is not None and was.content == now.content
    if was is None or now is None:
        return True
    both = set(was.order) & set(now.order)
    return [key for key in was.order if key in both] == [key for key in now.order if key in both]


def _merged(before: list[str], after: list[str]) -> list[str]:
    """`after` with the paths that only `before` has put in behind their nearest surviving neighbour."""
    known = set(after)
    tails: dict[str, list[str]] = {}
    neighbour = ""
    for path in before:
        if path in known:
            neighbour = path
        else:
            tails.setdefault(neighbour, []).append(path)
    merged = tails.get("", [])
    for path in after:
        merged += [path, *tails.get(path, [])]
    return merged


def _leaves(value: object, path: str, words: tuple[str, ...]) -> Iterator[tuple[str, _Leaf]]:
    if isinstance(value, Datum):
        content = Content(f"{value.value:f}", value.unit, value.source, value.certainty, value.note)
        yield path, _Leaf(words, content, datum=value)
    elif isinstance(value, Statement):
        yield path, _Leaf(words, Content(value.text, "", value.source, value.certainty))
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            below = f"{path}.{name}" if path else name
            yield from _leaves(getattr(value, name), below, (*words, field_words(name)))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}", (*words, str(key)))
    elif isinstance(value, list | tuple):
        yield from _listed(value, path, words)
    elif value is not None:
        yield path, _Leaf(words, Content(_plain(value)))


def _listed(
    entries: list[object] | tuple[object, ...], path: str, words: tuple[str, ...]
) -> Iterator[tuple[str, _Leaf]]:
    if not entries:
        return
    if not any(isinstance(entry, BaseModel) for entry in entries):
        yield path, _Leaf(words, Content(", ".join(_plain(entry) for entry in entries)))
        return
    seen: dict[str, int] = {}
    keys = []
    for index, entry in enumerate(entries):
        key = entry_key(entry, index)
        seen[key] = seen.get(key, 0) + 1
        keys.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
    if len(entries) > 1:
        names = [", ".join(entry_words(entry, key)) or key for entry, key in zip(entries, keys, strict=True)]
        yield f"{path}.order", _Leaf((*words, ORDER), Content("; ".join(names)), tuple(keys))
    for key, entry in zip(keys, entries, strict=True):
        own = () if isinstance(entry, Datum | Statement) else (*entry_words(entry, key), *key.split("#")[1:])
        yield from _leaves(entry, f"{path}.{key}", (*words, *own))


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
