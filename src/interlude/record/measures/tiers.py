"""The tiers of risk as the clinic works with them: time limit and owner, read from `tiers.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files

from interlude.domain.instruments import TIERS, Datum
from interlude.domain.instruments.schema import Tier
from interlude.domain.refusals import N_
from interlude.record.accounts.roles import Role

# What the owner of the task does (message ids).
LABELS = {
    "look": N_("Ask the suicide-risk screener"),
    "low": N_("Give safety information"),
    "moderate": N_("Contact the patient today"),
    "high": N_("Contact the patient now"),
}
_UNITS = {"h": timedelta(hours=1), "min": timedelta(minutes=1)}


@dataclass(frozen=True)
class TierRule:
    """`label` is an English message id: what the owner of the task does."""

    tier: Tier
    within: Datum
    owner_role: Role
    label: str

    @property
    def time_limit(self) -> timedelta:
        return int(self.within.value) * _UNITS[self.within.unit]


@cache
def tier_rules() -> dict[str, TierRule]:
    """Every tier of the domain with its rule. Raises `KeyError` when the file leaves one out."""
    text = files("interlude.record.measures").joinpath("tiers.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text, parse_float=Decimal)
    return {
        tier: TierRule(
            tier=tier,
            within=Datum.model_validate(table[tier]["within"]),
            owner_role=Role(table[tier]["owner_role"]),
            label=LABELS[tier],
        )
        for tier in TIERS
    }


def most_urgent(tiers: Iterable[str]) -> str:
    """The most urgent of some tiers; "" of none."""
    return max(tiers, key=lambda tier: TIERS.index(tier), default="")
