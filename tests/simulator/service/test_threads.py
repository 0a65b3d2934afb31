"""Message threads: what the server keeps, and its five errors; with the official SDK's own helpers as the client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anthropic
import pytest
from anthropic import beta_tool

from keybearer.simulator import Simulator
from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.service.threads import MessageThreads

MODEL = "claude-sonnet-5-5"
TAG = "message-threads-2026-08-12"
HELLO: dict[str, Any] = {"role": "user", "content": "Reply with exactly: one"}


def user(text: str) -> Any:
    """Make a message of the user."""
    return {"role": "user", "content": text}


def ask(sdk: anthropic.Anthropic, **more: Any) -> Any:
    """Send a request of a thread through the SDK's plain method."""
    fields: dict[str, Any] = {"model": MODEL, "max_tokens": 200, "betas": [TAG], "messages": [HELLO], **more}
    return sdk.beta.messages.create(**fields)


def after(message: Any) -> dict[str, Any]:
    """Name the message that a request continues."""
    return {"type": "continue", "previous_message_id": message.id}


@beta_tool
def get_weather(location: str) -> str:
    """Tell the weather of a city.

    Args:
        location: The city.
    """
    return f"Sunny in {location}"


def test_a_continuation_sends_only_what_is_new(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """The kept turns, system prompt and tools are counted with the new turn's, and the answer has the usual shape."""
    first = ask(sdk, system="Be brief. " * 50, thread={"type": "create"})
    second = ask(sdk, messages=[user("Reply with exactly: two")], thread=after(first))
    assert [first.content[0].text, second.content[0].text] == ["one", "two"]
    whole = ask(
        sdk,
        system="Be brief. " * 50,
        messages=[HELLO, {"role": "assistant", "content": "one"}, user("Reply with exactly: two")],
    )
    assert second.usage.input_tokens == whole.usage.input_tokens
    assert sim.verdict == []


@pytest.mark.parametrize("stream", [False, True])
def test_the_tool_runner_goes_on_in_a_thread(sim: Simulator, sdk: anthropic.Anthropic, stream: bool) -> None:
    """The SDK's tool runner, which uses threads by itself, gets the tool's result into its last answer."""
    runner: Any = sdk.beta.messages.tool_runner(
        model=MODEL, max_tokens=500, tools=[get_weather], messages=[user("What is the weather in SF?")], stream=stream
    )
    messages = [each.get_final_message() if stream else each for each in runner]
    assert messages[-1].stop_reason == "end_turn"
    assert "Sunny in SF" in messages[-1].content[0].text
    sent = [entry.json for entry in sim.requests]
    assert [body["thread"]["type"] for body in sent] == ["create", "continue"]
    assert [len(body["messages"]) for body in sent] == [1, 1]
    assert "tools" not in sent[1]


def test_the_helper_replays_a_thread_that_ended(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """Five minutes after its last answer a thread is gone, and the SDK's helper sends the whole conversation again."""
    thread = sdk.beta.messages.thread(model=MODEL, max_tokens=200)
    thread.send({"role": "user", "content": "Reply with exactly: one"})
    sim.clock.advance(299)
    thread.send({"role": "user", "content": "Reply with exactly: two"})
    sim.clock.advance(301)
    assert thread.send({"role": "user", "content": "Reply with exactly: three"}).content[0].type == "text"
    seen = [(entry.status, entry.json["thread"]["type"], len(entry.json["messages"])) for entry in sim.requests]
    assert seen == [(200, "create", 1), (200, "continue", 1), (404, "continue", 1), (200, "create", 5)]


def refused(call: Callable[[], Any], error: type[anthropic.APIStatusError]) -> dict[str, Any]:
    """Return the details of the refusal that a call gets."""
    with pytest.raises(error) as caught:
        call()
    body: Any = caught.value.body
    details: dict[str, Any] = body["error"]["details"]
    assert getattr(caught.value, "error_code", None) == details["error_code"]
    return details


def test_an_unknown_thread(sdk: anthropic.Anthropic) -> None:
    """A message that nobody kept, or that another organization got, is a `ThreadNotFoundError`."""
    thread = {"type": "continue", "previous_message_id": "msg_nope"}
    details = refused(lambda: ask(sdk, thread=thread), anthropic.NotFoundError)
    assert details == {"error_code": "thread_not_found"}
    first = ask(sdk, thread={"type": "create"})
    other = sdk.with_options(api_key="sk-ant-sim-other")
    assert refused(lambda: ask(other, thread=after(first)), anthropic.NotFoundError) == details


def test_an_answer_is_continued_once(sdk: anthropic.Anthropic) -> None:
    """The second continuation of an answer is refused, and the newest answer can still be continued."""
    first = ask(sdk, thread={"type": "create"})
    second = ask(sdk, messages=[user("Reply with exactly: two")], thread=after(first))
    details = refused(lambda: ask(sdk, thread=after(first)), anthropic.BadRequestError)
    assert details == {"error_code": "thread_already_continued"}
    third = ask(sdk, messages=[user("Reply with exactly: three")], thread=after(second))
    assert third.content[0].text == "three"


def test_a_refused_request_does_not_use_the_answer_up(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """After an error the same answer can be continued again, as a retry does."""
    first = ask(sdk, thread={"type": "create"})
    sim.fail("overloaded")
    with pytest.raises(anthropic.APIStatusError):
        ask(sdk, messages=[user("Reply with exactly: two")], thread=after(first))
    assert ask(sdk, messages=[user("Reply with exactly: two")], thread=after(first)).content[0].text == "two"


def test_two_continuations_at_once() -> None:
    """While a continuation's stream is under way, another one of the same answer is in flight; later it is continued."""
    with (
        Simulator(tokens_per_second=20.0) as slow,
        anthropic.Anthropic(base_url=slow.base_url, api_key=slow.api_key, max_retries=0) as client,
    ):
        first = ask(client, thread={"type": "create"}, max_tokens=1)
        stream = ask(client, messages=[user("Count to 20")], thread=after(first), stream=True)
        next(iter(stream))
        details = refused(lambda: ask(client, thread=after(first)), anthropic.BadRequestError)
        assert details == {"error_code": "thread_continue_in_flight"}
        slow.clock.advance(200)
        list(stream)
        details = refused(lambda: ask(client, thread=after(first)), anthropic.BadRequestError)
        assert details == {"error_code": "thread_already_continued"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"model": "claude-opus-4-8"}, "model"),
        ({"tool_choice": {"type": "none"}}, "tool_choice"),
        ({"output_config": {"effort": "low"}}, "output_config"),
        ({"system": "Be kind."}, "system"),
        ({"betas": [TAG, "files-api-2025-04-14"]}, "anthropic-beta"),
    ],
)
def test_what_must_stay_the_same(sdk: anthropic.Anthropic, change: dict[str, Any], named: str) -> None:
    """A continuation that changes a fixed field is refused, and the message names the field."""
    tools = [get_weather.to_dict()]
    first = ask(sdk, thread={"type": "create"}, tools=tools)
    with pytest.raises(anthropic.BadRequestError, match=rf"differing field\(s\): {named}\.") as caught:
        ask(sdk, thread=after(first), **change)
    body: Any = caught.value.body
    assert body["error"]["details"] == {"error_code": "thread_fingerprint_mismatch"}


def test_a_client_may_repeat_what_the_thread_has(sdk: anthropic.Anthropic) -> None:
    """Equal tools, and a system prompt that differs in Claude Code's own header block alone, are fine."""

    def system(number: int) -> list[dict[str, str]]:
        return [
            {"type": "text", "text": f"x-anthropic-billing-header: cch={number}"},
            {"type": "text", "text": "Be brief."},
        ]

    tools = [get_weather.to_dict()]
    first = ask(sdk, thread={"type": "create"}, tools=tools, system=system(1))
    second = ask(sdk, thread=after(first), tools=tools, system=system(2), messages=[user("Reply with exactly: two")])
    assert second.content[0].text == "two"


def test_too_many_breakpoints(sdk: anthropic.Anthropic) -> None:
    """A fourth marked block is a request that threads do not support."""
    block = {"type": "text", "text": "Hello", "cache_control": {"type": "ephemeral"}}
    details = refused(
        lambda: ask(sdk, messages=[{"role": "user", "content": [block] * 4}], thread={"type": "create"}),
        anthropic.BadRequestError,
    )
    assert details == {"error_code": "thread_unsupported_request", "unsupported": ["cache_control"]}


def test_breakpoints_of_earlier_turns_do_not_add_up(sdk: anthropic.Anthropic) -> None:
    """Each turn may mark blocks of its own, however long the thread is."""
    block = {"type": "text", "text": "Reply with exactly: yes", "cache_control": {"type": "ephemeral"}}
    message = ask(sdk, messages=[{"role": "user", "content": [block]}], thread={"type": "create"})
    for _ in range(6):
        message = ask(sdk, messages=[{"role": "user", "content": [block]}], thread=after(message))
    assert message.content[0].text == "yes"


def test_a_thread_needs_its_tag_and_a_type(sdk: anthropic.Anthropic) -> None:
    """Without its tag the field is unknown, and its type is one of two."""
    with pytest.raises(anthropic.BadRequestError, match="thread: Extra inputs are not permitted"):
        ask(sdk, thread={"type": "create"}, betas=["files-api-2025-04-14"])
    with pytest.raises(anthropic.BadRequestError, match="thread: Input tag 'fork'"):
        ask(sdk, thread={"type": "fork"})


def test_a_reset_forgets_threads(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """Threads are state of requests, which a reset clears."""
    first = ask(sdk, thread={"type": "create"})
    sim.reset()
    assert refused(lambda: ask(sdk, thread=after(first)), anthropic.NotFoundError)


def test_only_so_many_threads_are_kept() -> None:
    """The oldest are forgotten beyond ten thousand, and all of them when they have expired."""
    clock = SimulatedClock(0.0)
    threads = MessageThreads(clock)
    body = {"thread": {"type": "create"}, "messages": [HELLO]}
    where: dict[str, Any] = {"organization": "us", "betas": frozenset({TAG})}

    def keep(number: int) -> None:
        message = {"id": f"msg_{number}", "content": [], "stop_reason": "end_turn"}
        threads.keep(body, message, request_id=str(number), **where)

    def resume(number: int) -> Any:
        asked = {"type": "continue", "previous_message_id": f"msg_{number}"}
        return threads.resume({"thread": asked, "messages": [HELLO]}, **where)["messages"]

    for number in range(10_001):
        keep(number)
    assert len(resume(10_000)) == 3
    for gone in (0, 1):
        if gone:
            clock.advance(300)
        with pytest.raises(ServiceError) as caught:
            resume(gone)
        assert caught.value.details == {"error_code": "thread_not_found"}
