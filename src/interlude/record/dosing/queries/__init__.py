"""Reads of a session. They start from `sessions_for(by)`; the others take a session that it gave."""

from interlude.record.dosing.queries.chart import chart
from interlude.record.dosing.queries.discharge import DischargeLine, DischargeState, discharge_state
from interlude.record.dosing.queries.forecast import preview
from interlude.record.dosing.queries.gate import GateLine, GateState, gate
from interlude.record.dosing.queries.given import given_ug, planned_rate, segments_of
from interlude.record.dosing.queries.snapshot import snapshot
from interlude.record.dosing.queries.visibility import running_sessions, sessions_for
from interlude.record.dosing.queries.vitals import VitalNow, vitals_now

__all__ = [
    "DischargeLine",
    "DischargeState",
    "GateLine",
    "GateState",
    "VitalNow",
    "chart",
    "discharge_state",
    "gate",
    "given_ug",
    "planned_rate",
    "preview",
    "running_sessions",
    "segments_of",
    "sessions_for",
    "snapshot",
    "vitals_now",
]
