"""Many calls at once through real HTTP: a service that has a bad moment, and one that always fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from keybearer import AsyncClient, Client
from keybearer import errors as e
from keybearer.policy.retry import RetryPolicy
from keybearer.simulator import Simulator
from support.whole import WHOLE

MESSAGES: Any = [{"role": "user", "content": 'Say "fine"'}]
QUICK: Any = {"retry": RetryPolicy(min_delay=0.001, max_delay=0.002), "model": "claude-haiku-4-5"}
AT_ONCE = 20


def in_threads(calls: int, options: dict[str, Any]) -> list[str]:
    """Make calls of one client on twenty threads; give each one's answer, or the name of its error."""
    with Client(**options) as client, ThreadPoolExecutor(AT_ONCE) as pool:

        def one(_: int) -> str:
            try:
                return client.messages.create(max_tokens=20, messages=MESSAGES).text
            except e.KeybearerError as error:
                return type(error).__name__

        return list(pool.map(one, range(calls)))


def in_tasks(calls: int, options: dict[str, Any]) -> list[str]:
    """Make calls of one client in twenty tasks; give each one's answer, or the name of its error."""

    async def main() -> list[str]:
        numbers, outcomes = iter(range(calls)), []
        async with AsyncClient(**options) as client:

            async def worker() -> None:
                for _ in numbers:
                    try:
                        outcomes.append((await client.messages.create(max_tokens=20, messages=MESSAGES)).text)
                    except e.KeybearerError as error:
                        outcomes.append(type(error).__name__)

            await asyncio.gather(*[worker() for _ in range(AT_ONCE)])
        return outcomes

    return asyncio.run(main())


Run = Callable[[int, dict[str, Any]], list[str]]
both = pytest.mark.parametrize("run", [in_threads, in_tasks], ids=["sync", "async"])


@both
@pytest.mark.parametrize("fault", [{"status": 529}, {"status": 429, "retry_after_ms": "5"}], ids=["529", "429"])
def test_a_bad_moment_of_the_service_costs_no_call(run: Run, fault: dict[str, Any], sim: Simulator) -> None:
    """Calls, twenty at once, of which the first thirty attempts are refused, all have their answer."""
    calls = 500 if WHOLE else 125
    sim.fail("error", times=30, **fault)
    retry = RetryPolicy(min_delay=0.3)  # long beside a request, as the default is: nobody is refused three times
    outcomes = run(calls, {"api_key": sim.api_key, "base_url": sim.base_url, **QUICK, "retry": retry})
    assert outcomes == ["fine"] * calls
    assert len(sim.requests) == calls + 30


@both
def test_a_service_that_always_fails_gets_the_calls_and_the_reserve(run: Run, sim: Simulator) -> None:
    """Calls, twenty at once, all answered 529: a request each, and at most 30 more."""
    calls = 1000 if WHOLE else 200
    sim.fail("error", status=529, times=5000)
    outcomes = run(calls, {"api_key": sim.api_key, "base_url": sim.base_url, "circuit_breaker": False, **QUICK})
    assert outcomes == ["Overloaded"] * calls
    assert calls < len(sim.requests) <= calls + 30


@pytest.mark.parametrize(
    ("options", "sent"),
    [({"retry_budget": 1.0}, 300), ({"retry_reserve": 0}, 100), ({"retry_reserve": 50}, 150)],
    ids=["no budget", "no reserve", "a reserve of 50"],
)
def test_budget_and_reserve_can_be_set(options: dict[str, Any], sent: int, sim: Simulator) -> None:
    """With a budget of 1 every call is tried three times; else a hundred failing calls have what the reserve holds."""
    sim.fail("error", status=500, times=5000)
    settings = {"api_key": sim.api_key, "base_url": sim.base_url, "circuit_breaker": False, **QUICK, **options}
    in_threads(100, settings)
    assert len(sim.requests) == sent
