"""The reference page names every reason, code and kind that the gateway knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlude.codecs.hl7v2.codes import METRICS
from interlude.codecs.hl7v2.reasons import HELD, PASSED

PAGE = (Path(__file__).parents[3] / "docs/reference/gateway.md").read_text("utf-8")


@pytest.mark.parametrize("reason", [*HELD, *PASSED])
def test_every_reason_is_explained(reason: str) -> None:
    assert f"| `{reason}` | {(HELD | PASSED)[reason]} |" in PAGE


@pytest.mark.parametrize("code", METRICS)
def test_every_code_is_listed(code: int) -> None:
    metric = METRICS[code]
    assert f"| {code} | `{metric.vital.kind}` | {metric.method} |" in PAGE
    assert f"| {metric.vital.lowest} to {metric.vital.highest} {metric.vital.unit} |" in PAGE
