"""Addresses of the staff's pages: each group of pages brings its own list."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern

# In the order of care, after the entrance.
GROUPS = (
    "entrance",
    "work",
    "people",
    "assessment",
    "planning",
    "evidence",
    "calendar",
    "session",
    "measures",
    "followup",
    "devices",
    "stock",
    "administration",
)


def _patterns() -> list[URLPattern]:
    patterns: list[URLPattern] = []
    for group in GROUPS:
        name = f"interlude.interfaces.staff.{group}"
        if find_spec(name) is not None and find_spec(f"{name}.urls") is not None:
            patterns += import_module(f"{name}.urls").urlpatterns
    return patterns


urlpatterns = _patterns()
