"""The loop: what is asked, what is run, and where it ends, without a network."""

from __future__ import annotations

import threading
import time
from enum import StrEnum
from typing import Any

import pytest

from keybearer.errors import Overloaded, PromptTooLong, StreamTruncated, UsageError
from keybearer.tools.calls import Allow, Deny, Edit, Ending, Later, ToolFailure
from keybearer.tools.result import RunResult
from keybearer.tools.state import RunState, ended
from keybearer.tools.tool import ToolCall, ToolError, tool
from support.tool_runs import DRIVER, Script, answer, call, made, run

ran: list[Any] = []


@pytest.fixture(autouse=True)
def _none_ran() -> None:
    ran.clear()


@tool
def note(text: str) -> str:
    """Write a note."""
    ran.append(text)
    return f"noted {text}"


@tool(needs_approval=True)
def remove(path: str) -> str:
    """Remove a file."""
    ran.append(path)
    return f"removed {path}"


def outcomes(result: RunResult) -> list[tuple[str, Any]]:
    """Return how each call ended, and what the model got."""
    return [(each.ending.value, each.content) for step in result.steps for each in step.outcomes]


def test_the_results_go_back_in_the_order_of_the_calls() -> None:
    """The second call ends first, and the text after the calls is asked for with both results."""
    second_done = threading.Event()

    @tool
    def wait() -> str:
        """Wait for the other one."""
        assert second_done.wait(30)
        return "late"

    @tool
    def quick() -> str:
        """Be quick."""
        second_done.set()
        return "early"

    result, asked = run([answer(call("wait", "a"), call("quick", "b")), answer("Both are here.")], [wait, quick])
    assert (result.ended, result.text, result.usage.requests) == ("end_turn", "Both are here.", 2)
    assert [(block["tool_use_id"], block["content"]) for block in asked[1]["messages"][-1]["content"]] == [
        ("a", "late"),
        ("b", "early"),
    ]
    assert [turn["role"] for turn in result.messages] == ["user", "assistant", "user", "assistant"]
    assert result.usage.total_tokens == 30
    assert [each["name"] for each in asked[0]["tools"]] == ["wait", "quick"]


def test_what_is_wrong_with_a_call_goes_to_the_model_in_words() -> None:
    """Input that does not fit, a tool that nobody knows, a ToolError, and an exception, whose text the caller's hook alone gets."""
    failures: list[ToolFailure] = []

    @tool
    def fail(how: str) -> str:
        """Fail."""
        raise ToolError("There is no such file. Try a.txt.") if how == "politely" else ValueError("secret in /etc")

    calls = [call("note", text=1), call("nota", text="x"), call("fail", how="politely"), call("fail", how="badly")]
    result, asked = run([answer(*calls), answer("I see.")], [note, fail], on_tool_error=failures.append)
    assert not ran
    assert [content for _, content in outcomes(result)] == [
        "The input does not fit the tool's schema, so it was not run:\n- `text`: expected a string, not 1",
        "There is no tool named 'nota'. Did you mean note?",
        "There is no such file. Try a.txt.",
        "The tool failed; what went wrong is known to the program alone. The same call may fail again.",
    ]
    assert all(block["is_error"] for block in asked[1]["messages"][-1]["content"])
    (failure,) = failures
    assert (str(failure.error), failure.call.name) == ("secret in /etc", "fail")
    assert "secret" not in str(asked)


@pytest.mark.parametrize(
    ("decision", "result", "seen"),
    [
        (Allow(), ("done", "removed a"), ["a"]),
        (True, ("done", "removed a"), ["a"]),
        (Deny("Not that one."), ("denied", "Not that one."), []),
        (False, ("denied", "The user did not allow this call."), []),
        (
            Edit({"path": "b"}),
            (
                "done",
                [
                    {"type": "text", "text": "removed b"},
                    {"type": "text", "text": "The input was changed before it was run."},
                ],
            ),
            ["b"],
        ),
    ],
)
def test_a_call_is_asked_about_before_it_is_run(decision: Any, result: Any, seen: list[str]) -> None:
    """The answer may be given at once, or another day to a run that was saved."""
    got, _ = run([answer(call("remove", path="a")), answer("Done.")], [remove], approve=lambda _: decision)
    assert (outcomes(got), ran) == ([result], seen)
    ran.clear()
    waits, asked = run([answer(call("remove", "toolu_a", path="a"))], [remove])
    assert (waits.ended, [each.name for each in waits.pending], ran, len(asked)) == ("approval", ["remove"], [], 1)
    script = Script([answer("Done.")])
    later = made(script, [remove], state=RunState.load(waits.dump()), decisions={"toolu_a": decision})
    got = DRIVER.run(later.to_end())
    assert (got.ended, outcomes(got), ran) == ("end_turn", [result], seen)


def test_what_waits_for_somebody_holds_back_the_calls_after_it() -> None:
    """They run when it does, in their order; a later look with no decision asks nobody twice."""
    first = answer(call("note", text="1"), call("remove", "toolu_r", path="a"), call("note", text="2"))
    waits, _ = run([first], [note, remove], approve=lambda _: Later())
    assert (waits.ended, ran, [each.ending for each in waits.steps[0].outcomes]) == (
        "approval",
        ["1"],
        [Ending.DONE, Ending.LATER, Ending.LATER],
    )
    same = DRIVER.run(made(Script([]), [note, remove], state=RunState.load(waits.dump())).to_end())
    assert (same.ended, ran) == ("approval", ["1"])
    done = made(
        Script([answer("Done.")]), [note, remove], state=RunState.load(waits.dump()), decisions={"toolu_r": True}
    )
    assert DRIVER.run(done.to_end()).ended == "end_turn"
    assert ran == ["1", "a", "2"]


def test_an_answer_that_is_no_decision_is_the_callers_mistake() -> None:
    """It is not taken for a yes."""
    with pytest.raises(UsageError, match="`approve` returned a str for the call of remove"):
        run([answer(call("remove", path="a"))], [remove], approve=lambda _: "yes")
    assert not ran


@pytest.mark.parametrize(
    ("options", "why"),
    [({"max_turns": 2}, "max_turns"), ({"token_limit": 25}, "token_limit"), ({"time_limit": 6}, "time_limit")],
)
def test_a_run_ends_at_its_limits_with_a_history_to_go_on_with(options: dict[str, Any], why: str) -> None:
    """It ends before a request, not between a call and its result."""
    replies = [answer(call("note", text=str(number))) for number in range(9)]
    result, asked = run(replies, [note], **options)
    assert result.ended == why
    assert 1 <= len(asked) <= 3
    assert result.messages[-1]["role"] == "user"
    assert len(ran) == len(asked)


def test_a_reply_that_pauses_is_gone_on_with() -> None:
    """Its content goes back as it came."""
    result, asked = run([answer("First,", stop="pause_turn"), answer("second.")], [])
    assert (result.ended, len(asked)) == ("end_turn", 2)
    assert asked[1]["messages"][-1] == {"role": "assistant", "content": [{"type": "text", "text": "First,"}]}


def cut_call() -> dict[str, Any]:
    """Return a call that `max_tokens` has cut."""
    return {**call("note"), "incomplete": True, "partial_json": '{"te'}


def test_a_call_that_was_cut_is_never_run() -> None:
    """The run stops, with a history that has no call without a result; or it asks on, and says what happened."""
    stopped, _ = run([answer("I note", call("note", text="1"), cut_call(), stop="max_tokens")], [note])
    assert (stopped.ended, ran) == ("max_tokens", ["1"])
    assert len(stopped.messages[1]["content"]) == 2
    went_on, asked = run([answer(cut_call(), stop="max_tokens"), answer("Shorter.")], [note], on_max_tokens="continue")
    assert (went_on.ended, ran) == ("end_turn", ["1"])
    assert "cut at its maximum length" in asked[1]["messages"][-1]["content"][-1]["text"]


def test_a_tool_that_is_run_elsewhere_ends_the_run_with_its_call() -> None:
    """A dict has no function: the caller runs it. Those that have one are run."""
    elsewhere = {"name": "deploy", "input_schema": {"type": "object"}}
    result, _ = run([answer(call("deploy", "toolu_d", to="prod"), call("note", text="1"))], [elsewhere, note])
    assert (result.ended, ran) == ("tool_use", ["1"])
    assert result.pending == [ToolCall("toolu_d", "deploy", {"to": "prod"}, 1)]
    assert [block["tool_use_id"] for block in result.messages[-1]["content"]] != ["toolu_d"]


def test_a_stream_that_is_cut_is_asked_for_again_while_nothing_has_run() -> None:
    """Three times at the most; what has come of the run is on the error."""
    cut = StreamTruncated("It was cut.")
    result, asked = run([cut, answer("Whole.")], [])
    assert (result.text, len(asked)) == ("Whole.", 2)
    with pytest.raises(StreamTruncated) as caught:
        run([answer(call("note", text="1")), cut, cut, cut], [note])
    assert ran == ["1"]
    so_far = caught.value.run
    assert outcomes(so_far) == [("done", "noted 1")]
    again = DRIVER.run(made(Script([answer("Done.")]), [note], state=RunState.load(so_far.dump())).to_end())
    assert (again.text, ran) == ("Done.", ["1"])


def test_an_error_that_ends_the_run_has_what_it_came_to() -> None:
    """No reply is lost, and none is asked for again by the run itself."""
    with pytest.raises(Overloaded) as caught:
        run([answer(call("note", text="1")), Overloaded("Too much.")], [note])
    assert caught.value.run.usage.requests == 1


def test_an_eager_call_starts_before_the_reply_is_whole_and_runs_once() -> None:
    """The reply comes whole, or is cut: then its complete calls are kept and answered, and the model is asked on."""
    whole = answer("Notes:", call("note", text="1"), call("note", text="2"))
    result, asked = run([whole, answer("Done.")], [note], run_tools_eagerly=True)
    assert (result.ended, sorted(ran), len(asked)) == ("end_turn", ["1", "2"], 2)
    ran.clear()
    cut = StreamTruncated("It was cut.", partial=answer(call("note", "toolu_1", text="1"), "And th", stop="tool_use"))
    result, asked = run([cut, answer("Done.")], [note], run_tools_eagerly=True)
    assert (result.ended, ran, len(asked)) == ("end_turn", ["1"], 2)
    assert [block["type"] for block in asked[1]["messages"][1]["content"]] == ["tool_use"]
    assert asked[1]["messages"][2]["content"][0]["tool_use_id"] == "toolu_1"


def test_an_eager_call_without_input_waits_for_the_whole_reply() -> None:
    """An empty input may be one that `max_tokens` cut before its first letter."""

    @tool
    def ping() -> str:
        """Ping."""
        ran.append("ping")
        return "pong"

    cut = answer(call("ping", "toolu_p", incomplete=True), stop="max_tokens")
    cut = answer({**call("ping", "toolu_p"), "incomplete": True, "partial_json": ""}, stop="max_tokens", id=cut.id)
    result, _ = run([cut], [ping], run_tools_eagerly=True)
    assert (result.ended, ran) == ("max_tokens", [])


def test_a_history_that_is_too_long_ends_the_run_where_nothing_is_asked_for() -> None:
    """A first request that is too long is the caller's mistake; a later one ends the run with what it has."""
    with pytest.raises(PromptTooLong):
        run([PromptTooLong("Too long.")], [])
    result, _ = run([answer(call("note", text="1")), PromptTooLong("Too long.")], [note])
    assert (result.ended, len(result.steps)) == ("context_full", 1)


def test_a_history_that_is_too_long_is_trimmed_where_that_is_asked_for() -> None:
    """Each time it is too long, three times at the most; the trimmed history is what the next request has."""
    long = PromptTooLong("Too long.")
    result, asked = run(
        [answer(call("note", text="1")), long, answer("Done.")],
        [note],
        on_context_full="trim",
        trim=lambda turns, _: turns[-2:],
    )
    assert (result.ended, ran) == ("end_turn", ["1"])
    assert [len(request["messages"]) for request in asked] == [1, 3, 2]
    with pytest.raises(PromptTooLong):
        run(
            [answer(call("note", text="1")), *[long] * 4],
            [note],
            on_context_full="trim",
            trim=lambda turns, _: turns[-2:],
        )


def test_the_usage_of_a_run_inside_a_tool_is_added_up() -> None:
    """A run is a tool of another run."""

    @tool
    def research(topic: str) -> str:
        """Research a topic."""
        inner, _ = run([answer(f"All about {topic}.")], [])
        return inner.text

    result, _ = run([answer(call("research", topic="bees")), answer("Done.")], [research])
    assert outcomes(result) == [("done", "All about bees.")]
    assert (result.usage.requests, result.usage.total_tokens) == (3, 45)


def test_a_run_that_has_ended_asks_nothing_more() -> None:
    """Its saved form gives the same result."""
    result, _ = run([answer("Done.")], [])
    again = DRIVER.run(made(Script([]), state=RunState.load(result.dump())).to_end())
    assert (again.ended, again.text, again.messages) == (result.ended, result.text, result.messages)
    assert result.dump().endswith('{"ended":"end_turn"}\n')
    assert ended("x") == {"ended": "x"}


def test_a_call_gets_itself_where_it_asks_for_it() -> None:
    """Its id is an idempotency key; the model does not see the parameter."""

    @tool
    def pay(amount: int, call: ToolCall) -> str:
        """Pay."""
        return f"{amount} by {call.id} in turn {call.turn}"

    result, asked = run([answer(call("pay", "toolu_p", amount=3)), answer("Paid.")], [pay])
    assert outcomes(result) == [("done", "3 by toolu_p in turn 1")]
    assert list(asked[0]["tools"][0]["input_schema"]["properties"]) == ["amount"]


def test_at_most_so_many_run_at_once() -> None:
    """The most that ever ran together is the limit."""
    lock, now, most = threading.Lock(), [0], [0]

    @tool
    def work(number: int) -> str:
        """Work."""
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.002)
        with lock:
            now[0] -= 1
        return str(number)

    result, _ = run([answer(*(call("work", number=n) for n in range(12))), answer("Done.")], [work], max_parallel=3)
    assert most == [3]
    assert [content for _, content in outcomes(result)] == [str(n) for n in range(12)]


def test_what_a_tool_does_to_its_input_changes_no_history() -> None:
    """The model's call goes back as it wrote it, and so does what a tool returned and changed later."""
    log: list[dict[str, Any]] = [{"type": "text", "text": "first"}]

    @tool
    def note(data: dict[str, Any], call: ToolCall) -> list[dict[str, Any]]:
        """Note something."""
        data["seen"] = call.input["data"]["list"].append("more")
        log[0]["text"] = f"turn {call.turn}"
        return log

    result, asked = run(
        [answer(call("note", "a", data={"list": []})), answer(call("note", "b", data={"list": []})), answer("Done.")],
        [note],
    )
    turns = asked[-1]["messages"]
    assert [turn["content"][0]["input"] for turn in turns if turn["role"] == "assistant"] == [
        {"data": {"list": []}}
    ] * 2
    assert [each["content"][0]["content"][0]["text"] for each in turns[2::2]] == ["turn 1", "turn 2"]
    assert '"more"' not in result.dump()


def test_an_enum_that_is_a_text_is_sent_as_its_value() -> None:
    """A tool may return a text of its own kind, in a run that is kept too."""

    class Colour(StrEnum):
        RED = "red"

    @tool
    def look() -> Colour:
        """Look."""
        return Colour.RED

    result, asked = run([answer(call("look", "a")), answer("Done.")], [look])
    assert asked[-1]["messages"][-1]["content"][0]["content"] == "red"
    assert type(result.steps[0].outcomes[0].content) is str


def test_what_a_tool_raises_is_logged_where_nobody_asks_for_it(caplog: pytest.LogCaptureFixture) -> None:
    """With its traceback: the program alone sees it."""

    @tool
    def fail() -> str:
        """Fail."""
        raise OSError("disk 7")

    result, _ = run([answer(call("fail")), answer("Done.")], [fail])
    (record,) = caplog.records
    assert record.getMessage() == "The tool fail failed."
    assert record.exc_info is not None
    assert "disk 7" not in result.dump()
