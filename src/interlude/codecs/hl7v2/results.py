"""What reading gives: readings for the chart, rows held in quarantine, rows passed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from interlude.codecs.hl7v2.reasons import HELD, PASSED


@dataclass(frozen=True, slots=True)
class Reading:
    """One value that may be charted once a nurse has assigned its device.

    `value` is in `unit` (UCUM, the chart's unit of `kind`); `value_as_sent` and `unit_as_sent` keep the
    original. `observed_at` is aware. When `observed_at_is_device_time` is False the device's clock was
    absent or more than five minutes off: the time is our receipt less the age that the message itself
    gives. `device_ids` are the identifiers of the device, nearest first. `dedupe_key` is the same for the
    same measurement sent again (a cuff value repeated every second), whatever message carries it. `flags`:
    "questionable", "early", "alarm-active", "alarms-off", and those of `clock`. `primary` marks one reading
    per kind and time when a device sends several (two probes)."""

    kind: str
    value: Decimal
    unit: str
    observed_at: datetime
    observed_at_is_device_time: bool
    device_ids: tuple[str, ...]
    obx_index: int
    aperiodic: bool
    raw_code: str
    method: str = ""
    containment: str = ""
    value_as_sent: str = ""
    unit_as_sent: str = ""
    time_as_sent: str = ""
    flags: tuple[str, ...] = ()
    primary: bool = True

    @property
    def dedupe_key(self) -> tuple[str, str, str, str, str]:
        """(device, code, containment, time as sent or else received, value as sent)."""
        device = self.device_ids[0] if self.device_ids else ""
        when = self.time_as_sent or self.observed_at.isoformat()
        return device, self.raw_code, self.containment, when, self.value_as_sent


@dataclass(frozen=True, slots=True)
class Held:
    """Kept visible in quarantine. `obx_index` counts OBX rows from 1; 0 is the message as a whole.

    `detail` shows the row's code, value and unit as sent, `raw_code` its OBX-3 alone: rows of one device
    with the same reason and code can be shown as one line with a count."""

    reason_code: str
    text: str
    obx_index: int
    detail: str = ""
    raw_code: str = ""

    @classmethod
    def because(cls, reason_code: str, obx_index: int = 0, detail: str = "", raw_code: str = "") -> Held:
        return cls(reason_code, HELD[reason_code], obx_index, detail, raw_code)


@dataclass(frozen=True, slots=True)
class Passed:
    """Looked at and knowingly left out of chart and quarantine; the raw message is kept all the same."""

    reason_code: str
    obx_index: int

    @property
    def text(self) -> str:
        return PASSED[self.reason_code]


Outcome = Reading | Held | Passed
