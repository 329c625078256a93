"""Icons of the product: drawn once per name and size from the icon set of the `lucide` package, offline."""

from __future__ import annotations

from functools import lru_cache

import lucide
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

# Names of our own shapes: alarm priorities keep their form without colour, chart symbols repeat the chart's.
_OWN = {
    "octagon": ("shape", '<path d="M7.2 1.5h9.6l5.7 5.7v9.6l-5.7 5.7H7.2l-5.7-5.7V7.2z"/>'),
    "triangle": ("shape", '<path d="M12 1.8 23 21.5H1z"/>'),
    "circle": ("shape", '<circle cx="12" cy="12" r="10.5"/>'),
    "series-bp": ("symbol", '<path d="M5 3h14M12 3v18M5 21h14" stroke="currentColor" stroke-width="3" fill="none"/>'),
    "series-hr": ("symbol", '<circle cx="12" cy="12" r="7" fill="currentColor"/>'),
    "series-spo2": ("symbol", '<path d="M12 3 21 12 12 21 3 12z" fill="currentColor"/>'),
    "series-rr": ("symbol", '<path d="M3 20 12 4l9 16z" fill="none" stroke="currentColor" stroke-width="3"/>'),
    "series-ce": (
        "symbol",
        '<path d="M2 18C7 18 8 6 13 6s5 6 9 8" fill="none" stroke="currentColor" stroke-width="3.4"/>',
    ),
    "series-rate": ("symbol", '<path d="M3 21V12h9V5h9v16z" fill="currentColor"/>'),
}


@lru_cache(maxsize=512)
def icon(name: str, size: int | None = None, label: str = "", css: str = "") -> SafeString:
    """An inline SVG in the colour of the text. Without `label` it is hidden from screen readers.

    Raises `lucide.IconDoesNotExist` for a name that is neither ours nor in the set.
    """
    kind, body, attributes = _drawing(str(name))
    classes = f"{kind} {css}".strip()
    dimensions = f' width="{int(size)}" height="{int(size)}"' if size else ""
    names = f' role="img" aria-label="{escape(label)}"' if label else ' aria-hidden="true" focusable="false"'
    return mark_safe(f'<svg class="{classes}" viewBox="0 0 24 24"{dimensions}{attributes}{names}>{body}</svg>')


@lru_cache(maxsize=512)
def _drawing(name: str) -> tuple[str, str, str]:
    """Class, drawing and presentation attributes of a name."""
    if name in _OWN:
        kind, body = _OWN[name]
        return kind, body, ""
    text: str = lucide._render_icon(name, None)
    body = text[text.index(">") + 1 : text.rindex("</svg>")].strip()
    stroke = ' fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round"'
    return "icon", body, stroke
