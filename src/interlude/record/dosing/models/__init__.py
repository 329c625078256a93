from interlude.record.dosing.models.discharge import Discharge, DischargeAnswer
from interlude.record.dosing.models.events import EventKind, Score, SessionEvent
from interlude.record.dosing.models.gate import GateAnswer
from interlude.record.dosing.models.infusion import Injection, RateSegment, Why
from interlude.record.dosing.models.observations import Observation, Source
from interlude.record.dosing.models.session import PhaseStep, Route, Session, SessionOrder

__all__ = [
    "Discharge",
    "DischargeAnswer",
    "EventKind",
    "GateAnswer",
    "Injection",
    "Observation",
    "PhaseStep",
    "RateSegment",
    "Route",
    "Score",
    "Session",
    "SessionEvent",
    "SessionOrder",
    "Source",
    "Why",
]
