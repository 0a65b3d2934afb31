"""Which screens of a recording are kept."""

from __future__ import annotations

from pictures.scenes import PASSING, steady
from pictures.svg import Frame


def test_a_screen_between_two_drawings_is_left_out() -> None:
    """One whose rows a neighbour has too, unless somebody is to look at it."""
    frames = [Frame("$ a", 0.5), Frame("$ a\nx", PASSING), Frame("$ a", PASSING), Frame("$ a\nxy\n$", 2.0)]
    assert steady(frames) == [frames[0], frames[1], frames[3]]
