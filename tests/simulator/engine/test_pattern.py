"""Texts that a pattern matches."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybearer.simulator.engine.pattern import matching
from support.whole import examples

PATTERNS = [
    r"^[A-Z]{3}-\d+$", r"^\d{5}(-\d{4})?$", r"^(?:red|green)$", r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", r"^#[0-9a-fA-F]{6}$", r"\S",
    r"^[a-z][a-z0-9_]{2,30}$", r"^(\w)\1$", r"^(?=.*\d)[a-z\d]{8,}$", r"^\+?[1-9]\d{1,14}$", r"^.{10,}$", r"^[^a-z]$",
    r"^v\d+\.\d+\.\d+$", r"^\d{4}-\d{2}-\d{2}$", r"", r"^$", r"a{3}|b", r"[\D\S]", r"^\W\D\S$", r"x*?y+?", r"[[]a",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_text_is_found_for_the_usual_patterns(pattern: str) -> None:
    """Every pattern that schemas usually have gets a text that it matches."""
    made = matching(pattern)
    assert made is not None
    assert re.search(pattern, made)


@settings(max_examples=examples(100))
@given(st.from_regex(r"\A[a-c\\d\\w.+*?()|\[\]{}0-3^$-]{0,12}\Z"), st.integers(0, 20), st.integers(0, 20))
def test_what_is_given_always_matches(pattern: str, shortest: int, more: int) -> None:
    """Whatever the pattern and the bounds: a text that matches and fits, or none."""
    made = matching(pattern, shortest, shortest + more)
    assert made is None or (shortest <= len(made) <= shortest + more and re.search(pattern, made))


@pytest.mark.parametrize("pattern", ["(?!a)a", "(", "a{2}b{2}"])
def test_what_cannot_be_is_none(pattern: str) -> None:
    """A contradiction, no pattern at all, and a length that does not fit give none."""
    assert matching(pattern, longest=3) is None
