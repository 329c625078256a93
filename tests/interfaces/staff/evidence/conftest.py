"""Browsers for each role, and evidence of which one row was edited."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse

from interlude.domain.evidence import Study, load_evidence
from interlude.interfaces.staff.evidence import asking
from interlude.record.accounts.models import StaffMember

Read = Callable[..., str]
Edit = Callable[[Study], None]


@pytest.fixture
def read(client: Client, lena: StaffMember) -> Read:
    """`read("studies_of", "trd", comparator="any")` is the text of that page for a physician."""
    client.force_login(lena)

    def page(name: str, *args: object, **query: str) -> str:
        answer = client.get(reverse(f"staff:{name}", args=args), query)
        assert answer.status_code == 200
        return answer.content.decode()

    return page


@pytest.fixture
def edit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Edit]:
    """`edit(study)`: the pages know this study in place of the one in the files."""

    def replace(study: Study) -> None:
        changed = load_evidence().with_study(study)
        monkeypatch.setattr(asking, "load_evidence", lambda: changed)
        asking.answers.cache_clear()

    yield replace
    monkeypatch.undo()
    asking.answers.cache_clear()
