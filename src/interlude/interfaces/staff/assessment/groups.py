"""In which order and under which headings the questions of the catalogue are asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from interlude.domain.protocol.library import load_library
from interlude.record.assessments.catalogue import catalogue


@dataclass(frozen=True)
class Group:
    key: str
    title: str | Promise
    codes: tuple[str, ...]


_GROUPS: tuple[tuple[str, Promise, tuple[str, ...]], ...] = (
    ("treatment", _("The treatment"), ("indication", "capacity_to_consent", "allergy_ketamine")),
    (
        "mind",
        _("Mind and safety"),
        (
            "cssrs_tier", "safe_setting", "psychosis_active", "schizophrenia_history", "mania_current", "ymrs_total",
            "bipolar_disorder", "mood_stabiliser", "cognitive_impairment", "moca_total",
        ),
    ),
    (
        "heart",
        _("Heart, vessels and blood pressure"),
        (
            "systolic_bp_mmhg", "diastolic_bp_mmhg", "uncontrolled_hypertension", "aneurysm_or_avm",
            "intracerebral_haemorrhage", "recent_stroke", "myocardial_infarction", "myocardial_infarction_on",
            "unstable_angina", "heart_failure_decompensated", "severe_arrhythmia", "qtc_ms",
        ),
    ),
    ("pregnancy", _("Pregnancy"), ("can_become_pregnant", "pregnant", "breastfeeding")),
    (
        "substances",
        _("Alcohol and drugs"),
        (
            "ketamine_misuse", "substance_misuse_active", "intoxicated_or_withdrawing", "hours_since_alcohol",
            "ciwa_total",
        ),
    ),
    (
        "breathing",
        _("Breathing and airway"),
        ("spo2_percent", "respiratory_disease_severe", "sleep_apnoea_untreated", "airway_difficult"),
    ),
    (
        "organs",
        _("Liver, bladder and thyroid"),
        (
            "liver_impairment", "alt_times_uln", "ast_times_uln", "cystitis_ulcerative", "urinary_symptoms",
            "thyrotoxicosis", "hyperthyroidism_or_hormone", "porphyria",
        ),
    ),
    ("head", _("Head, eyes and seizures"), ("intracranial_pressure", "intraocular_pressure", "seizures_uncontrolled")),
    (
        "nutrition",
        _("Weight and nutrition"),
        ("weight_kg", "height_cm", "anorexia_nervosa", "potassium_mmol_per_l", "glp1_medicine", "reflux"),
    ),
)  # fmt: skip


@cache
def groups() -> tuple[Group, ...]:
    """Every question that planning needs, under its heading; what no heading names comes last."""
    known = {definition.code: definition for definition in catalogue().facts}
    found = [Group(key, title, tuple(code for code in codes if code in known)) for key, title, codes in _GROUPS]
    placed = {code for group in found for code in group.codes}
    needed = {
        code for rule in load_library().rule_set.rules if "plan" in rule.stages for code in rule.fact_codes("plan")
    }
    rest = sorted(code for code in needed - placed if known[code].asked != "computed")
    if rest:
        found.append(Group("further", _("Further questions"), tuple(rest)))
    return tuple(found)
