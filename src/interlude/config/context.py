from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from interlude.interfaces.staff.navigation import nav_items
from interlude.record.clinic.queries import emergency_numbers
from interlude.record.worklist.queries import tasks_for

MODES = ("auto", "light", "dark", "dim")


def page(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame shows: clinic, colour mode, navigation, number of waiting tasks."""
    mode = request.COOKIES.get("mode", "auto")
    context: dict[str, Any] = {
        "clinic": getattr(request, "clinic", None),
        "mode": mode if mode in MODES else "auto",
        "crisis_numbers": cache(lambda: list(emergency_numbers(for_patients=True))),
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        match = request.resolver_match
        context["nav_items"] = nav_items(user, match.view_name if match else "")
        context["palette_url"] = reverse("staff:find")
        # A template calls it wherever the number stands: counted once for a page, and not at all where it is not shown.
        context["worklist_count"] = cache(lambda: tasks_for(user).count())
    return context
