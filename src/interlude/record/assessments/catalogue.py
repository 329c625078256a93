"""The questions that this room can store: the protocol library's catalogue, and the height for the body mass index."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from interlude.domain.protocol.facts import Catalogue, FactDefinition
from interlude.domain.protocol.library import load_library
from interlude.domain.refusals import N_

HEIGHT = FactDefinition(
    code="height_cm",
    kind="number",
    label=N_("Height"),
    question=N_("Body height"),
    unit="cm",
    minimum=Decimal(80),
    maximum=Decimal(250),
    valid="always",
    valid_session="always",
    asked="vitals",
)


@cache
def catalogue() -> Catalogue:
    """Every question with its kind, unit, range and validity."""
    shipped = load_library().catalogue
    if any(definition.code == HEIGHT.code for definition in shipped.facts):
        return shipped
    return shipped.model_copy(update={"facts": (*shipped.facts, HEIGHT)})


def validity_days(code: str) -> Decimal | None:
    """How many days answers of a validity class may be relied on; None means for ever."""
    days = next(validity.days for validity in catalogue().validities if validity.code == code)
    return None if days is None else days.value
