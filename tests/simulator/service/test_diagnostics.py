"""`diagnostics`: why the cache could not reuse an earlier request's prefix, as the official SDK sees it."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from keybearer.simulator import Simulator

ASK: dict[str, Any] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 50,
    "system": "s" * 40,
    "tools": [{"name": "read", "input_schema": {"type": "object"}}],
    "messages": [{"role": "user", "content": "a" * 80}, {"role": "assistant", "content": "b" * 40}, {"role": "user", "content": "c"}],
}  # fmt: skip


def ask(client: anthropic.Anthropic, previous: str | None, **changed: Any) -> Any:
    """Send the request with changes, naming an earlier answer."""
    return client.messages.create(**{**ASK, **changed}, diagnostics={"previous_message_id": previous})


@pytest.fixture
def client() -> Any:
    """Return the official SDK on a simulator."""
    with Simulator() as sim:
        yield anthropic.Anthropic(api_key=sim.api_key, base_url=sim.base_url)


def test_nothing_is_reported_where_nothing_differs(client: anthropic.Anthropic) -> None:
    """Not asked, asked for the first time, and a request that only goes on: `diagnostics` is null."""
    assert client.messages.create(**ASK).diagnostics is None
    first = ask(client, None)
    assert first.diagnostics is None
    assert ask(client, first.id, messages=[*ASK["messages"], {"role": "assistant", "content": "d"}]).diagnostics is None
    marked = [{"type": "text", "text": "s" * 40, "cache_control": {"type": "ephemeral"}}]
    second = ask(client, None, system=[{"type": "text", "text": "s" * 40}])
    assert ask(client, second.id, system=marked).diagnostics is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"model": "claude-opus-4-6"}, "model_changed"),
        ({"tools": [{"name": "write", "input_schema": {"type": "object"}}]}, "tools_changed"),
        ({"system": "other"}, "system_changed"),
        ({"messages": [{"role": "user", "content": "changed"}]}, "messages_changed"),
        ({"tool_choice": {"type": "any"}}, "unavailable"),
    ],
)
def test_the_first_difference_is_the_reason(client: anthropic.Anthropic, changed: dict[str, Any], reason: str) -> None:
    """Model, tools, system, messages, in the order of the prompt; another parameter cannot be diagnosed."""
    first = ask(client, None)
    diagnosed = ask(client, first.id, **changed).diagnostics
    assert diagnosed is not None
    assert diagnosed.cache_miss_reason.type == reason


def test_the_tokens_are_those_that_would_have_been_read(client: anthropic.Anthropic) -> None:
    """What the earlier request had after the part that both share: here its last two messages."""
    first = ask(client, None)
    counted = [client.messages.count_tokens(**{k: v for k, v in ASK.items() if k != "max_tokens"} | {"messages": m}) for m in
               (ASK["messages"], ASK["messages"][:1])]  # fmt: skip
    diagnosed = ask(
        client, first.id, messages=[ASK["messages"][0], {"role": "assistant", "content": "other"}]
    ).diagnostics
    assert diagnosed is not None
    assert diagnosed.cache_miss_reason.cache_missed_input_tokens == counted[0].input_tokens - counted[1].input_tokens


def test_an_unknown_id_and_another_s_are_not_found() -> None:
    """An id that nobody knows, one of another organization, and one from before a reset name no request."""
    with Simulator() as sim:
        mine = anthropic.Anthropic(api_key=sim.api_key, base_url=sim.base_url)
        first = ask(mine, None)
        sim.reset()
        for name in (first.id, "msg_unknown"):
            diagnosed = ask(mine, name).diagnostics
            assert diagnosed is not None
            assert diagnosed.cache_miss_reason.type == "previous_message_not_found"
