"""What a job will take, before it is sent."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from keybearer import bulk
from keybearer.bulk.journal import BulkJournal
from keybearer.bulk.keys import SeenRows
from keybearer.bulk.port import NewLine
from keybearer.bulk.requests import RequestMaker
from keybearer.bulk.template import Template
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


def test_rows_that_are_done(tmp_path: Path) -> None:
    """They are counted apart, and the service is not asked for them; the journal is only looked at."""
    with closing(SeenRows()) as seen:
        keys = seen.keys([RequestMaker(Template("{text}"), params=PARAMS).make(row).hash for row in ROWS])
    with BulkJournal(tmp_path / "o", direct=True) as journal:
        journal.add(
            [NewLine(key, good, _line(key), None) for key, good in zip(keys[:5], [True] * 4 + [False], strict=True)]
        )
        found, asked = estimate(output=tmp_path / "o")
        assert (found.rows, found.done, asked) == (3, 5, 3)
        assert str(found).startswith("of 8 rows, 5 are done; the other 3: 21,000 tokens in, ")
        assert estimate(ROWS[:5], output=tmp_path / "o")[1] == 0
    found, asked = estimate(ROWS[:4], output=tmp_path / "o")
    assert str(found) == "of 4 rows, 4 are done; nothing would be sent"
    assert estimate(output=tmp_path / "o", retry_failed=True)[1] == 4
    assert estimate(output=tmp_path / "new")[1] == 8


def _line(key: bytes) -> bytes:
    return b'{"key":"%s","message":{}}\n' % key.hex().encode()


@pytest.mark.parametrize(
    ("seconds", "says"),
    [((0.2, 40.0), "about 1 s to 40 s"), ((100, 7_200), "about 2 min to 2.0 h"), ((5, 5), "about 5 s")],
)
def test_the_time_is_in_the_unit_that_fits(seconds: tuple[float, float], says: str) -> None:
    """Seconds, minutes or hours."""
    assert str(bulk.BulkEstimate(rows=1, counted=1, seconds=seconds)).endswith(f"; {says}")


def test_errors() -> None:
    """One of a row is counted; one of every row ends it."""
    assert estimate(error=InvalidRequest("no"))[0].failed == 8
    with pytest.raises(AuthenticationFailed):
        estimate(error=AuthenticationFailed("no"))
