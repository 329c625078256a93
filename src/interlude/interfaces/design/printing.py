"""The one print layer: every document of the product as a tagged PDF (PDF/UA-1) in the clinic's own letterhead.

A document is a template in `print/` and a dictionary; nothing is read from the network, the disk or the system's
fonts. Dates, times and numbers in the dictionary are written the clinic's way before they reach the template.
The contents of each document are listed in docs/explanation/design.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import segno
import typst
from django.utils import translation
from django.utils.functional import Promise

from interlude.interfaces.design import formats, trend
from interlude.interfaces.design.print_words import words

FOLDER = Path(__file__).resolve().parent / "print"
DOCUMENTS = ("discharge", "consent", "course_summary", "day_list", "portal_invitation", "protocol")


class UnknownDocument(LookupError):
    """There is no print template of that name."""


def render_pdf(document: str, data: Mapping[str, Any], *, language: str) -> bytes:
    """The finished document. Raises `UnknownDocument`, or `typst.TypstError` when `data` lacks a needed part.

    `data` may hold texts, lazy translations, dates, times, numbers, lists and mappings. Special keys: `scores`
    (as in `trend.geometry`) becomes a drawn trend, `link` gets a QR code beside it.
    """
    if document not in DOCUMENTS:
        raise UnknownDocument(document)
    with translation.override(language):
        content = dict(data)
        content["words"] = words()
        content["language"] = language.split("-")[0]
        if content.get("scores"):
            content["scores_svg"], content["scores_text"] = _trend_picture(content.pop("scores"))
        if content.get("link"):
            content["qr_svg"] = qr_svg(str(content["link"]))
        payload = json.dumps(_plain(content), ensure_ascii=False)
    pdf: bytes = typst.compile(
        FOLDER / f"{document}.typ",
        root=FOLDER,
        ignore_system_fonts=True,
        sys_inputs={"data": payload},
        format="pdf",
        pdf_standards=["ua-1"],
    )
    return pdf


def qr_svg(text: str) -> str:
    """A QR code as SVG, error correction M, dark modules only."""
    code: str = segno.make(text, error="m", micro=False).svg_inline(scale=4, border=4, dark="#000", light="#fff")
    return code.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) if "xmlns=" not in code else code


def _plain(value: Any) -> Any:
    """The same content as JSON can hold it, written the clinic's way."""
    if value is None or isinstance(value, (bool, str, int)):
        return value if not isinstance(value, str) else str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)) or hasattr(value, "__next__"):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        return formats.clinic_datetime(value)
    if isinstance(value, date):
        return formats.clinic_date(value)
    if isinstance(value, time):
        return formats.clinic_time(value)
    if isinstance(value, (Decimal, float)):
        return formats.clinic_number(value)
    if isinstance(value, Promise):
        return str(value)
    return str(value)


def _trend_picture(scores: Mapping[str, Any]) -> tuple[str, str]:
    """The trend as a picture for paper, black on white, and in words."""
    g = trend.geometry(scores)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {g["width"]} {g["height"]}"'
        f' width="{g["width"]}" height="{g["height"]}" font-family="Libertinus Serif" font-size="13">'
    ]
    for band in g["bands"]:
        fill = "#ececec" if band["shaded"] else "#ffffff"
        parts.append(
            f'<rect x="{g["left"]}" y="{band["y"]}" width="{g["plot_width"]}" height="{band["height"]}" fill="{fill}"/>'
        )
        parts.append(_text(g["right"] + 10, band["middle"], str(band["label"])))
    for tick in g["y_ticks"]:
        parts.append(_text(g["left"] - 8, tick["y"] + 4, tick["text"], anchor="end"))
    for infusion in g["infusions"]:
        x = infusion["x"]
        parts.append(_line(x, g["top"], x, g["bottom"], "#777777", dash="2 3"))
        parts.append(f'<path d="M{x - 5} {g["top"] - 8}h10L{x} {g["top"]}z" fill="#444444"/>')
    parts.append(_line(g["left"], g["bottom"], g["right"], g["bottom"], "#000000"))
    for tick in g["x_ticks"]:
        parts.append(_line(tick["x"], g["bottom"], tick["x"], g["bottom"] + 5, "#000000"))
        parts.append(_text(tick["x"], g["bottom"] + 20, tick["text"], anchor="middle"))
    parts += [f'<polyline points="{line}" fill="none" stroke="#000000" stroke-width="2"/>' for line in g["lines"]]
    for point in g["points"]:
        parts.append(f'<circle cx="{point["x"]}" cy="{point["y"]}" r="4.5" fill="#000000"/>')
        parts.append(_text(point["x"], point["y"] - 10, point["value"], anchor="middle"))
    parts += [_text(x, g["bottom"] - 6, "–", anchor="middle") for x in g["missing"]]
    parts.append("</svg>")
    return "".join(parts), trend.summary(g)


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" text-anchor={quoteattr(anchor)}>{escape(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}"{dashes}/>'
