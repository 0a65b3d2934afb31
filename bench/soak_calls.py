"""The calls of a soak: streams and plain messages of both clients, each of which ends in its answer or in a typed error."""

from __future__ import annotations

import asyncio
import collections
import itertools
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, Final

from keybearer import AsyncClient, Client, KeybearerError, Message, Timeouts, ToolUseBlock

__all__ = ["DEADLINE", "Machine", "Outcomes", "ask_async", "ask_sync", "options"]

DEADLINE: Final = 20.0
"""Seconds that a call has, with its waits and retries."""
LATE: Final = 10.0
"""How much later a call may end than its deadline before it counts as hanging: two cores serve hundreds of threads."""
TIMEOUTS: Final = Timeouts(connect=5, first_byte=5, idle=3, progress=4, total=DEADLINE)
KEPT: Final = 20
STEP: Final = 0.2
STALL: Final = 1.0
"""How often the machine is looked at, and from where on it has stood still, in seconds."""
PAUSE: Final = 0.5
"""Seconds between two plain calls of a caller: they are answered at once, and would crowd the streams out."""
TOOL: Final = {
    "name": "lookup",
    "description": "Look a word up.",
    "input_schema": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
}

Ends = Callable[[str], None]


def options(base_url: str, api_key: str) -> dict[str, Any]:
    """Return the arguments of both clients."""
    return {"base_url": base_url, "api_key": api_key, "model": "claude-haiku-4-5", "timeout": TIMEOUTS}


class Machine(threading.Thread):
    """Measures for how long the machine gave this process no time: that is in the time of every call, and no call's fault."""

    def __init__(self) -> None:
        super().__init__(name="machine", daemon=True)
        self.lost = 0.0
        self._is_over = threading.Event()

    def run(self) -> None:
        """Sleep a little again and again, and add up what was much longer."""
        before = time.monotonic()
        while not self._is_over.wait(STEP):
            now = time.monotonic()
            if now - before > STALL:
                self.lost += now - before
            before = now

    def end(self) -> None:
        """End, and wait until it has."""
        self._is_over.set()
        self.join()


class Outcomes:
    """How the calls ended: counts by what they were and how they ended, and the first of what must not be.

    Args:
        machine: What was lost of the machine's time.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self.ends: collections.Counter[str] = collections.Counter()
        self.slowest = 0.0
        self.wrong: list[str] = []

    def next(self) -> tuple[int, float]:
        """Return the number of the next call, and when it begins, on a clock that stands while the machine does."""
        return next(self._numbers), time.monotonic() - self._machine.lost

    def end(self, how: str, begun: float) -> None:
        """Count the end of a call.

        Args:
            how: Such as `answer`, `left`, or the class of a typed error.
            begun: When the call began, by `next`.
        """
        took = time.monotonic() - self._machine.lost - begun
        with self._lock:
            self.ends[how] += 1
            self.slowest = max(self.slowest, took)
        if took > DEADLINE + LATE:
            self.report(f"a call ended after {took:.1f} s, with a deadline of {DEADLINE:g} s: {how}")

    def fail(self, error: BaseException, begun: float) -> None:
        """Count a call that raised: one of our errors, or what must not be."""
        if isinstance(error, KeybearerError):
            self.end(type(error).__name__, begun)
        else:
            self.end(f"unclassified {type(error).__name__}", begun)
            self.report("".join(traceback.format_exception(error)))

    def check(self, expected: str, text: str, begun: float) -> None:
        """Count an answer: whole, or with what a fault puts before it (a delta twice, a delta of a million bytes)."""
        self.end("answer", begun)
        if not text.endswith(expected):
            self.report(f"an answer that is not whole: {text[:80]!r} should end with {expected!r}")

    def report(self, what: str) -> None:
        """Keep what must not be."""
        with self._lock:
            self.ends["wrong"] += 1
            if len(self.wrong) < KEPT:
                self.wrong.append(what)


def _question(number: int) -> tuple[str, dict[str, Any]]:
    """Return how the answer to a call ends, and its parameters: two of twenty think, and two call a tool."""
    wanted = f"call {number} is answered until its last words have come"
    params: dict[str, Any] = {
        "max_tokens": 2000,
        "messages": [{"role": "user", "content": f"Reply with exactly: {wanted}"}],
    }
    match number % 20:
        case 5 | 15:
            return wanted, {**params, "thinking": {"type": "enabled", "budget_tokens": 1024}}
        case 6 | 7:
            return "lookup", {**params, "tools": [TOOL], "tool_choice": {"type": "tool", "name": "lookup"}}
    return wanted, params


def _answer(message: Message) -> str:
    """Return the text of an answer, or the name of the tool that it calls; a call has its input whole."""
    call = next((block for block in message.content if isinstance(block, ToolUseBlock)), None)
    if call is None:
        return message.text
    return call.name if "word" in call.input else f"{call.name} without its input"


def ask_sync(client: Client, outcomes: Outcomes, *, streamed: bool) -> None:
    """Make one call; one stream of twenty is left in its middle."""
    number, begun = outcomes.next()
    wanted, params = _question(number)
    try:
        if not streamed:
            time.sleep(PAUSE)
            outcomes.check(wanted, _answer(client.messages.create(**params)), begun)
            return
        with client.messages.stream(**params) as stream:
            for _ in stream.text_stream:
                if number % 20 == 0:
                    outcomes.end("left", begun)
                    return
            outcomes.check(wanted, _answer(stream.get_final_message()), begun)
    except Exception as error:  # noqa: BLE001 - what it is, is the finding
        outcomes.fail(error, begun)


async def ask_async(client: AsyncClient, outcomes: Outcomes, *, streamed: bool) -> None:
    """Make one call; one stream of twenty is left in its middle, and one call of twenty is cancelled."""
    number, begun = outcomes.next()
    asked = asyncio.ensure_future(_ask_async(client, outcomes, number, begun, streamed=streamed))
    if number % 20 == 1:
        await asyncio.sleep(0.003 * (number % 400))
        asked.cancel()
    await asyncio.wait([asked])
    if asked.cancelled():
        outcomes.end("cancelled", begun)


async def _ask_async(client: AsyncClient, outcomes: Outcomes, number: int, begun: float, *, streamed: bool) -> None:
    wanted, params = _question(number)
    try:
        if not streamed:
            await asyncio.sleep(PAUSE)
            outcomes.check(wanted, _answer(await client.messages.create(**params)), begun)
            return
        async with client.messages.stream(**params) as stream:
            async for _ in stream.text_stream:
                if number % 20 == 0:
                    outcomes.end("left", begun)
                    return
            outcomes.check(wanted, _answer(await stream.get_final_message()), begun)
    except Exception as error:  # noqa: BLE001 - what it is, is the finding
        outcomes.fail(error, begun)
