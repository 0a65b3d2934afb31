"""The prompt cache: writes, reads, lifetimes and the look-back."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.service.prompt_cache import CacheUsage, PromptCache

MINIMUM = 100
SHORT = {"type": "ephemeral"}
LONG = {"type": "ephemeral", "ttl": "1h"}


@pytest.fixture
def clock() -> SimulatedClock:
    """Stop a clock."""
    return SimulatedClock(1_800_000_000.0)


@pytest.fixture
def cache(clock: SimulatedClock) -> PromptCache:
    """Make an empty cache."""
    return PromptCache(clock)


def block(tokens: int, mark: dict[str, str] | None = None, letter: str = "x") -> dict[str, Any]:
    """Make a text block of so many tokens."""
    return {"type": "text", "text": letter * (tokens * 4), **({"cache_control": mark} if mark else {})}


def ask(cache: PromptCache, *system: dict[str, Any], organization: str = "org", **more: Any) -> CacheUsage:
    """Send a request with this system prompt and ten tokens of user."""
    body = {"system": list(system), "messages": [{"role": "user", "content": "u" * 28}], **more}
    return cache.account(body, organization=organization, model=more.get("model", "m"), minimum=MINIMUM)


def test_written_then_read(cache: PromptCache) -> None:
    """The first request writes the prefix, the second reads it; the four figures add up to the input."""
    assert ask(cache, block(200, SHORT)) == CacheUsage(uncached=10, written_5m=200)
    assert ask(cache, block(200, SHORT)) == CacheUsage(uncached=10, read=200)


@pytest.mark.parametrize(("tokens", "written"), [(100, 100), (99, 0)])
def test_the_minimum(cache: PromptCache, tokens: int, written: int) -> None:
    """A prefix just long enough is written, and one just too short is not."""
    assert ask(cache, block(tokens, SHORT)).written == written


@pytest.mark.parametrize(("mark", "alive", "dead"), [(SHORT, 299, 2), (LONG, 3599, 2)])
def test_lifetimes(cache: PromptCache, clock: SimulatedClock, mark: dict[str, str], alive: float, dead: float) -> None:
    """An entry lives five minutes, or an hour when asked, and each read renews it."""
    ask(cache, block(200, mark))
    for _ in range(2):
        clock.advance(alive)
        assert ask(cache, block(200, mark)).read == 200
    clock.advance(alive + dead)
    assert ask(cache, block(200, mark)).read == 0


def test_two_lifetimes_in_one_request(cache: PromptCache) -> None:
    """Each stretch is written for the lifetime of the breakpoint that ends it."""
    used = ask(cache, block(200, LONG), block(150, SHORT))
    assert (used.written_1h, used.written_5m, used.uncached) == (200, 150, 10)


def test_a_longer_prefix_reads_the_shorter(cache: PromptCache) -> None:
    """A longer conversation reads its earlier prefix and writes the new part."""
    ask(cache, block(200, SHORT))
    assert ask(cache, block(200), block(50, SHORT)) == CacheUsage(uncached=10, read=200, written_5m=50)


@pytest.mark.parametrize(("between", "read"), [(19, 200), (20, 0)])
def test_look_back(cache: PromptCache, between: int, read: int) -> None:
    """An entry is found up to twenty pieces before a breakpoint, and not beyond."""
    ask(cache, block(200, SHORT))
    filler = [block(1, letter=chr(97 + index)) for index in range(between - 1)]
    assert ask(cache, block(200), *filler, block(1, SHORT)).read == read


@pytest.mark.parametrize(
    "change",
    [
        {"model": "other"},
        {"organization": "other"},
        {"tools": [{"name": "t", "input_schema": {}}]},
    ],
)
def test_what_makes_another_prefix(cache: PromptCache, change: dict[str, Any]) -> None:
    """Another model, organisation or tool has another cache."""
    ask(cache, block(200, SHORT))
    assert ask(cache, block(200, SHORT), **change).read == 0


def test_tool_choice_keeps_the_system_prompt_and_renews_the_messages(cache: PromptCache) -> None:
    """A change of `tool_choice` reads the system prompt, not the messages."""
    messages = [{"role": "user", "content": [block(300, SHORT)]}]
    ask(cache, block(200, SHORT), messages=messages)
    assert ask(cache, block(200, SHORT), messages=messages).read == 503
    assert ask(cache, block(200, SHORT), messages=messages, tool_choice={"type": "any"}).read == 200


def test_the_automatic_breakpoint(cache: PromptCache) -> None:
    """A top-level `cache_control` marks the last block."""
    used = ask(cache, block(200), cache_control=SHORT)
    assert used == CacheUsage(uncached=0, written_5m=210)
    assert ask(cache, block(200), cache_control=SHORT).read == 210


def test_moving_the_mark_changes_nothing(cache: PromptCache) -> None:
    """The breakpoint itself is not part of the prefix."""
    ask(cache, block(200, SHORT), block(50))
    assert ask(cache, block(200), block(50, SHORT)).read == 200
