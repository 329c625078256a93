"""Writing a chart to a file: SVG as it is, PNG by the typesetter of the print layer with its own fonts."""

from __future__ import annotations

from pathlib import Path

from interlude.domain.refusals import N_, Refused
from interlude.interfaces.cli.charts.draw import WIDTH, draw
from interlude.interfaces.cli.charts.parts import Chart

# Pixels of a PNG for each pixel of the SVG.
SHARPNESS = 2
_POINTS_PER_INCH = 72

_ENDING = N_("A picture is written as .svg or .png.")
_UNWRITABLE = N_("the picture cannot be written: {error}")


def check_path(path: str) -> Path:
    """The path of a picture; `Refused` when it does not end in .svg or .png or its folder is missing."""
    target = Path(path)
    if target.suffix.lower() not in (".svg", ".png"):
        raise Refused(_ENDING, field="--plot")
    if not target.parent.is_dir():
        raise Refused(_UNWRITABLE, field="--plot", error=f"there is no folder {target.parent}")
    return target


def write(chart: Chart, path: Path) -> None:
    """The chart as a file; `Refused` names --plot when it cannot be written."""
    picture = draw(chart)
    content = picture.encode() if path.suffix.lower() == ".svg" else png(picture)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Refused(_UNWRITABLE, field="--plot", error=error.strerror or error) from error


def png(picture: str) -> bytes:
    """The SVG text as PNG."""
    import typst

    page = (
        "#set page(width: auto, height: auto, margin: 0pt)\n"
        f'#image(bytes(sys.inputs.picture), format: "svg", width: {WIDTH}pt)\n'
    )
    content: bytes = typst.compile(
        page.encode(),
        format="png",
        ppi=float(_POINTS_PER_INCH * SHARPNESS),
        sys_inputs={"picture": picture},
        ignore_system_fonts=True,
    )
    return content
