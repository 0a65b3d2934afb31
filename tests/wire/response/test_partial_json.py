"""JSON that has not come whole."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keybearer.wire.response.partial_json import PartialJSON, join_surrogates

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSON, max_size=5), st.booleans(), st.integers(1, 9))
def test_whole_text_gives_the_value_however_it_is_cut(value: dict[str, Any], ascii_only: bool, size: int) -> None:
    """Fed in pieces of any size, with a look after each, the end is the value that json gives."""
    text = json.dumps(value, ensure_ascii=ascii_only)
    reader = PartialJSON()
    for at in range(0, len(text), size):
        reader.feed(text[at : at + size])
        assert reader.value is None or isinstance(reader.value, dict)
    assert not reader.broken
    assert reader.value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("{", {}),
        ('{"a', {}),
        ('{"a":', {}),
        ('{"a": "x', {"a": "x"}),
        ('{"a": "x\\', {"a": "x"}),
        ('{"a": "\\u00e', {"a": ""}),
        ('{"a": 12', {}),
        ('{"a": 12,', {"a": 12}),
        ('{"a": [1, {"b": tru', {"a": [1, {}]}),
        ('{"a": [1, {"b": true}', {"a": [1, {"b": True}]}),
    ],
)
def test_what_is_readable_of_a_part(text: str, value: object) -> None:
    """Strings show as far as they came; numbers and literals once they ended; keys once their value began."""
    reader = PartialJSON()
    reader.feed(text)
    assert reader.value == value
    assert not reader.broken


@pytest.mark.parametrize(
    "text",
    [
        "}",
        "{]",
        '{"a" 1',
        '{"a": 1 2',
        "[1,]",
        '{"a": tru}',
        '{"a": 01}',
        '"\n"',
        '"\\x"',
        '{"a": 1,}',
        "[" * 600,
        '"\\u00g0"',
        "1 2",
    ],
)
def test_text_that_is_not_json_is_broken(text: str) -> None:
    """What cannot be the start of JSON sets `broken`, and raises nothing."""
    reader = PartialJSON()
    reader.feed(text)
    assert reader.broken


def test_each_character_is_read_once() -> None:
    """A look at the value after every delta does not make the reader read anything again."""
    read = 0

    class Counting(PartialJSON):
        def feed(self, text: str) -> None:
            nonlocal read
            read += len(text)
            super().feed(text)

    pieces: list[str] = []
    reader = Counting()
    for _ in range(200):
        pieces.append("x" * 30 if pieces else '{"text": "')
        reader.feed_pieces(pieces)
        assert reader.value is not None
    assert read == len("".join(pieces))


def test_halves_of_a_character_are_joined() -> None:
    """A character outside the BMP that was escaped in two halves becomes one; a lone half stays."""
    assert join_surrogates("\ud83c" + "\udf0d") == "🌍"
    assert join_surrogates("a\ud83c") == "a\ud83c"


def test_a_look_after_every_piece_of_a_long_string_does_not_join_them_all_again() -> None:
    """What was joined for one look is one piece at the next; halves of a character still find each other."""
    reader = PartialJSON()
    reader.feed('{"a": "')
    for _ in range(1000):
        reader.feed("ü")
        assert reader.value is not None
        assert reader._string is not None
        assert len(reader._string) == 1
    reader.feed("\\ud83d")
    assert reader.value == {"a": "ü" * 1000 + "\ud83d"}
    reader.feed("\\ude00x")
    assert reader.value == {"a": "ü" * 1000 + "\U0001f600x"}
