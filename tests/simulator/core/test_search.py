"""Finding words in a text by their rarest letter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from keybearer.simulator.core.search import LOOKS, holds


@given(st.lists(st.sampled_from(["-", "sk-", "sk-ant-", "ant-", "-" * (LOOKS + 1), "a" * 9]), max_size=12))
def test_it_finds_what_python_finds(pieces: list[str]) -> None:
    """Whatever stands before and behind, and however often the rare letter is met."""
    text = "".join(pieces)
    assert holds(text, "sk-ant-", rarest="-") == ("sk-ant-" in text)
    assert holds(text.encode(), b"sk-ant-", rarest=b"-") == ("sk-ant-" in text)
