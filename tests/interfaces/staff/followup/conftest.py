from __future__ import annotations

from tests.record.dosing.conftest import clinic

__all__ = ["clinic"]
