"""Standard input for the tests of commands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest

from support.browsing import Typing


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Let a test say what is typed."""
    made: list[Typing] = []

    def say(*lines: str | Callable[[], str]) -> None:
        made.append(Typing(*lines))
        monkeypatch.setattr(sys, "stdin", made[-1])

    yield say
    for each in made:
        each.quiet.set()
