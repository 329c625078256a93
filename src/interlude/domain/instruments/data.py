"""The smallest pieces of clinical data: a number with its source and certainty, and a reason in words.

Every clinical number of the product is a `Datum`. Approval is not part of it: approvals are made by named
persons of a clinic, belong to one version of a file, and live in the database.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Certainty = Literal["V", "C", "R+", "R", "P"]
"""V verified in the source named; C computed from V numbers; R+ and R recalled; P proposed default."""

Unit = Literal[
    "", "%", "1/min", "1/wk", "cm", "d", "g/dL", "h", "kg", "kg/m2", "mg", "mg/d", "mg/kg", "mg/kg/h",
    "mg/h", "min", "mmHg", "mmol/L", "month", "ms", "points", "s", "U/L", "week", "x ULN", "year", "infusions",
    "visits", "trials", "sessions",
]  # fmt: skip
"""The closed list of units; a file with any other unit is refused. "" is a plain count or ratio."""


def _exact(value: object) -> object:
    """Decimals come from `tomllib` with `parse_float=Decimal`; a binary float would already have lost digits."""
    if isinstance(value, bool | float):
        raise ValueError("a clinical number must be an exact decimal or an integer")
    return value


def _plain(value: Decimal) -> Decimal:
    """One way of writing each number (0.50 and 0.5 are the same), so that equal data hash equally."""
    return Decimal(f"{value.normalize():f}")


Exact = Annotated[Decimal, Field(allow_inf_nan=False), BeforeValidator(_exact), AfterValidator(_plain)]


class Model(BaseModel):
    """Immutable record of a data file; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Datum(Model):
    """One clinical number. `source` is an id of the sources file that belongs to the data file."""

    value: Exact
    unit: Unit
    source: str
    certainty: Certainty
    note: str = ""

    def __str__(self) -> str:
        return f"{self.value:f} {self.unit}".strip()


class Statement(Model):
    """One clinical sentence in English (a message id) with its source and certainty."""

    text: str
    source: str
    certainty: Certainty


class Source(Model):
    """Where a value comes from. `kind` "product" means a proposed default without published authority."""

    id: str
    citation: str
    kind: Literal["paper", "label", "guideline", "register", "product"] = "paper"
    address: str = ""


@dataclass(frozen=True)
class Reason:
    """A sentence that a door can translate: English template with `{named}` gaps, and what fills them.

    The same shape as `Refused` (`template`, `params`, `str()`), for results that are answers, not errors.
    """

    template: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.params)


def read_toml(text: str) -> dict[str, Any]:
    """Parse TOML with exact decimals. Raises `tomllib.TOMLDecodeError`, which names line and column."""
    return tomllib.loads(text, parse_float=Decimal)


def data_of(model: object, path: str = "") -> Iterator[tuple[str, Datum]]:
    """Every `Datum` below a model with its dotted path ("limits.dose_hard_max"), in file order."""
    if isinstance(model, Datum):
        yield path, model
    elif isinstance(model, BaseModel):
        for name in type(model).model_fields:
            yield from data_of(getattr(model, name), f"{path}.{name}" if path else name)
    elif isinstance(model, Mapping):
        for key, value in model.items():
            yield from data_of(value, f"{path}.{key}")
    elif isinstance(model, list | tuple):
        for index, value in enumerate(model):
            yield from data_of(value, f"{path}.{getattr(value, 'code', index)}")


def sources_named(model: object) -> Iterator[tuple[str, str]]:
    """Every (path, source id) that a model refers to, so that a loader can refuse a missing source."""
    if isinstance(model, BaseModel):
        if isinstance(model, Datum | Statement):
            yield "", model.source
            return
        for name in type(model).model_fields:
            for path, source in sources_named(getattr(model, name)):
                yield f"{name}.{path}".rstrip("."), source
    elif isinstance(model, Mapping):
        for key, value in model.items():
            for path, source in sources_named(value):
                yield f"{key}.{path}".rstrip("."), source
    elif isinstance(model, list | tuple):
        for index, value in enumerate(model):
            for path, source in sources_named(value):
                yield f"{getattr(value, 'code', index)}.{path}".rstrip("."), source
