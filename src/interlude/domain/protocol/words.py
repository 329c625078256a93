"""What each place of a protocol is called. English message ids; a door translates each word of a path by itself."""

from __future__ import annotations

from pydantic import BaseModel

from interlude.domain.refusals import N_

FIELD_WORDS = {
    "code": N_("Code"),
    "name": N_("Name"),
    "indication": N_("Indication"),
    "route": N_("Route"),
    "medicine": N_("Medicine"),
    "grade": N_("Grade of evidence"),
    "summary": N_("Summary"),
    "evidence": N_("Evidence"),
    "notes": N_("Notes"),
    "dose_mg_per_kg": N_("Dose"),
    "first_dose_mg_per_kg": N_("First dose"),
    "minutes": N_("Time"),
    "default": N_("planned"),
    "soft_min": N_("reason needed below"),
    "soft_max": N_("reason needed above"),
    "hard_min": N_("refused below"),
    "hard_max": N_("refused above"),
    "rate": N_("Rate"),
    "max_mg_per_kg_per_h": N_("highest rate"),
    "step_percent": N_("step of a change"),
    "resume_without_physician_min": N_("longest pause after which a nurse resumes alone"),
    "ideal_weight_from_bmi": N_("Consider the ideal body weight from a body mass index of"),
    "series": N_("Series"),
    "planned": N_("sessions planned"),
    "gap_min_days": N_("shortest gap between sessions"),
    "gap_max_days": N_("longest gap between sessions"),
    "block_days": N_("length of a block"),
    "block_max": N_("most sessions in a block"),
    "review_after": N_("review after"),
    "extend_to": N_("extended to at most"),
    "monitoring": N_("Watching"),
    "phase": N_("phase"),
    "every_min": N_("every"),
    "at_min": N_("at minute"),
    "continuous": N_("continuous"),
    "alarms": N_("Limits of the signals"),
    "unit": N_("unit"),
    "advisory": N_("advisory"),
    "urgent": N_("urgent"),
    "above": N_("above"),
    "at_least": N_("from"),
    "below": N_("below"),
    "at_most": N_("down to"),
    "rise_percent": N_("above baseline by"),
    "signs": N_("urgent signs"),
    "urgent_after_s": N_("urgent after"),
    "advisory_action": N_("what to do when advisory"),
    "urgent_action": N_("what to do when urgent"),
    "gate": N_("Before a session"),
    "fasting": N_("fasting"),
    "food_h": N_("no food for"),
    "water_h": N_("no drink for"),
    "fasting_default": N_("usual fasting rule"),
    "strict_fasting": N_("stricter fasting rule"),
    "strict_above_mg_per_kg": N_("stricter fasting above a dose of"),
    "strict_if": N_("stricter fasting if"),
    "driving": N_("driving"),
    "no_driving_h": N_("no driving for"),
    "needs_night": N_("a night's sleep before driving"),
    "driving_default": N_("usual driving rule"),
    "items": N_("lines"),
    "checks": N_("condition"),
    "unless": N_("not needed if"),
    "override": N_("who may go on after a no"),
    "routes": N_("routes"),
    "fact": N_("fact"),
    "equals": N_("is"),
    "one_of": N_("is one of"),
    "within_days": N_("not older than"),
    "given": N_("is answered"),
    "if_known": N_("left out while unknown"),
    "discharge": N_("Before going home"),
    "min_after_end_min": N_("stays after the end for at least"),
    "min_after_start_min": N_("stays after the start for at least"),
    "shorten_by": N_("who may shorten the stay"),
    "texts": N_("texts for the patient"),
    "maintenance": N_("Afterwards"),
    "ladder": N_("steps"),
    "visits": N_("visits"),
    "every_min_days": N_("at least every"),
    "every_max_days": N_("at most every"),
    "widen_after_stable_visits": N_("one step wider after stable visits"),
    "stop_rules": N_("stop rules"),
    "after": N_("after"),
    "improvement_below_percent": N_("gain below"),
    "measurement": N_("Questionnaires"),
    "instrument": N_("questionnaire"),
    "when": N_("when"),
    "after_h": N_("after each session by"),
    "every_days": N_("every"),
    "from_day": N_("from day"),
    "until_day": N_("until day"),
    "only_if_licensed": N_("only with a licence"),
    "complementary": N_("Together with"),
    "needs_therapy": N_("Only together with therapy"),
    "rules": N_("Who may be treated"),
    "tests": N_("test"),
    "all": N_("condition"),
    "level": N_("level"),
    "reason": N_("reason"),
    "stages": N_("when it is asked"),
    "title": N_("title"),
    "action": N_("what to do"),
    "clear": N_("when nothing speaks against it"),
    "note": N_("note"),
    "trials": N_("Treatment resistance"),
    "needed": N_("failed treatments needed"),
    "min_weeks": N_("weeks that a treatment has to last"),
    "interactions": N_("Medicines"),
    "names": N_("names"),
    "strength": N_("strength"),
    "effect": N_("effect"),
    "never_stop_abruptly": N_("never stop abruptly"),
    "validities": N_("How long an answer counts"),
    "days": N_("days"),
    "label": N_("label"),
    "text": N_("text"),
    "source": N_("source"),
    "certainty": N_("certainty"),
}
"""Every field name below `Protocol` and `Rulebook`; a test walks the schema and finds each of them here."""

ORDER = N_("order")

VALUE_WORDS = {
    "before": N_("before"),
    "during": N_("during"),
    "after": N_("after"),
    "always": N_("always"),
    "intake": N_("at the start"),
    "before_each": N_("before each session"),
    "after_each": N_("after each session"),
    "after_last": N_("after the last session"),
}
"""Phases and anchors, by which a reader tells two lines about the same thing apart."""


def field_words(name: str) -> str:
    """Message id of a field of the schema."""
    return FIELD_WORDS.get(name, name)


def entry_key(entry: object, index: int) -> str:
    """What names an entry within its list: code, instrument and anchor, fact or sentence; else its number."""
    for names in (("code",), ("instrument", "when"), ("fact",), ("text",), ("reason",)):
        values = [getattr(entry, name, None) for name in names]
        if all(isinstance(value, str) and value for value in values):
            return "-".join(str(value) for value in values)
    return str(index + 1)


def entry_words(entry: object, key: str) -> tuple[str, ...]:
    """What a reader calls that entry: its label, name or sentence (message ids) and its phase; else its key.

    Empty for an entry that has nothing but its number in the list.
    """
    if isinstance(entry, BaseModel):
        anchor = [VALUE_WORDS[str(getattr(entry, name))] for name in ("phase", "when") if hasattr(entry, name)]
        for name in ("label", "name", "text", "title", "reason"):
            value = getattr(entry, name, None)
            if isinstance(value, str) and value:
                return (value, *anchor)
        instrument = getattr(entry, "instrument", None)
        if isinstance(instrument, str):
            return (instrument.upper().replace("_", " "), *anchor)
        if isinstance(getattr(entry, "fact", None), str):
            return (key.replace("_", " "),)
    return () if key.isdigit() else (key,)
