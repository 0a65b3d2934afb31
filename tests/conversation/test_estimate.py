"""Token estimates: the service's figures where there are any, and a guess on the long side elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer import Conversation
from keybearer.conversation.estimate import estimate_turn, turn_sizes
from keybearer.simulator.service.tokens import count_text
from support.histories import answer
from support.rule_cases.blocks import png


def image(data: Any) -> dict[str, Any]:
    """Return an image block."""
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}


def test_usage_counts_what_it_covers() -> None:
    """The prompt of the last answer and the answer are measured, what came after is estimated."""
    talk = Conversation(system="s" * 300).user("a" * 300)
    assert talk.tokens() == (0, 209)
    talk = talk.append(answer([{"type": "text", "text": "b"}], usage=(90, 7)))
    assert talk.tokens() == (97, 0)
    assert talk.user("c" * 30).tokens() == (97, 18)
    assert talk.user("c" * 30).tokens().total == 115


def test_the_difference_of_two_answers_is_what_stands_between() -> None:
    """A turn between two measured answers has their difference; what is out of all proportion is not believed."""
    first = answer([{"type": "text", "text": "b"}], usage=(50, 10))
    for later, size in ((160, 100), (60, 108), (900_000, 108)):
        second = answer([{"type": "text", "text": "b"}], usage=(later, 20))
        turns = Conversation().user("a").append(first).user("a" * 300).append(second).messages
        sizes, before = turn_sizes(turns)
        assert sum(sizes) + before == pytest.approx(later + 20, abs=3)
        assert sizes[2] / sizes[1] == pytest.approx(size / 10, rel=0.1)


@pytest.mark.parametrize(
    ("block", "tokens"),
    [
        (png(300, 250), 109),
        (png(4000, 4000), 4792),
        (image("broken"), 4792),
        ({"type": "image", "source": {"type": "file", "file_id": "f"}}, 4792),
        ({"type": "document", "source": {"type": "base64", "data": b"/Type /Page /Type /Pages /Type/Page"}}, 6008),
        ({"type": "document", "source": {"type": "base64", "data": "A" * 200_000}}, 9008),
        ({"type": "tool_result", "tool_use_id": "t", "content": [png(300, 250)]}, 117),
        ({"type": "tool_result", "tool_use_id": "t", "content": "abc"}, 9),
        ({"type": "thinking", "thinking": "abcdef", "signature": "s" * 900}, 10),
    ],
)
def test_blocks_are_estimated(block: Any, tokens: int) -> None:
    """Images by their pixels, documents by their pages, a tool's result by what is in it, thinking without its signature."""
    assert estimate_turn({"role": "user", "content": [block]}) == tokens


@pytest.mark.parametrize(
    "text", ["The quick brown fox. " * 40, "def f(x):\n    return x + 1\n" * 30, "漢字は難しい。" * 40]
)
def test_the_guess_is_on_the_long_side(text: str) -> None:
    """It is no shorter than the simulator's count, which is made in another way, and at most three times as long."""
    counted = count_text(text)
    assert counted <= estimate_turn({"role": "user", "content": text}) <= 3 * counted
