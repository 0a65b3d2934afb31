"""Terminal screens as SVG: one as a picture, several as a recording that plays by itself.

Strategy: rich reads what tmux says of a screen (text with SGR sequences), and each row becomes a group of texts, which stands once in
the file however many screens have it. A recording shows its screens in turn by SMIL, which browsers play in an `<img>` too.

Contract: the same screens give the same bytes. Nothing is loaded: the font is the reader's own.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from rich.color import ColorType
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import SVG_EXPORT_THEME, TerminalTheme
from rich.text import Text

__all__ = ["Frame", "drawing"]

WIDE: Final = 8.4
HIGH: Final = 20.0
SIZE: Final = 14
EDGE: Final = 16.0
BAR: Final = 30.0
"""The height of the window's title bar; all of these are in pixels."""

THEME: Final[TerminalTheme] = SVG_EXPORT_THEME
NO_BREAK: Final = "\N{NO-BREAK SPACE}"
"""What stands for a space: SVG would make one of several."""

FONT: Final = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


class Frame(NamedTuple):
    """A screen, and how long it is shown.

    Attributes:
        screen: Its rows, with SGR sequences.
        seconds: How long it is shown; a picture of one frame shows it for good.
    """

    screen: str
    seconds: float = 1.0


def drawing(frames: Sequence[Frame], *, columns: int, rows: int, title: str) -> str:
    """Return an SVG of screens: of one as it is, of several in turn, again and again.

    Args:
        frames: The screens.
        columns: How wide they are.
        rows: How high the picture is.
        title: What stands in the window's bar, and what a screen reader says.
    """
    lines: dict[str, str] = {}
    shown = [_shown(frame.screen, columns, rows, lines) for frame in frames]
    width, height = columns * WIDE + 2 * EDGE, rows * HIGH + BAR + EDGE
    background, foreground = (_hex(*THEME.background_color), _hex(*THEME.foreground_color))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<g font-family="{FONT}" font-size="{SIZE}" fill="{foreground}">',
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="{background}"/>',
        *(f'<circle cx="{18 + 20 * place}" cy="16" r="6" fill="#5c6370"/>' for place in range(3)),
        f'<text x="{width / 2:g}" y="21" text-anchor="middle">{escape(title)}</text>',
        *("<defs>", *(f'<g id="{name}">{line}</g>' for line, name in lines.items()), "</defs>"),
        *_played(shown, [frame.seconds for frame in frames]),
        "</g></svg>",
    ]
    return "\n".join(parts) + "\n"


def _played(shown: Sequence[str], seconds: Sequence[float]) -> list[str]:
    if len(shown) == 1:
        return [f"<g>{shown[0]}</g>"]
    total, passed, parts = sum(seconds), 0.0, []
    for uses, taken in zip(shown, seconds, strict=True):
        times = [("hidden", 0.0), ("visible", passed / total), ("hidden", (passed + taken) / total)]
        kept = [each for each in times[1 if passed == 0 else 0 :] if each[1] < 1]
        animation = (
            f'<animate attributeName="visibility" calcMode="discrete" dur="{total:.2f}s" repeatCount="indefinite" '
            f'values="{";".join(value for value, _ in kept)}" keyTimes="{";".join(f"{at:.5f}" for _, at in kept)}"/>'
        )
        parts.append(f'<g visibility="hidden">{animation}{uses}</g>')
        passed += taken
    return parts


def _shown(screen: str, columns: int, rows: int, lines: dict[str, str]) -> str:
    """Return the uses of a screen's rows; a row that is new is added to `lines`, with its name."""
    console = Console(width=columns, file=io.StringIO(), color_system="truecolor", legacy_windows=False)
    uses = []
    for place, row in enumerate(screen.split("\n")[:rows]):
        if line := _line(console, row):
            name = lines.setdefault(line, f"l{len(lines)}")
            uses.append(f'<use href="#{name}" y="{BAR + place * HIGH:g}"/>')
    return "".join(uses)


def _line(console: Console, row: str) -> str:
    parts, column = [], 0
    for segment in Text.from_ansi(row).render(console):
        text = segment.text.rstrip("\n")
        length = Segment(text).cell_length
        parts.append(_piece(text, segment.style or Style.null(), EDGE + column * WIDE, length * WIDE))
        column += length
    return "".join(parts)


def _piece(text: str, style: Style, left: float, width: float) -> str:
    front, back = _colour(style, front=True), _colour(style, front=False)
    if style.reverse:
        front, back = back or _hex(*THEME.background_color), front or _hex(*THEME.foreground_color)
    box = f'<rect x="{left:g}" width="{width:g}" height="{HIGH:g}" fill="{back}"/>' if back else ""
    if not text.strip():
        return box
    looks = [
        f'fill="{front}"' if front else "",
        'font-weight="bold"' if style.bold else "",
        'font-style="italic"' if style.italic else "",
        'text-decoration="underline"' if style.underline else "",
        'opacity="0.6"' if style.dim else "",
    ]
    said = " ".join(filter(None, looks))
    place = f'x="{left:g}" y="15" textLength="{width:g}" lengthAdjust="spacingAndGlyphs"'
    return f"{box}<text {place}{' ' + said if said else ''}>{escape(text.replace(' ', NO_BREAK))}</text>"


def _colour(style: Style, *, front: bool) -> str:
    colour = style.color if front else style.bgcolor
    if colour is None or colour.type is ColorType.DEFAULT:
        return ""
    return _hex(*colour.get_truecolor(THEME, foreground=front))


def _hex(red: int, green: int, blue: int) -> str:
    return f"#{red:02x}{green:02x}{blue:02x}"
