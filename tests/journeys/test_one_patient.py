"""One patient's whole way, told by those who go it, on a clinic that was empty a minute ago."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.cast import AMAL, JONAS, LENA, MIRA, NOOR, PETRA, TOMASZ
from tests.journeys.me import Me
from tests.journeys.product import VirtualMonitor
from tests.journeys.steps.portal import DRIVER, DRIVER_PHONE
from tests.journeys.teller import TABLET

pytestmark = pytest.mark.journey


@pytest.fixture
def monitor(me_here: Me) -> Iterator[VirtualMonitor]:
    """A monitor at the bedside. It knows the clinic by its port alone, and nobody's name."""
    one = VirtualMonitor(me_here.clinic)
    yield one
    one.stop()


def test_one_patient_from_referral_to_follow_up(me_here: Me, monitor: VirtualMonitor) -> None:
    me = me_here
    the_clinic_is_made_ready(me)
    the_patient_is_referred_and_seen(me)
    the_plan_is_signed_and_booked(me)
    the_patient_prepares(me)
    the_dose_is_given(me)
    the_patient_goes_home(me)
    the_treatment_goes_on(me)


def the_clinic_is_made_ready(me: Me) -> None:
    me.then_the_sign_in_page_lists_nobody()
    me.given_i_am(LENA)
    me.when_i_approve_the_protocol()
    me.then_one_signature_is_missing()
    me.when_i_approve_the_shared_rules()
    me.given_i_am(TOMASZ)
    me.when_i_approve_the_protocol()
    me.then_sessions_may_run_on_it()
    me.when_i_approve_the_shared_rules()
    me.given_i_am(PETRA)
    me.when_i_receive_vials()
    me.then_the_book_says("5 000")
    me.given_i_am(AMAL, TABLET)
    me.when_i_place_the_monitor_at("Chair 1")


def the_patient_is_referred_and_seen(me: Me) -> None:
    me.given_i_am(MIRA)
    me.when_i_register(NOOR)
    me.and_i_record_the_referral()
    me.when_i_try_to_register_again(NOOR)
    me.then_i_am_asked_whether_it_is_the_same(NOOR)
    me.then_the_list_holds_one(NOOR)

    me.given_i_am(LENA)
    me.when_i_open_the_record_of(NOOR)
    me.and_i_join_the_care_team()
    me.when_i_hold_the_consultation()
    me.and_i_answer_every_question_for_eligibility()
    me.then_every_rule_is_answered()
    me.when_i_decide_that_the_patient_is_eligible(password="not my password")
    me.then_my_password_is_refused()
    me.when_i_sign_with_my_password()
    me.then_the_decision_is_signed()


def the_plan_is_signed_and_booked(me: Me) -> None:
    me.when_i_draft_a_plan_of("1,5")
    me.then_the_dose_is_refused()
    me.then_the_page_is_accessible()
    me.when_i_draft_a_plan_of("0,5")
    me.then_the_order_reads("35,25 mg", "52,875", "0,5 mg/kg × 70,5 kg")
    me.then_the_page_is_accessible()
    me.when_i_sign_the_plan()

    me.given_i_am(AMAL)
    me.when_i_compute_the_dose_myself("35,25")
    me.then_both_doses_agree()

    me.given_i_am(MIRA)
    me.when_i_book_the_series()
    me.and_i_move_the_first_session_to_today()
    me.when_i_open_the_record_of(NOOR)
    me.when_i_invite_the_patient_to_the_portal()


def the_patient_prepares(me: Me) -> None:
    me.given_i_am_the_patient(NOOR)
    me.when_i_open_my_link_with_a_wrong_birth_date(NOOR)
    me.when_i_open_my_link(NOOR)
    me.when_i_give_my_consent(NOOR)
    me.when_i_name_my_driver()
    me.when_i_tell_my_wishes()
    me.when_i_answer_the_phq9()


def the_dose_is_given(me: Me) -> None:
    me.given_i_am(AMAL)
    me.when_i_check_in(NOOR)
    me.then_the_dose_cannot_start("The physician's order for this session is not signed.", "Identity checked twice")
    me.when_i_answer_the_checklist()
    me.given_i_am(LENA)
    me.when_i_open_the_gate()
    me.when_i_sign_the_order()

    me.given_i_am(AMAL)
    me.when_i_open_the_gate()
    # The cuff measures every twelve seconds; a pressure from before the dose is what the discharge compares with.
    me.page.wait_for_timeout(14_000)
    me.when_i_open_the_gate()
    me.when_i_start_the_infusion()
    me.then_the_record_is_drawn()
    me.then_vital_signs_arrive()

    before = me.forecast()
    me.when_i_type_the_rate("30,5")
    me.then_the_preview_says("30,5 mg/h", "▼")
    me.when_i_confirm_the_rate("30,5")
    me.then_the_rate_is("30,5")
    me.then_the_forecast_has_bent(before)
    me.when_i_have_set_the_pump()
    me.when_i_pause()
    me.when_i_have_set_the_pump()
    me.when_i_go_on()
    me.when_i_have_set_the_pump()
    me.when_i_stop()
    me.when_i_have_set_the_pump()


def the_patient_goes_home(me: Me) -> None:
    me.when_i_let_the_patient_rest()
    me.then_going_home_is_blocked_by("PADSS", "Driver is here", "Only a physician may shorten it.")
    for scale in ("aldrete", "padss", "moaas", "cadss6"):
        me.when_i_score(scale)
    me.when_i_answer_the_questions()
    me.then_nothing_but_the_stay_is_missing()

    recovery = me.page.url
    me.given_i_am(LENA)
    me.page.goto(recovery)
    me.when_i_discharge(DRIVER, DRIVER_PHONE, shorten_reason="The dose was stopped early; fully awake.")
    me.then_the_patient_has_gone_home()
    me.reads(f"Taken home by {DRIVER}")
    me.reads("Minimum stay shortened")


def the_treatment_goes_on(me: Me) -> None:
    me.given_i_am(JONAS)
    me.when_i_open_my_task("Integration visit after session 1")
    me.when_i_write_and_sign_the_integration()

    me.given_i_am(LENA)
    me.when_i_open_the_record_of(NOOR)
    me.then_the_trend_shows_the_infusion()
    me.when_i_decide_what_comes_next(
        "End the course No more sessions. Questionnaires go on; the summary can be printed.",
        "The patient decides against further infusions.",
    )
    me.then_the_decision_stands("End the course", LENA.name)
