"""The doses, times and outputs of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interlude.domain.pharmacology.case.fields import (
    EMPTY,
    MISSING,
    TWICE,
    choice,
    items,
    moved,
    number,
    object_of,
    text,
    whole,
)
from interlude.domain.pharmacology.case.people import CaseModel
from interlude.domain.pharmacology.regimen import Dose, check_lines
from interlude.domain.pharmacology.routes import ROUTES
from interlude.domain.refusals import N_, Refused

AMOUNTS = "amounts"
EFFECT_SITE = ("Ce", "Ce_s")
OUTPUTS = ("Cp", *EFFECT_SITE, "Cp_norketamine", "Cp_hydroxynorketamine", AMOUNTS)
MOST_SPRAYS = 100
_KEYS = ("route", "start_min", "duration_min", "amount_mg", "amount_mg_per_kg", "unit", "sprays", "line")

_ONE_AMOUNT = N_("Give the amount once: amount_mg or amount_mg_per_kg.")
_UNORDERED = N_("This time is earlier than the time before it. List the times in ascending order.")
_OUTPUT = N_("Unknown output. Use {allowed}.")
_NO_OUTPUT = N_("This model has no {output}. It has: {allowed}.")
_KE0_MISSING = N_("This value is missing. The outputs Ce and Ce_s need it.")
_NO_S_SHARE = N_("Ce_s needs a model that says which share is S-ketamine; an explicit model says it by s_fraction.")


def read_doses(value: object, weight_kg: float | None) -> tuple[Dose, ...]:
    """Doses in the order of the case; infusions of one route and line may adjoin, not overlap."""
    doses = tuple(_dose(one, f"doses[{index}]", weight_kg) for index, one in enumerate(items(value, "doses")))
    check_lines(doses)
    return doses


def _dose(value: object, field: str, weight_kg: float | None) -> Dose:
    given = object_of(value, field, _KEYS, required=("route", "start_min"))
    route = choice(given["route"], f"{field}.route", ROUTES)
    # How long an infusion runs must be said; by any other route a dose is given at once unless it says otherwise.
    if "duration_min" not in given and route == "iv":
        raise Refused(MISSING, field=f"{field}.duration_min")
    parts: dict[str, Any] = {
        "start_min": number(given["start_min"], f"{field}.start_min"),
        "duration_min": number(given.get("duration_min", 0), f"{field}.duration_min"),
        "amount_mg": _amount_mg(given, field, weight_kg),
    }
    if "sprays" in given:
        parts["sprays"] = whole(given["sprays"], f"{field}.sprays", least=1, most=MOST_SPRAYS)
    if "line" in given:
        parts["line"] = text(given["line"], f"{field}.line")
    try:
        return Dose(route, **parts)
    except Refused as refused:
        raise moved(refused, f"{field}.{refused.field}") from refused


def _amount_mg(given: Mapping[str, Any], field: str, weight_kg: float | None) -> float:
    """mg of the model's substance; `unit` may be written down and must then be that of the amount."""
    per_kg = "amount_mg_per_kg" in given
    if per_kg and "amount_mg" in given:
        raise Refused(_ONE_AMOUNT, field=f"{field}.amount_mg_per_kg")
    if not per_kg and "amount_mg" not in given:
        raise Refused(MISSING, field=f"{field}.amount_mg")
    if "unit" in given:
        choice(given["unit"], f"{field}.unit", ("mg/kg",) if per_kg else ("mg",))
    if not per_kg:
        return number(given["amount_mg"], f"{field}.amount_mg")
    amount = number(given["amount_mg_per_kg"], f"{field}.amount_mg_per_kg")
    if weight_kg is None:
        raise Refused(MISSING, field="patient.weight_kg")
    return number(amount * weight_kg, f"{field}.amount_mg_per_kg")


def read_times(value: object) -> list[float]:
    """Times in minutes, ascending."""
    times = [number(time, f"times_min[{index}]") for index, time in enumerate(items(value, "times_min"))]
    if not times:
        raise Refused(EMPTY, field="times_min")
    for index in range(1, len(times)):
        if times[index] < times[index - 1]:
            raise Refused(_UNORDERED, field=f"times_min[{index}]")
    return times


def read_outputs(value: object, about: CaseModel) -> list[str]:
    """Outputs that the model has; a refusal names the output, or the value of the model that it needs."""
    outputs = items(value, "outputs")
    if not outputs:
        raise Refused(EMPTY, field="outputs")
    for index, output in enumerate(outputs):
        if output not in OUTPUTS:
            raise Refused(_OUTPUT, field=f"outputs[{index}]", allowed=", ".join(OUTPUTS))
        if output in outputs[:index]:
            raise Refused(TWICE, field=f"outputs[{index}]")
    for index, output in enumerate(outputs):
        _need(output, f"outputs[{index}]", about)
    return outputs


def _need(output: str, field: str, about: CaseModel) -> None:
    model = about.model
    if output in model.refused:
        raise Refused(model.refused[output], field=field)
    if output in EFFECT_SITE:
        if model.ke0_per_min is None:
            raise Refused(_KE0_MISSING, field="model.ke0_per_min")
        if output == "Ce_s" and model.s_fraction is None:
            raise Refused(_NO_S_SHARE, field=field)
    elif output not in (AMOUNTS, *model.outputs):
        allowed = (*model.outputs, *EFFECT_SITE, AMOUNTS)
        raise Refused(_NO_OUTPUT, field=field, output=output, allowed=", ".join(allowed))
