from __future__ import annotations

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from interlude.domain.protocol.library import load_library
from interlude.interfaces.design.forms import (
    ClinicDateField,
    ClinicTimeField,
    DesignForm,
    NumberField,
    TilesField,
    TilesMultipleField,
)
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.queries import active_staff
from interlude.record.accounts.roles import CLINICAL
from interlude.record.appointments.models import Kind, ReasonClass
from interlude.record.clinic.models import Chair
from interlude.record.clinic.queries import active_chairs

WEEKDAYS = [
    ("0", pgettext_lazy("weekday", "Monday")),
    ("1", pgettext_lazy("weekday", "Tuesday")),
    ("2", pgettext_lazy("weekday", "Wednesday")),
    ("3", pgettext_lazy("weekday", "Thursday")),
    ("4", pgettext_lazy("weekday", "Friday")),
    ("5", pgettext_lazy("weekday", "Saturday")),
    ("6", pgettext_lazy("weekday", "Sunday")),
]
TIMES: dict[str, tuple[time, time] | None] = {
    "": None,
    "morning": (time(8, 0), time(12, 0)),
    "afternoon": (time(12, 0), time(18, 0)),
}
REASONS = [("", gettext_lazy("Choose")), *ReasonClass.choices]


class WishesForm(DesignForm):
    """What the patient would like. Sent by GET, so that an address shows the same options again."""

    earliest_on = ClinicDateField(label=gettext_lazy("Not before"), not_past=True)
    weekdays = TilesMultipleField(
        label=gettext_lazy("Days the patient would like"), choices=WEEKDAYS, required=False, inline=True
    )
    between = TilesField(
        label=gettext_lazy("Time of the session"),
        choices=[
            ("", gettext_lazy("Any")),
            ("morning", gettext_lazy("Morning")),
            ("afternoon", gettext_lazy("Afternoon")),
        ],
        required=False,
        inline=True,
    )

    def __init__(self, *args: Any, open_days: set[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = [(value, label) for value, label in WEEKDAYS if int(value) in open_days]
        self.fields["weekdays"].choices = days  # type: ignore[attr-defined]

    def wishes(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "earliest_on": data["earliest_on"],
            "weekdays": [int(day) for day in data["weekdays"]],
            "between": TIMES[data["between"]],
        }


class AcceptForm(DesignForm):
    """One option taken as it was shown; the reason where booked sessions are given up for it."""

    token = forms.CharField(widget=forms.HiddenInput)
    replacing = forms.BooleanField(required=False, widget=forms.HiddenInput)
    reason_class = forms.ChoiceField(label=gettext_lazy("Why it is planned again"), choices=REASONS, required=False)


class PeopleMixin(DesignForm):
    """Select boxes for chair and for one person of each role."""

    def add_places(self, *, chair_needed: bool = False, parts: tuple[str, ...] = ()) -> None:
        chairs = [(str(one.pk), one.name) for one in active_chairs()]
        empty = [] if chair_needed else [("", _("No chair"))]
        self.fields["chair"] = forms.ChoiceField(
            label=_("Chair"), choices=empty + chairs, required=chair_needed, widget=_select()
        )
        people = [one for one in active_staff() if one.role in CLINICAL]
        labels = {"physician": _("Physician"), "nurse": _("Nurse"), "therapist": _("Therapist")}
        for part in parts:
            choices = [("", _("Nobody"))] + [(str(one.pk), one.display_name) for one in people if one.role == part]
            self.fields[part] = forms.ChoiceField(label=labels[part], choices=choices, required=False, widget=_select())
        self._people = {str(one.pk): one for one in people}
        self._chairs = {str(one.pk): one for one in active_chairs()}

    def chosen_chair(self) -> Chair | None:
        return self._chairs.get(self.cleaned_data.get("chair") or "")

    def chosen_people(self) -> list[StaffMember]:
        keys = [self.cleaned_data.get(part) for part in ("physician", "nurse", "therapist")]
        return [self._people[key] for key in keys if key and key in self._people]


def _select() -> forms.Select:
    return forms.Select(attrs={"class": "select"})


class BookForm(PeopleMixin):
    """One appointment that is not part of a series (or one more session of a plan)."""

    kind = TilesField(label=gettext_lazy("What for"), choices=Kind.choices, inline=True)
    element = forms.ChoiceField(label=gettext_lazy("Which therapy"), required=False)
    on = ClinicDateField(label=gettext_lazy("Day"), not_past=True)
    starts_at = ClinicTimeField(label=gettext_lazy("Start"))
    minutes = NumberField(
        label=gettext_lazy("Length"),
        unit="min",
        places=0,
        required=False,
        help_text=gettext_lazy("A ketamine session takes its length from the plan."),
    )

    def __init__(self, *args: Any, elements: list[str], may_have_session: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        library = load_library().complementary
        names = [(code, _(library[code].name)) for code in elements if code in library]
        rest = [(code, _(one.name)) for code, one in library.items() if code not in elements]
        self.fields["element"].choices = [("", _("Choose")), *names, *rest]  # type: ignore[attr-defined]
        if not may_have_session:
            kinds = [(value, label) for value, label in Kind.choices if value != Kind.INFUSION]
            self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.add_places(parts=("physician", "nurse", "therapist"))


class MoveForm(PeopleMixin):
    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    on = ClinicDateField(label=gettext_lazy("Day"), not_past=True)
    starts_at = ClinicTimeField(label=gettext_lazy("Start"))
    reason_class = forms.ChoiceField(label=gettext_lazy("Why"), choices=REASONS, required=False)

    def __init__(self, *args: Any, chair_needed: bool, parts: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_places(chair_needed=chair_needed, parts=parts)
        self.order_fields(["on", "starts_at", "chair", *parts, "reason_class"])


class CancelForm(DesignForm):
    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    reason_class = forms.ChoiceField(
        label=gettext_lazy("Why"),
        choices=REASONS,
        error_messages={"required": gettext_lazy("Choose why it is cancelled.")},
    )
    note = forms.CharField(
        label=gettext_lazy("In a few words"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class DriverForm(DesignForm):
    name = forms.CharField(
        label=gettext_lazy("Driver's name"),
        error_messages={"required": gettext_lazy("Enter the name of the person who drives.")},
    )
    phone = forms.CharField(
        label=gettext_lazy("Telephone"),
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
        error_messages={"required": gettext_lazy("Enter a telephone number at which the driver can be reached.")},
    )
