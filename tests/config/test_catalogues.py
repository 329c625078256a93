"""The German catalogue: complete, with the same gaps, numbers and tags as the English texts, and seen on a page."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message
from django.test import Client
from django.utils import translation

from interlude.record.accounts.models import StaffMember
from interlude.record.audit.actors import SYSTEM
from interlude.record.clinic.services import set_up_clinic

TOOL = Path(__file__).resolve().parents[2] / "tools" / "messages.py"
GAP = re.compile(r"%\(\w+\)s|\{[^}]*\}")
TAG = re.compile(r"</?\w+[^>]*>")
FAMILIAR = re.compile(r"\b(du|dich|dir|dein\w*)\b", re.IGNORECASE)
LANGUAGE = "de"


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages_tool", TOOL)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return _tool()


@pytest.fixture(scope="module")
def german(tool: ModuleType) -> Catalog:
    catalog: Catalog = tool.load(LANGUAGE)
    return catalog


@pytest.fixture
def in_german(the_clinic: object, now: datetime) -> Iterator[None]:
    set_up_clinic(by=SYSTEM, at=now, language=LANGUAGE)
    yield
    translation.deactivate()


def forms(value: object) -> list[str]:
    """The singular and plural forms of a text, or the one text."""
    return [str(one) for one in value] if isinstance(value, (tuple, list)) else [str(value or "")]


def texts(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def numbers(text: str) -> list[str]:
    """The groups of digits outside the gaps; a point and a comma are the same here."""
    return sorted(re.findall(r"\d+", GAP.sub("", text)))


def test_every_text_of_the_product_is_translated(tool: ModuleType, german: Catalog) -> None:
    assert tool.untranslated(german, tool.extract()) == []


def test_the_catalogue_holds_no_text_that_the_product_no_longer_has(tool: ModuleType, german: Catalog) -> None:
    known = {(tuple(forms(message.id)), message.context) for message in texts(tool.extract())}
    assert [message.id for message in texts(german) if (tuple(forms(message.id)), message.context) not in known] == []


def test_the_gaps_agree(tool: ModuleType, german: Catalog) -> None:
    assert tool.different_gaps(german) == []


def test_the_compiled_catalogue_is_that_of_the_texts(tool: ModuleType, german: Catalog) -> None:
    assert tool.po_path(LANGUAGE).with_suffix(".mo").read_bytes() == tool.compiled(german)


@pytest.mark.parametrize(
    ("kept", "of"),
    [
        ("numbers", numbers),
        ("tags", lambda text: sorted(TAG.findall(text))),
        ("outer spaces", lambda text: (text[:1] == " ", text[-1:] == " ")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_translation_keeps(german: Catalog, kept: str, of: Callable[[str], object]) -> None:
    pairs = [
        (english, strings)
        for message in texts(german)
        for english, strings in zip(forms(message.id), forms(message.string), strict=False)
    ]
    assert [pair for pair in pairs if pair[1] and of(pair[0]) != of(pair[1])] == [], kept


def test_every_plural_has_two_forms(german: Catalog) -> None:
    plurals = [message for message in texts(german) if isinstance(message.id, (tuple, list))]
    assert german.num_plurals == 2
    assert plurals
    assert [message.id for message in plurals if len(forms(message.string)) != 2] == []


def test_nobody_is_addressed_as_a_friend(german: Catalog) -> None:
    assert [one for message in texts(german) for one in forms(message.string) if FAMILIAR.search(one)] == []


@pytest.mark.usefixtures("in_german")
def test_the_sign_in_page_speaks_the_clinics_language(client: Client) -> None:
    answer = client.get("/sign-in")
    page = answer.content.decode()
    assert answer.headers["Content-Language"] == "de"
    assert '<html lang="de"' in page
    for german, english in [("Anmelden", "Sign in"), ("Anmeldename", "Sign-in name"), ("Passwort", "Password")]:
        assert german in page
        assert english not in page


@pytest.mark.usefixtures("in_german")
def test_a_refusal_is_told_in_german(client: Client, amal: StaffMember) -> None:
    page = client.post("/sign-in", {"username": "amal", "password": "guess"}).content.decode()
    assert "Name und Passwort passen nicht zusammen." in page
    assert "Es gibt ein Problem" in page


@pytest.mark.django_db
def test_an_english_clinic_stays_english(client: Client, the_clinic: object) -> None:
    assert "Sign in" in client.get("/sign-in").content.decode()
