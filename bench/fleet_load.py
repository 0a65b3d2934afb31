"""What a process of `bench/fleet.py` asks for, whatever it asks with: requests of mixed sizes, until the time is over."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, Final

MODEL, OTHER = "claude-sonnet-5", "claude-haiku-4-5"
"""What is asked, and what is asked first, so that everything is loaded and connected: another model has limits of its own."""

SIZES: Final = ((0.70, 100), (0.95, 800), (1.0, 4000))
"""The share of the requests up to which a size goes, and that size in words."""

AFTER_A_FAILURE: Final = 0.5
"""How long a worker waits before its next request after one that failed, in seconds: it would spin else."""

Send = Callable[[str, str, int], Awaitable[tuple[int, int]]]
"""Asks a model with a prompt and the most tokens of its answer; returns the tokens of both."""


def prompt_of(random: Random) -> tuple[str, int]:
    """Return a prompt and the most tokens of its answer."""
    draw = random.random()
    words = next(size for share, size in SIZES if draw <= share)
    return "word " * int(words * random.uniform(0.5, 1.5)), random.choice((20, 50, 120))


async def drive(task: dict[str, Any], send: Send) -> dict[str, Any]:
    """Send requests until the time is over; return what came of them."""
    random = Random(task["seed"])  # noqa: S311 - no secret
    used = {"requests": 0, "input-tokens": 0, "output-tokens": 0}
    failed: dict[str, int] = {}
    await send(OTHER, "word", 9)
    print("ready", flush=True)
    sys.stdin.readline()  # all begin at once
    ends = time.monotonic() + task["seconds"]

    async def work() -> None:
        while time.monotonic() < ends:
            prompt, most = prompt_of(random)
            begun = time.monotonic()
            try:
                given, made = await asyncio.wait_for(send(MODEL, prompt, most), max(0.01, ends - begun))
            except TimeoutError:
                if time.monotonic() >= ends:
                    return
                failed["TimeoutError"] = failed.get("TimeoutError", 0) + 1
                continue
            except Exception as error:  # noqa: BLE001 - each library has its own
                failed[type(error).__name__] = failed.get(type(error).__name__, 0) + 1
                await asyncio.sleep(AFTER_A_FAILURE)
                continue
            used["requests"] += 1
            used["input-tokens"] += given
            used["output-tokens"] += made
            if task["pause"]:
                await asyncio.sleep(max(0.0, task["pause"] * random.uniform(0.5, 1.5) - (time.monotonic() - begun)))

    await asyncio.gather(*(work() for _ in range(task["at_once"])))
    return {"tenant": task["tenant"], "used": used, "failed": failed}
