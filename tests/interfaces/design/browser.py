"""Questions that the journeys ask of a page in a real browser."""

from __future__ import annotations

import base64
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

MEASURE_PIXELS = """async (picture) => {
  const image = new Image();
  image.src = picture;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, image.width, image.height).data;
  const linear = (part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  let sum = 0;
  let run = 0;
  let longest = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    sum += 0.2126 * linear(pixels[at]) + 0.7152 * linear(pixels[at + 1]) + 0.0722 * linear(pixels[at + 2]);
    run = Math.min(pixels[at], pixels[at + 1], pixels[at + 2]) > 200 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return { mean: sum / (pixels.length / 4), longestWhiteRun: longest };
}"""

SMALL_TARGETS = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
  .filter((element) => element.offsetParent)
  .filter((element) => !element.closest(".visually-hidden, p, dd, td, .error-summary, .step-label"))
  .map((element) => (element.closest(".tile, .task") || element))
  .map((element) => ({ box: element.getBoundingClientRect(), text: element.outerHTML.slice(0, 90) }))
  .filter(({ box }) => box.width && (box.width < 24 || box.height < 24))
  .map(({ text }) => text)"""


def watch_policy(page: Page) -> list[str]:
    """Collects what the Content-Security-Policy stops, and script errors."""
    found: list[str] = []
    page.on(
        "console", lambda message: found.append(message.text) if "Content Security Policy" in message.text else None
    )
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def axe_violations(page: Page) -> list[str]:
    results: dict[str, Any] = Axe().run(page).response
    return [
        f"{violation['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for violation in results["violations"]
        for node in violation["nodes"]
    ]


def pixels(page: Page) -> dict[str, float]:
    """Mean relative luminance of the visible page, and the longest row of white pixels."""
    picture = "data:image/png;base64," + base64.b64encode(page.screenshot()).decode()
    canvas = page.context.new_page()
    try:
        measured: dict[str, float] = canvas.evaluate(MEASURE_PIXELS, picture)
        return measured
    finally:
        canvas.close()
