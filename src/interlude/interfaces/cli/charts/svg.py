"""Pieces of SVG text. Colours follow the reader's light or dark page; without a preference the light ones stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

SMALL, TEXT, TITLE = 11.5, 12.5, 16.0
# The mean width of a character in the widest of the fonts, as a share of its size.
_ADVANCE = 0.54

# light, dark: as in the product's design tokens.
COLOURS = {
    "surface": ("#ffffff", "#131c20"),
    "ink": ("#13211f", "#e7eeef"),
    "ink2": ("#42545a", "#b4c2c5"),
    "line": ("#6f7f84", "#7d8d93"),
    "grid": ("#e3e9e9", "#202c30"),
    "accent": ("#0b5b5e", "#74d2ca"),
    "effect": ("#9f32c6", "#be4ffa"),
    "third": ("#764700", "#f3c772"),
    "fourth": ("#0a4d85", "#97c8f7"),
    "quiet": ("#6f7f84", "#98a8ac"),
    "fill": ("#b9d9d7", "#23494c"),
}
FONTS = "Inter, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', sans-serif"
DASHES = {"solid": "", "dashed": "6 4", "dotted": "1.5 3.5", "long": "12 4", "dashdot": "9 3 2 3"}


def number(value: float) -> str:
    """A coordinate to a tenth of a pixel."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def document(width: float, height: float, title: str, description: str, parts: Iterable[str]) -> str:
    dark = "".join(f".{name}{{color:{colour}}}" for name, (_, colour) in COLOURS.items())
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(width)} {number(height)}"'
        f' width="{number(width)}" height="{number(height)}" role="img" aria-labelledby="title description"'
        f' font-family="{FONTS}" font-size="{TEXT}">\n'
        f'<title id="title">{escape(title)}</title>\n<desc id="description">{escape(description)}</desc>\n'
        f"<style>@media (prefers-color-scheme:dark){{{dark}}}</style>\n"
        f'<rect width="100%" height="100%" rx="8" fill="currentColor" {tone("surface")}/>\n'
    )
    return head + "\n".join(parts) + "\n</svg>\n"


def tone(name: str) -> str:
    """The attributes that give an element its colour as `currentColor`."""
    return f'class="{name}" color="{COLOURS[name][0]}"'


def text(
    x: float,
    y: float,
    words: str,
    *,
    colour: str = "ink2",
    anchor: str = "start",
    size: float = TEXT,
    bold: bool = False,
) -> str:
    extra = ' font-weight="600"' if bold else ""
    sized = "" if size == TEXT else f' font-size="{size}"'
    return (
        f'<text x="{number(x)}" y="{number(y)}" text-anchor="{anchor}"{sized}{extra} fill="currentColor" '
        f"{tone(colour)}>{escape(words)}</text>"
    )


def haloed(x: float, y: float, words: str, *, colour: str = "ink2", anchor: str = "start", size: float = SMALL) -> str:
    """Words over curves: the surface shows around each letter."""
    around = (
        f'<text x="{number(x)}" y="{number(y)}" text-anchor="{anchor}" font-size="{size}" fill="none" '
        f'stroke="currentColor" stroke-width="4" stroke-linejoin="round" {tone("surface")}>{escape(words)}</text>'
    )
    return around + "\n" + text(x, y, words, colour=colour, anchor=anchor, size=size)


def rule(x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1.0, dash: str = "solid") -> str:
    return (
        f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}" stroke="currentColor" '
        f'stroke-width="{number(width)}"{_dashes(dash)} {tone(colour)}/>'
    )


def curve(points: Sequence[tuple[float, float]], colour: str, *, width: float = 2.0, dash: str = "solid") -> str:
    return (
        f'<polyline points="{_points(points)}" fill="none" stroke="currentColor" stroke-width="{number(width)}" '
        f'stroke-linejoin="round"{_dashes(dash)} {tone(colour)}/>'
    )


def area(points: Sequence[tuple[float, float]], colour: str, *, opacity: float) -> str:
    return f'<polygon points="{_points(points)}" fill="currentColor" fill-opacity="{opacity:g}" {tone(colour)}/>'


def box(x: float, y: float, width: float, height: float, colour: str, *, opacity: float = 1.0) -> str:
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" '
        f'fill="currentColor" fill-opacity="{opacity:g}" {tone(colour)}/>'
    )


def dot(x: float, y: float, radius: float, colour: str) -> str:
    return (
        f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius + 1.5)}" fill="currentColor" {tone("surface")}/>'
        f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="currentColor" {tone(colour)}/>'
    )


def width_of(words: str, size: float = TEXT) -> float:
    """A generous guess: the font of the reader isn't known."""
    return len(words) * size * _ADVANCE


def wrapped(words: str, width: float, size: float = SMALL) -> list[str]:
    """`words` in lines that fit `width`."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def _dashes(dash: str) -> str:
    return f' stroke-dasharray="{DASHES[dash]}"' if DASHES[dash] else ""
