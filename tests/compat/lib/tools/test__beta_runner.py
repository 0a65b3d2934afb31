"""The tool runners beside the official SDK's: the same programs, the same replies and requests, against the simulator."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import anthropic
import pytest

import keybearer.compat
from keybearer.compat.lib.tools import BetaAsyncToolRunner, BetaFunctionTool
from keybearer.errors import UsageError
from keybearer.simulator import Simulator

SDKS: tuple[ModuleType, ...] = (anthropic, keybearer.compat)

CALL: dict[str, Any] = {"tool_use": {"id": "toolu_1", "name": "add", "input": {"a": 2, "b": 3}}}
AGAIN: dict[str, Any] = {"tool_use": {"id": "toolu_2", "name": "add", "input": {"a": 5, "b": 1}}}
BOTH: dict[str, Any] = {
    "content": [
        {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {"a": 2, "b": 3}},
        {"type": "tool_use", "id": "toolu_2", "name": "add", "input": {"a": 5, "b": 1}},
    ]
}
WORDS: dict[str, Any] = {"text": "That is 5."}
ASK: dict[str, Any] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 300,
    "messages": [{"role": "user", "content": "What is 2 + 3?"}],
}


class World:
    """One SDK against one simulator, and what its tool was called with.

    Attributes:
        runs: The calls that were run.
        seen: What the program looked at.
    """

    def __init__(self, sdk: ModuleType, sim: Simulator) -> None:
        self.sdk, self.sim = sdk, sim
        self.runs: list[tuple[int, int]] = []
        self.seen: list[Any] = []
        self.client: Any = sdk.Anthropic(api_key=sim.api_key, base_url=sim.base_url)

        def add(a: int, b: int) -> str:
            """Add two numbers.

            Args:
                a: One.
                b: The other.
            """
            self.runs.append((a, b))
            return str(a + b)

        self.function = add
        self.tool: Any = sdk.beta_tool(add)

    def runner(self, **more: Any) -> Any:
        """Return a runner of the SDK."""
        return self.client.beta.messages.tool_runner(**{**ASK, "tools": [self.tool], "thread": False, **more})

    def requests(self) -> list[Any]:
        """Return the turns of each request."""
        return [_plain(json.loads(each.body)["messages"]) for each in self.sim.requests]


def _plain(turns: list[Any]) -> list[Any]:
    """Return turns without what differs in writing alone: fields that are null or empty."""
    plain = []
    for turn in turns:
        content = turn["content"]
        if isinstance(content, list):
            content = [{k: v for k, v in block.items() if v is not None} for block in content]
        plain.append((turn["role"], content))
    return plain


Program = Callable[[World], None]


@pytest.fixture
def world(sim: Simulator) -> Iterator[World]:
    """A world of keybearer's."""
    made = World(keybearer.compat, sim)
    yield made
    made.client.close()


def whole(world: World) -> None:
    """Read every reply."""
    world.seen = [message.stop_reason for message in world.runner()]


def until_done(world: World) -> None:
    """Ask for the last reply."""
    world.seen = [world.runner().until_done().content[0].text]


def left_early(world: World) -> None:
    """Leave the loop, and go on."""
    runner = world.runner()
    for message in runner:
        world.seen.append(message.stop_reason)
        break
    world.seen += [len(world.runs), runner.until_done().stop_reason, list(runner)]


def own_response(world: World) -> None:
    """Run the calls by hand, twice; they run once."""
    runner = world.runner()
    for _ in runner:
        world.seen += [runner.generate_tool_call_response(), runner.generate_tool_call_response()]


def own_history(world: World) -> None:
    """Put a turn of one's own in place of the results."""
    runner = world.runner()
    for message in runner:
        world.seen.append(message.stop_reason)
        if message.stop_reason == "tool_use":
            answer = {"type": "tool_result", "tool_use_id": message.content[0].id, "content": "five"}
            runner.append_messages(message, {"role": "user", "content": [answer]})


def more_before(world: World) -> None:
    """Add a turn before the first request."""
    runner = world.runner()
    runner.append_messages({"role": "assistant", "content": "Well:"}, {"role": "user", "content": "Please."})
    world.seen = [message.stop_reason for message in runner]


def other_params(world: World) -> None:
    """Change the parameters by a function, and by a mapping."""
    runner = world.runner()
    for message in runner:
        if message.stop_reason == "tool_use":
            runner.set_messages_params(lambda params: {**params, "max_tokens": 77})
    world.seen = [json.loads(each.body)["max_tokens"] for each in world.sim.requests]


def at_most(world: World) -> None:
    """Ask for one reply."""
    world.seen = [message.stop_reason for message in world.runner(max_iterations=1)]


def streamed(world: World) -> None:
    """Read streams."""
    for stream in world.runner(stream=True):
        world.seen.append("".join(stream.text_stream))
        world.seen.append(stream.get_final_message().stop_reason)


def unread(world: World) -> None:
    """Leave the streams unread."""
    world.seen = [None for _ in world.runner(stream=True)]


def closed(world: World) -> None:
    """Close the runner in its loop."""
    runner = world.runner()
    for message in runner:
        world.seen.append(message.stop_reason)
        runner.close()
    world.seen.append(list(runner))


PROGRAMS: dict[Program, list[dict[str, Any]]] = {
    whole: [CALL, WORDS],
    until_done: [CALL, AGAIN, WORDS],
    left_early: [CALL, WORDS],
    own_response: [BOTH, WORDS],
    own_history: [CALL, WORDS],
    more_before: [WORDS],
    other_params: [CALL, WORDS],
    at_most: [CALL],
    streamed: [CALL, WORDS],
    unread: [BOTH, WORDS],
    closed: [CALL],
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_program_does_the_same_with_both(sim: Simulator, program: Program) -> None:
    """What it sees, how often its tool runs, and every turn that is sent."""
    came = []
    for sdk in SDKS:
        sim.reset()
        for reply in PROGRAMS[program]:
            sim.script(reply)
        world = World(sdk, sim)
        program(world)
        if program is own_history:
            assert (5, 1) not in world.runs
        came.append((world.seen, world.runs, world.requests()))
        world.client.close()
    theirs, ours = came
    assert ours == theirs
    assert theirs[2]


@pytest.mark.parametrize("hold", [False, True])
def test_eager_calls_run_while_the_reply_streams(sim: Simulator, *, hold: bool) -> None:
    """As soon as the model has moved on; one that is held runs when the loop's body is done, and is listed until then."""
    came = []
    for sdk in SDKS:
        sim.reset()
        sim.script(BOTH)
        sim.script(WORDS)
        world = World(sdk, sim)
        runner = world.runner(stream=True, run_tools_eagerly=True)
        for stream in runner:
            for event in stream:
                if hold and event.type == "content_block_start" and getattr(event.content_block, "id", "") == "toolu_1":
                    runner.defer_tool_call(event.content_block)
            world.seen.append((list(world.runs), [call.id for call in runner.deferred_tool_calls]))
        came.append((world.seen, world.runs, world.requests()))
        world.client.close()
    assert came[0] == came[1]
    assert came[1][0][0] == (([(5, 1)], ["toolu_1"]) if hold else ([(2, 3), (5, 1)], []))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: sdk.__name__)
def test_a_runner_is_awaited(sim: Simulator, sdk: Any, *, stream: bool) -> None:
    """With coroutine functions; both leave the same turns."""
    sim.script(CALL)
    sim.script(WORDS)

    async def main() -> list[Any]:
        @sdk.beta_async_tool  # type: ignore[untyped-decorator] # of either
        async def add(a: int, b: int) -> str:
            """Add two numbers."""
            await asyncio.sleep(0)
            return str(a + b)

        assert await add(1, 2) == "3"
        assert await add.call({"a": 1, "b": 2}) == "3"
        seen: list[Any] = []
        async with sdk.AsyncAnthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
            runner = client.beta.messages.tool_runner(**ASK, tools=[add], stream=stream, thread=False)
            async for item in runner:
                seen.append((await item.get_final_message() if stream else item).stop_reason)
                if len(seen) == 1:
                    seen.append(await runner.generate_tool_call_response())
            last = await runner.until_done()
            seen.append(last.content[0].text)
            await runner.close()
        return seen

    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "5"}
    assert asyncio.run(main()) == ["tool_use", {"role": "user", "content": [result]}, "end_turn", "That is 5."]
    assert json.loads(sim.requests[-1].body)["messages"][-1]["content"][0]["content"] == "5"


def test_a_tool_that_was_taken_away_is_not_run(sim: Simulator, world: World) -> None:
    """A call of it is answered that there is none; the model hears of it in a system turn."""
    sim.script(CALL)
    sim.script(WORDS)
    runner = world.runner(betas=["inline-tools-2026-09-15"], model="claude-opus-5-5")
    next(runner)
    runner.remove_tools("add")
    with pytest.warns(UserWarning, match="There is no tool 'add' to run"):
        runner.until_done()
    assert world.runs == []
    answer, change = world.requests()[-1][-2:]
    assert answer[1][0]["content"].startswith("There is no tool named 'add'")
    assert change == (
        "system",
        [{"type": "tool_removal", "tool": {"type": "tool_reference", "name": "add"}}],
    )


def test_a_tool_that_is_added_is_run(sim: Simulator, world: World) -> None:
    """Also for a call of the reply that is being handled; its definition goes out with the next request."""
    sim.script({"tool_use": {"id": "toolu_1", "name": "twice", "input": {"a": 2}}})
    sim.script(WORDS)

    @keybearer.compat.beta_tool
    def twice(a: int) -> str:
        """Double a number."""
        return str(2 * a)

    runner = world.runner(betas=["inline-tools-2026-09-15"], model="claude-opus-5-5")
    for message in runner:
        if message.stop_reason == "tool_use":
            runner.add_tools(twice)
    answer, change = world.requests()[-1][-2:]
    assert answer[1][0]["content"] == "4"
    assert change[1][0]["tool"]["definition"]["name"] == "twice"


def test_a_conversation_is_compacted_between_turns(sim: Simulator, world: World) -> None:
    """The summary takes the place of the history, and is no iteration; a summary that is none changes nothing."""
    sim.script(CALL)
    runner = world.runner(betas=["compact-2026-09-04"], model="claude-opus-5-5", max_iterations=2)
    stops = []
    for message in runner:
        stops.append(message.stop_reason)
        if len(stops) == 1:
            runner.compact_before_next_turn()
        elif message.stop_reason == "compaction":
            runner.compact_before_next_turn()  # of the summary itself: nothing
            with pytest.raises(UsageError, match="is being compacted"):
                runner.append_messages({"role": "user", "content": "More."})
    assert stops == ["tool_use", "compaction", "tool_use"]  # the simulator calls the tool again
    asked = [json.loads(each.body) for each in sim.requests]
    assert [each.get("compaction") for each in asked] == [None, {"type": "summarize"}, None]
    assert asked[2]["messages"][0]["content"][0]["type"] == "compaction"


def test_what_a_tool_raises_is_logged_and_not_sent(
    sim: Simulator, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The model reads that it failed; what a `ToolError` says it reads."""
    sim.script(BOTH)
    sim.script(WORDS)

    @keybearer.compat.beta_tool(name="add")
    def broken(a: int, b: int) -> str:
        """Add two numbers."""
        if a == 5:
            raise keybearer.compat.lib.tools.ToolError([{"type": "text", "text": f"{a} and {b} are too many"}])
        raise ValueError("secret of the program")

    with caplog.at_level(logging.ERROR, "keybearer"):
        world.runner(tools=[broken]).until_done()
    first, second = world.requests()[-1][-1][1]
    assert first["is_error"]
    assert "secret" not in first["content"]
    assert second["content"] == [{"type": "text", "text": "5 and 1 are too many"}]
    assert "secret of the program" in caplog.text


def test_a_value_is_asked_for_in_a_run(sim: Simulator, world: World) -> None:
    """The last reply has it, and the ones before have none."""
    sim.script(CALL)
    sim.script({"text": "5"})
    assert [message.parsed_output for message in world.runner(output_format=int)] == [None, 5]


def test_what_does_not_go_with_a_runner_is_refused(world: World) -> None:
    """A thread of the service, and a compaction of every request."""
    with pytest.raises(UsageError, match="takes no `thread` but False"):
        world.runner(thread={"type": "new"})
    with pytest.raises(UsageError, match="compact_before_next_turn"):
        world.runner(compaction={"type": "summarize"})
    with pytest.raises(UsageError, match="compact_before_next_turn"):
        world.runner().set_messages_params({**ASK, "compaction": {"type": "summarize"}})
    assert isinstance(world.tool, BetaFunctionTool)
    assert BetaAsyncToolRunner.__mro__
