"""One process of `bench/fleet.py`: requests of mixed sizes, until the time is over, under limits that it shares with the others."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from random import Random
from typing import Any

from keybearer import AsyncClient, KeybearerError

MODEL, OTHER = "claude-sonnet-5", "claude-haiku-4-5"
SIZES = ((0.70, 100), (0.95, 800), (1.0, 4000))
"""The share of the requests up to which a size goes, and that size in words."""


def prompt_of(random: Random) -> tuple[str, int]:
    """Return a prompt and the most tokens of its answer."""
    draw = random.random()
    words = next(size for share, size in SIZES if draw <= share)
    return "word " * int(words * random.uniform(0.5, 1.5)), random.choice((20, 50, 120))


async def main(task: dict[str, Any]) -> dict[str, Any]:
    """Send requests until the time is over; return what came of them."""
    random = Random(task["seed"])  # noqa: S311 - no secret
    counts: dict[int, int] = {}
    refused: list[float] = []
    used = {"requests": 0, "input-tokens": 0, "output-tokens": 0}
    changes: list[bool] = []
    failed: dict[str, int] = {}

    def on_response(received: Any) -> None:
        counts[received.status] = counts.get(received.status, 0) + 1
        if received.status == 429:
            refused.append(time.monotonic())

    client = AsyncClient(
        api_key=task["key"],
        base_url=task["url"],
        on_response=on_response,
        on_fleet=lambda change: changes.append(change.joined),
        shared_limits=task["redis"],
        tenant=task["tenant"],
        tenant_weight=task["weight"],
        max_retries=3,
    )

    # What is loaded and connected at first; another model has limits of its own.
    await client.messages.create(model=OTHER, max_tokens=9, messages=[{"role": "user", "content": "word"}])
    counts.clear()
    print("ready", flush=True)
    sys.stdin.readline()  # all begin at once
    ends = time.monotonic() + task["seconds"]

    async def work() -> None:
        while time.monotonic() < ends:
            prompt, most = prompt_of(random)
            begun = time.monotonic()
            try:
                message = await asyncio.wait_for(
                    client.messages.create(
                        model=MODEL, max_tokens=most, messages=[{"role": "user", "content": prompt}]
                    ),
                    max(0.01, ends - begun),
                )
            except TimeoutError:
                return
            except KeybearerError as error:
                failed[type(error).__name__] = failed.get(type(error).__name__, 0) + 1
                continue
            used["requests"] += 1
            used["input-tokens"] += message.usage.input_tokens or 0
            used["output-tokens"] += message.usage.output_tokens or 0
            if task["pause"]:
                await asyncio.sleep(max(0.0, task["pause"] * random.uniform(0.5, 1.5) - (time.monotonic() - begun)))

    async with client:
        await asyncio.gather(*(work() for _ in range(task["at_once"])))
    return {
        "tenant": task["tenant"],
        "statuses": counts,
        "used": used,
        "changes": changes,
        "failed": failed,
        "refused": refused,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.argv[1])))))
