"""From a source of the protocol data to its studies."""

from __future__ import annotations

from typing import Any

from interlude.interfaces.staff.evidence.asking import answers
from interlude.interfaces.staff.evidence.words import study_ref


def study_links(source_id: str) -> list[dict[str, Any]]:
    """[{name, code, url, citation}] of the studies behind a source id; empty for a label or a proposal."""
    return [study_ref(study) for study in answers().by_source.get(source_id, ())]


def study_link(source_id: str) -> str:
    """Address of the (first) study behind a source id, "" without one."""
    return next((one["url"] for one in study_links(source_id)), "")
