"""The baseline work-up of a patient: what is done, on which day and by which report; what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from interlude.domain.instruments import instruments
from interlude.domain.protocol.facts import Fact as KnownValue
from interlude.domain.protocol.facts import known
from interlude.domain.protocol.library import load_library
from interlude.domain.protocol.workup import WorkupItem, WorkupResult, workup, workup_items
from interlude.record.assessments.catalogue import catalogue
from interlude.record.assessments.models import WorkupEntry
from interlude.record.assessments.queries.consultation import consultation_of
from interlude.record.assessments.queries.facts import facts_of
from interlude.record.assessments.queries.statements import allergy_banner, medicine_review, trials_of
from interlude.record.clinic.queries import clinic_zone
from interlude.record.measures.models import Response
from interlude.record.patients.models import Patient


@dataclass(frozen=True)
class WorkupLine:
    """One item and its newest entry, which names the report it was read in, if any."""

    result: WorkupResult
    entry: WorkupEntry | None


def workup_entries(patient: Patient) -> list[WorkupEntry]:
    """Results that count, oldest first: neither withdrawn themselves nor read in a report that was taken out."""
    rows = WorkupEntry.objects.filter(patient=patient, withdrawal=None, report__withdrawal=None)
    found = list(rows.select_related("report", "recorded_by").order_by("done_on", "recorded_at", "id"))
    for row in found:
        row.patient = patient
        if row.report is not None:
            row.report.patient = patient
    return found


def workup_of(patient: Patient, on: date) -> list[WorkupLine]:
    """Every item of the work-up on a local day, in a constant number of queries."""
    items, zone = workup_items(), clinic_zone()
    charted = facts_of(patient)
    codes = {code for item in items for code in item.fact_codes}
    facts = {code: known(catalogue(), charted, code, on, "plan", zone) for code in codes}
    entries: dict[str, WorkupEntry] = {}
    days: dict[str, list[date]] = {item.code: [] for item in items}
    for entry in workup_entries(patient):
        entries[entry.item] = entry
        days.setdefault(entry.item, []).append(entry.done_on)
    held = _held(patient, charted)
    for item in items:
        at = held.get(_place(item))
        if at is not None:
            days[item.code].append(at.astimezone(zone).date())
    results = workup(items, facts, days, on, catalogue=catalogue())
    return [WorkupLine(result, _shown(result, entries.get(result.item.code))) for result in results]


def _shown(result: WorkupResult, entry: WorkupEntry | None) -> WorkupEntry | None:
    """The entry, while it is what the item's day rests on."""
    return entry if entry is not None and entry.done_on == result.done_on else None


def _place(item: WorkupItem) -> str:
    return "" if item.by is None else item.by.part or item.by.list or ""


def _held(patient: Patient, charted: dict[str, KnownValue]) -> dict[str, datetime]:
    """When each part and list was last saved, by its name."""
    found: dict[str, datetime] = {part: entry.at for part, entry in consultation_of(patient).items()}
    review, allergies, trials = medicine_review(patient), allergy_banner(patient), trials_of(patient)
    if review is not None:
        found["medicines"] = review.recorded_at
    if allergies.stated_at is not None:
        found["allergies"] = allergies.stated_at
    if trials:
        found["trials"] = max(row.recorded_at for row in trials)
    scales = _scales(patient, charted)
    if scales is not None:
        found["scales"] = scales
    return found


def _scales(patient: Patient, charted: dict[str, KnownValue]) -> datetime | None:
    """When the last missing one of the indication's first questionnaires was answered; None while one is open.

    The day is that of the oldest of the newest answers, so that none of them is older than it says.
    """
    fact = charted.get("indication")
    row = load_library().indications.get(str(fact.value)) if fact else None
    if row is None or not row.protocols:
        return None
    shipped = {one.code for one in instruments()}
    plan = load_library().protocol(row.protocols[0]).measurement
    needed = {one.instrument for one in plan if one.when == "intake" and one.instrument in shipped}
    newest: dict[str, datetime] = {}
    answered = Response.objects.filter(patient=patient, instrument__in=needed).order_by("answered_at")
    for instrument, at in answered.values_list("instrument", "answered_at"):
        newest[instrument] = at
    return min(newest.values()) if needed and set(newest) == needed else None
