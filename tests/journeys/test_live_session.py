"""I am Amal, a nurse, and one of two infusions is mine to watch."""

from __future__ import annotations

import pytest

from tests.journeys.cast import AMAL
from tests.journeys.me import Me
from tests.journeys.teller import TABLET

pytestmark = pytest.mark.journey


def test_a_nurse_watches_a_live_session(me: Me) -> None:
    me.given_i_have_picked_myself_from_the_list(AMAL, TABLET)
    me.when_i_open_the_session_that_began("last")
    me.then_the_minute_is(11, 25)
    me.then_vital_signs_arrive()
    me.then_the_numerals_change_within_seconds()

    before = me.forecast()
    me.when_i_type_the_rate("20.5")
    me.then_the_preview_says("20.5 mg/h", "mg/kg/h", "mL/h", "as charted", "▼")
    me.when_i_confirm_the_rate("20.5", why="Distress")
    me.then_the_rate_is("20.5")
    me.then_the_forecast_has_bent(before)
    me.then_the_pump_waits_for_me()
    me.when_i_have_set_the_pump()

    me.when_i_tap("Nausea")
    me.then_the_log_says("Nausea", AMAL.name)

    me.when_i_stop()
    me.when_i_have_set_the_pump()
    me.when_i_score("moaas")
    me.when_i_score("cadss6")
    me.when_i_let_the_patient_rest()
    me.then_going_home_is_blocked_by("Modified Aldrete score", "Driver is here", "The minimum stay ends at")
