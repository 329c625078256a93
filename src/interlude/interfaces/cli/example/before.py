"""A patient's way from referral to a signed plan, each step at its own time in the past."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.conf import settings

from interlude.interfaces.cli.example.people import Person
from interlude.interfaces.cli.example.setting import Setting
from interlude.record.assessments import services as assessments
from interlude.record.assessments.queries import eligibility_picture
from interlude.record.clinic.queries import local_day
from interlude.record.patients import services as patients
from interlude.record.patients.models import Patient
from interlude.record.plans import services as plans
from interlude.record.plans.models import Course
from interlude.record.plans.queries import newest_text
from interlude.record.protocols.models import ProtocolVersion

REASONS = (
    "Depressive episode for 14 months, two antidepressants without enough effect. Asks whether ketamine is an option.",
    "Recurrent depression, off work since spring. Psychotherapy goes on weekly.",
    "Treatment-resistant depression after three trials; would like to stay in outpatient care.",
)
NO = [
    "allergy_ketamine",
    "aneurysm_or_avm",
    "intracerebral_haemorrhage",
    "recent_stroke",
    "uncontrolled_hypertension",
    "thyrotoxicosis",
    "myocardial_infarction",
    "unstable_angina",
    "heart_failure_decompensated",
    "severe_arrhythmia",
    "psychosis_active",
    "schizophrenia_history",
    "mania_current",
    "bipolar_disorder",
    "breastfeeding",
    "ketamine_misuse",
    "substance_misuse_active",
    "cystitis_ulcerative",
    "urinary_symptoms",
    "intracranial_pressure",
    "intraocular_pressure",
    "cognitive_impairment",
    "respiratory_disease_severe",
    "sleep_apnoea_untreated",
    "airway_difficult",
    "seizures_uncontrolled",
    "hyperthyroidism_or_hormone",
    "porphyria",
    "anorexia_nervosa",
    "glp1_medicine",
    "reflux",
    "can_become_pregnant",
    "takes_benzodiazepine",
    "pregnant",
    "mood_stabiliser",
    "intoxicated_or_withdrawing",
]


def refer(setting: Setting, who: Person, at: datetime, number: int) -> Patient:
    """The front desk registers a referral."""
    mira = setting.staff["mira"]
    patient = patients.register(
        by=mira,
        at=at,
        family_name=who.family_name,
        given_name=who.given_name,
        born_on=who.born_on,
        sex=who.sex,
        phone=f"030 5550 {1000 + number}",
        is_another_person=True,
    )
    patients.refer(
        by=mira,
        at=at,
        patient=patient,
        received_on=local_day(at),
        referred_by=("Dr Sabine Roth, psychiatrist", "own request", "Dr Oleg Mertens, general practice")[number % 3],
        reason=REASONS[number % len(REASONS)],
    )
    for name in ("lena", "amal", "jonas"):
        patients.join_care_team(by=mira, at=at, patient=patient, staff=setting.staff[name])
    return patient


def consult(setting: Setting, patient: Patient, who: Person, at: datetime, *, complete: bool = True) -> None:
    """The first consultation. An incomplete one leaves questions open, as it does in life."""
    lena = setting.staff["lena"]
    parts: dict[str, dict[str, str]] = {
        "reason": {"text": "Low mood, loss of interest, early waking, slowed thinking. No psychotic symptoms."},
        "psychiatric": {"text": "First episode at 24. One inpatient stay. No mania, no suicide attempt."},
        "substances": {"text": "One glass of wine a week. No nicotine. No other substances."},
        "medical": {"text": "Healthy apart from seasonal rhinitis. Appendectomy with uneventful anaesthesia."},
        "physical": {"text": "Heart and lungs without findings. Neurologically unremarkable."},
        "airway": {"asa_class": "2", "mallampati": "1", "findings": "Mouth opening and neck movement normal."},
    }
    for part, content in parts.items():
        assessments.save_consultation(by=lena, at=at, patient=patient, part=part, content=content)
    assessments.state_allergies(by=lena, at=at, patient=patient, state="none_known")
    assessments.state_medicine(by=lena, at=at, patient=patient, name="sertraline", dose="100 mg", frequency="morning")
    for medicine, dose, weeks in (("escitalopram", "20 mg", 10), ("venlafaxine", "225 mg", 8)):
        assessments.record_trial(
            by=lena,
            at=at,
            patient=patient,
            medicine=medicine,
            dose=dose,
            dose_was_adequate=True,
            weeks=Decimal(weeks),
            response="none",
        )
    assessments.review_medicines(by=lena, at=at, patient=patient, takes_none=False)
    values: dict[str, object] = dict.fromkeys(NO, False)
    values |= {
        "indication": "trd",
        "capacity_to_consent": True,
        "safe_setting": True,
        "driver_arranged": True,
        "cssrs_tier": "none",
        "liver_impairment": "none",
        "alt_times_uln": Decimal("0.6"),
        "ast_times_uln": Decimal("0.5"),
        "weight_kg": who.weight_kg,
        "height_cm": Decimal(who.height_cm),
        "systolic_bp_mmhg": Decimal(who.systolic),
        "diastolic_bp_mmhg": Decimal(who.diastolic),
        "spo2_percent": Decimal(98),
        "heart_rate_per_min": Decimal(who.heart_rate),
        "respiratory_rate_per_min": Decimal(14),
    }
    if not complete:
        for code in ("alt_times_uln", "ast_times_uln", "cssrs_tier", "intraocular_pressure"):
            del values[code]
    known = catalogue_codes()
    facts = {code: value for code, value in values.items() if code in known}
    assessments.record_facts(by=lena, at=at, patient=patient, values=facts, observed_at=at)  # type: ignore[arg-type]


def catalogue_codes() -> set[str]:
    from interlude.domain.protocol import load_library

    return {fact.code for fact in load_library().catalogue.facts}


def decide(setting: Setting, patient: Patient, at: datetime, *, outcome: str = "eligible", reason: str = "") -> None:
    """The signed decision, on exactly the facts that the physician saw."""
    picture = eligibility_picture(patient, local_day(at))
    assessments.decide_eligibility(
        by=setting.staff["lena"],
        password=settings.DEMO_PASSWORD,
        at=at,
        patient=patient,
        outcome=outcome,
        seen_inputs_sha256=picture.sha256,
        reason=reason,
        overrides={},
    )


def draft(setting: Setting, patient: Patient, at: datetime, protocol: str = "trd-iv") -> Course:
    version = ProtocolVersion.objects.filter(key=protocol).latest("version")
    return plans.draft_course(by=setting.staff["lena"], at=at, patient=patient, protocol_version=version)


def sign(setting: Setting, course: Course, at: datetime) -> Course:
    return plans.sign_course(by=setting.staff["lena"], password=settings.DEMO_PASSWORD, at=at, course=course)


def consent(patient: Patient, course: Course, at: datetime) -> None:
    """The patient signs in the portal and says what is comfortable."""
    text = newest_text("en")
    assert text is not None
    name = f"{patient.given_name} {patient.family_name}"
    plans.give_consent(by=patient, at=at, patient=patient, course=course, text_sha256=text.sha256, signed_name=name)
    plans.state_comfort(
        by=patient,
        at=at,
        patient=patient,
        course=course,
        seat="recliner",
        headphones="own",
        eye_mask=True,
        blanket=True,
        music="Quiet piano, no voices",
        comfort_item="A smooth stone from the sea",
        intention="To feel a little distance from the heaviness",
    )
