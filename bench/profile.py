"""Where the time of a hundred concurrent requests goes, by library: `python -m bench.profile`.

The simulator answers in a thread of this process, which is not profiled. Waiting for the socket counts as `system`.
"""

from __future__ import annotations

import asyncio
import cProfile
import pstats
from collections import Counter
from typing import Any, Final

from keybearer import AsyncClient
from keybearer.simulator import Simulator

ASK: Final[dict[str, Any]] = {"max_tokens": 5, "messages": [{"role": "user", "content": 'Say "fine"'}]}
LIBRARIES: Final = {
    "keybearer": ("/keybearer/",),
    "aiohttp": ("/aiohttp/", "/yarl/", "/multidict/", "/propcache/", "/aiosignal/", "/frozenlist/"),
    "asyncio": ("/asyncio/",),
}
SYSTEM: Final = ("socket", "epoll", "select")


def library(file: str, function: str) -> str:
    """Return the library of a profiled function."""
    for name, parts in LIBRARIES.items():
        if any(part in file for part in parts):
            return name
    return "system" if any(word in function for word in SYSTEM) else "Python"


async def profiled(sim: Simulator, rounds: int) -> cProfile.Profile:
    """Profile rounds of a hundred requests, after one that is not counted."""
    profile = cProfile.Profile()
    async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url, model="claude-haiku-4-5") as client:
        for number in range(rounds + 1):
            if number == 1:
                profile.enable()
            await asyncio.gather(*(client.messages.create(**ASK) for _ in range(100)))
        profile.disable()
    return profile


def main() -> None:
    """Print the share of each library, without what the system took."""
    with Simulator() as sim:
        profile = asyncio.run(profiled(sim, 8))
    spent: Counter[str] = Counter()
    stats: Any = pstats.Stats(profile)
    for (file, _, function), (_, _, seconds, _, _) in stats.stats.items():
        spent[library(file, function)] += seconds
    del spent["system"]
    for name, seconds in spent.most_common():
        print(f"{name:<10} {100 * seconds / spent.total():3.0f} %")


if __name__ == "__main__":
    main()
