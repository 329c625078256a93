"""`{% load evidence %}{% studies_behind source_id %}`: links from a line of a protocol to the studies behind it."""

from __future__ import annotations

from typing import Any

from django import template

from interlude.interfaces.staff.evidence.links import study_links

register = template.Library()


@register.inclusion_tag("staff/evidence/behind.html")
def studies_behind(source_id: str) -> dict[str, Any]:
    """Nothing for a source that is no study, such as a label or this product's own proposal."""
    return {"studies": study_links(source_id)}
