"""What an MCP server says and asks by itself, without a server; the real ones are in `make test-e2e`."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from keybearer.shell import mcp_events
from keybearer.shell.mcp_events import ServerEvents
from support.tool_runs import answer

CHANGED = SimpleNamespace(method="notifications/tools/list_changed")


class SubscriptionLost(RuntimeError):  # noqa: N818 - its name there
    """As the package has it."""


class ListenNotSupportedError(RuntimeError):
    """As the package has it."""


class Said(SimpleNamespace):
    """A value of the package."""

    def model_dump(self, **_: Any) -> dict[str, Any]:
        """Return it as JSON has it."""
        return dict(vars(self))


@pytest.fixture(autouse=True)
def _package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the package mcp, whose import takes a second."""
    lost = SimpleNamespace(SubscriptionLost=SubscriptionLost, ListenNotSupportedError=ListenNotSupportedError)
    monkeypatch.setitem(sys.modules, "mcp.client.subscriptions", lost)
    result = SimpleNamespace(model_validate=lambda given: Said(**given))
    values = SimpleNamespace(INTERNAL_ERROR=-32603, INVALID_PARAMS=-32602, CreateMessageResult=result, ErrorData=Said)
    monkeypatch.setitem(sys.modules, "mcp_types", values)


class Listened:
    """A client whose subscription gives events, is lost, or is not known."""

    server_capabilities = SimpleNamespace(tools=SimpleNamespace(list_changed=True))

    def __init__(self, *opened: list[Any] | Exception) -> None:
        self._opened = list(opened)

    @contextlib.asynccontextmanager
    async def listen(self, *, tools_list_changed: bool) -> AsyncIterator[AsyncIterator[None]]:
        """Open the next one."""
        assert tools_list_changed
        events = self._opened.pop(0)
        if isinstance(events, Exception):
            raise events

        async def given() -> AsyncIterator[None]:
            for each in events:
                if isinstance(each, Exception):
                    raise each
                yield each

        yield given()


@pytest.mark.parametrize(
    ("opened", "listed", "hears"),
    [
        ([[None, None]], 2, False),
        ([[None, SubscriptionLost("lost")], [None]], 3, False),  # what was missed meanwhile is listed too
        ([ListenNotSupportedError("2025-11-25")], 1, True),  # and it is said unasked
    ],
)
def test_a_change_is_listed_whichever_way_it_is_said(
    monkeypatch: pytest.MonkeyPatch, opened: list[Any], listed: int, hears: bool
) -> None:
    """Once for each, though newer servers say it both ways."""
    monkeypatch.setattr(mcp_events, "AGAIN", 0.0)
    count: list[int] = []

    async def changed() -> None:
        count.append(1)
        raise ConnectionError("it has gone")  # is logged; the tools that are known stay

    async def go() -> None:
        events = ServerEvents(changed, None)
        await events.listen(Listened(*opened))
        await events.options["message_handler"](SimpleNamespace(method="notifications/other"))
        await events.options["message_handler"](CHANGED)
        await asyncio.sleep(0)

    asyncio.run(go())
    assert (len(count), listed - hears) == (listed, len(count) - hears)


def asked(events: ServerEvents, content: Any) -> dict[str, Any]:
    """Have a server ask; return what it reads."""
    params = Said(
        messages=[{"role": "user", "content": content}], maxTokens=9, systemPrompt="Be short.", temperature=0.5
    )
    result = asyncio.run(events.options["sampling_callback"](None, params))
    read: dict[str, Any] = result.model_dump(by_alias=True, exclude_none=True)
    return read


async def _nothing() -> None:
    pass


TEXT = {"type": "text", "text": "6 x 7?"}


@pytest.mark.parametrize("awaited", [False, True])
def test_a_server_gets_an_answer_by_the_callers_function(awaited: bool) -> None:
    """The function gets arguments of `messages.create`, and returns the message."""
    seen: list[Any] = []

    def sampling(given: dict[str, Any]) -> Any:
        seen.append(given)
        return answer("42")

    async def later(given: dict[str, Any]) -> Any:
        return sampling(given)

    read = asked(ServerEvents(_nothing, later if awaited else sampling), TEXT)
    assert read == {
        "role": "assistant",
        "content": {"type": "text", "text": "42"},
        "model": "claude-haiku-4-5",
        "stopReason": "endTurn",
    }
    turn = {"role": "user", "content": [{"type": "text", "text": "6 x 7?"}]}
    assert seen == [{"messages": [turn], "max_tokens": 9, "system": "Be short."}]


def test_a_server_reads_that_there_is_no_answer_and_not_why() -> None:
    """What the function raises stays here; what cannot be asked is said in words; without a function it is not offered."""

    def fails(given: dict[str, Any]) -> Any:
        raise OSError(f"/etc/secret of {given}")

    events = ServerEvents(_nothing, fails)
    assert asked(events, TEXT)["message"] == "There is no answer: the program could not get one."
    audio = {"type": "audio", "data": "AAAA", "mimeType": "audio/wav"}
    assert asked(events, audio)["message"] == "Content of the type audio/wav is not supported in sampling."
    assert "sampling_callback" not in ServerEvents(_nothing, None).options
