from __future__ import annotations

import pytest

from tests.faults.clinic import Running


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Running:
    """Ten running sessions, a free chair with a monitor, and eight people who wait to be checked in."""
    directory = tmp_path_factory.mktemp("running") / "data"
    return Running.make(directory, "--sessions", "10", "--free-chairs", "1", "--waiting", "8")
