"""Token counts, as the official SDK sees them."""

from __future__ import annotations

from typing import Any

import anthropic

HAIKU = "claude-haiku-4-5"


def test_counted_tokens_are_those_of_the_usage(sdk: anthropic.Anthropic) -> None:
    """The count of a request is the input that its answer reports."""
    request: Any = {
        "model": HAIKU,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "How many tokens?"}],
        "tools": [{"name": "add", "input_schema": {"type": "object"}}],
    }
    count = sdk.messages.count_tokens(**request)
    assert count.input_tokens == 32
    assert sdk.messages.create(**request, max_tokens=9).usage.input_tokens == 32
