from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from interlude.domain.protocol.eligibility import RuleResult
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.accounts.services import sign
from interlude.record.assessments.models import EligibilityDecision, EligibilityOutcome
from interlude.record.assessments.queries.eligibility import (
    MEDICINES,
    EligibilityPicture,
    eligibility_picture,
    plain,
)
from interlude.record.assessments.services.consultation import eligibility_task_key
from interlude.record.assessments.services.questions import answers_task_key
from interlude.record.audit import services as audit
from interlude.record.clinic.queries import local_day
from interlude.record.patients.models import Patient
from interlude.record.worklist import services as worklist


def override_field(code: str) -> str:
    """The name of the input that holds the reason for going past a row."""
    return f"override_{code}"


def check_may_decide(
    picture: EligibilityPicture,
    *,
    role: str,
    outcome: str,
    reason: str = "",
    overrides: Mapping[str, str] | None = None,
) -> None:
    """Raises `Refused` when this decision may not be signed on these facts.

    Only physicians decide. Eligible needs every row clear, or its reason written where a physician may go
    past it: nobody goes past an unknown row or an absolute stop. The other outcomes need one reason.
    """
    if role != Role.PHYSICIAN:
        raise Refused(N_("Only a physician decides on eligibility."))
    if outcome not in EligibilityOutcome.values:
        raise Refused(N_("Choose the decision."), field="outcome")
    if outcome != EligibilityOutcome.ELIGIBLE:
        if not reason.strip():
            raise Refused(N_("Write the reason in a few words."), field="reason")
        return
    reasons = {code: text.strip() for code, text in (overrides or {}).items()}
    unknown = [row.code for row in picture.results if row.state == "unknown"]
    unknown += [MEDICINES] if picture.medicines.state == "unknown" else []
    if unknown:
        raise Refused(
            N_("{count} rows are not answered yet. Nobody is eligible on what is not known."),
            field="outcome",
            count=len(unknown),
        )
    for row in picture.results:
        if row.state == "stops" and not row.may_override:
            raise Refused(N_("{title}: nobody may go past this row."), field="outcome", title=row.title)
        if row.state != "clear" and not reasons.get(row.code):
            raise Refused(N_("Write why you go on although this row needs attention."), field=override_field(row.code))
    if picture.medicines.state == "review" and not reasons.get(MEDICINES):
        raise Refused(N_("Write what you decide about these medicines."), field=override_field(MEDICINES))


def check_is_what_was_seen(picture: EligibilityPicture, seen_inputs_sha256: str) -> None:
    """Raises `Refused` when anything that the rules read has changed since the page was opened."""
    if picture.sha256 != seen_inputs_sha256:
        raise Refused(N_("The record has changed since this page was opened. Look at the rows again, then sign."))


def may_decide(picture: EligibilityPicture, **decision: Any) -> bool:
    """The answer to `check_may_decide` without its reason."""
    try:
        check_may_decide(picture, **decision)
    except Refused:
        return False
    return True


@transaction.atomic
def decide_eligibility(
    *,
    by: StaffMember,
    password: str,
    at: datetime,
    patient: Patient,
    outcome: str,
    seen_inputs_sha256: str,
    reason: str = "",
    overrides: Mapping[str, str] | None = None,
) -> EligibilityDecision:
    """Sign a decision on exactly the facts that were seen.

    Raises `Refused` when anything that the rules read has changed since, when `check_may_decide` says no, or
    (field `password`) when the password is wrong.
    """
    Patient.objects.select_for_update().get(pk=patient.pk)
    picture = eligibility_picture(patient, local_day(at))
    check_is_what_was_seen(picture, seen_inputs_sha256)
    check_may_decide(picture, role=by.role, outcome=outcome, reason=reason, overrides=overrides)
    gone_past = _gone_past(picture, overrides or {}) if outcome == EligibilityOutcome.ELIGIBLE else {}
    decision = EligibilityDecision(
        patient=patient,
        outcome=outcome,
        reason=reason.strip(),
        inputs=picture.inputs,
        inputs_sha256=picture.sha256,
        rows=[_frozen(row) for row in picture.results] + [_frozen_medicines(picture)],
        overrides=gone_past,
        recorded_at=at,
        recorded_by=by,
    )
    decision.signature = sign(
        by=by,
        password=password,
        meaning="eligibility decided",
        about=decision,
        content={
            "patient": str(patient.pk),
            "outcome": outcome,
            "reason": reason.strip(),
            "inputs_sha256": picture.sha256,
            "rows": decision.rows,
            "overrides": gone_past,
        },
        at=at,
        patient_id=patient.pk,
    )
    decision.save(force_insert=True)
    for key in (eligibility_task_key(patient), answers_task_key(patient)):
        worklist.close_by_key(by=by, at=at, key=key)
    audit.record(
        by=by,
        at=at,
        what="assessments.eligibility.decided",
        about=decision,
        patient_id=patient.pk,
        detail={"outcome": str(outcome), "inputs_sha256": picture.sha256, "overrides": sorted(gone_past)},
    )
    return decision


def _gone_past(picture: EligibilityPicture, overrides: Mapping[str, str]) -> dict[str, str]:
    """The reasons that belong to a row which needed one; a reason for a clear row is not kept."""
    needed = {row.code for row in picture.results if row.state != "clear"}
    if picture.medicines.state != "clear":
        needed.add(MEDICINES)
    return {code: text.strip() for code, text in overrides.items() if code in needed and text.strip()}


def frozen_value(value: object) -> dict[str, Any]:
    """A value of a reason with its kind, for `queries.eligibility.reason_of` to write it in any language later."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return {"kind": "plain", "value": value}
    if isinstance(value, date):
        return {"kind": "date", "value": value.isoformat()}
    return {"kind": "number", "value": f"{Decimal(str(value)):f}"}


def _frozen(row: RuleResult) -> dict[str, Any]:
    return {
        "code": row.code,
        "title": row.title,
        "state": row.state,
        "level": row.level,
        "reason": str(row.reason),
        "reason_template": row.reason.template,
        "reason_params": {name: frozen_value(value) for name, value in row.reason.params.items()},
        "facts": [
            {
                "code": fact.code,
                "state": fact.state,
                "value": plain(fact.value),
                "observed_on": fact.observed_on.isoformat() if fact.observed_on else None,
                "source": str(fact.source),
            }
            for fact in row.facts
        ],
        "source": row.source,
        "certainty": row.certainty,
    }


def _frozen_medicines(picture: EligibilityPicture) -> dict[str, Any]:
    check = picture.medicines.check
    return {
        "code": MEDICINES,
        "title": N_("Medicines"),
        "state": picture.medicines.state,
        "level": None,
        "reason": "",
        "medicines": [
            {"medicine": hit.medicine, "interaction": hit.interaction.code, "strength": hit.interaction.strength}
            for hit in check.results
        ],
        "not_recognised": list(check.not_recognised),
    }
