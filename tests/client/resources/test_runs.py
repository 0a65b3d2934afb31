"""Runs over the wire: both clients, streamed and not, eager, cancelled, on trio too."""

from __future__ import annotations

import asyncio
import pickle
import re
import threading
from pathlib import Path
from typing import Any

import pytest

from keybearer import AsyncClient, Client, Conversation, LintError, ToolResultEvent, UsageError, tool
from keybearer.simulator import Simulator

PARAMS: dict[str, Any] = {"max_tokens": 300, "messages": [{"role": "user", "content": "Add 12 and 30 with the tool."}]}


@tool
def add(a: int, b: int) -> int:
    """Add two numbers.

    Args:
        a: The first number.
        b: The second number.
    """
    return a + b


@tool
async def add_later(a: int, b: int) -> int:
    """Add two numbers."""
    await asyncio.sleep(0)
    return a + b


def client(sim: Simulator) -> Client:
    """Make a client of the simulator."""
    return Client(base_url=sim.base_url, api_key=sim.api_key, model="claude-haiku-4-5")


def async_client(sim: Simulator) -> AsyncClient:
    """Make a client that is awaited."""
    return AsyncClient(base_url=sim.base_url, api_key=sim.api_key, model="claude-haiku-4-5")


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("function", [add, add_later])
def test_a_run_uses_its_tools(sim: Simulator, function: Any, eager: bool) -> None:
    """The simulator calls the tool with the prompt's values, and its answer has the result."""
    with client(sim) as made:
        result = made.messages.run(tools=[function], run_tools_eagerly=eager, **PARAMS)
    assert "42" in result.text
    assert [outcome.content for outcome in result.steps[0].outcomes] == ["42"]
    assert result.usage.requests == len(sim.requests) == 2


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("function", [add, add_later])
def test_a_run_that_is_awaited_does_the_same(sim: Simulator, function: Any, eager: bool) -> None:
    """Sync and async tools alike."""

    async def go() -> Any:
        async with async_client(sim) as made:
            return await made.messages.run(tools=[function], run_tools_eagerly=eager, **PARAMS)

    assert "42" in asyncio.run(go()).text


@pytest.mark.parametrize("eager", [False, True])
def test_the_stream_of_a_run_shows_replies_and_results(sim: Simulator, eager: bool) -> None:
    """The result of a call stands between the reply that asks for it and the next."""
    with client(sim) as made, made.messages.run_stream(tools=[add], run_tools_eagerly=eager, **PARAMS) as run:
        with pytest.raises(UsageError, match="has not ended"):
            _ = run.result
        events = list(run)
    kinds = [event.type for event in events]
    assert kinds.count("message_start") == kinds.count("message_stop") == 2
    assert (
        kinds.index("message_stop") < kinds.index("tool_result") < len(kinds) - 1 - kinds[::-1].index("message_start")
    )
    (shown,) = [event for event in events if isinstance(event, ToolResultEvent)]
    assert shown.outcome.content == "42"
    assert "42" in run.result.text


def test_the_stream_of_a_run_that_is_awaited(sim: Simulator) -> None:
    """Its text comes as it is written, and its result is there at its end."""

    async def go() -> tuple[list[str], Any]:
        async with async_client(sim) as made, made.messages.run_stream(tools=[add], **PARAMS) as run:
            return [text async for text in run.text_stream], run.result

    texts, result = asyncio.run(go())
    assert len(texts) > 1
    assert "".join(texts).endswith(result.text)


def test_the_texts_of_two_replies_are_apart(sim: Simulator) -> None:
    """A model that says something before a call says the next thing after an empty line."""
    sim.script({"text": "Let me look.", "tool_use": {"name": "add", "input": {"a": 1, "b": 2}}})
    sim.script({"text": "It is three."})
    with client(sim) as made, made.messages.run_stream(tools=[add], **PARAMS) as run:
        assert "".join(run.text_stream) == "Let me look.\n\nIt is three."


def test_an_eager_call_starts_while_the_reply_is_streamed(sim: Simulator) -> None:
    """The tool lets the stream go on: a call that waited for the whole reply would wait for ever."""
    seen: list[str] = []
    started = threading.Event()

    @tool
    def begin(step: int) -> str:
        """Begin."""
        started.set()
        return str(step)

    sim.script({"tool_use": [{"name": "begin", "input": {"step": 1}}, {"name": "begin", "input": {"step": 2}}]})
    sim.script("Done.")
    with client(sim) as made, made.messages.run_stream(tools=[begin], run_tools_eagerly=True, **PARAMS) as run:
        for event in run:
            if event.type == "content_block_stop" and not seen:
                assert started.wait(30)
            seen.append(event.type)
    assert [each.content for each in run.result.steps[0].outcomes] == ["1", "2"]


def test_a_run_that_is_cancelled_stops_its_tools(sim: Simulator) -> None:
    """They have tidied up when the cancelled run has ended, and no task is left."""
    sim.script({"tool_use": [{"name": "wait", "input": {"number": n}} for n in (1, 2)]})
    ended: list[int] = []
    waiting = threading.Semaphore(0)

    async def go() -> int:
        @tool
        async def wait(number: int) -> str:
            """Wait."""
            try:
                waiting.release()
                await asyncio.sleep(60)
            finally:
                ended.append(number)
            return "never"

        async with async_client(sim) as made:
            task = asyncio.create_task(made.messages.run(tools=[wait], **PARAMS))
            for _ in (1, 2):
                await asyncio.to_thread(waiting.acquire, timeout=30)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return len(asyncio.all_tasks())

    assert asyncio.run(go()) == 1
    assert sorted(ended) == [1, 2]


def test_a_stream_that_is_left_stops_its_tools(sim: Simulator) -> None:
    """Leaving the block in the middle of a run cancels what runs."""
    sim.script({"tool_use": [{"name": "wait", "input": {}}]})
    ended: list[bool] = []

    async def go() -> int:
        started = asyncio.Event()

        @tool
        async def wait() -> str:
            """Wait."""
            try:
                started.set()
                await asyncio.sleep(60)
            finally:
                ended.append(True)
            return "never"

        async with async_client(sim) as made:
            async with made.messages.run_stream(tools=[wait], **PARAMS) as run:
                reading = asyncio.create_task(run.until_done())
                await started.wait()
                assert not ended
                reading.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await reading
            return len(asyncio.all_tasks())

    assert asyncio.run(go()) == 1
    assert ended == [True]


def test_a_run_on_trio(sim: Simulator) -> None:
    """With the transport that knows trio; an error of the run is raised as it is, in no group."""
    trio = pytest.importorskip("trio")
    from keybearer import UsageError
    from keybearer.shell.transports.httpx_transport import AsyncHttpxTransport

    @tool
    async def add_on_trio(a: int, b: int) -> int:
        """Add two numbers."""
        await trio.sleep(0)
        return a + b

    async def go() -> Any:
        async with AsyncClient(
            base_url=sim.base_url, api_key=sim.api_key, model="claude-haiku-4-5", transport=AsyncHttpxTransport()
        ) as made:
            with pytest.raises(UsageError, match="Two tools are named `add`"):
                await made.messages.run(tools=[add, add], **PARAMS)
            return await made.messages.run(tools=[add_on_trio], **PARAMS)

    assert "42" in trio.run(go).text


def test_a_saved_run_and_a_journal_go_on(sim: Simulator, tmp_path: Path) -> None:
    """With the messages or without; with others the mistake is said, before anything is asked."""
    path = tmp_path / "run.jsonl"
    with client(sim) as made:
        first = made.messages.run(tools=[add], journal=path, max_turns=1, **PARAMS)
        assert first.ended == "max_turns"
        with pytest.raises(UsageError, match="began with other messages"):
            made.messages.run(tools=[add], journal=path, max_tokens=9, messages=[{"role": "user", "content": "Else."}])
        with pytest.raises(UsageError, match="not from both"):
            made.messages.run(tools=[add], journal=path, resume=first.dump(), max_tokens=9)
        second = made.messages.run(tools=[add], journal=path, **PARAMS)
        third = made.messages.run(tools=[add], resume=first.dump(), max_tokens=300)
    assert ["42" in each.text for each in (second, third)] == [True, True]
    assert len(sim.requests) == 3


def test_a_conversation_is_run_with_its_settings_and_goes_on_with_the_result(sim: Simulator) -> None:
    """Its system prompt is sent with each request, and it is extended by what the run has added."""
    talk = Conversation(system="Be brief.").user("Add 12 and 30 with the tool.")
    with client(sim) as made:
        result = made.messages.run(tools=[add], max_tokens=300, messages=talk)
        assert [request.json["system"] for request in sim.requests] == ["Be brief."] * 2
        talk = talk.extend(result.messages[1:])
        reply = made.messages.create(max_tokens=50, messages=talk.user("Thanks."), tools=[add])
    assert reply.stop_reason == "end_turn"


def test_a_conversations_own_tools_are_run(sim: Simulator) -> None:
    """They stay with it as it goes on; one that was saved has their parameters, and is given the functions again."""
    talk = Conversation(tools=[add]).user("Add 12 and 30 with the tool.")
    saved = Conversation.loads(talk.dumps())
    assert talk == saved == pickle.loads(pickle.dumps(talk))  # noqa: S301 - our own
    with client(sim) as made:
        assert "42" in made.messages.run(max_tokens=300, messages=talk.replace(system="Be brief.")).text
        assert made.messages.run(max_tokens=300, messages=saved).ended == "tool_use"
        assert "42" in made.messages.run(max_tokens=300, messages=saved.replace(tools=[add])).text
        assert made.messages.create(max_tokens=300, messages=talk).stop_reason == "tool_use"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_turns": 0}, "`max_turns` is 0"),
        ({"on_max_tokens": "stopp"}, "Did you mean stop?"),
        ({"approve": True}, "`approve` is a bool"),
        ({"tools": [3]}, "type int is no tool"),
        ({"resume": "nothing\n"}, "Line 1 is no record"),
        ({"resume": "noth"}, "`resume` holds no run"),
        ({"resume": ""}, "`resume` holds no run"),
        ({"decisions": {"toolu_1": True}}, "one for 'toolu_1', which is no call of this run"),
        ({"max_turn": 3}, "messages.run() has no parameter 'max_turn'. Did you mean max_turns?"),
        ({"thread": {"type": "create"}}, "it takes no `thread`"),
        ({"messages": Conversation(thread=True).user("Hi")}, "it takes no `thread`"),
        ({"stream": True}, "'stream'. Use messages.run_stream(...)"),
        ({"messages": "Hello"}, "messages is of type str; it must be a list"),
    ],
)
def test_what_cannot_be_run_is_said_before_anything_is_sent(
    sim: Simulator, options: dict[str, Any], words: str
) -> None:
    """Each with what it may be."""
    with client(sim) as made, pytest.raises((UsageError, LintError, TypeError), match=re.escape(words)):
        made.messages.run(**{**PARAMS, **options})
    assert not sim.requests


def test_a_tool_is_taken_by_create_too(sim: Simulator) -> None:
    """As a request has it."""
    with client(sim) as made:
        reply = made.messages.create(tools=[add], **PARAMS)
    assert reply.tool_calls[0].input == {"a": 12, "b": 30}
    assert sim.requests[0].json["tools"] == [add.to_param()]


def test_a_run_ends_with_a_value_streamed_too(sim: Simulator) -> None:
    """The service is asked for the type, which the text of the last reply shows as it comes."""
    asked = {**PARAMS, "output_format": dict[str, int], "tools": [add]}
    with client(sim) as made, pytest.raises(UsageError, match="cannot be compiled"):
        made.messages.run(**asked)
    asked["output_format"] = list[str]
    with client(sim) as made:
        parsed = made.messages.run(**asked)
        with made.messages.run_stream(**asked) as run:
            seen = [event.parsed_snapshot() for event in run if event.type == "text"]
    assert isinstance(parsed.parsed_output, list)
    assert seen[-1] == run.result.parsed_output == parsed.parsed_output
    assert parsed.message.request_id


def test_a_run_that_is_awaited_ends_with_a_value(sim: Simulator) -> None:
    """The same with both forms of the client that awaits."""

    async def go() -> list[Any]:
        async with async_client(sim) as made:
            found = [await made.messages.run(output_format=bool, tools=[add_later], **PARAMS)]
            async with made.messages.run_stream(output_format=bool, tools=[add_later], **PARAMS) as run:
                return [*found, await run.until_done()]

    assert [type(result.parsed_output) for result in asyncio.run(go())] == [bool, bool]


def test_a_run_that_was_not_entered_says_what_to_write(sim: Simulator) -> None:
    """Whichever way it is used."""
    with client(sim) as made:
        opened: Any = made.messages.run_stream(tools=[add], **PARAMS)
    for use in (lambda: opened.until_done, lambda: list(opened), lambda: opened.result):
        with pytest.raises(UsageError, match=r"Write: with client.messages.run_stream\(...\) as run"):
            use()
