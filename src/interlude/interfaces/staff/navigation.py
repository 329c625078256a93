"""The rooms of the house as the staff's menu: each entry is shown to those whom the role file lets in."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import StaffMember


@dataclass(frozen=True)
class Entry:
    url_name: str
    label: str | Promise
    icon: str
    roles: frozenset[str]


def _entry(url_name: str, label: str | Promise, icon: str, *roles: str) -> Entry:
    return Entry(f"staff:{url_name}", label, icon, frozenset(roles))


_CARE = ("physician", "nurse", "therapist", "front_desk")
ENTRIES = (
    _entry("today", _("Today"), "layout-dashboard", *_CARE),
    _entry("patients", _("Patients"), "users", *_CARE),
    _entry("calendar", _("Calendar"), "calendar", *_CARE),
    _entry("worklist", _("Tasks"), "list-checks", *_CARE, "pharmacy", "administrator"),
    _entry("devices", _("Devices"), "monitor", "nurse", "physician", "administrator"),
    _entry("stock", _("Stock"), "package", "nurse", "physician", "pharmacy"),
    _entry("protocols", _("Protocols"), "book-open", "physician", "nurse", "therapist"),
    _entry("studies", _("Studies"), "library", "physician", "nurse", "therapist", "researcher", "front_desk"),
    _entry("administration", _("Administration"), "settings", "administrator"),
)


def nav_items(user: StaffMember, current: str) -> list[dict[str, object]]:
    """The menu of one person: [{url, label, icon, current}]."""
    items: list[dict[str, object]] = []
    for entry in ENTRIES:
        if not entry.roles & user.access_roles:
            continue
        try:
            url = reverse(entry.url_name)
        except NoReverseMatch:
            continue
        items.append({"url": url, "label": entry.label, "icon": entry.icon, "current": current == entry.url_name})
    return items
