"""Other programs on the workload of `pharmacology.py`, one person after the other unless they offer more.

Every adapter is a few lines around the peer's own interface. None of them is a requirement: what isn't installed is
said so and skipped. Run by itself, this file lists what is there.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from interlude.domain.pharmacology import Mammillary
from interlude.domain.pharmacology.modes import Floats

TIMES = np.arange(241.0)
RATE_MG_PER_H, END_MIN = 52.5, 40.0
MG_PER_MIN = RATE_MG_PER_H / 60

Solve = Callable[[list[Mammillary]], Floats]
"""(people, 2, T): Cp and Ce in ng/mL."""


def matrix_of(m: Mammillary) -> Floats:
    """Amounts (mg), effect site (mg/L) and a constant that carries the input (mg/min)."""
    k12, k21, k13, k31 = (v or 0.0 for v in (m.k12_per_min, m.k21_per_min, m.k13_per_min, m.k31_per_min))
    ke0 = m.ke0_per_min or 0.0
    return np.array(
        [
            [-(m.k10_per_min + k12 + k13), k21, k31, 0.0, 1.0],
            [k12, -k21, 0.0, 0.0, 0.0],
            [k13, 0.0, -k31, 0.0, 0.0],
            [ke0 / m.v1_l, 0.0, 0.0, -ke0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.0],
        ]
    )


def reference(people: list[Mammillary]) -> Floats:
    """SciPy's matrix exponential of one minute, applied 240 times."""
    return np.array([_by_expm(model) for model in people])


def _by_expm(model: Mammillary) -> Floats:
    step = expm(matrix_of(model))
    state, rows = np.zeros(5), []
    for minute in TIMES:
        state[4] = MG_PER_MIN if minute < END_MIN else 0.0
        rows.append((state[0] / model.v1_l * 1000, state[3] * 1000))
        state = step @ state
    return np.array(rows).T


def scipy_ode(method: str, **tolerances: float) -> Solve:
    """solve_ivp, restarted at the end of the infusion."""

    def one(model: Mammillary) -> Floats:
        matrix, out, state = matrix_of(model), np.zeros((2, len(TIMES))), np.zeros(5)
        for rate, start, end in ((MG_PER_MIN, 0.0, END_MIN), (0.0, END_MIN, TIMES[-1])):
            state[4] = rate
            wanted = np.logical_and(np.greater_equal(TIMES, start), np.less_equal(TIMES, end))
            solution = solve_ivp(
                lambda _, y, matrix=matrix: matrix @ y, (start, end), state, method, TIMES[wanted], **tolerances
            )
            out[:, wanted] = solution.y[0] / model.v1_l * 1000, solution.y[3] * 1000
            state = solution.y[:, -1].copy()
        return out

    return lambda people: np.array([one(model) for model in people])


def pytci(integrator: str) -> Solve:
    """PyTCI's three-compartment class, minute by minute (its integrator is Euler unless told otherwise)."""
    from PyTCI.models.base import Three

    def one(model: Mammillary) -> Floats:
        body = Three()
        body.v1, body.k10, body.keo = model.v1_l, model.k10_per_min, model.ke0_per_min
        body.k12, body.k21, body.k13, body.k31 = (
            model.k12_per_min,
            model.k21_per_min,
            model.k13_per_min,
            model.k31_per_min,
        )
        body.setup()
        body.set_integrator(integrator)
        out = np.zeros((2, len(TIMES)))
        for minute in range(1, len(TIMES)):
            body.giveoverseconds(MG_PER_MIN / 60 if minute <= END_MIN else 0.0, 60)
            out[:, minute] = body.x1 * 1000, body.xeo * 1000
        return out

    return lambda people: np.array([one(model) for model in people])


def opentiva() -> Solve:
    """opentiva's compiled model; its effect site needs every second, of which every sixtieth is taken."""
    from opentiva.pkpd import PkPdModel

    class Parameters:
        compartments = 3

    end = int(TIMES[-1]) * 60 + 1
    given = np.array([[0.0, MG_PER_MIN / 60, END_MIN * 60, END_MIN * 60]])

    def one(model: Mammillary) -> Floats:
        parameters: Any = Parameters()
        parameters.v1, parameters.k10, parameters.ke0 = model.v1_l, model.k10_per_min, model.ke0_per_min
        parameters.k12, parameters.k21 = model.k12_per_min, model.k21_per_min
        parameters.k13, parameters.k31 = model.k13_per_min, model.k31_per_min
        body = PkPdModel(parameters)
        cp = body.cp_over_time(given, 0, end)
        ce = body.ce_over_time(cp)
        return np.stack([cp[::60, 1], ce[::60, 0]]) * 1000

    return lambda people: np.array([one(model) for model in people])


_MYOKIT = """[[model]]
c.a1 = 0
c.a2 = 0
c.a3 = 0
c.ce = 0

[e]
pace = 0 bind pace
time = 0 bind time

[c]
v1 = 1
k10 = 1
k12 = 1
k21 = 1
k13 = 1
k31 = 1
ke0 = 1
cp = a1 / v1
dot(a1) = e.pace - (k10 + k12 + k13) * a1 + k21 * a2 + k31 * a3
dot(a2) = k12 * a1 - k21 * a2
dot(a3) = k13 * a1 - k31 * a3
dot(ce) = ke0 * (cp - ce)
"""


def myokit() -> Solve:
    """myokit's compiled CVODES simulation, one compilation for everybody; tolerance 1e-8."""
    import myokit

    protocol = myokit.Protocol()
    protocol.schedule(MG_PER_MIN, 0, END_MIN)
    simulation = myokit.Simulation(myokit.parse_model(_MYOKIT), protocol)
    simulation.set_tolerance(1e-10, 1e-8)
    names = ("k10", "k12", "k21", "k13", "k31", "ke0")

    def one(model: Mammillary) -> Floats:
        simulation.reset()
        simulation.set_constant("c.v1", model.v1_l)
        for name in names:
            simulation.set_constant(f"c.{name}", getattr(model, f"{name}_per_min"))
        log = simulation.run(TIMES[-1] + 0.5, log=["c.cp", "c.ce"], log_times=TIMES)
        return np.array([log["c.cp"], log["c.ce"]]) * 1000

    return lambda people: np.array([one(model) for model in people])


def diffrax() -> Solve:
    """diffrax over all people at once (vmap), compiled beforehand; fifth-order solver at 1e-8."""
    import diffrax
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def flow(t: Any, y: Any, matrix: Any) -> Any:
        return matrix @ y + jnp.array([1.0, 0.0, 0.0, 0.0]) * jnp.where(t < END_MIN, MG_PER_MIN, 0.0)

    def one(matrix: Any) -> Any:
        return diffrax.diffeqsolve(
            diffrax.ODETerm(flow),
            diffrax.Tsit5(),
            0.0,
            TIMES[-1],
            0.1,
            jnp.zeros(4),
            args=matrix,
            saveat=diffrax.SaveAt(ts=jnp.asarray(TIMES)),
            stepsize_controller=diffrax.ClipStepSizeController(
                diffrax.PIDController(rtol=1e-8, atol=1e-12), jump_ts=jnp.array([END_MIN])
            ),
            max_steps=100_000,
        ).ys

    everybody = jax.jit(jax.vmap(one))

    def solve(people: list[Mammillary]) -> Floats:
        curves = np.array(everybody(np.array([matrix_of(model)[:4, :4] for model in people])))
        volumes = np.array([model.v1_l for model in people])
        return np.stack([curves[:, :, 0] / volumes[:, None], curves[:, :, 3]], axis=1) * 1000

    return solve


PEERS: list[tuple[str, str, Callable[[], Solve]]] = [
    ("SciPy LSODA 1e-8", "scipy", lambda: scipy_ode("LSODA", rtol=1e-8, atol=1e-12)),
    ("SciPy RK45, as it comes", "scipy", lambda: scipy_ode("RK45")),
    ("PyTCI, as it comes (Euler)", "PyTCI", lambda: pytci("euler")),
    ("PyTCI, exact", "PyTCI", lambda: pytci("exact")),
    ("opentiva (1-s grid)", "opentiva", opentiva),
    ("myokit (CVODES 1e-8)", "myokit", myokit),
    ("diffrax (Tsit5 1e-8, vmap)", "diffrax", diffrax),
]

if __name__ == "__main__":
    for name, package, _ in PEERS:
        print(f"{name:<30}{'installed' if find_spec(package) else 'not installed'}")
