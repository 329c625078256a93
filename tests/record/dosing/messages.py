"""Messages of a virtual monitor, written for these tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from interlude.codecs.hl7v2 import parse
from interlude.codecs.mllp import RawFrame

EUI = "0011223344556677"
ROWS = {
    "heart_rate": ("147842^MDC_ECG_HEART_RATE^MDC", "264864^MDC_DIM_BEAT_PER_MIN^MDC"),
    "pulse_rate": ("149530^MDC_PULS_OXIM_PULS_RATE^MDC", "264864^MDC_DIM_BEAT_PER_MIN^MDC"),
    "spo2": ("150456^MDC_PULS_OXIM_SAT_O2^MDC", "262688^MDC_DIM_PERCENT^MDC"),
    "resp_rate": ("151562^MDC_RESP_RATE^MDC", "264928^MDC_DIM_RESP_PER_MIN^MDC"),
    "nibp_sys": ("150021^MDC_PRESS_BLD_NONINV_SYS^MDC", "266016^MDC_DIM_MMHG^MDC"),
    "nibp_dia": ("150022^MDC_PRESS_BLD_NONINV_DIA^MDC", "266016^MDC_DIM_MMHG^MDC"),
}
VITALS = {"heart_rate": 72, "pulse_rate": 71, "spo2": 98, "resp_rate": 14}


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%d%H%M%S+0000")


def message(
    at: datetime,
    values: dict[str, object] | None = None,
    *,
    control_id: str = "",
    eui: str = EUI,
    cuff: tuple[int, int] | None = None,
    cuff_at: datetime | None = None,
    modes: str = "AL|NE",
    processing: str = "P",
    flag: str = "",
    patient: str = "99999^^^Other hospital^PI",
    name: str = "Somebody^Else",
    sent_at: datetime | None = None,
) -> bytes:
    """An ORU^R01 whose device clock says `at`; `cuff` repeats a pressure with its own time."""
    rows = [
        f"MSH|^~\\&|MON^{eui}^EUI-64|WARD|INTERLUDE|CLINIC|{stamp(sent_at or at)}||ORU^R01^ORU_R01|"
        f"{control_id or stamp(at)}|{processing}|2.6|||{modes}||UNICODE UTF-8",
        f"PID|||{patient}||{name}",
        f"OBR|1|||182777000^monitoring of patient^SCT|||{stamp(at)}",
        f"OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X|||{stamp(at)}||||{eui}^^{eui}^EUI-64",
    ]
    index = 1
    for kind, value in (VITALS if values is None else values).items():
        index += 1
        code, unit = ROWS[kind]
        rows.append(f"OBX|{index}|NM|{code}|1.1.1.{index}|{value}|{unit}||{flag}|||R|||{stamp(at)}")
    for kind, value in zip(("nibp_sys", "nibp_dia"), cuff or (), strict=False):
        index += 1
        code, unit = ROWS[kind]
        rows.append(f"OBX|{index}|NM|{code}|1.1.2.{index}|{value}|{unit}||{flag}|||R|||{stamp(cuff_at or at)}")
    return "\r".join(rows).encode() + b"\r"


def framed(data: bytes, received_at: datetime, faults: tuple[str, ...] = ()) -> RawFrame:
    return RawFrame(data=data, peer="10.0.0.7:4001", received_at=received_at, faults=faults)


def stream(start: datetime, seconds: int, *, late_s: float = 0.2, eui: str = EUI) -> list[RawFrame]:
    """One message a second; the cuff measures every 60 s and is repeated in every message."""
    frames = []
    for second in range(seconds):
        at = start + timedelta(seconds=second)
        measured = start + timedelta(seconds=second - second % 60)
        minute = second // 60
        data = message(
            at,
            {"heart_rate": 70 + second % 7, "spo2": 95 + second % 4, "resp_rate": 14},
            eui=eui,
            cuff=(120 + minute, 80 + minute),
            cuff_at=measured,
        )
        frames.append(framed(data, at + timedelta(seconds=late_s)))
    return frames


def codes(answer: bytes | None) -> list[str]:
    """The acknowledgement codes in an answer, which may hold two framed messages."""
    found = []
    for part in (answer or b"").split(b"\x0b"):
        read = parse(part)
        segment = read.first("MSA") if read else None
        if segment:
            found.append(segment.component(1, 1))
    return found
