"""What a job will take, before it is sent."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from keybearer import bulk
from keybearer.errors import AuthenticationFailed, InvalidRequest

ROWS = [{"id": n, "text": "x" * n} for n in range(1, 9)]
PARAMS = {"model": "claude-haiku-4-5", "max_tokens": 1_000}


def estimate(rows: Any = ROWS, error: Exception | None = None, **options: Any) -> tuple[bulk.BulkEstimate, int]:
    """Return an estimate, with a service that counts a thousand tokens a character, and how often it was asked."""
    asked: list[str] = []

    async def count_tokens(*, messages: Any, model: str) -> Any:
        asked.append(model)
        if error is not None:
            raise error
        return SimpleNamespace(input_tokens=1_000 * len(messages[0]["content"]))

    messages = SimpleNamespace(count_tokens=count_tokens)
    client: Any = SimpleNamespace(messages=messages, model=None, max_tokens=None, aclose=None)
    found = asyncio.run(
        bulk.estimate_async(
            rows, **{"template": "{text}", "params": PARAMS, "client": client, "concurrency": 2, **options}
        )
    )
    return found, len(asked)


def test_every_row_is_counted() -> None:
    """Prompts exactly, answers as a range; a row that cannot be sent is none of them."""
    found, asked = estimate([*ROWS, {"id": "none"}])
    assert (found.rows, found.counted, found.failed, asked) == (8, 8, 1, 8)
    assert (found.input_tokens, found.max_output_tokens) == (36_000, 8_000)
    assert str(found.least) == "$0.036"
    assert str(found.most) == "$0.076"
    assert found.seconds[0] < found.seconds[1]
    assert str(found).startswith("8 rows, and 1 that cannot be sent: 36,000 tokens in, at most 8,000 out; from $0.036")


def test_a_sample_and_batches() -> None:
    """The others are as long as the sample on average; a batch costs half, and may take a day."""
    found, asked = estimate(sample=4, engine="batches")
    assert (found.rows, found.counted, asked) == (8, 4, 4)
    assert found.input_tokens == 20_000
    assert str(found.least) == "$0.01"
    assert found.seconds[1] == 86_400
    assert "about 20,000 tokens in" in str(found)


def test_errors() -> None:
    """One of a row is counted; one of every row ends it."""
    assert estimate(error=InvalidRequest("no"))[0].failed == 8
    with pytest.raises(AuthenticationFailed):
        estimate(error=AuthenticationFailed("no"))
