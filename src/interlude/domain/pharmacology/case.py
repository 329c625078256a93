"""The case format of `interlude simulate`: one JSON object in, one out; anything unclear is refused by field.

An explicit model is absolute, so `patient` may be left out there; a published model needs `patient.weight_kg`.
"""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any, NoReturn

from interlude.domain.pharmacology.cards import load_card
from interlude.domain.pharmacology.mammillary import Mammillary
from interlude.domain.pharmacology.solution import Bolus, Model, Segment, concentrations
from interlude.domain.refusals import N_, Refused

OUTPUTS = ("Cp", "Ce", "Ce_s")
UNIT = "ng/mL"
_CASE_KEYS = ("model", "patient", "doses", "times_min", "outputs")
_DOSE_KEYS = ("route", "start_min", "duration_min", "amount_mg")
_MODEL_REQUIRED = ("v1_l", "k10_per_min")
_MODEL_KEYS = (*_MODEL_REQUIRED, "k12_per_min", "k21_per_min", "k13_per_min", "k31_per_min", "ke0_per_min")
# Adjoining segments written with decimals may overlap by a rounding error of their sum.
_SLACK_MIN = 1e-9

_UNKNOWN = N_("Unknown key. Allowed here: {allowed}.")
_MISSING = N_("This value is missing.")
_NOT_OBJECT = N_("This must be an object.")
_NOT_LIST = N_("This must be a list.")
_EMPTY = N_("This list must not be empty.")
_NOT_NUMBER = N_("This must be a number.")
_NOT_FINITE = N_("This must be a finite number.")
_TOO_SMALL = N_("This must be 0 or more.")
_NOT_POSITIVE = N_("This must be more than 0.")
_UNORDERED = N_("This time is earlier than the time before it. List the times in ascending order.")
_OVERLAP = N_("This dose overlaps {other}. Segments may adjoin, not overlap.")
_ROUTE = N_('Only the route "iv" can be computed.')
_ROUTE_IM = N_(
    'The route "im" cannot be computed: no published absorption rate reproduces the observed levels. Use "iv".'
)
_OUTPUT = N_("Unknown output. Use {allowed}.")
_TWICE = N_("This is listed twice.")
_MODEL_KIND = N_("This must be the name of a model or an object with its volume and rates.")
_EXTREME = N_("This is too extreme to be computed with.")
_KE0_MISSING = N_("This value is missing. The outputs Ce and Ce_s need it.")
_NO_S_SHARE = N_("Ce_s needs a model that says which share is S-ketamine; an explicit model does not.")
_NOT_JSON = N_("The case is not valid JSON: {reason}.")


def simulate_case(case: dict[str, Any]) -> dict[str, Any]:
    """Concentrations of a case; `Refused.field` names what is wrong, like `doses[0].amount_mg`."""
    _keys(case, "case", _CASE_KEYS, required=("model", "doses", "times_min", "outputs"), prefix="")
    model = _model(case)
    outputs = _outputs(case["outputs"])
    segments, boluses = _doses(case["doses"])
    times = _times(case["times_min"])
    if "Ce" in outputs or "Ce_s" in outputs:
        _need_effect_site(model, outputs)
    try:
        curves = concentrations(model, segments, times, boluses)
    except Refused as refused:
        raise _within("doses", refused) from refused
    result: dict[str, Any] = {"times_min": times}
    for output in outputs:
        values = getattr(curves, f"{output.lower()}_ng_per_ml")
        result[output] = {"unit": UNIT, "values": [float(value) for value in values]}
    return result


def loads(text: str) -> dict[str, Any]:
    """A case from JSON text; refused for bad JSON, a key given twice, or anything but an object."""
    try:
        case = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except Refused:
        raise
    except RecursionError as error:
        raise Refused(_NOT_JSON, reason="nested too deeply") from error
    except ValueError as error:
        raise Refused(_NOT_JSON, reason=str(error)) from error
    if not isinstance(case, dict):
        raise Refused(_NOT_OBJECT, field="case")
    return case


def dumps(result: dict[str, Any]) -> str:
    """JSON text of a result; every number with 17 significant digits, so that it reads back exactly."""
    return _text(result)


def _text(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(k))}: {_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_text(v) for v in value) + "]"
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("JSON holds finite numbers only")
        return format(value, ".17g")
    return json.dumps(value)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Refused(_TWICE, field=key)
        found[key] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise Refused(_NOT_JSON, reason=f"{name} is not a number")


def _within(prefix: str, refused: Refused) -> Refused:
    """The same refusal with its field named from the top of the case."""
    field = f"{prefix}.{refused.field}" if refused.field and refused.field != prefix else prefix
    return Refused(refused.template, field=field, **refused.params)


def _keys(
    value: object, field: str, allowed: tuple[str, ...], *, required: tuple[str, ...], prefix: str | None = None
) -> None:
    """`value` is an object with only allowed keys and all required ones."""
    if not isinstance(value, dict):
        raise Refused(_NOT_OBJECT, field=field)
    start = f"{field}." if prefix is None else prefix
    for key in value:
        if key not in allowed:
            raise Refused(_UNKNOWN, field=f"{start}{key}", allowed=", ".join(allowed))
    for key in required:
        if key not in value:
            raise Refused(_MISSING, field=f"{start}{key}")


def _number(value: object, field: str, *, positive: bool = False) -> float:
    """A finite number of 0 or more; a boolean is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(_NOT_NUMBER, field=field)
    try:
        number = float(value)
    except OverflowError as error:
        raise Refused(_NOT_FINITE, field=field) from error
    if not math.isfinite(number):
        raise Refused(_NOT_FINITE, field=field)
    if number < 0:
        raise Refused(_TOO_SMALL, field=field)
    if positive and number == 0:
        raise Refused(_NOT_POSITIVE, field=field)
    return number


def _items(value: object, field: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise Refused(_NOT_LIST, field=field)
    return list(value)


def _model(case: dict[str, Any]) -> Model:
    """The absolute model of the case's patient."""
    weight_kg = None
    if "patient" in case:
        _keys(case["patient"], "patient", ("weight_kg",), required=())
        if "weight_kg" in case["patient"]:
            weight_kg = _number(case["patient"]["weight_kg"], "patient.weight_kg", positive=True)
    named = case["model"]
    if isinstance(named, str):
        return _published(named, weight_kg)
    if not isinstance(named, dict):
        raise Refused(_MODEL_KIND, field="model")
    _keys(named, "model", _MODEL_KEYS, required=_MODEL_REQUIRED)
    values: dict[str, Any] = {key: _number(value, f"model.{key}") for key, value in named.items()}
    try:
        model = Mammillary(**values)
        _ = model.modes
    except Refused as refused:
        raise _within("model", refused) from refused
    return model


def _published(name: str, weight_kg: float | None) -> Model:
    """A model card at this weight."""
    card = load_card(name)
    if weight_kg is None:
        raise Refused(_MISSING, field="patient.weight_kg")
    try:
        model = card.individual(weight_kg)
        model.at_rest()
    except (OverflowError, ZeroDivisionError, Refused) as error:
        raise Refused(_EXTREME, field="patient.weight_kg") from error
    return model


def _doses(value: object) -> tuple[list[Segment], list[Bolus]]:
    """Rate segments and boluses; infusions may adjoin, a bolus may coincide with anything."""
    segments: list[Segment] = []
    boluses: list[Bolus] = []
    spans: list[tuple[float, float, int]] = []
    for index, dose in enumerate(_items(value, "doses")):
        field = f"doses[{index}]"
        _keys(dose, field, _DOSE_KEYS, required=_DOSE_KEYS)
        if dose["route"] != "iv":
            raise Refused(_ROUTE_IM if dose["route"] == "im" else _ROUTE, field=f"{field}.route")
        start = _number(dose["start_min"], f"{field}.start_min")
        duration = _number(dose["duration_min"], f"{field}.duration_min")
        amount = _number(dose["amount_mg"], f"{field}.amount_mg")
        end = start + duration
        if end == start:
            # A duration of 0, or one that vanishes beside its start time.
            boluses.append((start, amount))
            continue
        rate = amount / (end - start) * 60.0
        if not (math.isfinite(end) and math.isfinite(rate)):
            raise Refused(_NOT_FINITE, field=f"{field}.duration_min")
        segments.append((start, end, rate))
        spans.append((start, end, index))
    spans.sort()
    for (_, end, before), (start, _, index) in pairwise(spans):
        if start < end - _SLACK_MIN:
            later, earlier = max(before, index), min(before, index)
            raise Refused(_OVERLAP, field=f"doses[{later}]", other=f"doses[{earlier}]")
    return segments, boluses


def _times(value: object) -> list[float]:
    times = [_number(time, f"times_min[{index}]") for index, time in enumerate(_items(value, "times_min"))]
    if not times:
        raise Refused(_EMPTY, field="times_min")
    for index in range(1, len(times)):
        if times[index] < times[index - 1]:
            raise Refused(_UNORDERED, field=f"times_min[{index}]")
    return times


def _outputs(value: object) -> list[str]:
    outputs = _items(value, "outputs")
    if not outputs:
        raise Refused(_EMPTY, field="outputs")
    for index, output in enumerate(outputs):
        if output not in OUTPUTS:
            raise Refused(_OUTPUT, field=f"outputs[{index}]", allowed=", ".join(OUTPUTS))
        if output in outputs[:index]:
            raise Refused(_TWICE, field=f"outputs[{index}]")
    return outputs


def _need_effect_site(model: Model, outputs: list[str]) -> None:
    """Ce needs a ke0, Ce_s also the share of S-ketamine."""
    if model.ke0_per_min is None:
        raise Refused(_KE0_MISSING, field="model.ke0_per_min")
    if "Ce_s" in outputs and model.s_fraction is None:
        raise Refused(_NO_S_SHARE, field=f"outputs[{outputs.index('Ce_s')}]")
