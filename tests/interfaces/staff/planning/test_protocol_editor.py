"""The protocol editor: a draft by a physician, checked while it is typed, tried, signed by two, printed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from interlude.record.accounts.models import StaffMember
from interlude.record.patients.models import Patient
from interlude.record.plans.models import Course
from interlude.record.protocols import queries, services
from interlude.record.protocols.models import ProtocolDraft, ProtocolVersion
from tests.conftest import PASSWORD
from tests.record.plans.support import version

SignIn = Callable[[StaffMember], Client]
HARD = "dose_mg_per_kg.hard_max"


@pytest.fixture
def one(today: datetime) -> ProtocolVersion:
    return version()


@pytest.fixture
def draft(one: ProtocolVersion, lena: StaffMember, today: datetime) -> ProtocolDraft:
    return services.create_draft(by=lena, at=today, base=one)


def at(name: str, draft: ProtocolDraft, path: str = "") -> str:
    return reverse(f"staff:{name}", args=[draft.pk]) + (f"?path={path}" if path else "")


FINE = {"value": "0.9", "source": "clinic-decision", "certainty": "P", "reason": "Audit of 2026."}


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_a_physician_opens_a_draft_from_the_page_of_a_version(
    one: ProtocolVersion, as_: SignIn, lena: StaffMember, amal: StaffMember
) -> None:
    assert "Draft a new version" not in page(as_(amal), reverse("staff:protocol", args=[one.pk]))
    client = as_(lena)
    assert "Draft a new version" in page(client, reverse("staff:protocol", args=[one.pk]))
    answer = client.post(reverse("staff:protocol_draft_open", args=[one.pk]))
    assert answer.headers["Location"] == at("protocol_draft", ProtocolDraft.objects.get())
    assert "Open the draft" in page(client, reverse("staff:protocol", args=[one.pk]))
    assert as_(amal).post(reverse("staff:protocol_draft_open", args=[one.pk])).status_code == 403


def test_a_number_is_changed_and_the_draft_shows_it_in_words(
    draft: ProtocolDraft, as_: SignIn, lena: StaffMember
) -> None:
    client = as_(lena)
    assert "Dose · refused above" in page(client, at("protocol_value", draft, HARD))
    assert client.post(at("protocol_value", draft, HARD), FINE).status_code == 302
    shown = page(client, at("protocol_draft", draft))
    assert "<strong>0.9</strong> mg/kg" in shown
    assert "1 → 0.9 mg/kg. Audit of 2026." in shown
    assert "Decision of this clinic&#x27;s medical lead" in shown
    assert HARD not in re.sub(r"<[^>]*>", " ", shown)


# what is typed | words beside the field
WRONG = [
    ({"value": "0.4"}, "limits are crossed"),
    ({"value": "0,9,1"}, ""),
    ({"value": ""}, "Enter"),
    ({"source": ""}, "Choose"),
    ({"certainty": "V"}, "A value without a published source is a proposal: certainty P."),
    ({"reason": ""}, "Enter"),
]


@pytest.mark.parametrize(("typed", "words"), WRONG, ids=str)
def test_what_does_not_fit_is_said_beside_the_field(
    typed: dict[str, str], words: str, draft: ProtocolDraft, as_: SignIn, lena: StaffMember
) -> None:
    answer = as_(lena).post(at("protocol_value", draft, HARD), FINE | typed)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "There is a problem" in answer.content.decode()
    assert queries.draft_of(draft).steps == ()


# value | what the line says while it is typed
LIVE = [
    ("0.9", "Fits the rest of the protocol."),
    ("0.4", "Dose: limits are crossed"),
    ("1", "This is the value that stands there already."),
    ("twelve", ""),
    ("", ""),
]


@pytest.mark.parametrize(("value", "words"), LIVE)
def test_the_check_answers_while_it_is_typed_and_keeps_nothing(
    value: str, words: str, draft: ProtocolDraft, as_: SignIn, lena: StaffMember
) -> None:
    answer = as_(lena).post(at("protocol_value_check", draft, HARD), {"value": value})
    assert answer.status_code == 200
    assert words in answer.content.decode()
    if value == "0.4":
        assert "line " in answer.content.decode()
    assert queries.draft_of(draft).steps == ()


def test_a_place_that_is_no_number_is_not_found(draft: ProtocolDraft, as_: SignIn, lena: StaffMember) -> None:
    assert as_(lena).get(at("protocol_value", draft, "dose.colour")).status_code == 404
    assert as_(lena).post(at("protocol_value_check", draft, "")).status_code == 404


def test_a_change_is_put_back(draft: ProtocolDraft, as_: SignIn, lena: StaffMember) -> None:
    client = as_(lena)
    client.post(at("protocol_value", draft, HARD), FINE)
    assert client.post(at("protocol_restore", draft), {"path": HARD}).status_code == 302
    assert queries.draft_of(draft).changes == ()
    assert "Nothing yet." in page(client, at("protocol_draft", draft))


def test_the_sentence_on_top_is_asked_about_when_numbers_change(
    draft: ProtocolDraft, as_: SignIn, lena: StaffMember
) -> None:
    client = as_(lena)
    question = "Does this sentence still say what they say?"
    assert question not in page(client, at("protocol_draft", draft))
    client.post(at("protocol_value", draft, HARD), FINE)
    assert question in page(client, at("protocol_draft", draft))
    address = at("protocol_summary", draft)
    assert client.post(address, {"text": "", "reason": "Why"}).status_code == 422
    answer = client.post(address, {"text": "At most 0.9 mg/kg.", "reason": "The ceiling is lower."})
    assert answer.status_code == 302
    shown = page(client, at("protocol_draft", draft))
    assert question not in shown
    assert "At most 0.9 mg/kg. The ceiling is lower." in shown


def test_a_trial_shows_shares_before_and_after_with_what_is_assumed(
    draft: ProtocolDraft, as_: SignIn, lena: StaffMember
) -> None:
    client = as_(lena)
    client.post(at("protocol_value", draft, HARD), FINE)
    assert client.post(at("protocol_try", draft), {"level_ng_per_ml": "100"}).status_code == 302
    shown = page(client, at("protocol_draft", draft))
    assert "The highest order that is not refused" in shown
    assert "0.9 mg/kg in 36 min (1.5 mg/kg/h)" in shown
    assert "from 100 ng/mL" in shown
    assert "Borrowed from Simons 2022" in shown
    assert shown.count("<figure") == 2
    assert "has changed since" not in shown
    client.post(at("protocol_value", draft, HARD), FINE | {"value": "0.95"})
    assert "The draft has changed since this trial." in page(client, at("protocol_draft", draft))
    assert client.post(at("protocol_try", draft), {"level_ng_per_ml": "0"}).status_code == 422


def submit(client: Client, draft: ProtocolDraft, *, days: int = 0, **typed: str) -> Any:
    day = timezone.localdate() + timedelta(days=days)
    form = {
        "effective_on_day": str(day.day),
        "effective_on_month": str(day.month),
        "effective_on_year": str(day.year),
        "password": PASSWORD,
        "seen_sha256": queries.draft_of(draft).sha256,
    }
    return client.post(at("protocol_submit", draft), form | typed)


def test_two_people_make_it_the_version_of_new_plans(
    draft: ProtocolDraft,
    one: ProtocolVersion,
    as_: SignIn,
    lena: StaffMember,
    tomasz: StaffMember,
    amal: StaffMember,
    today: datetime,
) -> None:
    for who in (lena, tomasz):
        services.approve(by=who, password=PASSWORD, at=today, version=one)
    client = as_(lena)
    client.post(at("protocol_value", draft, HARD), FINE)
    assert submit(client, draft, password="not it").status_code == 422
    assert submit(client, draft, seen_sha256="0" * 64).status_code == 422
    assert submit(client, draft, days=-1).status_code == 422
    answer = submit(client, draft)
    new = ProtocolVersion.objects.get(key=one.key, version=2)
    address = reverse("staff:protocol", args=[new.pk])
    assert answer.headers["Location"] == address
    shown = page(client, address)
    assert "You signed first." in shown
    assert "Changed since version 1" in shown
    assert "version 2 waits" in page(client, reverse("staff:protocols"))
    assert as_(amal).post(address, {"password": PASSWORD}).status_code == 302
    assert queries.is_approved(new)
    assert new in queries.newest_versions()
    assert "not in force" not in page(as_(amal), address)


def test_the_second_person_may_decline_with_a_reason(
    draft: ProtocolDraft, one: ProtocolVersion, as_: SignIn, lena: StaffMember, amal: StaffMember
) -> None:
    client = as_(lena)
    client.post(at("protocol_value", draft, HARD), FINE)
    submit(client, draft)
    new = ProtocolVersion.objects.get(key=one.key, version=2)
    address = reverse("staff:protocol_decline", args=[new.pk])
    assert as_(amal).post(address, {"reason": ""}).status_code == 422
    assert as_(amal).post(address, {"reason": "Nine people only."}).status_code == 302
    shown = page(as_(amal), reverse("staff:protocol", args=[new.pk]))
    assert "This version was declined and is not used" in shown
    assert "Nine people only." in shown
    assert 'type="password"' not in shown


def test_a_discarded_draft_keeps_its_history_and_takes_no_more(
    draft: ProtocolDraft, as_: SignIn, lena: StaffMember
) -> None:
    client = as_(lena)
    client.post(at("protocol_value", draft, HARD), FINE)
    assert client.post(at("protocol_discard", draft)).status_code == 302
    assert "Audit of 2026." in page(client, at("protocol_draft", draft))
    assert client.post(at("protocol_value", draft, HARD), FINE | {"value": "0.8"}).status_code == 422


def test_the_page_counts_the_courses_that_keep_a_version(
    signed: Course, as_: SignIn, lena: StaffMember, noor: Patient
) -> None:
    shown = page(as_(lena), reverse("staff:protocol", args=[signed.protocol_version_id]))
    assert 'data-label="Courses on it">1<' in shown
    assert noor.number not in shown


def test_a_running_course_keeps_its_version(
    signed: Course, as_: SignIn, lena: StaffMember, amal: StaffMember, today: datetime
) -> None:
    before = signed.protocol_version
    draft = services.create_draft(by=lena, at=today, base=before)
    client = as_(lena)
    client.post(at("protocol_value", draft, HARD), FINE)
    submit(client, draft)
    new = ProtocolVersion.objects.get(key=before.key, version=2)
    services.approve(by=amal, password=PASSWORD, at=today, version=new)
    signed.refresh_from_db()
    assert signed.protocol_version == before
    assert queries.protocol_of(signed.protocol_version).dose_mg_per_kg.hard_max.value == 1  # type: ignore[union-attr]
    shown = page(client, reverse("staff:protocol", args=[new.pk]))
    assert shown.count('data-label="Courses on it">1<') == shown.count('data-label="Courses on it">0<') == 1


def test_the_printed_protocol_cites_every_source(one: ProtocolVersion, as_: SignIn, amal: StaffMember) -> None:
    answer = as_(amal).get(reverse("staff:protocol_print", args=[one.pk]))
    assert answer["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.content))
    text = " ".join(" ".join(sheet.extract_text() for sheet in reader.pages).split())
    assert "Not approved: no session starts on it." in text
    assert "0.5 mg/kg" in text
    assert "Fava et al. 2018" in text
    assert "Riva-Posse" in text
    assert one.sha256[:16] in text.replace(" ", "")


@pytest.mark.parametrize("name", ["protocol_value", "protocol_draft_open", "protocol_submit", "protocol_try"])
def test_only_a_physician_edits(
    name: str,
    draft: ProtocolDraft,
    one: ProtocolVersion,
    as_: SignIn,
    amal: StaffMember,
    staff: Callable[..., StaffMember],
) -> None:
    for who in (amal, staff("pharmacy", "petra")):
        key = one.pk if name == "protocol_draft_open" else draft.pk
        assert as_(who).post(reverse(f"staff:{name}", args=[key])).status_code == 403


def test_pages_ask_as_often_for_one_change_as_for_three(
    draft: ProtocolDraft, as_: SignIn, lena: StaffMember, django_assert_max_num_queries: Any
) -> None:
    client = as_(lena)
    counts = []
    for value in ("0.9", "0.8", "0.7"):
        client.post(at("protocol_value", draft, HARD), FINE | {"value": value})
        with django_assert_max_num_queries(14) as asked:
            page(client, at("protocol_draft", draft))
        counts.append(len(asked))
    assert len(set(counts)) == 1
