from __future__ import annotations

from django.urls import NoReverseMatch, reverse


def link(name: str, *args: object) -> str:
    """The address of a staff page, or "" where this installation has no such page."""
    try:
        return reverse(f"staff:{name}", args=[str(arg) for arg in args])
    except NoReverseMatch:
        return ""
