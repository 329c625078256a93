"""Translated texts, also in a process that runs without settings (replay, the virtual bedside)."""

from __future__ import annotations

from django.core.exceptions import AppRegistryNotReady, ImproperlyConfigured
from django.utils.translation import gettext as translate


def gettext(text: str) -> str:
    """The text in the active language; English where no settings are configured."""
    try:
        return translate(text)
    except (ImproperlyConfigured, AppRegistryNotReady):
        return text
