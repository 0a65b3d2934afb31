"""One process of `bench/spending.py`: runs of keybearer under a limit that it shares with the others."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from typing import Any

from bench.spending_kinds import AT_ONCE, MODEL, ending_of, prompt_of

from keybearer import AsyncClient, SpendLimit, SpendLimitExceeded


async def run(client: AsyncClient, number: int) -> None:
    """Make one run."""
    prompt, max_tokens = prompt_of(number)
    params: Any = {
        "model": MODEL,
        "max_tokens": max_tokens,
        "messages": [{"role": "user", "content": prompt}],
        "inference_geo": "global",
    }
    how = ending_of(number)
    if how == "plain":
        await client.messages.run(**params)
        return
    async with client.messages.run_stream(**params) as events:
        count = 0
        async for _ in events:
            count += 1
            if how == "left" and count > 3:
                break


async def main(*arguments: str) -> None:
    """Make all runs of this process."""
    url, key, limit, ledger, runs, note, first = arguments
    begun = os.open(note, os.O_WRONLY | os.O_APPEND)
    shared = SpendLimit(usd=limit, name="figure", ledger=ledger, on_full="wait")
    numbers = iter(range(int(first) * 1_000_000, int(first) * 1_000_000 + int(runs)))

    async def work(client: AsyncClient) -> None:
        for number in numbers:
            os.write(begun, b".")
            with contextlib.suppress(SpendLimitExceeded):  # what is left is for shorter ones
                await run(client, number)

    async with AsyncClient(api_key=key, base_url=url, spend_limit=shared, adaptive=False, retry_budget=1) as client:
        await asyncio.gather(*(work(client) for _ in range(AT_ONCE)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
