"""Reading the consent texts that ship, and the rule of how long a consent holds."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files

from interlude.domain.instruments.data import Datum, Model, read_toml

TOPICS = (
    "off_label", "alternatives", "effect_and_relapse", "common_effects", "rare_risks", "repeated_use", "worsening",
    "after_the_session", "right_to_stop", "touch_and_recording", "data", "cost",
)  # fmt: skip
"""What every text has to speak about, in this order."""

_HERE = files("interlude.record.plans.texts")


class Topic(Model):
    code: str
    heading: str
    text: str


class TextFile(Model):
    """One text in one language. `sources` name what its statements rest on, for the clinic's own reading."""

    key: str
    version: int
    language: str
    title: str
    statement: str
    sources: tuple[str, ...]
    topics: tuple[Topic, ...]

    @property
    def sha256(self) -> str:
        dump = self.model_dump(mode="json", exclude={"sources"})
        text = json.dumps(dump, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


class Rules(Model):
    valid_months: Datum


@cache
def shipped_texts() -> tuple[TextFile, ...]:
    """Every text of the package. Raises `ValueError` for one that leaves a topic out."""
    names = sorted(entry.name for entry in _HERE.iterdir() if entry.name.startswith("ketamine_course."))
    texts = tuple(TextFile.model_validate(read_toml(_HERE.joinpath(name).read_text("utf-8"))) for name in names)
    for text in texts:
        if tuple(topic.code for topic in text.topics) != TOPICS:
            raise ValueError(f"{text.key} {text.language}: its topics are not those of every consent text")
    return texts


@cache
def rules() -> Rules:
    """How long a consent holds when nothing else ends it."""
    return Rules.model_validate(read_toml(_HERE.joinpath("rules.toml").read_text("utf-8")))
