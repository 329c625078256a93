"""The lines of the gate and of the way home: what each says, what it rests on, and the form that answers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.protocol import KnownFact
from interlude.domain.protocol.facts import FactDefinition, Value
from interlude.domain.refusals import Refused
from interlude.interfaces.design import formats
from interlude.interfaces.design.forms import (
    ClinicDateField,
    ClinicTimeField,
    DesignForm,
    NumberField,
    TilesField,
    add_refusal,
)
from interlude.interfaces.staff.session.clock_times import today_at
from interlude.interfaces.staff.session.numerals import number_text
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.assessments.catalogue import catalogue
from interlude.record.dosing.kinds import FACT_KINDS
from interlude.record.dosing.models import DischargeAnswer, GateAnswer
from interlude.record.dosing.queries import DischargeLine, GateLine, VitalNow
from interlude.record.dosing.queries.discharge import SCORED
from interlude.record.dosing.queries.facts import STATED_TIMES

YES_NO = [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]
DAYS_AGO = [("0", gettext_lazy("today")), ("1", gettext_lazy("yesterday"))]
STATES = {
    "ok": (gettext_lazy("OK"), "ok"),
    "overridden": (gettext_lazy("Goes on with a reason"), "wait"),
    "not_ok": (gettext_lazy("Not OK"), "stop"),
    "unanswered": (gettext_lazy("Not answered"), "neutral"),
}
SOURCES = {
    "monitor": gettext_lazy("monitor"),
    "typed": gettext_lazy("typed"),
    "chart": gettext_lazy("chart"),
    "patient": gettext_lazy("patient"),
    "portal": gettext_lazy("patient's link"),
    "phq9": gettext_lazy("PHQ-9"),
    "computed": gettext_lazy("computed"),
    "session": gettext_lazy("asked today"),
    "laboratory": gettext_lazy("laboratory"),
    "report": gettext_lazy("report"),
    "referral": gettext_lazy("referral"),
    "consultation": gettext_lazy("consultation"),
}
NEVER_ASKED = frozenset({"driver_arranged", "phq9_item9"})
"""Follow from the driver's name and from the patient's own questionnaire."""

NEEDED_AFTER_YES = {"hours_since_benzodiazepine": "takes_benzodiazepine", "pregnant": "can_become_pregnant"}
"""Asked only when the question before it was answered with a yes."""

ROLE_LABELS = {role.value: role.label for role in Role}
AnyLine = GateLine | DischargeLine


class LineForm(DesignForm):
    """The questions of one line. What the chart computes and what a scale scores is not among them."""

    def __init__(self, *args: Any, line: AnyLine, known: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"id_{line.code}_%s")
        self.line = line
        self.asked = asked(line)
        # Before the form is made, so that these fields get their looks and their words like any other.
        self.base_fields = _fields(self.asked, known or {})  # type: ignore[misc]
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for code, first in NEEDED_AFTER_YES.items():
            if code in self.fields and values.get(first) == "yes" and values.get(code) in (None, ""):
                self.add_error(code, _("After a yes this answer is needed, too."))
        return values

    def answer(self, now: datetime) -> dict[str, Any]:
        """Fact code (or stated time) -> value as the services take it; what was left empty is not in it."""
        values: dict[str, Any] = {}
        for question in self.asked:
            if question.code in STATED_TIMES:
                name = STATED_TIMES[question.code]
                clock = self.cleaned_data.get(name)
                if clock is not None:
                    days = int(self.cleaned_data.get(f"{name}_day") or 0)
                    values[name] = today_at(clock, now, days_ago=days)
                continue
            value = self.cleaned_data.get(question.code)
            if value is None or value == "":
                continue
            values[question.code] = value == "yes" if question.kind == "yes_no" else value
        return values

    @property
    def is_one_tap(self) -> bool:
        """Is this a single yes-or-no question, answered by one of two buttons?"""
        return len(self.asked) == 1 and self.asked[0].kind == "yes_no"


def line_refused(form: LineForm, line: AnyLine, refusal: Refused, is_override: bool) -> LineForm:
    """The line's form with the refusal in it. After an override its questions were not answered: only the reason
    is wrong then."""
    if is_override:
        form = LineForm({}, line=line)
        form._errors = forms.utils.ErrorDict()  # type: ignore[attr-defined]
        form.cleaned_data = {}
    add_refusal(form, refusal)
    return form


_STATED_LABELS = {
    "last_food_at": gettext_lazy("Last food at"),
    "last_water_at": gettext_lazy("Last drink at"),
}
_STATED_DAYS = {
    "last_food_at": gettext_lazy("Day of the last food"),
    "last_water_at": gettext_lazy("Day of the last drink"),
}


def asked(line: AnyLine) -> tuple[FactDefinition, ...]:
    """The facts of a line that a person answers."""
    found = [one for one in line.questions if one.asked != "computed" and one.code not in SCORED]
    others = [one for one in found if one.code not in NEVER_ASKED]
    return tuple(others or found)


def _fields(questions: Iterable[FactDefinition], known: Mapping[str, Any]) -> dict[str, forms.Field]:
    """One field for each question; for hours of fasting the time and the day that people can tell."""
    fields: dict[str, forms.Field] = {}
    for question in questions:
        if question.code in STATED_TIMES:
            name = STATED_TIMES[question.code]
            fields[name] = ClinicTimeField(label=_STATED_LABELS[name])
            fields[f"{name}_day"] = forms.ChoiceField(label=_STATED_DAYS[name], choices=DAYS_AGO)
        else:
            fields[question.code] = _field(question, known.get(question.code))
    return fields


def _field(question: FactDefinition, initial: Any) -> forms.Field:
    label = _(question.question)
    needed = question.code not in NEEDED_AFTER_YES
    if question.kind == "yes_no":
        return TilesField(label=label, choices=YES_NO, inline=True, required=needed)
    if question.kind == "number":
        return NumberField(label=label, unit=question.unit, required=needed)
    if question.kind == "choice":
        choices = [(one.code, _(one.label)) for one in question.choices]
        return TilesField(label=label, choices=choices, inline=True, required=needed)
    if question.kind == "date":
        return ClinicDateField(label=label, required=needed, not_future=True)
    return forms.CharField(label=label, required=needed, max_length=200, initial=initial)


@dataclass(frozen=True)
class Evidence:
    """One fact of a line as it stands. `at` for what was measured, `on` for what a day is known of."""

    label: str
    value: str
    source: str = ""
    at: datetime | None = None
    fresh_s: int | None = None
    stale_s: int | None = None
    on: Any = None


@dataclass(frozen=True)
class ShownLine:
    """One line for the template."""

    code: str
    label: str
    state: str
    word: Any
    kind: str
    evidence: tuple[Evidence, ...]
    form: LineForm
    may_override: bool
    asks_role: str
    answer: GateAnswer | DischargeAnswer | None
    override: GateAnswer | DischargeAnswer | None
    scale: str = ""
    has_errors: bool = False

    @property
    def passes(self) -> bool:
        return self.state in ("ok", "overridden")

    @property
    def save_id(self) -> str:
        return f"{self.code}-save"

    @property
    def has_form(self) -> bool:
        return bool(self.form.asked)


def shown_lines(
    lines: Iterable[AnyLine],
    by: StaffMember,
    vitals: Mapping[str, VitalNow],
    *,
    known: Mapping[str, Any] | None = None,
    bound: LineForm | None = None,
) -> list[ShownLine]:
    """Every line in the protocol's order; `bound` is the form that was sent with a mistake in it."""
    rows = []
    for line in lines:
        state = "overridden" if line.override is not None and line.result.state != "ok" else line.result.state
        word, kind = STATES[state]
        is_bound = bound is not None and bound.line.code == line.code
        scored = [SCORED[one.code] for one in line.questions if one.code in SCORED]
        rows.append(
            ShownLine(
                code=line.code,
                label=_(line.label),
                state=state,
                word=word,
                kind=kind,
                evidence=tuple(_evidence(line, vitals)),
                form=bound if is_bound and bound is not None else LineForm(line=line, known=known),
                may_override=state == "not_ok" and by.role in line.result.may_override,
                asks_role=_roles(line) if state == "not_ok" and by.role not in line.result.may_override else "",
                answer=line.answer,
                override=line.override,
                scale=scored[0] if scored else "",
                has_errors=is_bound,
            )
        )
    return rows


def _roles(line: AnyLine) -> str:
    return ", ".join(str(ROLE_LABELS[role]) for role in line.result.may_override)


def _evidence(line: AnyLine, vitals: Mapping[str, VitalNow]) -> Iterable[Evidence]:
    definitions = {one.code: one for one in catalogue().facts}
    stated = (line.answer.values or {}) if line.answer is not None else {}
    for fact in line.result.facts:
        definition = definitions[fact.code]
        if fact.state == "missing" or fact.value is None:
            continue
        if fact.code in FACT_KINDS:
            yield from _measured(fact, definition, vitals)
        elif fact.code in STATED_TIMES and stated.get(STATED_TIMES[fact.code]):
            at = datetime.fromisoformat(stated[STATED_TIMES[fact.code]])
            yield Evidence(_(definition.label), f"{formats.clinic_number(fact.value, 1)} h", formats.clinic_time(at))
        else:
            source = str(SOURCES.get(fact.source, fact.source))
            old = _("out of date") if fact.state == "out_of_date" else ""
            yield Evidence(
                _(definition.label),
                _value_text(definition, fact.value),
                ", ".join(part for part in (source, old) if part),
                on=fact.observed_on if fact.age_days else None,
            )


def _measured(fact: KnownFact, definition: FactDefinition, vitals: Mapping[str, VitalNow]) -> Iterable[Evidence]:
    """A measured value with its own age; one that only the chart knows carries its day."""
    rows = [vitals[kind] for kind in FACT_KINDS[fact.code] if kind in vitals and vitals[kind].seen_at is not None]
    if not rows:
        yield Evidence(_(definition.label), _value_text(definition, fact.value or 0), _("chart"), on=fact.observed_on)
        return
    newest = max(rows, key=lambda row: row.seen_at)  # type: ignore[arg-type, return-value]
    text = number_text(newest.last_value, newest.kind.places)
    yield Evidence(
        _(definition.label),
        f"{text} {newest.kind.unit}",
        str(SOURCES.get(newest.source, newest.source)),
        at=newest.seen_at,
    )


def _value_text(definition: FactDefinition, value: Value) -> str:
    if definition.kind == "yes_no":
        return _("Yes") if value else _("No")
    if definition.kind == "choice":
        return next((_(one.label) for one in definition.choices if one.code == value), str(value))
    if isinstance(value, Decimal):
        # A computed value has as many digits as the division gave; one decimal is what can be meant.
        exponent = value.as_tuple().exponent
        value = value.quantize(Decimal("0.1")) if isinstance(exponent, int) and exponent < -2 else value
    if isinstance(value, Decimal | int):
        return f"{formats.clinic_number(value)} {definition.unit}".strip()
    return formats.clinic_date(value) if definition.kind == "date" else str(value)
