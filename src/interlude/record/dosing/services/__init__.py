"""The verbs of a session."""

from interlude.record.dosing.services.discharge import (
    answer_discharge,
    begin_rest,
    discharge,
    end_early,
    transfer,
)
from interlude.record.dosing.services.events import SCALES, log_event, record_score
from interlude.record.dosing.services.gate import answer_gate
from interlude.record.dosing.services.infusion import (
    change_rate,
    complete,
    confirm_pump,
    pause,
    resume,
    stop,
)
from interlude.record.dosing.services.ingest import receive_batch
from interlude.record.dosing.services.observations import chart_vital, chart_vitals
from interlude.record.dosing.services.retelling import retell_observations
from interlude.record.dosing.services.session import cancel_session, open_session, sign_order
from interlude.record.dosing.services.start import give_injection, start_infusion

__all__ = [
    "SCALES",
    "answer_discharge",
    "answer_gate",
    "begin_rest",
    "cancel_session",
    "change_rate",
    "chart_vital",
    "chart_vitals",
    "complete",
    "confirm_pump",
    "discharge",
    "end_early",
    "give_injection",
    "log_event",
    "open_session",
    "pause",
    "receive_batch",
    "record_score",
    "resume",
    "retell_observations",
    "sign_order",
    "start_infusion",
    "stop",
    "transfer",
]
