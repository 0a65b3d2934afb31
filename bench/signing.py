"""How long an event loop stands still while a large body is put into a platform's form and signed: `python bench/signing.py`.

Prints, for bodies of 1, 8 and 30 MB on Bedrock's runtime and on Claude Platform on AWS, the longest time in which a task that wakes
up each millisecond did not: with the body read in a thread, as it is, and on the loop's own.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from msgspec import json

from keybearer.credentials.credential import Credential, FixedCredential
from keybearer.credentials.signers.sigv4 import AWSKey, SigV4Signer
from keybearer.exchange import attempt
from keybearer.shell.drivers import AsyncDriver
from keybearer.types.http import Draft, Reply, Request
from keybearer.types.secret import Secret
from support.platforms import destination
from support.world import World, reply


class Kept:
    """A transport that answers at once."""

    async def send(self, _: Request) -> Reply:
        """Answer."""
        return reply(200)

    async def close(self) -> None:
        """Do nothing."""


async def standstill(kind: str, size: int) -> float:
    """Return the longest time without a wake-up, in seconds."""
    to = destination(kind)
    signer = SigV4Signer(AWSKey("AKIA1", Secret("secret")), "us-east-1", to.row.service, to.host)
    exchange = World().exchange(credentials=FixedCredential(Credential(signer, "a bench")), destination=to)
    source = {"type": "base64", "media_type": "image/png", "data": "A" * size}
    turns = [{"role": "user", "content": [{"type": "image", "source": source}]}]
    body = json.encode({"model": "claude-haiku-4-5", "max_tokens": 5, "messages": turns})
    headers = {"content-type": "application/json", "anthropic-version": "2026-10-21"}
    draft = Draft(method="POST", url=to.base + "/v1/messages", headers=headers, body=body)
    longest, stopped = 0.0, False

    async def ticks() -> None:
        nonlocal longest
        before = time.perf_counter()
        while not stopped:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            longest, before = max(longest, now - before), now

    ticking = asyncio.create_task(ticks())
    await asyncio.sleep(0.02)
    longest = 0.0
    await AsyncDriver(Kept()).run(exchange.send(draft))
    await asyncio.sleep(0.02)
    stopped = True
    await ticking
    return longest


def main() -> None:
    """Print the table."""
    usual = attempt.LARGE
    for kind in ("bedrock", "aws"):
        for megabytes in (1, 8, 30):
            found = []
            for large in (usual, 1 << 40):
                attempt.LARGE = large  # type: ignore[misc] # what is measured
                found.append(min(asyncio.run(standstill(kind, megabytes << 20)) for _ in range(5)))
            apart, on_loop = (f"{1000 * each:6.1f} ms" for each in found)
            print(f"{kind:8} {megabytes:3} MB  in a thread {apart}  on the loop {on_loop}")


if __name__ == "__main__":
    main()
