"""Screens as SVG."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from pictures.svg import Frame, drawing

SVG = "{http://www.w3.org/2000/svg}"


def test_a_picture_has_the_text_and_its_styles() -> None:
    """Each piece stands at its column, with its colour and weight; what XML would take for its own is escaped."""
    drawn = drawing([Frame("ab \x1b[1;32m<c>\x1b[0m\n\n\x1b[7md")], columns=20, rows=3, title="a & b")
    root = ET.fromstring(drawn)  # noqa: S314 - our own
    assert root.findtext(f"{SVG}title") == "a & b"
    plain, bold, reverse = root.findall(f".//{SVG}defs//{SVG}text")
    assert (plain.text, bold.text, reverse.text) == ("ab\N{NO-BREAK SPACE}", "<c>", "d")
    assert (bold.get("font-weight"), bold.get("x"), plain.get("fill")) == ("bold", "41.2", None)
    assert reverse.get("fill") == root.find(f".//{SVG}rect").get("fill")  # type: ignore[union-attr] # it is there
    assert [use.get("y") for use in root.iter(f"{SVG}use")] == ["30", "70"]


def test_a_recording_shows_one_screen_at_a_time() -> None:
    """A row of several screens stands once; their times follow each other, and the last ends with the whole."""
    text = drawing([Frame("a", 1), Frame("a\nb", 2), Frame("c", 1)], columns=5, rows=2, title="t")
    assert text.count("<text ") == 4
    shown = re.findall(r'dur="4.00s".*? values="([a-z;]+)" keyTimes="([\d.;]+)"', text)
    assert shown == [
        ("visible;hidden", "0.00000;0.25000"),
        ("hidden;visible;hidden", "0.00000;0.25000;0.75000"),
        ("hidden;visible", "0.00000;0.75000"),
    ]
