"""What one step of a given length does to every person of a block, in concentrations.

    x_i <- decay_i x_i + rate gain_i                          the modes' parts of Cp (ng/mL); Cp = sum of x_i
    Ce  <- site_decay Ce + sum of site_i x_i + rate site_gain   the effect site, dCe/dt = ke0 (Cp - Ce)

All terms are >= 0, so nothing cancels, and no form divides by a difference of rates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interlude.domain.pharmacology.mammillary import Floats

SERIES_BELOW = 1.0 / 16.0
_SERIES_TERMS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The constants of B people: `rates_per_min` (m, B), `share` (m, B) in ng/mL per mg, `ke0_per_min` (B,) or None."""

    rates_per_min: Floats
    share: Floats
    ke0_per_min: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class Coefficients:
    """Of one step length; `gain` and `site_gain` are per unit of input per minute. Without a ke0 no `site`."""

    decay: Floats
    gain: Floats
    site: Floats | None
    site_decay: Floats | None
    site_gain: Floats | None


def coefficients(block: Block, minutes: float) -> Coefficients:
    """The coefficients of a step of `minutes` > 0."""
    rates = block.rates_per_min
    product = rates * minutes
    decay = np.exp(-product)
    filled = minutes * mean_decay(product)
    gain = block.share * filled
    ke0 = block.ke0_per_min
    if ke0 is None:
        return Coefficients(decay, gain, None, None, None)
    site_product = ke0 * minutes
    site_decay = np.exp(-site_product)
    # (exp(-a t) - exp(-b t)) / (b - a), smooth where the rates meet; the slower one decays less.
    passed = np.maximum(decay, site_decay) * minutes * mean_decay(np.abs(ke0 - rates) * minutes)
    site_filled = minutes * mean_decay(site_product)
    twice = _filled_passed(rates, ke0, minutes, np.maximum(filled, site_filled), passed)
    return Coefficients(decay, gain, ke0 * passed, site_decay, ke0 * np.sum(block.share * twice, axis=0))


def mean_decay(x: Floats) -> Floats:
    """(1 - exp(-x)) / x for x >= 0, which is 1 at x = 0."""
    x = np.maximum(x, 1e-300)
    return np.asarray(-np.expm1(-x) / x)


def filled_twice(rates: Floats, minutes: float, filled: Floats) -> Floats:
    """(t - filled) / a: what a constant input leaves behind as area, given `filled` = (1 - exp(-a t)) / a."""
    return _filled_passed(rates, np.zeros(rates.shape[-1]), minutes, np.full_like(rates, minutes), filled)


def _filled_passed(rates: Floats, other: Floats, minutes: float, filled_slow: Floats, passed: Floats) -> Floats:
    """Integral of `passed`: (filled_slow - passed) / fast, or its power series where these two nearly cancel.

    The series is t^2 sum (-t)^n h_n(a, b) / (n + 2)!, h_n the sum of a^i b^(n-i); ten terms at fast t < 1/16.
    """
    fast = np.maximum(rates, other)
    early = fast * minutes < SERIES_BELOW
    value = (filled_slow - passed) / np.where(early, 1.0, fast)
    if early.any():
        x = rates[early] * minutes
        y = np.broadcast_to(other, rates.shape)[early] * minutes
        power, homogeneous, factor = np.ones_like(y), np.ones_like(y), 0.5
        total = np.full_like(y, factor)
        for n in range(1, _SERIES_TERMS):
            power = power * y
            homogeneous = x * homogeneous + power
            factor /= -(n + 2)
            total += factor * homogeneous
        value[early] = minutes * minutes * total
    return np.asarray(value)
