"""The questions of an instrument as a patient reads them, in a language in which they may be shown."""

from __future__ import annotations

from dataclasses import dataclass

from interlude.domain.instruments import Instrument, Item

# A line from 0 to 100 is answered by eleven large buttons, not by a slider: one tap, no dragging.
MOST_BUTTONS = 11


@dataclass(frozen=True)
class Choice:
    value: int
    text: str


@dataclass(frozen=True)
class Question:
    """One question with its answers. `position` counts from 1."""

    item: str
    position: int
    of: int
    text: str
    intro: str
    choices: tuple[Choice, ...]
    language: str

    @property
    def previous(self) -> int:
        return self.position - 1

    @property
    def next(self) -> int:
        return self.position + 1

    @property
    def done(self) -> int:
        """Questions before this one."""
        return self.position - 1

    @property
    def is_line(self) -> bool:
        """Are the answers points on a line from one number to another?"""
        return all(choice.text.lstrip("-").isdigit() for choice in self.choices)


def shown_language(instrument: Instrument, wanted: str) -> str | None:
    """The wanted language, or English, or None when the wording may not be shown by the product."""
    ready = instrument.languages()
    return next((language for language in (wanted[:2], "en") if language in ready), None)


def askable_items(instrument: Instrument, language: str) -> list[Item]:
    """Items that a patient is asked: those that score and have a wording in the language."""
    return [item for item in instrument.items if item.scored and language in item.texts]


def is_askable(instrument: Instrument, wanted: str) -> bool:
    """May a patient answer this on the portal: it is for patients, and every scored item has its wording?"""
    language = shown_language(instrument, wanted)
    if language is None or instrument.answered_by != "patient":
        return False
    return len(askable_items(instrument, language)) == sum(item.scored for item in instrument.items)


def question(instrument: Instrument, position: int, wanted: str) -> Question:
    """The question at a position from 1 on. Raises `IndexError` beyond the last one, `LookupError` without wording."""
    language = shown_language(instrument, wanted)
    if language is None:
        raise LookupError(f"{instrument.code} has no wording")
    items = askable_items(instrument, language)
    if not 1 <= position <= len(items):
        raise IndexError(position)
    item = items[position - 1]
    return Question(
        item=item.code,
        position=position,
        of=len(items),
        text=item.texts[language],
        intro=instrument.intro.get(language, ""),
        choices=choices(instrument, item, language),
        language=language,
    )


def questions(instrument: Instrument, wanted: str) -> list[Question]:
    """All questions in order. Raises `LookupError` without wording."""
    language = shown_language(instrument, wanted)
    count = len(askable_items(instrument, language)) if language else 1
    return [question(instrument, position, wanted) for position in range(1, count + 1)]


def choices(instrument: Instrument, item: Item, language: str) -> tuple[Choice, ...]:
    """The answers of an item; a number line gets at most eleven evenly spaced ones with both ends."""
    options = instrument.options(item)
    if options:
        return tuple(Choice(o.value, o.texts.get(language) or o.label or str(o.value)) for o in options)
    width = item.maximum - item.minimum
    step = max(1, -(-width // (MOST_BUTTONS - 1)))
    values = sorted({*range(item.minimum, item.maximum + 1, step), item.maximum})
    return tuple(Choice(value, str(value)) for value in values)
