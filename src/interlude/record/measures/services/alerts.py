from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from interlude.domain.instruments import TIERS, Flag, Instrument
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.measures.models import (
    Assignment,
    Response,
    RiskAction,
    RiskActionKind,
    RiskAlert,
)
from interlude.record.measures.tiers import most_urgent, tier_rules
from interlude.record.patients.models import Patient
from interlude.record.worklist import services as worklist
from interlude.record.worklist.queries import UNFINISHED

TASK_KIND = "measures.risk"
# Titles are message ids; the tier decides which.
TITLES = {
    "look": N_("{instrument}: an answer about self-harm. Ask the suicide-risk screener."),
    "low": N_("{instrument}: an answer about self-harm. Talk with the patient."),
    "moderate": N_("{instrument}: an answer about self-harm. Contact the patient today."),
    "high": N_("{instrument}: danger of suicide. Contact the patient now."),
}


def flags_json(flags: tuple[Flag, ...]) -> list[dict[str, Any]]:
    return [
        {
            "code": flag.code,
            "tier": flag.tier,
            "item": flag.item,
            "template": flag.reason.template,
            "params": dict(flag.reason.params),
        }
        for flag in flags
    ]


def _standing(patient: Patient, assignment: Assignment | None, instrument: Instrument) -> RiskAlert | None:
    """The unfinished alert of this very questionnaire."""
    if assignment is None:
        return None
    return (
        RiskAlert.objects.filter(
            patient=patient, assignment=assignment, instrument=instrument.code, task__state__in=UNFINISHED
        )
        .select_related("task")
        .order_by("-raised_at")
        .first()
    )


def _had_this(assignment: Assignment | None, tier: str) -> RiskAlert | None:
    """An alert of this questionnaire that was as urgent or more, finished or not."""
    if assignment is None:
        return None
    alerts = RiskAlert.objects.filter(assignment=assignment)
    return next((a for a in alerts if TIERS.index(a.tier) >= TIERS.index(tier)), None)


def raise_alert(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    instrument: Instrument,
    flags: tuple[Flag, ...],
    assignment: Assignment | None = None,
    response: Response | None = None,
) -> RiskAlert:
    """Open the urgent task of an answer in the transaction of the answer.

    One questionnaire raises each tier once: the tap opens the alert, sending it does not open a second one.
    A more urgent answer replaces the less urgent alert.
    """
    tier = most_urgent(flag.tier for flag in flags)
    existing = _had_this(assignment, tier)
    if existing is not None:
        return existing
    standing = _standing(patient, assignment, instrument)
    rule = tier_rules()[tier]
    alert = RiskAlert(
        patient=patient,
        assignment=assignment,
        response=response,
        instrument=instrument.code,
        tier=tier,
        flags=flags_json(flags),
        raised_at=at,
        due_at=at + rule.time_limit,
    )
    alert.task = worklist.open_task(
        by=by,
        at=at,
        kind=TASK_KIND,
        title=TITLES[tier],
        title_params={"instrument": instrument.name},
        patient=patient,
        owner_role=rule.owner_role,
        due_at=alert.due_at,
        is_urgent=True,
        url_name="staff:risk_alert",
        url_args=[str(alert.pk)],
        key=f"{TASK_KIND}:{alert.pk}",
    )
    alert.save(force_insert=True)
    if standing is not None:
        worklist.close_task(by=by, at=at, task=standing.task, dropped=True)
    audit.record(
        by=by,
        at=at,
        what="measures.risk.raised",
        about=alert,
        patient_id=patient.pk,
        detail={"tier": tier, "instrument": instrument.code},
    )
    return alert


def _locked(alert_id: UUID) -> RiskAlert:
    return RiskAlert.objects.select_for_update().get(pk=alert_id)


def _check_unfinished(alert: RiskAlert) -> None:
    if alert.task.state not in UNFINISHED:
        raise Refused(N_("This alert is closed already. Reload the page."))


@transaction.atomic
def take_alert(*, by: StaffMember, at: datetime, alert: RiskAlert) -> RiskAlert:
    """Say "I am on it": the alert has one owner from now on."""
    alert = _locked(alert.pk)
    worklist.take_task(by=by, at=at, task=alert.task)
    audit.record(by=by, at=at, what="measures.risk.taken", about=alert, patient_id=alert.patient_id)
    return alert


def _action(by: StaffMember, at: datetime, alert: RiskAlert, kind: str, note: str) -> RiskAction:
    if kind not in RiskActionKind.values:
        raise Refused(N_("Say what was done."), field="kind")
    if not note.strip():
        raise Refused(N_("Write in a few words what was found and agreed."), field="note")
    action = RiskAction(alert=alert, patient_id=alert.patient_id, kind=kind, note=note.strip(), at=at, by=by)
    action.save(force_insert=True)
    return action


@transaction.atomic
def note_action(*, by: StaffMember, at: datetime, alert: RiskAlert, kind: str, note: str) -> RiskAction:
    """Add what was done; the alert stays open (a patient who was not reached is tried again)."""
    alert = _locked(alert.pk)
    _check_unfinished(alert)
    action = _action(by, at, alert, kind, note)
    audit.record(
        by=by,
        at=at,
        what="measures.risk.acted",
        about=alert,
        patient_id=alert.patient_id,
        detail={"kind": kind},
    )
    return action


@transaction.atomic
def close_alert(*, by: StaffMember, at: datetime, alert: RiskAlert, kind: str, note: str) -> RiskAlert:
    """Close an alert with what was done. A patient who was not reached cannot close it."""
    alert = _locked(alert.pk)
    _check_unfinished(alert)
    if kind == RiskActionKind.NOT_REACHED:
        raise Refused(
            N_("The patient was not reached: the alert stays open. Save the attempt and try again."),
            field="kind",
        )
    _action(by, at, alert, kind, note)
    worklist.close_task(by=by, at=at, task=alert.task)
    audit.record(
        by=by,
        at=at,
        what="measures.risk.closed",
        about=alert,
        patient_id=alert.patient_id,
        detail={"kind": kind},
    )
    return alert
