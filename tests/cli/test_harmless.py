"""What a model writes cannot drive the terminal, however it is split over the deltas of a stream."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybearer.cli.harmless import HarmlessText, harmless
from support.whole import examples

ATTACKS = {
    "a clipboard by OSC 52": ("\x1b]52;c;ZXZpbA==\x07", "␛]52;c;ZXZpbA==␇"),
    "a clear screen": ("a\x1b[2Jb", "a␛[2Jb"),
    "a title": ("\x1b]0;pwned\x1b\\", "␛]0;pwned␛\\"),
    "a CSI of C1": ("\x9b2Jx", "<9B>2Jx"),
    "an OSC of C1": ("\x9d52;c;x\x9c", "<9D>52;c;x<9C>"),
    "a direction override": ("ab\u202edc\u202c", "ab<U+202E>dc<U+202C>"),
    "an isolate": ("\u2066a\u2069", "<U+2066>a<U+2069>"),
    "an overwritten line": ("rm -rf /\rls", "rm -rf /␍ls"),
    "a bell and a backspace": ("\x07\x08", "␇␈"),
    "a line separator": ("a\u2028b", "a<U+2028>b"),
    "a delete and a nul": ("\x7f\x00", "␡␀"),
}
PLAIN = "Tabs\tand\nlines, é, 漢字, 👩‍👩‍👧, \u200f\u05d0\u05d1\u05d2\u200f stay."


@pytest.mark.parametrize("name", ATTACKS)
def test_what_a_terminal_obeys_is_shown_as_a_sign(name: str) -> None:
    """Whole, and split at every place."""
    text, shown = ATTACKS[name]
    assert harmless(text) == shown
    for cut in range(len(text) + 1):
        through = HarmlessText()
        assert through.feed(text[:cut]) + through.feed(text[cut:]) + through.end() == shown


def test_all_other_text_stays() -> None:
    """Scripts, emoji, tabs and newlines are as they were."""
    assert harmless(PLAIN) == PLAIN


def test_a_line_end_of_two_characters_is_one_newline_however_it_is_split() -> None:
    """A carriage return waits for what comes after it."""
    through = HarmlessText()
    assert (through.feed("a\r"), through.feed("\nb\r"), through.end()) == ("a", "\nb", "␍")


@settings(max_examples=examples(40))
@given(
    st.lists(
        st.text(st.characters(max_codepoint=0x2070) | st.sampled_from("\r\n\x1b\x9b\u202e"), max_size=6), max_size=5
    )
)
def test_pieces_give_what_the_whole_gives(pieces: list[str]) -> None:
    """No split changes the result, and nothing in it is obeyed by a terminal."""
    through = HarmlessText()
    shown = "".join(map(through.feed, pieces)) + through.end()
    assert shown == harmless("".join(pieces))
    assert not [each for each in shown if each not in "\n\t" and (ord(each) < 0x20 or 0x7F <= ord(each) < 0xA0)]
