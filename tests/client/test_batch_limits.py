"""Batches under a spend limit: their worst case is given back when their results were read, by whatever process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keybearer import AsyncClient, Client, SpendLimit, SpendLimitExceeded
from keybearer.simulator import Simulator
from support.redis_servers import needs_redis, redis_server

PARAMS: Any = {"model": "claude-haiku-4-5", "max_tokens": 1000, "messages": [{"role": "user", "content": "Hi"}]}
ROWS: Any = [{"custom_id": str(number), "params": PARAMS} for number in range(6)]
KINDS = ["memory", "file", pytest.param("redis", marks=needs_redis)]


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running Redis."""
    folder = tmp_path_factory.mktemp("redis")
    with redis_server(folder):
        yield f"unix://{folder / 'redis.sock'}"


@pytest.fixture
def service() -> Iterator[Simulator]:
    """A simulator whose batches end at once."""
    with Simulator(batch_seconds=0) as sim:
        yield sim


def limits(kind: str, folder: Path, request: pytest.FixtureRequest, usd: str) -> tuple[SpendLimit, SpendLimit]:
    """Return the limit of a process that makes batches, and that of one that reads them."""
    if kind == "memory":
        one = SpendLimit(usd=usd)
        return one, one
    where: Any = {"ledger": folder / "spend.db"} if kind == "file" else {"store": request.getfixturevalue("redis_url")}
    one, other = (SpendLimit(usd=usd, name=folder.name, **where) for _ in range(2))
    return one, other


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_batch_did_not_take_is_given_back(
    kind: str, service: Simulator, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Cut or left results settle nothing; once they are read to their end, what is spent is what the service bills."""
    making, reading = limits(kind, tmp_path, request, "0.02")
    with Client(api_key=service.api_key, base_url=service.base_url, spend_limit=making) as client:
        batch = client.messages.batches.create(requests=ROWS[:3])
        worst = making.state().reserved
        with pytest.raises(SpendLimitExceeded, match="is full"):
            client.messages.batches.create(requests=ROWS)
    assert worst > 0
    with Client(api_key=service.api_key, base_url=service.base_url, spend_limit=reading) as other:
        with other.messages.batches.results(batch.id) as rows:
            next(iter(rows))
        state = reading.state()
        assert (str(state.spent), state.reserved) == ("0", worst)
        for _ in range(2):
            assert len(list(other.messages.batches.results(batch.id))) == 3
        state = reading.state()
        assert state.spent == service.billed.usd
        assert state.reserved == 0
        assert 0 < state.spent < worst
        assert other.messages.batches.create(requests=ROWS).id != batch.id


def test_awaited_results_settle_too(service: Simulator) -> None:
    """The async client does the same."""
    limit = SpendLimit(tokens=100_000)

    async def inside() -> None:
        async with AsyncClient(api_key=service.api_key, base_url=service.base_url, spend_limit=limit) as client:
            batch = await client.messages.batches.create(requests=ROWS[:3])
            assert limit.state().reserved_tokens > 3_000
            async with await client.messages.batches.results(batch.id) as rows:
                tokens = [row.usage.input_tokens + row.usage.output_tokens async for row in rows]
            assert (limit.state().spent_tokens, limit.state().reserved_tokens) == (sum(tokens), 0)

    asyncio.run(inside())
