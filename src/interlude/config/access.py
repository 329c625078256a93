"""Who may open which address: the role file `access.toml`, read once and asked on every request."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from interlude.record.accounts.roles import Role

PUBLIC, PORTAL, STAFF = "public", "portal", "staff"


class BadRoleFile(ValueError):
    """access.toml names an unknown role or an unknown kind of visitor."""


@cache
def rules() -> dict[str, dict[str, frozenset[str]]]:
    """URL name -> method -> who: {"public"}, {"portal"}, or a set of roles ("staff" stands for all roles)."""
    table = tomllib.loads(files("interlude.config").joinpath("access.toml").read_text())
    return {
        url_name: {method: _who(url_name, who) for method, who in methods.items()}
        for section in table.values()
        for url_name, methods in section.items()
    }


def _who(url_name: str, who: str | list[str]) -> frozenset[str]:
    if who in (PUBLIC, PORTAL):
        return frozenset({str(who)})
    if who == STAFF:
        return frozenset(Role.values)
    roles = frozenset(who if isinstance(who, list) else [who])
    if not roles or not roles <= set(Role.values):
        raise BadRoleFile(f"{url_name}: {sorted(roles - set(Role.values))} are not roles")
    return roles


def who_may(url_name: str, method: str) -> frozenset[str] | None:
    """The visitors allowed, an empty set when the method is not offered, None when the address has no row."""
    methods = rules().get(url_name)
    if methods is None:
        return None
    return methods.get("GET" if method in ("HEAD", "OPTIONS") else method, frozenset())
