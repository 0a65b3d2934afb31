"""The loop against what goes wrong in the middle of it: tools that end more than themselves, odd replies, a run that is over."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from keybearer.errors import StreamTruncated, UsageError
from keybearer.shell.tool_threads import WORKING
from keybearer.tools.calls import Edit, Ending, ToolFailure
from keybearer.tools.tool import tool
from support.tool_runs import DRIVER, Script, answer, call, made, run

ENDS: dict[str, type[BaseException]] = {
    "exit": SystemExit,
    "cancel": asyncio.CancelledError,
    "stop": StopIteration,
    "close": GeneratorExit,
}


def end_threads() -> None:
    """Wait for the threads of calls."""
    deadline = time.monotonic() + 10
    while any(thread.name == WORKING for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.001)


@tool
def leave(how: str) -> str:
    """Raise."""
    raise ENDS[how]


@tool
async def leave_later(how: str) -> str:
    """Raise, awaited."""
    raise ENDS[how]


@pytest.mark.parametrize("function", [leave, leave_later])
def test_a_tool_that_would_end_the_program_ends_itself(function: Any) -> None:
    """Each call has an outcome, and the caller's hook gets what the tool raised."""
    failures: list[ToolFailure] = []
    calls = [call(function.name, how=how) for how in ENDS]
    result, asked = run([answer(*calls), answer("Done.")], [function], on_tool_error=failures.append)
    assert [each.ending for each in result.steps[0].outcomes] == [Ending.FAILED] * 4
    assert {failure.call.input["how"]: type(failure.error) for failure in failures} == ENDS | {"stop": RuntimeError}
    assert len(asked) == 2


def test_an_interrupt_of_the_user_ends_the_run() -> None:
    """It is raised where the run is waited for."""

    @tool
    def work() -> str:
        """Work."""
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run([answer(call("work"))], [work])


def test_what_waits_for_its_turn_never_starts_once_the_run_has_failed() -> None:
    """The call that runs goes on; the one behind it is left, though there is room for it then."""
    ran: list[int] = []
    started, gate = threading.Event(), threading.Event()

    @tool(needs_approval=True, read_only=True)
    def look(step: int) -> str:
        """Look."""
        ran.append(step)
        started.set()
        gate.wait(10)
        return "done"

    def approve(each: Any) -> bool:
        if each.input["step"] == 0:
            started.wait(10)
            raise ConnectionError("nobody is there to ask")
        return True

    calls = [call("look", step=step) for step in range(3)]
    with pytest.raises(ConnectionError):
        run([answer(*calls)], [look], approve=approve, max_parallel=1)
    gate.set()
    end_threads()
    assert len(ran) == 1


def test_a_call_that_could_not_start_in_the_runs_time_says_so() -> None:
    """The model learns which may have been carried out, and which was not."""
    gate = threading.Event()

    @tool
    def work(step: int) -> str:
        """Work."""
        gate.wait(10)
        return str(step)

    script = Script([answer(*(call("work", step=step) for step in range(2)))])
    going = made(script, [work], max_parallel=1, time_limit=20)  # the clock of these tests counts its readings
    going._calls._ends = 0  # its time was over long ago
    DRIVER.run(going.add_reply(DRIVER.run(script.ask({}, None))))
    waited = going.calls()
    deadline = time.monotonic() + 10
    while not going.state.turns[0].started and time.monotonic() < deadline:
        time.sleep(0.001)
    words = [str(DRIVER.run(going.outcome(each)).content) for each in waited]
    gate.set()
    assert "may still be at work" in words[0]
    assert "was not run" in words[1]


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("given", ["", "same"])
def test_calls_with_the_same_id_or_none_get_ids_of_their_own(given: str, eager: bool) -> None:
    """Each is run once, and has its own result, in a history that the service takes."""
    ran: list[int] = []

    @tool
    def work(step: int) -> str:
        """Work."""
        ran.append(step)
        return str(step)

    calls = [{**call("work", step=step), "id": given} for step in range(3)]
    result, _ = run([answer(*calls, id=""), answer("Done.", id="")], [work], run_tools_eagerly=eager)
    asked, answered = result.messages[1]["content"], result.messages[2]["content"]
    assert sorted(ran) == [0, 1, 2]
    assert [block["id"] for block in asked] == [block["tool_use_id"] for block in answered]
    assert len({block["id"] for block in asked}) == 3
    assert [block["content"] for block in answered] == ["0", "1", "2"]
    assert len(result.steps) == 2


def test_a_call_without_input_in_a_stream_that_was_cut_is_asked_for_again() -> None:
    """It may have been cut before its input came: nothing of it is kept."""
    ran: list[bool] = []

    @tool
    def now() -> str:
        """Tell the time."""
        ran.append(True)
        return "noon"

    cut = StreamTruncated("cut", partial=answer("Let me see.", call("now")))
    result, asked = run([cut, answer(call("now")), answer("Noon.")], [now], run_tools_eagerly=True)
    assert (len(ran), len(asked), len(result.steps)) == (1, 3, 2)


def test_an_edit_that_does_not_fit_is_said_before_the_call_counts_as_started() -> None:
    """So it can be decided again another day."""

    @tool(needs_approval=True)
    def work(step: int) -> str:
        """Work."""
        return str(step)

    with pytest.raises(UsageError, match="that `approve` gave for work does not fit") as caught:
        run([answer(call("work", step=1))], [work], approve=lambda _: Edit({"step": "x"}))
    assert '"started"' not in caught.value.run.dump()


def test_two_hundred_calls_of_one_reply() -> None:
    """All are answered, in their order, and no more run at once than may."""
    most, lock = [0, 0], threading.Lock()

    @tool
    def work(step: int) -> str:
        """Work."""
        with lock:
            most[0] += 1
            most[1] = max(most)
        with lock:
            most[0] -= 1
        return str(step)

    result, _ = run([answer(*(call("work", step=step) for step in range(200))), answer("Done.")], [work])
    assert [each.content for each in result.steps[0].outcomes] == [str(step) for step in range(200)]
    assert 1 <= most[1] <= 16
