"""Checks that need several rows of one message: pressures that must fit together, one primary among doubles."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from interlude.codecs.hl7v2 import codes
from interlude.codecs.hl7v2.results import Held, Outcome, Reading


def check_pressures(found: list[Outcome]) -> list[Outcome]:
    """Hold pressures of one measurement that contradict one another: diastolic not below systolic, mean
    outside."""
    sets: dict[tuple[str, str, str], dict[str, int]] = {}
    for position, outcome in enumerate(found):
        if isinstance(outcome, Reading) and outcome.kind[:4] in ("nibp", "abp_"):
            family, part = outcome.kind.split("_")
            parent = outcome.containment.rpartition(".")[0] if outcome.containment.count(".") < 4 else ""
            sets.setdefault((family, parent, outcome.time_as_sent), {})[part] = position
    for members in sets.values():
        wrong: list[int] = []
        value = {part: found[position] for part, position in members.items()}
        numbers = {part: item.value for part, item in value.items() if isinstance(item, Reading)}
        if "sys" in numbers and "dia" in numbers and numbers["dia"] >= numbers["sys"]:
            wrong = list(members.values())
        elif "mean" in numbers and (
            ("sys" in numbers and numbers["mean"] > numbers["sys"])
            or ("dia" in numbers and numbers["mean"] < numbers["dia"])
        ):
            wrong = [members["mean"]]
        for position in wrong:
            item = found[position]
            if isinstance(item, Reading):
                detail = f"{item.raw_code} {item.value_as_sent} {item.unit_as_sent}"
                found[position] = Held.because("pressure-order", item.obx_index, detail)
    return found


def choose_primary(outcomes: list[Outcome]) -> list[Outcome]:
    """Leave `primary` on one reading of each kind and time: the preferred method, then the first sent."""
    best: dict[tuple[str, datetime], Reading] = {}
    doubled = False
    for item in outcomes:
        if isinstance(item, Reading):
            key = (item.kind, item.observed_at)
            other = best.setdefault(key, item)
            if other is not item:
                doubled = True
                best[key] = min(other, item, key=_preference)
    if not doubled:
        return outcomes
    return [
        replace(item, primary=False)
        if isinstance(item, Reading) and best[item.kind, item.observed_at] is not item
        else item
        for item in outcomes
    ]


def _preference(reading: Reading) -> tuple[int, int]:
    return codes.METRICS[int(reading.raw_code)].rank, reading.obx_index
