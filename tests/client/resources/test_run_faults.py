"""Runs over the wire with faults in the middle: cut streams, refusals, tools that hang or end their process, forks, runs in runs."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from keybearer import AsyncClient, Client, Deny, KeybearerError, Later, RetryPolicy, ToolError, tool
from keybearer.simulator import Simulator
from keybearer.tools.calls import Ending

PARAMS: dict[str, Any] = {"max_tokens": 300, "messages": [{"role": "user", "content": "Go."}]}
ran: list[int] = []


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    """Begin with nothing that ran."""
    ran.clear()


@tool
def note(step: int) -> str:
    """Note a step."""
    ran.append(step)
    return f"noted {step}"


def client(sim: Simulator, **options: Any) -> Client:
    """Make a client of the simulator that retries at once."""
    retry = RetryPolicy(min_delay=0.001, max_delay=0.002)
    return Client(base_url=sim.base_url, api_key=sim.api_key, model="claude-haiku-4-5", retry=retry, **options)


def calls(*steps: int, name: str = "note") -> dict[str, Any]:
    """Return a reply with calls."""
    return {"tool_use": [{"name": name, "input": {"step": step}} for step in steps]}


FAULTS = ["overloaded; retry_after=0", "error; type=api_error; retry_after=0", "drop", "cut; after_events=4"]


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("turn", [0, 1, 2])
def test_a_fault_at_any_reply_runs_no_tool_twice(sim: Simulator, fault: str, eager: bool, turn: int) -> None:
    """The run ends as without it, or with an error that has what it came to; each tool has run once at the most."""
    replies: list[Any] = [calls(1, 2), calls(3, 4), "Done."]
    for number, reply in enumerate(replies):
        if number == turn:
            sim.script(reply, fault=fault)
        sim.script(reply)
    with client(sim) as made:
        try:
            with made.messages.run_stream(tools=[note], run_tools_eagerly=eager, **PARAMS) as run:
                result = run.until_done()
        except KeybearerError as error:
            result = error.run
    assert len(result.steps) >= turn
    assert sorted(ran) == sorted(
        outcome.call.input["step"] for step in result.steps for outcome in step.outcomes if not outcome.is_error
    )
    asked = [(step.message.id, outcome.call.id) for step in result.steps for outcome in step.outcomes]
    assert len(asked) == len(set(asked))


def test_a_tool_that_hangs_is_given_up_and_the_run_goes_on(sim: Simulator) -> None:
    """The model reads that it may still be at work; the other calls have their results."""
    release = threading.Event()

    @tool(timeout=0.05)
    def hang(step: int) -> str:
        """Hang."""
        release.wait(30)
        return str(step)

    sim.script({"tool_use": [{"name": "hang", "input": {"step": 1}}, {"name": "note", "input": {"step": 2}}]})
    sim.script("Done.")
    with client(sim) as made:
        result = made.messages.run(tools=[hang, note], **PARAMS)
    release.set()
    said = [str(each.content) for each in result.steps[0].outcomes]
    assert "may still be at work" in said[0]
    assert said[1] == "noted 2"
    assert result.ended == "end_turn"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # it has threads, as any program with tools
def test_a_tool_that_kills_its_process_is_not_run_again(sim: Simulator, tmp_path: Path) -> None:
    """The journal says that it had started: the model reads that nobody knows what came of it, and the run goes on."""
    journal, marks = tmp_path / "run.jsonl", tmp_path / "marks"

    @tool
    def leave(step: int) -> str:
        """End the process."""
        with marks.open("a") as file:
            file.write(f"{step}\n")
        os._exit(9)

    sim.script(calls(1, name="leave"))
    sim.script("Done.")
    pid = os.fork()
    if pid == 0:
        with client(sim) as made:
            made.messages.run(tools=[leave], journal=journal, **PARAMS)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
    with client(sim) as made:
        result = made.messages.run(tools=[leave], journal=journal, **PARAMS)
    assert marks.read_text() == "1\n"
    assert [each.ending for each in result.steps[0].outcomes] == [Ending.UNKNOWN]
    assert result.text == "Done."


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # it has threads, as any program with tools
def test_a_tool_may_fork(sim: Simulator) -> None:
    """The child has its own threads and connections; the run of its parent goes on."""

    @tool
    def in_child(step: int) -> str:
        """Do something in a child process."""
        pid = os.fork()
        if pid == 0:
            os._exit(7 + step)
        return str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

    sim.script(calls(1, name="in_child"))
    sim.script("Done.")
    with client(sim) as made:
        result = made.messages.run(tools=[in_child], **PARAMS)
    assert result.steps[0].outcomes[0].content == "8"


def test_two_runs_of_one_client_do_not_meet(sim: Simulator) -> None:
    """Each has its own tools, history and usage, in threads at the same time."""
    both, results = threading.Barrier(2), dict[int, Any]()

    def go(made: Client, number: int) -> None:
        @tool
        def meet(step: int) -> str:
            """Wait for the other run."""
            both.wait(30)
            return f"run {number}, step {step}"

        asked = {**PARAMS, "messages": [{"role": "user", "content": f"Use meet with the step {number}."}]}
        results[number] = made.messages.run(tools=[meet], **asked)

    with client(sim) as made:
        threads = [threading.Thread(target=go, args=(made, number)) for number in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert {number: results[number].steps[0].outcomes[0].content for number in (1, 2)} == {
        1: "run 1, step 1",
        2: "run 2, step 2",
    }
    assert [results[number].usage.requests for number in (1, 2)] == [2, 2]


def test_a_cancelled_run_cancels_the_run_inside_its_tool(sim: Simulator) -> None:
    """Down to the innermost tool, and no task is left."""
    ended: list[str] = []

    async def main() -> int:
        begun = asyncio.Event()

        @tool
        async def wait(step: int) -> str:
            """Wait."""
            try:
                begun.set()
                await asyncio.sleep(600)
            finally:
                ended.append("inner")
            return str(step)

        async with AsyncClient(base_url=sim.base_url, api_key=sim.api_key, model="claude-haiku-4-5") as made:

            @tool
            async def research(step: int) -> str:  # noqa: ARG001 - every tool here has a step
                """Have another run do it."""
                try:
                    return str((await made.messages.run(tools=[wait], **PARAMS)).text)
                finally:
                    ended.append("outer")

            sim.script(calls(1, name="research"))
            sim.script(calls(2, name="wait"))
            task = asyncio.create_task(made.messages.run(tools=[research], **PARAMS))
            await begun.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert task.cancelled()
            return len(asyncio.all_tasks())

    assert asyncio.run(main()) == 1
    assert ended == ["inner", "outer"]


def test_a_stream_that_is_read_again_goes_on_where_it_was(sim: Simulator) -> None:
    """As a message's stream does: nothing is shown twice, and nothing is asked for again."""
    sim.script(calls(1))
    sim.script("Done.")
    with client(sim) as made, made.messages.run_stream(tools=[note], **PARAMS) as run:
        first = next(iter(run))
        rest = [event.type for event in run]
        assert list(run) == []
        assert run.until_done() is run.result
    assert first.type == "message_start"
    assert rest.count("message_start") == 1
    assert (ran, len(sim.requests)) == ([1], 2)


@pytest.mark.parametrize("eager", [False, True])
def test_approve_may_be_awaited_with_a_client_that_blocks(sim: Simulator, eager: bool) -> None:
    """A coroutine function is run to its end; each call is asked about once."""
    asked: list[int] = []

    async def approve(call: Any) -> Any:
        await asyncio.sleep(0)
        asked.append(call.input["step"])
        return Deny("Not this one.") if call.input["step"] == 2 else True

    sim.script(calls(1, 2, 3))
    sim.script("Done.")
    with client(sim) as made:
        result = made.messages.run(tools=[note], approve=approve, approve_all=True, run_tools_eagerly=eager, **PARAMS)
    assert sorted(asked) == [1, 2, 3]
    assert sorted(ran) == [1, 3]
    assert result.steps[0].outcomes[1].content == "Not this one."


def test_a_run_does_not_outlast_its_time_while_somebody_thinks(sim: Simulator) -> None:
    """`approve` hangs: when the run's time is over, the call was not run, and the run ends."""
    release = threading.Event()

    def approve(_: Any) -> bool:
        return release.wait(30)

    sim.script(calls(1))
    with client(sim) as made:
        result = made.messages.run(tools=[note], approve=approve, approve_all=True, time_limit=0.3, **PARAMS)
    assert result.ended == "time_limit"
    assert result.messages[-1]["content"][0]["is_error"] is True
    release.set()
    assert ran == []


def test_a_call_that_is_put_off_eagerly_goes_on_another_day(sim: Simulator) -> None:
    """What came before it has run, once; what comes after it waits for it; the saved run has all of that."""
    sim.script(calls(1, 2, 3))
    with client(sim) as made:
        result = made.messages.run(
            tools=[note],
            approve=lambda call: Later() if call.input["step"] == 2 else True,
            approve_all=True,
            run_tools_eagerly=True,
            **PARAMS,
        )
        assert (result.ended, ran) == ("approval", [1])
        assert [call.input["step"] for call in result.pending] == [2, 3]
        sim.script("Done.")
        decisions = {call.id: True for call in result.pending}
        again = made.messages.run(
            tools=[note], resume=result.dump(), decisions=decisions, max_tokens=300, approve_all=True
        )
    assert (again.ended, ran) == ("end_turn", [1, 2, 3])


def test_a_tool_error_with_blocks_reaches_the_model(sim: Simulator) -> None:
    """As an error, with its blocks as they are."""

    @tool
    def look(step: int) -> str:
        """Look."""
        raise ToolError([{"type": "text", "text": f"Nothing at {step}."}])

    sim.script(calls(1, name="look"))
    sim.script("Done.")
    with client(sim) as made:
        made.messages.run(tools=[look], **PARAMS)
    sent = sim.requests[-1].json["messages"][-1]["content"][0]
    assert (sent["is_error"], sent["content"]) == (True, [{"type": "text", "text": "Nothing at 1."}])
