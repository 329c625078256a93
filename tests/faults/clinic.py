from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.faults.monitors import Monitors
from tests.faults.serving import ask, fill, make_clinic


@dataclass
class Running:
    """A clinic on disk with running sessions, each with its monitor."""

    directory: Path
    said: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def make(cls, directory: Path, *arguments: str) -> Running:
        make_clinic(directory)
        return cls(directory, fill(directory, *arguments))

    @property
    def sessions(self) -> list[dict[str, str]]:
        return list(self.said["sessions"])

    @property
    def eui64s(self) -> list[str]:
        return [one["eui64"] for one in self.sessions]

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return ask(self.directory, statement, *values)

    def check_exactly_once(self, monitors: Monitors) -> None:
        """Every acknowledged message is stored and charted, once, for its own session; nothing else is."""
        stored: dict[bytes, list[tuple[int, str]]] = {}
        for body, pk, disposition in self.ask("SELECT body, id, disposition FROM devices_rawmessage"):
            stored.setdefault(bytes(body), []).append((pk, disposition))
        sent = {one.body for one in monitors.sent}
        assert set(stored) <= sent, "something was stored that nobody sent"
        lost = [one for one in monitors.acknowledged if one.body not in stored]
        assert not lost, f"{len(lost)} acknowledged messages are not stored"
        assert all(len(rows) == 1 for rows in stored.values()), "a message was stored twice"
        session_of = {one["eui64"]: UUID(one["session"]).hex for one in self.sessions}
        charted = self.ask(
            "SELECT raw_id, session_id, value FROM dosing_observation WHERE kind = 'heart_rate' AND raw_id IS NOT NULL"
        )
        by_raw: dict[int, list[tuple[str, float]]] = {}
        for raw, session, value in charted:
            by_raw.setdefault(raw, []).append((session, float(value)))
        for monitor in monitors.monitors:
            for one in monitor.sent:
                for pk, disposition in stored.get(one.body, []):
                    assert disposition == "charted"
                    assert by_raw.pop(pk) == [(session_of[monitor.eui64], one.heart_rate)]
        assert not by_raw, "a value was charted from nowhere"
        audited = self.ask("SELECT about_id FROM audit_auditentry WHERE what = 'dosing.vitals.received'")
        assert sorted(int(row[0]) for row in audited) == sorted(rows[0][0] for rows in stored.values())
        assert self.ask("PRAGMA integrity_check") == [("ok",)]
