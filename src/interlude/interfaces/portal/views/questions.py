"""Questions about health that the clinic put to this patient: in plain words, each may be left open."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.protocol.facts import FactDefinition, Value
from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import DesignForm, TilesField
from interlude.interfaces.portal.requests import PortalRequest
from interlude.record.assessments import services
from interlude.record.assessments.queries import open_questions

NOT_KNOWN = "not_known"


class QuestionsForm(DesignForm):
    """One field for each open question; what is left empty stays open."""

    def __init__(self, *args: Any, definitions: list[FactDefinition], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.definitions = definitions
        for one in definitions:
            choices = [(choice.code, _(choice.label)) for choice in one.choices]
            choices = choices or [("yes", _("Yes")), ("no", _("No"))]
            self.fields[one.code] = TilesField(
                label=_(one.patient_question),
                choices=[*choices, (NOT_KNOWN, _("I do not know"))],
                inline=True,
                required=False,
            )

    def without_marks(self) -> QuestionsForm:
        """For showing, after any checking: each may be left open, so "optional" is not said at each."""
        if self.is_bound:
            _checked = self.errors
        for field in self.fields.values():
            field.required = True
        return self

    def values(self) -> dict[str, Value | None]:
        found: dict[str, Value | None] = {}
        for one in self.definitions:
            answer = self.cleaned_data[one.code]
            if not answer:
                continue
            if answer == NOT_KNOWN:
                found[one.code] = None
            else:
                found[one.code] = answer == "yes" if one.kind == "yes_no" else answer
        return found


def questions(request: PortalRequest) -> HttpResponse:
    """Answer them, all or some. With none open the page leads home."""
    patient = request.portal_patient
    waiting = open_questions(patient)
    if not waiting and request.method != "POST":
        return redirect("portal:home")
    data = request.POST if request.method == "POST" else None
    form = QuestionsForm(data, definitions=[one.definition for one in waiting.values()])
    if data is not None and form.is_valid():
        try:
            services.answer_questions(by=patient, at=timezone.now(), patient=patient, values=form.values())
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Thank you. Your answers are with the clinic."))
            return redirect("portal:home")
    return render(request, "portal/questions.html", {"form": form.without_marks()}, status=422 if form.errors else 200)
