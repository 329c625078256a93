"""The rows of the eligibility page: state as a shape and a word, the facts behind it, what may be done about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.protocol.eligibility import STATES, RuleResult
from interlude.interfaces.staff.assessment.words import (
    FactLine,
    days_words,
    fact_line,
    label_of,
    reason_words,
    source_words,
)
from interlude.record.assessments.catalogue import catalogue
from interlude.record.assessments.queries import EligibilityPicture
from interlude.record.assessments.queries.eligibility import MEDICINES


@dataclass(frozen=True)
class Look:
    """The word, the shape and the tag of a state: neither depends on colour alone."""

    word: str | Promise
    icon: str
    kind: str
    hint: str | Promise


LOOKS = {
    "stops": Look(gettext_lazy("STOPS"), "octagon-x", "stop", gettext_lazy("Treatment does not start with this.")),
    "unknown": Look(gettext_lazy("UNKNOWN"), "circle-question-mark", "info", gettext_lazy("An answer is missing.")),
    "review": Look(gettext_lazy("REVIEW"), "triangle-alert", "wait", gettext_lazy("A physician looks at this.")),
    "clear": Look(gettext_lazy("CLEAR"), "circle-check", "ok", gettext_lazy("Nothing stands against it.")),
}


@dataclass(frozen=True)
class Row:
    """One line of the page. `missing`: (code, question) that can be answered in place; `elsewhere`: what has to
    be completed on the consultation page."""

    code: str
    title: str
    state: str
    look: Look
    reason: str
    action: str
    facts: list[FactLine]
    source: dict[str, Any]
    may_override: bool
    override_field: str
    missing: list[tuple[str, str]] = field(default_factory=list)
    elsewhere: str = ""
    details: list[dict[str, Any]] = field(default_factory=list)


def rows_of(picture: EligibilityPicture) -> list[Row]:
    """Every rule and the medicines, the most serious first, otherwise in the order of the rules."""
    rows = [_rule_row(result) for result in picture.results] + [_medicine_row(picture)]
    return sorted(rows, key=lambda row: -STATES.index(row.state))


def _rule_row(result: RuleResult) -> Row:
    missing, elsewhere = [], ""
    for code in result.missing:
        definition = catalogue().get(code)
        if definition.asked != "computed":
            missing.append((code, _(definition.question)))
        else:
            elsewhere = _ELSEWHERE.get(code, "consultation")
            if code == "bmi_kg_per_m2":
                missing += [(part, label_of(part)) for part in ("weight_kg", "height_cm")]
    return Row(
        code=result.code,
        title=_(result.title),
        state=result.state,
        look=LOOKS[result.state],
        reason=reason_words(result.reason),
        action="" if result.state == "clear" else _(result.action),
        facts=[fact_line(fact) for fact in result.facts],
        source=source_words(result.source, result.certainty),
        may_override=result.state != "clear" and "physician" in result.may_override,
        override_field=f"override_{result.code}",
        missing=missing,
        elsewhere=elsewhere,
    )


_ELSEWHERE = {"adequate_failed_trials": "trials", "bmi_kg_per_m2": "weight"}


def _medicine_row(picture: EligibilityPicture) -> Row:
    checked = picture.medicines
    details = [
        {
            "medicine": hit.medicine,
            "label": _(hit.interaction.label),
            "effect": _(hit.interaction.effect),
            "action": _(hit.interaction.action),
            "strength": hit.interaction.strength,
            # Said once: some actions say it in their own words.
            "never_stop": hit.interaction.never_stop_abruptly and "abruptly" not in hit.interaction.action,
            "source": source_words(hit.interaction.source, hit.interaction.certainty),
        }
        for hit in checked.check.results
    ]
    details += [{"medicine": name, "not_recognised": True} for name in checked.check.not_recognised]
    if checked.age_days is None:
        reason = _("The list of medicines was not gone through with the patient yet.")
    elif checked.state == "unknown":
        reason = _("The list was last gone through {age}: ask again.").format(age=days_words(checked.age_days))
    elif checked.state == "review":
        reason = _("Some medicines need a decision, or are not in the table.")
    elif not checked.medicines:
        reason = _("No medicines are taken ({age}).").format(age=days_words(checked.age_days))
    else:
        reason = _("No medicine that needs a decision ({age}).").format(age=days_words(checked.age_days))
    return Row(
        code=MEDICINES,
        title=_("Medicines with ketamine"),
        state=checked.state,
        look=LOOKS[checked.state],
        reason=reason,
        action="",
        facts=[],
        source={},
        may_override=checked.state == "review",
        override_field=f"override_{MEDICINES}",
        elsewhere="medicines" if checked.state == "unknown" else "",
        details=details,
    )
