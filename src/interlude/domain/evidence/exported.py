"""Studies and pooled figures as plain data (JSON), the same for the command line and for pages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from interlude.domain.evidence.checks import counted
from interlude.domain.evidence.forest import forest
from interlude.domain.evidence.library import Evidence, load_evidence
from interlude.domain.evidence.pooling import Interval
from interlude.domain.evidence.pools import Pooled
from interlude.domain.evidence.schema import EventsRow, Study
from interlude.domain.evidence.sentences import labels, row_text, staff_text


def study_data(study: Study, evidence: Evidence | None = None) -> dict[str, Any]:
    """A study with its rows, exact decimals as text, counts that follow from percentages, and a sentence per row."""
    evidence = evidence or load_evidence()
    data = study.model_dump(mode="json", exclude_defaults=True)
    data["comparators"] = list(dict.fromkeys(arm.comparator for arm in study.arms if arm.comparator)) or ["none"]
    for row, said in zip(study.rows, data.get("rows", ()), strict=True):
        said["text"] = str(row_text(study, row, evidence))
        if isinstance(row, EventsRow):
            for name, share in (("treated", row.treated), ("control", row.control)):
                if share is not None and share.events is None and (pair := counted(share)):
                    said[name]["events_computed"] = pair[0]
    return data


def as_data(pooled: Pooled, evidence: Evidence | None = None) -> dict[str, Any]:
    """A pooled figure with its studies, heterogeneity, labels, sentences and the forest plot's positions."""
    evidence = evidence or load_evidence()
    found = pooled.synthesis
    return {
        "indication": pooled.indication,
        "outcome": pooled.outcome,
        "measure": pooled.measure.code,
        "unit": pooled.unit,
        "comparators": list(pooled.comparators),
        "definitions": list(pooled.definitions),
        "method": pooled.method,
        "level": pooled.level,
        "people": pooled.people,
        "studies": [
            {
                "id": one.study.id,
                "code": one.study.code,
                "citation": one.study.citation,
                "row": one.row.code,
                "comparator": one.comparator,
                "certainty": one.row.certainty,
                "risks": list(one.study.risks),
                "treated": _pair(one.treated),
                "control": _pair(one.control),
                "estimate": one.value,
                "interval": [one.low, one.high],
                "weight_fixed": one.weight_fixed,
                "weight_random": one.weight_random,
            }
            for one in pooled.studies
        ],
        "left_out": [{"id": one.study.id, "row": one.row.code, "reason": str(one.reason)} for one in pooled.left_out],
        "published": [
            {"id": one.study.id, "row": one.row.code, "estimate": one.value, "interval": [one.low, one.high]}
            for one in pooled.published
        ],
        "pooled": found is not None,
        "estimate": pooled.estimate,
        "interval": _ends(pooled.interval),
        "interval_kind": pooled.interval_kind,
        "normal_interval": None if found is None else _ends(pooled.normal),
        "fixed_effect": None if pooled.fixed is None else {"estimate": pooled.fixed[0], "interval": pooled.fixed[1:]},
        "heterogeneity": None
        if found is None
        else {"tau2": found.tau2, "q": found.q, "df": found.df, "p": found.p_q, "i2": found.i2},
        "prediction_interval": _ends(pooled.prediction),
        "favours_ketamine": pooled.favours_ketamine,
        "clear": pooled.clear,
        "labels": [str(one) for one in labels(pooled, evidence)],
        "text": [str(one) for one in staff_text(pooled, evidence)],
        "forest": asdict(forest(pooled)),
    }


def _pair(pair: tuple[int, int] | None) -> dict[str, int] | None:
    return None if pair is None else {"events": pair[0], "n": pair[1]}


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]
