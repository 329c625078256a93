"""Reading the instrument files. One file is one instrument; everything about it stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from interlude.domain.instruments.data import Source, data_of, read_toml
from interlude.domain.instruments.schema import Instrument
from interlude.domain.refusals import N_, Refused

_HERE = files("interlude.domain.instruments")


@cache
def sources() -> dict[str, Source]:
    """Sources by id."""
    rows = read_toml((_HERE / "sources.toml").read_text(encoding="utf-8"))["sources"]
    return {row["id"]: Source(**row) for row in rows}


@cache
def instruments() -> tuple[Instrument, ...]:
    """All instruments, by code. Raises on a file that does not fit the schema or names an unknown source."""
    names = sorted(entry.name for entry in (_HERE / "library").iterdir() if entry.name.endswith(".toml"))
    return tuple(parse_instrument((_HERE / "library" / name).read_text(encoding="utf-8")) for name in names)


def parse_instrument(text: str) -> Instrument:
    """One instrument from the text of its file. Raises `ValueError` that says what does not fit."""
    instrument = Instrument.model_validate(read_toml(text))
    named = [datum.source for _, datum in data_of(instrument)] + [instrument.source]
    for source in named:
        if source not in sources():
            raise ValueError(f"{instrument.code}: source {source} is not in the sources file")
    return instrument


def instrument(code: str) -> Instrument:
    """The instrument of that code. Raises `Refused` when there is none."""
    for one in instruments():
        if one.code == code:
            return one
    raise Refused(N_("There is no questionnaire called {code}."), code=code)


def translatable_texts() -> Iterator[str]:
    """Every user-visible English text of our own in the files, for the message catalogue.

    Published wording is not among them: it exists per language in the file and is never machine-translated.
    """
    for one in instruments():
        yield one.recall
        yield from (item.label for item in one.items)
        yield from (o.label for options in one.option_sets.values() for o in options if o.label)
        yield from (band.label for band in one.bands)
        yield from (subscale.label for subscale in one.subscales)
        yield from (cut.label for cut in one.cuts)
        yield from (flag.text for flag in one.flags)
        if one.cluster_rule:
            yield one.cluster_rule.label
        if one.triage:
            yield from (step.text for step in one.triage.steps)
            yield one.triage.none_text
