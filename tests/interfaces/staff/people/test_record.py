from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.people.journey import journeys
from interlude.interfaces.staff.people.steps import next_steps, pathway_steps, phase_tag
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import queries, services
from interlude.record.audit.models import AuditEntry
from interlude.record.clinic.queries import local_day
from interlude.record.dosing import services as dosing
from interlude.record.patients.models import CareTeamMember, Patient
from interlude.record.worklist import services as worklist
from tests.conftest import PASSWORD
from tests.interfaces.staff.people.conftest import Browser
from tests.record.dosing.builders import Clinic

pytestmark = pytest.mark.django_db


def test_opening_the_chart_is_noted(browser: Browser, amal: StaffMember, noor: Patient) -> None:
    browser(amal).get(f"/patients/{noor.pk}")
    entry = AuditEntry.objects.get(what="patients.chart.viewed")
    assert (entry.patient_id, entry.actor_id, entry.detail) == (noor.pk, str(amal.pk), {"page": "patient"})


@pytest.mark.parametrize(
    ("state", "entries", "shown"),
    [
        (None, [], "Allergies not recorded"),
        ("none_known", [], "No known allergies"),
        ("unavailable", [], "Allergies unavailable"),
        ("known", [("Latex", "Rash")], "Latex"),
    ],
)
def test_the_banner_says_one_of_four_things_about_allergies(
    browser: Browser,
    amal: StaffMember,
    noor: Patient,
    now: datetime,
    state: str | None,
    entries: list[tuple[str, str]],
    shown: str,
) -> None:
    if state:
        services.state_allergies(by=amal, at=now, patient=noor, state=state, entries=entries)
    page = browser(amal).get(f"/patients/{noor.pk}").content.decode()
    banner = page[page.index("data-patient-banner") : page.index("</section>", page.index("data-patient-banner"))]
    assert shown in banner
    assert "HAAS, Noor" in banner


def test_the_banner_tells_the_weight_with_its_age_and_nothing_clinical_to_the_front_desk(
    browser: Browser, amal: StaffMember, mira: StaffMember, noor: Patient, now: datetime
) -> None:
    today = local_day(now)
    assert banner_for(noor, today)["extra"] == [{"key": "Weight", "value": "Not known"}]
    services.record_fact(
        by=amal,
        at=now,
        patient=noor,
        code="weight_kg",
        value=Decimal("70.5"),
        observed_at=now - timedelta(days=3),
    )
    assert banner_for(noor, today)["extra"] == [{"key": "Weight", "value": "70.5 kg (3 d ago)"}]
    assert banner_for(noor, today, mira)["clinical"] is False
    page = browser(mira).get(f"/patients/{noor.pk}").content.decode()
    for word in ("70.5", "Allergies", "Medicines", "Scores over time", "Reports"):
        assert word not in page


def test_the_front_desk_sees_its_own_tasks_only(
    browser: Browser, amal: StaffMember, mira: StaffMember, lena: StaffMember, noor: Patient, now: datetime
) -> None:
    for role, title in (("physician", "Answer about suicide"), ("front_desk", "Call about the date")):
        worklist.open_task(by=lena, at=now, kind="test", title=title, patient=noor, owner_role=role)
    page = browser(mira).get(f"/patients/{noor.pk}").content.decode()
    assert "Call about the date" in page
    assert "Answer about suicide" not in page
    assert "Answer about suicide" in browser(amal).get(f"/patients/{noor.pk}").content.decode()


def test_joining_and_adding_to_the_care_team(
    browser: Browser, amal: StaffMember, jonas: StaffMember, mira: StaffMember, noor: Patient
) -> None:
    browser(amal).post(f"/patients/{noor.pk}/team", {"verb": "join"})
    browser(mira).post(f"/patients/{noor.pk}/team", {"verb": "join"})  # no clinician: adds nobody
    browser(mira).post(f"/patients/{noor.pk}/team", {"staff": str(jonas.pk)})
    browser(mira).post(f"/patients/{noor.pk}/team", {"staff": str(mira.pk)})  # not in the list to choose from
    assert set(CareTeamMember.objects.values_list("staff__username", flat=True)) == {"amal", "jonas"}


def labels(patient: Patient, by: StaffMember, at: datetime) -> tuple[str, list[str], list[str]]:
    """Phase, the state of each step, and what is offered next."""
    journey = journeys([patient], at)[patient.pk]
    states = [f"{step['label']}={step['state']}" for step in pathway_steps(journey, by)]
    offered = [step.label for step in next_steps(journey, by, at)]
    return str(phase_tag(journey, by)["label"]), states, offered


def test_before_the_plan(noor: Patient, lena: StaffMember, mira: StaffMember, now: datetime) -> None:
    phase, states, offered = labels(noor, lena, now)
    assert phase == "Registered"
    assert states[0] == "Consult=current"
    assert offered == ["Record the referral", "Start the consultation"]
    services.save_consultation(by=lena, at=now, patient=noor, part="reason", content={"text": "Depression"})
    phase, states, offered = labels(noor, lena, now)
    assert (phase, states[:2]) == ("Eligibility to decide", ["Consult=done", "Eligible=current"])
    assert offered[0] == "Decide on eligibility"
    assert labels(noor, mira, now)[0] == "Before the plan"
    seen = queries.eligibility_picture(noor, local_day(now)).sha256
    services.decide_eligibility(
        by=lena,
        password=PASSWORD,
        at=now,
        patient=noor,
        outcome="not_eligible",
        reason="Another treatment",
        seen_inputs_sha256=seen,
    )
    phase, states, _offered = labels(noor, lena, now)
    assert (phase, states[1]) == ("Not eligible", "Eligible=stopped")
    assert labels(noor, mira, now)[0] == "Before the plan"


def test_a_course_from_booking_to_the_next_decision(clinic: Clinic, lena: StaffMember, amal: StaffMember) -> None:
    now = clinic.at
    patient = clinic.patient()
    course = clinic.course(patient, clinic.version())
    assert labels(patient, amal, now)[0] == "Series to book"
    clinic.appointment(course)
    phase, states, _offered = labels(patient, amal, now)
    assert phase == "Series booked"
    assert states[3:6] == ["Session 1=current", "Session 2=upcoming", "Session 3=upcoming"]
    session = dosing.open_session(by=amal, at=now, appointment=course.appointments.get())
    phase, states, _offered = labels(patient, amal, now)
    assert phase == "In session now"
    assert "Session 1=current" in states
    assert journeys([patient], now)[patient.pk].running == session


def test_the_list_and_the_page_cost_the_same_at_1_and_3_rows(
    browser: Browser, clinic: Clinic, amal: StaffMember, now: datetime
) -> None:
    client = browser(amal)
    version = clinic.version()
    counts: dict[str, list[int]] = {"list": [], "page": []}
    for number in (1, 2, 3):
        patient = clinic.patient(family=f"Family{number}")
        course = clinic.course(patient, version)
        for days in range(number):
            clinic.appointment(course, at=now + timedelta(days=3 * days + 1))
            services.state_medicine(by=amal, at=now, patient=patient, name=f"Medicine {days}")
            title = {"title": "Call the patient", "key": f"{number}-{days}"}
            worklist.open_task(by=amal, at=now, kind="test", patient=patient, owner_role="nurse", **title)
        for name, address in (("list", "/patients"), ("page", f"/patients/{patient.pk}")):
            client.get(address)
            with CaptureQueriesContext(connection) as queries_done:
                client.get(address)
            counts[name].append(len(queries_done))
    for name, found in counts.items():
        assert len(set(found)) == 1, (name, found)


Answer = Callable[..., None]


def test_what_got_worse_since_the_decision_is_said_on_the_patient_page(
    browser: Browser, everything_clear: None, answer: Answer, noor: Patient, lena: StaffMember, now: datetime
) -> None:
    seen = queries.eligibility_picture(noor, local_day(now)).sha256
    services.decide_eligibility(
        by=lena, password=PASSWORD, at=now, patient=noor, outcome="eligible", seen_inputs_sha256=seen
    )
    assert "More serious since" not in browser(lena).get(f"/patients/{noor.pk}").content.decode()
    answer(psychosis_active=True)
    page = browser(lena).get(f"/patients/{noor.pk}").content.decode()
    assert "More serious since the decision" in page
    assert "Psychosis" in page
