"""One process of `bench/fleet.py`: a client under limits that it shares with the others."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from bench.fleet_load import drive

from keybearer import AsyncClient


async def main(task: dict[str, Any]) -> dict[str, Any]:
    """Send requests until the time is over; return what came of them."""
    changes: list[bool] = []
    client = AsyncClient(
        api_key=task["key"],
        base_url=task["url"],
        on_fleet=lambda change: changes.append(change.joined),
        shared_limits=task["redis"],
        tenant=task["tenant"],
        tenant_weight=task["weight"],
        max_retries=3,
    )

    async def send(model: str, prompt: str, most: int) -> tuple[int, int]:
        message = await client.messages.create(
            model=model, max_tokens=most, messages=[{"role": "user", "content": prompt}]
        )
        return message.usage.input_tokens or 0, message.usage.output_tokens or 0

    async with client:
        outcome = await drive(task, send)
    return outcome | {"changes": changes}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.argv[1])))))
