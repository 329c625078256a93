"""What can be read from the files: no inline style or script, one dark theme, enough contrast, big enough targets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import interlude.interfaces.design as package

FOLDER = Path(package.__file__).parent
TEMPLATES = sorted((FOLDER / "templates").rglob("*.html"))
CSS = FOLDER / "static/design/css"
TOKENS = (CSS / "tokens.css").read_text()


def block(selector: str) -> dict[str, str]:
    body = TOKENS.split(selector + " {", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"(--[\w-]+):\s*([^;]+);", body))


LIGHT = block(":root")
AUTO_DARK = block(':root:not([data-mode="light"], [data-mode="dim"])')
DARK = block(':root[data-mode="dark"]')
DIM = block(':root[data-mode="dim"]')
MODES = {"light": LIGHT, "dark": {**LIGHT, **DARK}, "dim": {**LIGHT, **DIM}}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_style_and_no_script(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert "hx-on" not in text
    assert "javascript:" not in text
    assert "js:" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", text)
    assert "<style" not in text


def test_scripts_do_not_evaluate_text() -> None:
    for script in (FOLDER / "static/design/js").rglob("*.js"):
        text = script.read_text()
        assert not re.search(r"\beval\(|new Function|innerHTML|setAttribute\(\"style", text), script


def test_dark_by_device_and_dark_by_choice_are_one_theme() -> None:
    assert AUTO_DARK == DARK


def test_dim_names_every_colour() -> None:
    colours = {name for name, value in LIGHT.items() if value.startswith("#")}
    assert colours <= set(DARK)
    assert colours <= set(DIM)


def test_colours_are_named_in_one_place() -> None:
    for sheet in CSS.glob("*.css"):
        if sheet.name not in ("tokens.css", "print.css"):
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb\(", sheet.read_text()), sheet.name


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


GROUNDS = ("--canvas", "--surface", "--sunken")
TONES = ("ok", "warn", "stop", "info")
BUTTONS = ("primary", "stop", "pause")
TEXT = [
    *[(ink, ground) for ink in ("--ink", "--ink-2", "--ink-3", "--link") for ground in GROUNDS],
    *[(f"--{tone}", ground) for tone in TONES for ground in ("--surface", "--canvas", f"--{tone}-soft")],
    ("--accent-strong", "--accent-soft"),
    ("--accent", "--accent-soft"),
    ("--on-accent", "--accent"),
    ("--banner-ink", "--banner"),
    ("--banner-ink-2", "--banner"),
    *[(f"--btn-{kind}-ink", f"--btn-{kind}{state}") for kind in BUTTONS for state in ("", "-hover")],
    *[(f"--alarm-{priority}-ink", f"--alarm-{priority}") for priority in ("high", "medium", "low")],
    *[(f"--series-{name}", "--surface") for name in ("bp", "hr", "spo2", "rr", "ce")],
]
SHAPES = [
    ("--line-strong", "--surface"),
    ("--line-strong", "--canvas"),
    ("--focus", "--surface"),
    ("--focus", "--canvas"),
    ("--accent", "--surface"),
    ("--series-rate", "--surface"),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("ink", "ground"), TEXT, ids="".join)
def test_text_contrast(mode: str, ink: str, ground: str) -> None:
    found = contrast(MODES[mode][ink], MODES[mode][ground])
    assert found >= 4.5, f"{ink} on {ground} in {mode}: {found:.2f}"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("ink", "ground"), SHAPES, ids="".join)
def test_shape_contrast(mode: str, ink: str, ground: str) -> None:
    found = contrast(MODES[mode][ink], MODES[mode][ground])
    assert found >= 3, f"{ink} on {ground} in {mode}: {found:.2f}"


def test_dim_grounds_are_near_black() -> None:
    for ground in ("--canvas", "--surface", "--sunken", "--banner", "--btn-primary", "--btn-stop", "--btn-pause"):
        assert luminance(DIM[ground]) <= 0.02, ground


def test_targets() -> None:
    assert LIGHT["--target-stop"] == "7.5rem"  # 120 CSS px, about 20 mm
    assert LIGHT["--target"] == "3.5rem"  # 56 CSS px
    assert LIGHT["--gap"] == "0.5rem"  # 8 CSS px
