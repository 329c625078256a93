"""The role file is complete: every address has a row, every row an address, every role is known."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from interlude.config import access


def url_names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern.pattern} has no name"
            yield f"{prefix}{pattern.name}"
        else:
            namespace = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from url_names(pattern, namespace)


NAMES = sorted(set(url_names(get_resolver())))


def test_every_address_has_a_row_in_the_role_file() -> None:
    assert [name for name in NAMES if name not in access.rules()] == []


def test_every_row_has_an_address() -> None:
    assert [name for name in access.rules() if name not in NAMES] == []


def test_each_row_offers_known_methods() -> None:
    methods = {method for row in access.rules().values() for method in row}
    assert methods <= {"GET", "POST"}


def test_an_unknown_role_is_an_error() -> None:
    with pytest.raises(access.BadRoleFile):
        access._who("x", ["surgeon"])


@pytest.mark.django_db
def test_health_answers_without_a_session() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
