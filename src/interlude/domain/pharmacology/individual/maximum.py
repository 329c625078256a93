"""Maximum a posteriori: the patient's parameters that explain measured levels best, weighed against the prior.

    minimise over eta   1/2 sum [ (y - f)^2 / v + ln v ]  +  1/2 eta' Omega^-1 eta,     v = (p f)^2 + a^2

f is the predicted level, y the measured one, v the variance of the residual error. A quasi-Newton search on
z = L^-1 eta (L L' = Omega) starts from the expected information M = J' diag(1/v + (dv/df)^2 / (2 v^2)) J + I;
M at the maximum makes the posterior about N(eta, L M^-1 L') (Laplace).
The information gained is 1/2 ln det M (nats): 0 when the levels say nothing about any parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from interlude.domain.pharmacology.individual.measured import Observation, ResidualError, check_observations
from interlude.domain.pharmacology.individual.posterior import Posterior
from interlude.domain.pharmacology.individual.prior import Prior
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.regimen import Dose, solve
from interlude.domain.refusals import N_, Refused

# Below this the widest gain on one parameter is a credible interval about 5 % narrower.
LEAST_INFORMATION_NATS = 0.05

_STEP = 1e-4
_ROUNDS = 200
_DONE, _DIGITS = 1e-14, 1e-9
_LONGEST_STEP = 2.0

_NO_DOSE = N_("No dose is charted, so measured levels cannot be explained.")
_BEFORE = N_("No level was taken after the first dose began, so they say nothing about this patient.")
_NOTHING_YET = N_(
    "The model predicts no drug at this time, so this level cannot be explained. Check its time and the doses."
)
_SAYS_NOTHING = N_(
    "These levels say nothing about this patient beyond what was assumed before "
    "(information {gained} nats, at least {least} is asked for)."
)
_NO_FIT = N_("No parameters near those of this population explain these levels. Check times, units and doses.")


def fit(
    prior: Prior,
    residual: ResidualError,
    doses: Sequence[Dose],
    observations: Sequence[Observation],
    *,
    least_information_nats: float = LEAST_INFORMATION_NATS,
) -> Posterior:
    """The posterior of a patient from doses and measured levels of Cp (ascending in time).

    `Refused` names what is wrong: observations[i].at_min/.value/.unit, doses, or "observations" when there are none,
    all precede the first dose, or the information gained is below `least_information_nats`.
    """
    times, measured = check_observations(observations, residual)
    if not any(dose.amount_mg > 0 for dose in doses):
        raise Refused(_NO_DOSE, field="doses")
    if times[-1] <= min(dose.start_min for dose in doses if dose.amount_mg > 0):
        raise Refused(_BEFORE, field="observations")

    def predicted(z: Floats) -> Floats:
        return solve(prior.build(prior.root @ z), doses, times).output("Cp")

    typical = predicted(np.zeros(len(prior.names)))
    if not residual.additive_sd_ng_per_ml and (typical <= 0).any():
        index = int(np.argmax(typical <= 0))
        raise Refused(_NOTHING_YET, field=f"observations[{index}].at_min")
    problem = _Problem(predicted, measured, residual)
    z = _minimised(problem, np.zeros(len(prior.names)))
    information = problem.information(z)
    gained = 0.5 * float(np.linalg.slogdet(information)[1])
    if gained < least_information_nats:
        raise Refused(_SAYS_NOTHING, field="observations", gained=f"{gained:.2g}", least=f"{least_information_nats:g}")
    return Posterior(
        prior=prior,
        eta=prior.root @ z,
        covariance=prior.root @ np.linalg.inv(information) @ prior.root.T,
        information_nats=gained,
        objective=problem.value(z),
        times_min=times,
        measured_ng_per_ml=measured,
        typical_ng_per_ml=typical,
        fitted_ng_per_ml=predicted(z),
        residual=residual,
    )


@dataclass(frozen=True, eq=False)
class _Problem:
    """The objective in z and its derivatives."""

    predicted: Callable[[Floats], Floats]
    measured: Floats
    residual: ResidualError

    def value(self, z: Floats) -> float:
        """The objective; inf where the model cannot be computed."""
        try:
            with np.errstate(all="ignore"):
                level = self.predicted(z)
        except (Refused, ArithmeticError):
            return np.inf
        variance = self.residual.variance(level)
        if not bool((variance > 0).all()):
            return np.inf
        with np.errstate(all="ignore"):
            value = float(0.5 * ((self.measured - level) ** 2 / variance + np.log(variance)).sum() + 0.5 * z @ z)
        return value if np.isfinite(value) else np.inf

    def jacobian(self, z: Floats) -> Floats:
        """d level / d z (n, k) by central differences."""
        columns = [
            (self.predicted(z + step) - self.predicted(z - step)) / (2 * _STEP) for step in _STEP * np.eye(len(z))
        ]
        return np.stack(columns, axis=1)

    def derivatives(self, z: Floats) -> tuple[Floats, Floats]:
        """(gradient (k,), expected information (k, k)) of the objective."""
        level, jacobian = self.predicted(z), self.jacobian(z)
        variance, slope = self.residual.variance(level), self.residual.slope(level)
        off = self.measured - level
        by_level = -off / variance + 0.5 * slope / variance * (1.0 - off**2 / variance)
        weight = 1.0 / variance + 0.5 * (slope / variance) ** 2
        gradient = jacobian.T @ by_level + z
        return gradient, (jacobian.T * weight) @ jacobian + np.eye(len(z))

    def information(self, z: Floats) -> Floats:
        return self.derivatives(z)[1]


def _minimised(problem: _Problem, z: Floats) -> Floats:
    """The z (k,) of the lowest objective: BFGS from the expected information, every step going down.

    Done when another step would gain less than the digits of the objective hold, about 1e-6 posterior SD.
    """
    value = problem.value(z)
    if not np.isfinite(value):
        raise Refused(_NO_FIT, field="observations")
    gradient, information = problem.derivatives(z)
    inverse: Floats = np.asarray(np.linalg.inv(information), dtype=np.float64)
    fresh = True
    for _ in range(_ROUNDS):
        step = -inverse @ gradient
        step *= min(1.0, _LONGEST_STEP / max(float(np.abs(step).max()), 1e-300))
        gain = -float(gradient @ step)
        if gain < _DONE * (1.0 + abs(value)):
            return z
        length, trial = _shortened(problem, z, step, value, gain)
        if length == 0.0:
            # No way down: the bottom as far as the digits reach, or a worn-out estimate of the curvature.
            if gain < _DIGITS * (1.0 + abs(value)):
                return z
            if fresh:
                break
            inverse, fresh = np.asarray(np.linalg.inv(problem.derivatives(z)[1]), dtype=np.float64), True
            continue
        moved = np.asarray(length * step, dtype=np.float64)
        z, value, before = z + moved, trial, gradient
        gradient = problem.derivatives(z)[0]
        inverse, fresh = _updated(inverse, moved, gradient - before), False
    raise Refused(_NO_FIT, field="observations")


def _shortened(problem: _Problem, z: Floats, step: Floats, value: float, gain: float) -> tuple[float, float]:
    """(share of the step that goes down enough, the objective there); (0, value) when none does."""
    length = 1.0
    for _ in range(20):
        trial = problem.value(z + length * step)
        if trial <= value - 1e-4 * length * gain:
            return length, trial
        length /= 2.0
    return 0.0, value


def _updated(inverse: Floats, moved: Floats, turned: Floats) -> Floats:
    """The inverse Hessian (k, k) after the gradient `turned` by so much along `moved` (BFGS)."""
    curvature = float(moved @ turned)
    if curvature <= 0:
        return inverse
    left = np.eye(len(moved)) - np.outer(moved, turned) / curvature
    return np.asarray(left @ inverse @ left.T + np.outer(moved, moved) / curvature)
