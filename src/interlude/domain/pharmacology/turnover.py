"""Slow effects: a marker whose production a level drives (indirect response, turnover).

    dE/dt = kin (1 + Smax H(C)) - kout E,    H(C) = C^h / (C50^h + C^h),    kin = kout x baseline

Smax > 0 stimulates, -1 <= Smax < 0 inhibits production. With D = E - baseline, variation of constants gives

    D(t) = D(a) exp(-kout (t - a)) + kin Smax  integral a..t  exp(-kout (t - s)) H(C(s)) ds

so only the drug's part is integrated: composite Gauss-Legendre on pieces that end at every dose edge, finer towards
the left edge (where H rises like a power of time), and halved until two levels agree. Relative error below 1e-9.
No marker of antidepressant effect is known: what is here was published for pain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from interlude.domain.pharmacology.cards import SourcedValue
from interlude.domain.pharmacology.effects import EffectFacts, facts_of, row_of, sigmoid
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.regimen import Dose, inputs_of, solve
from interlude.domain.pharmacology.solution import Model
from interlude.domain.refusals import N_, Refused

MINUTES_PER_DAY = 1440.0

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_GRADED = 0.5 ** np.arange(40.0, 0.0, -1.0)
_ROUNDS = 40
_AGREE, _NEGLIGIBLE = 1e-11, 1e-16
_MOST_PIECES = 100_000

_POSITIVE = N_("This must be a finite number of more than 0.")
_FINITE = N_("This must be a finite number.")
_MAXIMUM = N_("The maximum must be a finite number of -1 or more: production cannot fall below nothing.")
_TIMES = N_("The times must be finite, ascending and not before {earliest} minutes.")
_LEVELS = N_("The levels must be finite numbers of 0 ng/mL or more.")
_EXTREME = N_("This marker and these levels are too extreme to be computed with.")
_NOT_TURNOVER = N_("{name} is no turnover effect. Use one of: dahan2011_crps.")

Level = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Marker:
    """`baseline` in the marker's own unit; `maximum` is Smax, the relative change of production at a high level."""

    baseline: float
    kout_per_min: float
    c50_ng_per_ml: float
    hill: float
    maximum: float

    def __post_init__(self) -> None:
        for name in ("baseline", "kout_per_min", "c50_ng_per_ml", "hill"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise Refused(_POSITIVE, field=name)
        if not (math.isfinite(self.maximum) and self.maximum >= -1):
            raise Refused(_MAXIMUM, field="maximum")


@dataclass(frozen=True, kw_only=True)
class TurnoverFacts(EffectFacts):
    """A published turnover effect; what `missing` lists must be assumed, and said to be, to compute with it."""

    c50: SourcedValue
    half_life_d: SourcedValue

    def marker(self, *, baseline: float, hill: float, maximum: float) -> Marker:
        """With an assumed baseline, Hill coefficient and maximum; kout = ln 2 / half-life."""
        kout = math.log(2) / (self.half_life_d.value * MINUTES_PER_DAY)
        return Marker(baseline, kout, self.c50.value, hill, maximum)


def load_turnover(name: str = "dahan2011_crps") -> TurnoverFacts:
    """The published turnover effect of this name."""
    row = row_of(name)
    if row["kind"] != "turnover":
        raise Refused(_NOT_TURNOVER, field="effect", name=name)
    return TurnoverFacts(
        **facts_of(row), c50=SourcedValue(**row["c50"]), half_life_d=SourcedValue(**row["half_life_d"])
    )


def marker_under_doses(
    marker: Marker, model: Model, doses: Sequence[Dose], times_min: ArrayLike, *, output: str = "Cp"
) -> Floats:
    """The marker (t,) at `times_min` (min, ascending, from 0) from its baseline, driven by an output of `model`.

    `output` names the driving level in ng/mL: "Cp", "Ce", "Ce_s" or a metabolite's.
    """
    inputs = inputs_of(model, doses)
    edges = {float(t) for _, start, end, _ in inputs.segments for t in (start, end)}
    edges |= {float(at) for _, at, _ in inputs.boluses}
    return marker_under_level(marker, lambda t: solve(model, doses, t).output(output), times_min, edges_min=edges)


def marker_under_level(
    marker: Marker,
    level: Level,
    times_min: ArrayLike,
    *,
    edges_min: Iterable[float] = (),
    start_min: float = 0.0,
    start_value: float | None = None,
) -> Floats:
    """The marker (t,) under any level: a function of ascending minutes (n,) that gives ng/mL (n,).

    `edges_min` must hold every time at which the level is not smooth (a dose begins or ends). It starts at
    `start_value` (None: the baseline) at `start_min`. `Refused` by field: times_min, start_value, level.
    """
    times = np.asarray(times_min, dtype=np.float64).reshape(-1)
    if not (
        bool(np.isfinite(times).all())
        and bool((np.diff(times) >= 0).all())
        and (not len(times) or times[0] >= start_min)
    ):
        raise Refused(_TIMES, field="times_min", earliest=f"{start_min:g}")
    first = marker.baseline if start_value is None else start_value
    if not math.isfinite(first):
        raise Refused(_FINITE, field="start_value")
    if not len(times) or times[-1] == start_min:
        return np.full(len(times), first)
    pieces = _pieces(start_min, times, edges_min)
    ends, integrals = _integrals(marker, level, pieces)
    driven = marker.kout_per_min * marker.baseline * marker.maximum
    above, now = first - marker.baseline, start_min
    found = {start_min: above}
    for end, integral in zip(ends.tolist(), integrals.tolist(), strict=True):
        above = above * math.exp(-marker.kout_per_min * (end - now)) + driven * integral
        now = end
        found[end] = above
    return np.array([marker.baseline + found[t] for t in times.tolist()])


def _pieces(start_min: float, times: Floats, edges_min: Iterable[float]) -> Floats:
    """Ends of the first pieces (n + 1,): every edge and asked time, and points that close in on each edge."""
    last = float(times[-1])
    edges = sorted({start_min, *(float(e) for e in edges_min if start_min < e < last)})
    points = [np.array([last]), times]
    for edge, following in zip(edges, [*edges[1:], last], strict=True):
        points += [np.array([edge]), edge + (following - edge) * _GRADED]
    return np.unique(np.concatenate(points))


def _integrals(marker: Marker, level: Level, points: Floats) -> tuple[Floats, Floats]:
    """(ends (m,), integrals (m,)) of exp(-kout (end - s)) H(C(s)) over pieces, halved until they agree."""
    left, right = points[:-1], points[1:]
    coarse = _gauss(marker, level, left, right)
    negligible = _NEGLIGIBLE * max(float(coarse.sum()), 1e-300)
    ends: list[Floats] = []
    sums: list[Floats] = []
    for _ in range(_ROUNDS):
        if len(left) > _MOST_PIECES or not bool(np.isfinite(coarse).all()):
            raise Refused(_EXTREME, field="marker")
        middle = left + (right - left) / 2
        halves = _gauss(marker, level, _woven(left, middle), _woven(middle, right))
        with np.errstate(over="ignore"):
            fine = halves[::2] * np.exp(-marker.kout_per_min * (right - middle)) + halves[1::2]
        done = np.abs(fine - coarse) <= _AGREE * fine + negligible
        done |= (middle <= left) | (middle >= right)
        ends.append(right[done])
        sums.append(fine[done])
        if done.all():
            break
        left, right = _woven(left[~done], middle[~done]), _woven(middle[~done], right[~done])
        coarse = _woven(halves[::2][~done], halves[1::2][~done])
    else:
        ends.append(right)
        sums.append(coarse)
    order = np.argsort(np.concatenate(ends), kind="stable")
    return np.concatenate(ends)[order], np.concatenate(sums)[order]


def _woven(first: Floats, second: Floats) -> Floats:
    """first[0], second[0], first[1], second[1], ..."""
    return np.stack([first, second], axis=1).reshape(-1)


def _gauss(marker: Marker, level: Level, left: Floats, right: Floats) -> Floats:
    """Gauss-Legendre with 16 nodes on each piece (m,); pieces ascend and do not overlap."""
    half = (right - left) / 2
    nodes = left[:, None] + half[:, None] * (1.0 + _NODES)
    levels = np.asarray(level(nodes.reshape(-1)), dtype=np.float64)
    if not (bool(np.isfinite(levels).all()) and bool((levels >= 0).all())):
        raise Refused(_LEVELS, field="level")
    effect = sigmoid(levels.reshape(nodes.shape), marker.c50_ng_per_ml, marker.hill)
    with np.errstate(over="ignore"):
        decay = np.exp(-marker.kout_per_min * (right[:, None] - nodes))
    return np.asarray(half * ((effect * decay) @ _WEIGHTS))
