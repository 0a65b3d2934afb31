"""Conversations in message threads: only what is new is sent, and the whole when the service has the thread no more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from keybearer import AsyncClient, Client, Conversation, InvalidRequest, LintError
from keybearer.simulator import Simulator
from support.histories import TOOLS

MODEL = "claude-sonnet-5-5"


def reply(text: str) -> str:
    """Ask for a text."""
    return f"Reply with exactly: {text}"


@pytest.fixture
def client(sim: Simulator) -> Iterator[Client]:
    """A client of the simulator."""
    with Client(api_key=sim.api_key, base_url=sim.base_url, model=MODEL, max_retries=0) as made:
        yield made


TALK = Conversation(
    thread=True, max_tokens=300, system="Be brief.", tools=TOOLS, tool_choice={"type": "auto"}, cache="auto"
)


def threads(sim: Simulator) -> list[Any]:
    """Return how each request named its thread, and how many turns it had."""
    return [
        (entry.json.get("thread", {}).get("type"), len(entry.json["messages"]), entry.status) for entry in sim.requests
    ]


def test_only_what_is_new_is_sent(sim: Simulator, client: Client) -> None:
    """The first call has the whole conversation; each later one its new turn alone, without system prompt and tools."""
    talk = TALK.user(reply("one"))
    for word in ("two", "three"):
        message = client.messages.create(messages=talk)
        talk = talk.append(message).user(reply(word))
    last = client.messages.create(messages=talk)
    assert last.text == "three"
    assert threads(sim) == [("create", 1, 200), ("continue", 1, 200), ("continue", 1, 200)]
    assert sim.requests[1].json.keys() & {"system", "tools"} == set()
    assert sim.verdict == []


def test_streams_are_in_the_thread_too(sim: Simulator) -> None:
    """A streamed answer is continued, by the client that awaits as by the other."""

    async def ask() -> None:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url, model=MODEL) as client:
            talk = TALK.user(reply("one"))
            async with client.messages.stream(messages=talk) as stream:
                talk = talk.append(await stream.get_final_message())
            assert (await client.messages.create(messages=talk.user(reply("two")))).text == "two"

    asyncio.run(ask())
    assert threads(sim) == [("create", 1, 200), ("continue", 1, 200)]


def test_a_thread_that_has_gone_is_begun_again(sim: Simulator, client: Client) -> None:
    """After its five minutes the whole conversation is sent once, in a new thread, which goes on."""
    talk = TALK.user(reply("one"))
    talk = talk.append(client.messages.create(messages=talk)).user(reply("two"))
    sim.clock.advance(301)
    talk = talk.append(client.messages.create(messages=talk)).user(reply("three"))
    assert client.messages.create(messages=talk).text == "three"
    assert threads(sim) == [("create", 1, 200), ("continue", 1, 404), ("create", 3, 200), ("continue", 1, 200)]


def test_a_fork_gets_a_thread_of_its_own(sim: Simulator, client: Client) -> None:
    """An answer is continued once: the second branch is refused before a model runs, and sent whole."""
    talk = TALK.user(reply("one"))
    talk = talk.append(client.messages.create(messages=talk))
    texts = [client.messages.create(messages=talk.user(reply(word))).text for word in ("left", "right")]
    assert texts == ["left", "right"]
    assert threads(sim)[1:] == [("continue", 1, 200), ("continue", 1, 400), ("create", 3, 200)]


@pytest.mark.parametrize(
    "change",
    [
        lambda talk: talk.replace(system="Be long."),
        lambda talk: talk.replace(messages=[{"role": "user", "content": "Else."}, *talk.messages[1:]]),
        lambda talk: talk.replace(messages=[*talk.messages[:1], talk.last_answer.to_param(), *talk.messages[2:]]),
        lambda talk: Conversation.loads(talk.dumps()).replace(model="claude-opus-5-5"),
    ],
    ids=["settings", "an earlier turn", "a plain answer", "model"],
)
def test_what_the_service_does_not_have_is_sent(sim: Simulator, client: Client, change: Any) -> None:
    """A conversation that is another one than the thread's begins a new thread: the old one would be continued in silence."""
    talk = TALK.user(reply("one"))
    talk = change(talk.append(client.messages.create(messages=talk)).user(reply("two")))
    client.messages.create(messages=talk)
    assert threads(sim)[1:] == [("create", 3, 200)]


def test_a_saved_conversation_goes_on_in_its_thread(sim: Simulator, client: Client) -> None:
    """What marks an answer is saved with it, so another process continues the thread."""
    talk = TALK.user(reply("one"))
    talk = talk.append(client.messages.create(messages=talk))
    assert client.messages.create(messages=Conversation.loads(talk.dumps()).user(reply("two"))).text == "two"
    assert threads(sim)[1:] == [("continue", 1, 200)]


def test_what_threads_do_not_support_is_sent_without(sim: Simulator, client: Client) -> None:
    """Too many breakpoints of the caller's are refused in a thread, and the answer of the call without one is not continued."""
    mark = {"cache_control": {"type": "ephemeral"}}
    blocks: Any = [{"type": "text", "text": reply(str(number)), **mark} for number in range(4)]
    talk = Conversation(thread=True, max_tokens=300).user(*blocks)
    talk = talk.append(client.messages.create(messages=talk)).user(reply("two"))
    assert talk.last_answer is not None
    assert talk.last_answer.thread is None
    assert threads(sim) == [("create", 1, 400), (None, 1, 200)]


def test_other_refusals_are_the_callers(sim: Simulator, client: Client) -> None:
    """A mistake is raised as without a thread, after one request or none."""
    with pytest.raises(InvalidRequest, match="max_tokens"):
        client.messages.create(messages=TALK.user("x"), max_tokens=10_000_000)
    with pytest.raises(LintError):
        client.messages.create(messages=TALK.user(""))
    assert len(sim.requests) == 1


def test_a_thread_is_only_used_where_it_is_asked_for(sim: Simulator, client: Client) -> None:
    """Without `thread=True`, and with a `thread` of the call's own, a conversation is sent as it is."""
    plain = TALK.replace(thread=False).user(reply("one"))
    client.messages.create(messages=plain)
    client.messages.create(messages=TALK.user(reply("one")), thread={"type": "create"})
    client.messages.count_tokens(messages=TALK.user(reply("one")))
    assert [each[0] for each in threads(sim)] == [None, "create", None]
