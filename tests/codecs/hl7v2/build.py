"""Own messages with the traits of real ones, for the tests of this package."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from interlude.codecs.hl7v2 import Interpretation, read_message

RECEIVED = datetime(2026, 3, 2, 9, 30, 5, tzinfo=UTC)
SENT = "20260302093004+0000"
VIENNA = ZoneInfo("Europe/Vienna")

HR = "147842^MDC_ECG_HEART_RATE^MDC"
SPO2 = "150456^MDC_PULS_OXIM_SAT_O2^MDC"
SYS = "150021^MDC_PRESS_BLD_NONINV_SYS^MDC"
DIA = "150022^MDC_PRESS_BLD_NONINV_DIA^MDC"
MEAN = "150023^MDC_PRESS_BLD_NONINV_MEAN^MDC"
BPM = "264864^MDC_DIM_BEAT_PER_MIN^MDC"
RPM = "264928^MDC_DIM_RESP_PER_MIN^MDC"
PCT = "262688^MDC_DIM_PERCENT^MDC"
MMHG = "266016^MDC_DIM_MMHG^MDC"


def msh(
    *,
    kind: str = "ORU^R01^ORU_R01",
    control: str = "M1",
    sent: str = SENT,
    mode: str = "P",
    version: str = "2.6",
    accept: str = "AL",
    application: str = "NE",
    sender: str = "WARD7^AA00BB11CC22DD33^EUI-64",
    charset: str = "",
    continuation: str = "",
) -> str:
    return (
        f"MSH|^~\\&|{sender}|MAKER|CLINIC|HOUSE|{sent}||{kind}|{control}|{mode}|{version}||{continuation}"
        f"|{accept}|{application}||{charset}"
    )


def obx(
    code: str = HR,
    value: str = "71",
    unit: str = BPM,
    *,
    level: str = "1.1.1.1",
    kind: str = "NM",
    flags: str = "",
    status: str = "R",
    at: str = "",
    source: str = "",
    device: str = "",
) -> str:
    return f"OBX|1|{kind}|{code}|{level}|{value}|{unit}||{flags}|||{status}|||{at}|||{source}|{device}".rstrip("|")


def device(level: str = "1.0.0.0", *, own_id: str = "", at: str = "", code: str = "69965^MDC_DEV_MON^MDC") -> str:
    return obx(code, "", "", level=level, kind="", status="X", at=at, device=own_id)


def message(*rows: str, header: str | None = None, obr_7: str = SENT, obr_3: str = "") -> bytes:
    lines = [header if header is not None else msh(), "PID|||P-77^^^HOSP^MR||Somebody^Else"]
    lines += [f"OBR|1||{obr_3}|182777000^monitoring of patient^SCT|||{obr_7}", *rows]
    return ("\r".join(lines) + "\r").encode()


def read(raw: bytes, *, zone: ZoneInfo = VIENNA, received: datetime = RECEIVED) -> Interpretation:
    return read_message(raw, default_zone=zone, received_at=received)


def outcome(found: Interpretation) -> str:
    """One word for the only row of a message: the value charted, or the reason."""
    if found.readings:
        return f"{found.readings[0].kind} {found.readings[0].value} {found.readings[0].unit}"
    if found.held:
        return f"held {found.held[0].reason_code}"
    return f"passed {found.passed[0].reason_code}"
