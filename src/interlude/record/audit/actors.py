"""Who did something: staff, patient, device or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Actor(Protocol):
    @property
    def actor_kind(self) -> str: ...

    @property
    def actor_id(self) -> str: ...

    @property
    def actor_role(self) -> str: ...


@dataclass(frozen=True)
class NamedActor:
    """An actor that is not a person with a row: the system's own task loop, or a device."""

    actor_kind: str
    actor_id: str
    actor_role: str = ""


SYSTEM = NamedActor("system", "interlude")


def device_actor(device_id: object) -> NamedActor:
    return NamedActor("device", str(device_id))
