"""Both clients against the offline simulator, over real HTTP."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import trio

from keybearer import AsyncClient, Client
from keybearer import errors as e
from keybearer.shell.transports.httpx_transport import AsyncHttpxTransport, HttpxTransport
from keybearer.simulator import Simulator
from keybearer.types import events as ev

HELLO: Any = [{"role": "user", "content": 'Say "one two three"'}]
MODEL = "claude-haiku-4-5"


@pytest.fixture(params=["http.client", "httpx"])
def client(request: pytest.FixtureRequest, sim: Simulator) -> Any:
    """A client on each sync transport."""
    transport = HttpxTransport() if request.param == "httpx" else None
    with Client(api_key=sim.api_key, base_url=sim.base_url, model=MODEL, transport=transport) as made:
        yield made


def test_a_plain_answer(client: Client) -> None:
    """Create gives the whole message with its usage and the request's id."""
    message = client.messages.create(max_tokens=100, messages=HELLO)
    assert message.text == "one two three"
    assert message.stop_reason == "end_turn"
    assert (message.usage.output_tokens or 0) > 0
    assert (message.request_id or "").startswith("req_")


def test_a_streamed_answer(client: Client) -> None:
    """Stream gives the text as it comes, then the same message that create gives."""
    with client.messages.stream(max_tokens=100, messages=HELLO) as stream:
        texts = list(stream.text_stream)
        message = stream.get_final_message()
    assert "".join(texts) == message.text == "one two three"
    assert (stream.request_id or "").startswith("req_")


def test_ways_of_reading_can_be_mixed(client: Client) -> None:
    """What one way of reading took, the message still has: nothing is lost between them."""
    with client.messages.stream(max_tokens=500, messages=[{"role": "user", "content": "Write 60 words"}]) as stream:
        first = next(stream.text_stream)
        second = next(event for event in stream if isinstance(event, ev.TextEvent))
        assert stream.current_message is not None
        text = stream.get_final_text()
    assert second.snapshot == first + second.text
    assert text.startswith(second.snapshot)
    assert list(stream) == []


def test_raw_events(client: Client) -> None:
    """create(stream=True) gives the service's own events."""
    with client.messages.create(max_tokens=100, messages=HELLO, stream=True) as events:
        kinds = [event.type for event in events]
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]


def test_a_long_answer_is_streamed_underneath(client: Client, sim: Simulator) -> None:
    """Create with a large max_tokens asks for a stream and still gives the message."""
    message = client.messages.create(model="claude-opus-4-6", max_tokens=64_000, messages=HELLO)
    assert message.text == "one two three"
    assert json.loads(sim.requests[-1].body)["stream"] is True


def test_a_tool_round_trip_with_thinking(client: Client) -> None:
    """The answer goes back as it came, signature and all, and the service takes it."""
    tool: Any = {
        "name": "get_weather",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
    messages: list[Any] = [{"role": "user", "content": "Use get_weather for Oslo"}]
    options: Any = {"max_tokens": 3000, "tools": [tool], "thinking": {"type": "enabled", "budget_tokens": 1024}}
    with client.messages.stream(messages=messages, **options) as stream:
        first = stream.get_final_message()
    assert [block.type for block in first.content] == ["thinking", "tool_use"]
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": "snow"} for call in first.tool_calls]
    last = client.messages.create(messages=[*messages, first, {"role": "user", "content": results}], **options)
    assert "snow" in last.text


def test_an_error_says_what_and_what_next(client: Client) -> None:
    """An API error is typed, with the request's id and a hint."""
    with pytest.raises(e.NotFound) as caught:
        client.messages.create(model="claude-zork-9", max_tokens=10, messages=HELLO)
    assert caught.value.request_id
    assert "claude-zork-9" in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "meant"), [("claude-haiku-45", "claude-haiku-"), ("haiku", "claude-haiku-"), ("zzz", None)]
)
def test_a_model_that_is_not_there_has_one_that_was_meant(client: Client, asked: str, meant: str | None) -> None:
    """The hint has the model that was probably meant, and where the account's own are listed."""
    with pytest.raises(e.NotFound) as caught:
        client.messages.create(model=asked, max_tokens=10, messages=HELLO)
    assert "client.models.list()" in caught.value.hint
    assert caught.value.hint.startswith(f"Did you mean {meant}" if meant else "`keybearer models list`")


def test_a_closed_client_says_so(client: Client) -> None:
    """A closed client sends nothing more."""
    client.close()
    with pytest.raises(e.UsageError, match="closed"):
        client.messages.create(max_tokens=10, messages=HELLO)


async def everything(client: AsyncClient) -> None:
    """Do on an async client what the sync tests do."""
    message = await client.messages.create(max_tokens=100, messages=HELLO)
    assert message.text == "one two three"
    async with client.messages.stream(max_tokens=100, messages=HELLO) as stream:
        texts = [text async for text in stream.text_stream]
        assert (await stream.get_final_message()).text == "".join(texts) == "one two three"
        assert await stream.get_final_text() == "one two three"
        assert stream.current_message_snapshot is not None
    async with await client.messages.create(max_tokens=100, messages=HELLO, stream=True) as events:
        assert [event.type async for event in events][-1] == "message_stop"
    long = await client.messages.create(model="claude-opus-4-6", max_tokens=64_000, messages=HELLO)
    assert long.text == "one two three"
    with pytest.raises(e.NotFound):
        await client.messages.create(model="claude-zork-9", max_tokens=10, messages=HELLO)
    await client.close()
    with pytest.raises(e.UsageError, match="closed"):
        await client.messages.create(max_tokens=10, messages=HELLO)


@pytest.mark.parametrize("loop", ["asyncio-aiohttp", "asyncio-httpx", "trio"])
def test_the_async_client_does_the_same(sim: Simulator, loop: str) -> None:
    """Plain, streamed, raw, long, left early, failed and closed: on asyncio with both transports and on trio."""

    async def main() -> None:
        transport = AsyncHttpxTransport() if loop == "asyncio-httpx" else None
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url, model=MODEL, transport=transport) as client:
            await everything(client)

    if loop == "trio":
        trio.run(main)
    else:
        asyncio.run(main())


def test_a_hundred_at_once(sim: Simulator) -> None:
    """A hundred concurrent calls and streams on one client all get their own answers."""

    async def main() -> None:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url, model=MODEL) as client:

            async def one(number: int) -> str:
                messages: Any = [{"role": "user", "content": f'Say "number {number}"'}]
                if number % 2:
                    return (await client.messages.create(max_tokens=100, messages=messages)).text
                async with client.messages.stream(max_tokens=100, messages=messages) as stream:
                    return await stream.get_final_text()

            assert await asyncio.gather(*map(one, range(100))) == [f"number {n}" for n in range(100)]

    asyncio.run(main())


def test_cancelled_tasks_leave_nothing_behind(sim: Simulator) -> None:
    """Cancelling calls and streams anywhere leaves a client that works, and no task."""

    async def main() -> None:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url, model=MODEL) as client:

            async def one() -> None:
                async with client.messages.stream(
                    max_tokens=900, messages=[{"role": "user", "content": "Write 300 words"}]
                ) as stream:
                    async for _ in stream:
                        await asyncio.sleep(0)

            tasks = [asyncio.create_task(one()) for _ in range(40)]
            for turns, task in enumerate(tasks):
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert (await client.messages.create(max_tokens=100, messages=HELLO)).text == "one two three"
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


# ── configuration and environment ────────────────────────────────────────────


def test_from_config_picks_the_agent_s_provider_and_model(llm_yaml: Path, sim: Simulator) -> None:
    """The agent's file names model and max_tokens; the call needs neither."""
    with Client.from_config(llm_yaml, agent="scout") as client:
        assert client.messages.create(messages=HELLO).text == "one two three"
    assert json.loads(sim.requests[-1].body)["max_tokens"] == 300
    with Client.from_config(
        llm_yaml, agent=str(llm_yaml.parent / "agents" / "scout.yaml"), model="claude-opus-4-6"
    ) as client:
        assert client.messages.create(messages=HELLO).model == "claude-opus-4-6"


def test_from_config_async(llm_yaml: Path) -> None:
    """The async client is made the same way."""

    async def main() -> None:
        async with AsyncClient.from_config(llm_yaml, agent="scout") as client:
            assert (await client.messages.create(messages=HELLO)).text == "one two three"

    asyncio.run(main())


def test_which_provider(tmp_path: Path) -> None:
    """With several providers one must be named; an unknown one is reported with those that there are."""
    path = tmp_path / "llm.yaml"
    path.write_text("providers: {a: {api_key: sk-ant-a, base_url: 'http://localhost:1'}, b: {api_key: sk-ant-b}}")
    with pytest.raises(e.ConfigError, match="say which one.*a, b"):
        Client.from_config(path)
    with pytest.raises(e.ConfigError, match="no provider 'c'.*a, b"):
        Client.from_config(path, provider="c")
    Client.from_config(path, provider="a").close()


def test_argument_over_environment(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment gives key and URL; an argument wins over it."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    with Client(model=MODEL) as client:
        assert client.messages.create(max_tokens=50, messages=HELLO).text == "one two three"
    with Client(model=MODEL, api_key="sk-ant-sim-wrong!") as client, pytest.raises(e.KeybearerError):
        Client(model=MODEL, base_url="http://127.0.0.1:1", max_retries=0).messages.create(max_tokens=5, messages=HELLO)


def test_no_credential_says_what_was_looked_for() -> None:
    """Without a key the error lists where it looked and what to do."""
    with pytest.raises(e.NoCredentials) as caught:
        Client()
    assert "ANTHROPIC_API_KEY" in str(caught.value)


@pytest.mark.parametrize("url", ["http://api.anthropic.com", "http://localhost.evil.example", "ftp://x"])
def test_a_base_url_that_a_key_may_not_go_to(url: str) -> None:
    """The argument is held to the same rule as the configuration."""
    with pytest.raises(e.ConfigError, match="base_url"):
        Client(api_key="sk-ant-test", base_url=url)


def test_the_version_header(sim: Simulator) -> None:
    """`api_version` changes the header that every request has."""
    with Client(api_key=sim.api_key, base_url=sim.base_url, model=MODEL, api_version="2023-06-01") as client:
        client.messages.create(max_tokens=50, messages=HELLO)
    assert sim.requests[-1].headers["anthropic-version"] == "2023-06-01"
    assert sim.requests[-1].headers["user-agent"].startswith("keybearer/")
