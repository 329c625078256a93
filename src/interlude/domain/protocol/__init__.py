"""Treatment protocols as data: regimens, eligibility, limits, gate, monitoring, discharge, taper; with sources."""

from interlude.domain.instruments.data import Datum, Reason, Source, Statement, data_of
from interlude.domain.protocol.alarms import Reading, reading
from interlude.domain.protocol.checklist import (
    CheckResult,
    DischargeResult,
    choose_fasting,
    discharge_result,
    earliest_discharge,
    gate_is_open,
    gate_items,
    gate_result,
)
from interlude.domain.protocol.courses import (
    DueMeasure,
    gaps_days,
    measurement_dates,
    review_is_due,
    stop_findings,
)
from interlude.domain.protocol.diff import Change, Content, Number, changes, numbers
from interlude.domain.protocol.eligibility import LEVELS, STATES, Rule, RuleResult, evaluate, overall
from interlude.domain.protocol.facts import Catalogue, Fact, FactDefinition, KnownFact, check_fact
from interlude.domain.protocol.files import to_toml
from interlude.domain.protocol.identity import canonical_json, from_json, sha256
from interlude.domain.protocol.indications import Complementary, Indication
from interlude.domain.protocol.interactions import Interaction, InteractionCheck, check_interactions
from interlude.domain.protocol.library import (
    Library,
    ProtocolFileError,
    check_protocol,
    load_library,
    parse_protocol,
)
from interlude.domain.protocol.limits import (
    Finding,
    check_may_resume,
    check_rate,
    dose_for,
    max_rate_mg_per_h,
    may_resume,
    may_use_rate,
    plan_limits,
    rate_for,
)
from interlude.domain.protocol.phases import (
    FIRST_PHASE,
    PHASES,
    TRANSITIONS,
    Action,
    Phase,
    PhaseInfo,
    Transition,
    allowed_actions,
    diagram,
    may,
    next_phase,
    phase_info,
)
from interlude.domain.protocol.revision import check_whole, with_value
from interlude.domain.protocol.schema import CheckItem, Protocol
from interlude.domain.protocol.texts import translatable_texts
from interlude.domain.protocol.trials import Resistance, Trial, treatment_resistance

__all__ = [
    "FIRST_PHASE", "LEVELS", "PHASES", "STATES", "TRANSITIONS", "Action", "Catalogue", "Change", "CheckItem",
    "CheckResult", "Complementary", "Content", "Datum", "DischargeResult", "DueMeasure", "Fact", "FactDefinition",
    "Finding", "Indication", "Interaction", "InteractionCheck", "KnownFact", "Library", "Number", "Phase",
    "PhaseInfo", "Protocol", "ProtocolFileError", "Reading", "Reason", "Resistance", "Rule", "RuleResult", "Source",
    "Statement", "Transition", "Trial", "allowed_actions", "canonical_json", "changes", "check_fact",
    "check_interactions", "check_may_resume", "check_protocol", "check_rate", "check_whole", "choose_fasting",
    "data_of", "diagram", "discharge_result", "dose_for", "earliest_discharge", "evaluate", "from_json",
    "gaps_days", "gate_is_open", "gate_items", "gate_result", "load_library", "max_rate_mg_per_h", "may",
    "may_resume", "may_use_rate", "measurement_dates", "next_phase", "numbers", "overall", "parse_protocol",
    "phase_info", "plan_limits", "rate_for", "reading", "review_is_due", "sha256", "stop_findings", "to_toml",
    "translatable_texts", "treatment_resistance", "with_value",
]  # fmt: skip
