"""The decision on eligibility in words: as it was frozen, with the facts that it saw."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from interlude.domain.protocol.eligibility import STATES
from interlude.domain.protocol.interactions import Interaction
from interlude.domain.protocol.library import load_library
from interlude.interfaces.design import formats
from interlude.interfaces.staff.assessment.rows import LOOKS
from interlude.interfaces.staff.assessment.words import reason_words, source_words, value_words
from interlude.record.assessments.catalogue import catalogue
from interlude.record.assessments.queries.eligibility import MEDICINES, reason_of
from interlude.record.assessments.queries.facts import value_of
from interlude.record.plans.models import Course
from interlude.record.plans.queries import PlanBasis, frozen_basis


def why_summary(course: Course, different: list[dict[str, Any]]) -> dict[str, Any]:
    """The reasons in a few lines, for the pages that link to all of them."""
    basis = frozen_basis(course)
    return {
        "decided": decision_words(basis),
        "fired": fired_rows(basis),
        "medicines": medicine_rows(basis),
        "different": different,
    }


def decision_words(basis: PlanBasis) -> dict[str, Any] | None:
    """Who decided what, when and on how many rows; None while there is no decision."""
    decision = basis.decision
    if decision is None:
        return None
    inputs: Any = decision.inputs or {}
    return {
        "outcome": decision.get_outcome_display(),
        "is_eligible": decision.outcome == "eligible",
        "reason": decision.reason or "",
        "who": decision.signature.signer_name,
        "at": decision.signature.signed_at,
        "facts": len(inputs.get("facts", [])),
        "rules": len(basis.rows or []),
        "fingerprint": decision.inputs_sha256[:12],
        "erased": basis.rows is None,
    }


def fired_rows(basis: PlanBasis) -> list[dict[str, Any]]:
    """Rules that were not clear, the most serious first, each with its facts and why it was gone past."""
    rows = sorted(basis.fired, key=lambda row: -STATES.index(row["state"]))
    return [_rule(row, basis) for row in rows]


def clear_rows(basis: PlanBasis) -> list[dict[str, Any]]:
    return [_rule(row, basis) for row in basis.clear]


def _rule(row: dict[str, Any], basis: PlanBasis) -> dict[str, Any]:
    return {
        "code": row["code"],
        "title": _(row["title"]),
        "look": LOOKS[row["state"]],
        "reason": reason_words(reason_of(row)),
        "facts": [_fact(fact) for fact in row["facts"]],
        "source": source_words(row["source"], row["certainty"]),
        "gone_past": basis.overrides.get(row["code"], ""),
    }


def _fact(fact: dict[str, Any]) -> dict[str, Any]:
    definition = next((one for one in catalogue().facts if one.code == fact["code"]), None)
    value = value_words(definition, value_of(definition, fact["value"])) if definition else str(fact["value"])
    observed = fact.get("observed_on")
    timeless = definition is not None and definition.asked == "computed" and fact["code"] == "age_years"
    return {
        "label": _(definition.label) if definition else fact["code"],
        "value": value,
        "is_missing": fact["state"] == "missing",
        "on": formats.clinic_date(date.fromisoformat(observed)) if observed and not timeless else "",
        "source": _(fact["source"]) if fact["source"] else "",
    }


def newer_rows(basis: PlanBasis) -> list[dict[str, Any]]:
    """What the record says more seriously today than it did when the decision was signed."""
    return [
        {"title": _(row.title), "look": LOOKS[row.state], "reason": reason_words(row.reason)} for row in basis.newer
    ]


def medicine_rows(basis: PlanBasis) -> dict[str, Any] | None:
    """The interaction check of the decision; None without a decision or after an erasure."""
    check = basis.medicines
    if check is None:
        return None
    known: dict[str, Interaction] = {row.code: row for row in load_library().interactions}
    found = []
    for hit in check["medicines"]:
        row = known.get(hit["interaction"])
        found.append(
            {
                "medicine": hit["medicine"],
                "strength": hit["strength"],
                "label": _(row.label) if row else hit["interaction"],
                "effect": _(row.effect) if row else "",
                "action": _(row.action) if row else "",
                "source": source_words(row.source, row.certainty) if row else None,
            }
        )
    return {
        "look": LOOKS[check["state"]],
        "found": found,
        "not_recognised": check["not_recognised"],
        "gone_past": basis.overrides.get(MEDICINES, ""),
    }
