"""What a message cost is reported once, however its call ends."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest

from keybearer import AsyncClient, Client
from keybearer import errors as e
from keybearer.types.hooks import UsageReported
from support.rawserver import raw_server, streaming
from support.sse import START, frames, text_message

MODEL = "claude-haiku-4-5"
HELLO: Any = [{"role": "user", "content": "hi"}]
LONG = 64_000

WHOLE = frames(*text_message("a", "b"))
HALF = frames(*text_message("a", "b")[:5])
BEGUN = frames(START)


def reported_sync(data: bytes, use: Callable[[Any], None]) -> list[tuple[bool, int | None, int | None]]:
    """Return what on_usage was reported of a call that is used in some way."""
    reported: list[UsageReported] = []
    with raw_server(streaming(data)) as server:
        with Client(
            api_key="sk-ant-test", base_url=server.url, model=MODEL, max_retries=0, on_usage=reported.append
        ) as client:
            use(client.messages)
            gc.collect()
    return [(each.complete, each.usage.input_tokens, each.usage.output_tokens) for each in reported]


def _ask(messages: Any, **more: Any) -> Any:
    return messages.create(max_tokens=5, messages=HELLO, stream=True, **more)


def _leave(messages: Any) -> None:
    with messages.stream(max_tokens=5, messages=HELLO) as stream:
        next(iter(stream))


def _leave_at_the_end(messages: Any) -> None:
    with messages.stream(max_tokens=5, messages=HELLO) as stream:
        for event in stream:
            if event.type == "message_stop":
                break


def _close_twice(messages: Any) -> None:
    stream = _ask(messages)
    next(stream)
    stream.close()
    stream.close()


def _forget(messages: Any) -> None:
    for _ in _ask(messages):
        break


def _read(messages: Any) -> None:
    list(_ask(messages))


def _cut(messages: Any) -> None:
    with pytest.raises(e.StreamError):
        list(_ask(messages))


def _cut_long(messages: Any) -> None:
    with pytest.raises(e.StreamError):
        messages.create(max_tokens=LONG, messages=HELLO)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of the socket that was forgotten
@pytest.mark.parametrize(
    ("data", "use", "complete"),
    [
        (WHOLE, _read, True),
        (WHOLE, _leave_at_the_end, True),
        (WHOLE, _leave, False),
        (WHOLE, _close_twice, False),
        (WHOLE, _forget, False),
        (HALF, _cut, False),
        (HALF, _cut_long, False),
        (HALF, _leave, False),
        (BEGUN, _cut, False),
        (BEGUN, _cut_long, False),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_a_message_cost_is_reported_once_however_it_ends(data: bytes, use: Any, complete: bool) -> None:
    """A stream that is read, cut, left, closed or forgotten is reported once, with what had come of its usage."""
    assert reported_sync(data, use) == [(complete, 10, 7 if complete else 1)]


def test_what_came_of_a_cut_message_teaches_the_pacer_nothing() -> None:
    """The figures of half a message say nothing of what a whole one usually costs."""
    with (
        raw_server(streaming(HALF)) as server,
        Client(api_key="sk-ant-test", base_url=server.url, model=MODEL) as client,
    ):
        adaptive: Any = client._settings.exchange.admission.adaptive  # what it learns shows nowhere else
        _cut(client.messages)
        assert "output-tokens" not in adaptive._usual


def test_nothing_is_reported_of_a_call_that_cost_nothing() -> None:
    """A stream that ends before its message began has no usage to report."""
    assert reported_sync(b"", _cut) == []


def test_what_an_awaited_message_cost_is_reported_once_too() -> None:
    """Cut, left and read, with a hook that is a coroutine function."""
    reported: list[bool] = []

    async def hook(report: UsageReported) -> None:
        await asyncio.sleep(0)
        reported.append(report.complete)

    async def main(url: str) -> None:
        async with AsyncClient(
            api_key="sk-ant-test", base_url=url, model=MODEL, max_retries=0, on_usage=hook
        ) as client:
            async with client.messages.stream(max_tokens=5, messages=HELLO) as stream:
                await anext(stream)
            raw = await client.messages.create(max_tokens=5, messages=HELLO, stream=True)
            await anext(raw)
            await raw.aclose()
            await raw.close()
            with pytest.raises(e.StreamError):
                [event async for event in await client.messages.create(max_tokens=5, messages=HELLO, stream=True)]

    with raw_server(streaming(HALF)) as server:
        asyncio.run(main(server.url))
    assert reported == [False, False, False]
