"""What a screen reader and a keyboard find in a form, and where a refusal appears."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.template import Context, Template

from interlude.domain.refusals import N_, Refused
from interlude.interfaces.design.forms import ClinicDateField, DesignForm, NumberField, TilesField, add_refusal
from interlude.interfaces.design.samples import SampleForm, wrong_form


class RateForm(DesignForm):
    rate = NumberField(label="Rate", unit="mg/h", help_text="At the pump.")
    given_on = ClinicDateField(label="Given on")
    route = TilesField(label="Route", choices=[("iv", "IV"), ("im", "IM")], hints={"iv": "By pump"})
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


GOOD = {"rate": "52,5", "given_on_day": "12", "given_on_month": "Mar", "given_on_year": "2026", "route": "iv"}


def html(source: str, **context: object) -> str:
    return Template("{% load design %}" + source).render(Context(context))


def ids(text: str) -> list[str]:
    return re.findall(r'\bid="([^"]+)"', text)


def test_a_good_form_is_read() -> None:
    form = RateForm(GOOD)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["rate"] == Decimal("52.5")
    assert form.cleaned_data["given_on"] == date(2026, 3, 12)


def test_label_hint_and_input_belong_together() -> None:
    text = str(RateForm())
    assert '<label for="id_rate">Rate</label>' in text
    assert 'id="id_rate_helptext">At the pump.' in text
    assert re.search(r'<input type="text" name="rate"[^>]*aria-describedby="id_rate_helptext"', text)
    assert '<span class="unit">mg/h</span>' in text
    assert '<span class="optional">(optional)</span>' in text
    assert "<legend>Route" in text
    assert '<span class="tile-hint">By pump</span>' in text
    assert " required" not in text


def test_an_error_stands_beside_its_field_and_keeps_what_was_typed() -> None:
    text = str(RateForm({**GOOD, "rate": "1.000", "given_on_month": "Feb", "given_on_day": "30"}))
    assert 'value="1.000"' in text
    assert 'value="30"' in text
    assert 'id="id_rate_error"' in text
    assert re.search(r'name="rate"[^>]*aria-describedby="id_rate_helptext id_rate_error"', text)
    assert re.search(r'name="rate"[^>]*aria-invalid="true"', text)
    assert '<fieldset aria-describedby="id_given_on_error">' in text


@pytest.mark.parametrize("form", [wrong_form(), RateForm({"token": ""}), RateForm({"rate": "x"}, prefix="p")])
def test_every_line_of_the_summary_leads_to_an_input(form: DesignForm) -> None:
    text = str(form)
    anchors = re.findall(r'<a href="#([^"]+)"', text)
    assert len(anchors) == len(form.summary()) > 0
    assert set(anchors) <= set(ids(text))


def test_no_id_stands_twice() -> None:
    found = ids(str(SampleForm()))
    assert len(found) == len(set(found))


def test_what_is_missing_is_named() -> None:
    form = wrong_form()
    assert form.errors["name"] == ["Enter “Name of the driver”."]
    assert form.errors["route"] == ["Choose “Route”."]
    assert form.errors["confirmed"] == ["Confirm “I have checked vial, strength and syringe”."]


def test_own_words_for_a_missing_value_stay() -> None:
    class OwnForm(DesignForm):
        name = forms.CharField(error_messages={"required": "Who drives?"})

    assert OwnForm({}).errors["name"] == ["Who drives?"]


REFUSED = Refused(
    N_("The rate {rate} mg/h is above the limit of {limit} mg/h."),
    field="rate_mg_per_h",
    rate=Decimal("90"),
    limit=Decimal("70.5"),
)
SENTENCE = "The rate 90 mg/h is above the limit of 70.5 mg/h."


def test_a_refusal_reaches_its_field() -> None:
    form = RateForm(GOOD)
    assert form.is_valid()
    add_refusal(form, REFUSED, {"rate_mg_per_h": "rate"})
    assert form.errors["rate"] == [SENTENCE]
    assert [(line.anchor, line.text) for line in form.summary()] == [("id_rate", SENTENCE)]


def test_a_refusal_without_a_field_here_stands_on_top() -> None:
    form = RateForm(GOOD)
    add_refusal(form, REFUSED)
    assert form.non_field_errors() == [SENTENCE]
    assert f"<li>{SENTENCE}</li>" in html("{% error_summary form %}", form=form)


def test_a_refusal_can_be_shown_on_a_form_without_data() -> None:
    form = RateForm()
    add_refusal(form, Refused(N_("The page is older than the record. Load it again.")))
    assert "The page is older than the record" in html("{% error_summary form %}", form=form)


def test_a_text_from_outside_is_escaped() -> None:
    form = RateForm({**GOOD, "rate": '"><script>alert(1)</script>'})
    assert "<script>" not in str(form)


def test_one_summary_for_several_forms() -> None:
    text = html("{% error_summary a b c %}", a=RateForm({}, prefix="a"), b=RateForm({}, prefix="b"), c=None)
    assert text.count('role="alert"') == 1
    assert "#id_a-rate" in text
    assert "#id_b-rate" in text
