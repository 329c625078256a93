"""Who may. Kept apart from when: a rule of time asks the state table, a rule of persons asks here."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.roles import Role

RUN = frozenset({Role.PHYSICIAN, Role.NURSE})
"""Who gives the medicine: starts, changes the rate, resumes."""
CARE = frozenset({Role.PHYSICIAN, Role.NURSE, Role.THERAPIST})
"""Who sits with the patient: may always chart, pause and stop."""
ORDER = frozenset({Role.PHYSICIAN})
RECEPTION = frozenset({Role.PHYSICIAN, Role.NURSE, Role.FRONT_DESK})

_WORDS = {
    RUN: N_("Only a physician or a nurse may do this."),
    CARE: N_("Only a physician, a nurse or a therapist may do this."),
    ORDER: N_("Only a physician may do this."),
    RECEPTION: N_("Only a physician, a nurse or the front desk may do this."),
}

P = ParamSpec("P")


def check_role(role: str, allowed: frozenset[Role]) -> None:
    """Raise `Refused` unless the role is one of `allowed`."""
    if role not in allowed:
        raise Refused(_WORDS[allowed])


def answers(check: Callable[P, None]) -> Callable[P, bool]:
    """The yes-or-no half of a rule."""

    def may(*args: P.args, **kwargs: P.kwargs) -> bool:
        try:
            check(*args, **kwargs)
        except Refused:
            return False
        return True

    may.__name__ = check.__name__.removeprefix("check_")
    may.__doc__ = f"The answer to `{check.__name__}` without its reason."
    return may
