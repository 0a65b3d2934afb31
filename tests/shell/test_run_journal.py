"""A run's journal: on the disk before a call starts, whole after any cut, and one process at a time."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from keybearer.errors import UsageError
from keybearer.shell.run_journal import RunJournal
from keybearer.tools.calls import CallOutcome
from keybearer.tools.state import RunState, begin, finished, reply, started, to_line
from keybearer.tools.tool import ToolCall, tool
from support.tool_runs import DRIVER, Script, answer, call, made

FIRST, REPLY = begin([{"role": "user", "content": "Go."}]), answer(call("pay", "toolu_p", amount=3))
CALL = ToolCall("toolu_p", "pay", {"amount": 3}, 1)
LINES = [FIRST, reply(REPLY, ["toolu_p"]), started(CALL), finished(CallOutcome(CALL, "paid 3"))]

paid: list[int] = []


@tool
def pay(amount: int) -> str:
    """Pay."""
    paid.append(amount)
    return f"paid {amount}"


@tool(name="pay", idempotent=True)
def pay_again(amount: int) -> str:
    """Pay, once for each call."""
    paid.append(amount)
    return f"paid {amount}"


@pytest.fixture(autouse=True)
def _nothing_paid() -> None:
    paid.clear()


def go_on(path: Path, replies: list[Any], tools: list[Any], **options: Any) -> tuple[Any, list[dict[str, Any]]]:
    """Run with a journal to the end."""
    script = Script(replies)
    with RunJournal(path) as journal:
        return DRIVER.run(made(script, tools, state=journal.state, journal=journal, **options).to_end()), script.asked


def test_a_journal_is_its_owners_and_says_what_happened(tmp_path: Path) -> None:
    """Each thing that happened is a line, in its order."""
    path = tmp_path / "run.jsonl"
    result, _ = go_on(path, [REPLY, answer("Done.")], [pay])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == result.dump()
    assert [next(iter(record)) for record in RunState.load(path.read_text()).records] == [
        "run", "reply", "started", "finished", "reply", "ended",
    ]  # fmt: skip


def test_the_start_of_a_call_is_on_the_disk_before_it_starts(tmp_path: Path) -> None:
    """What the tool sees in the file is what a process that is killed there leaves."""
    path, seen = tmp_path / "run.jsonl", []

    @tool(name="pay")
    def look(amount: int) -> str:
        """Look at the journal."""
        seen.append(path.read_bytes().splitlines()[-1])
        return str(amount)

    go_on(path, [REPLY, answer("Done.")], [look])
    assert seen == [b'{"started":"toolu_p"}']


@pytest.mark.parametrize("lines", range(5))
@pytest.mark.parametrize("torn", [b"", b'{"ru'])
def test_a_run_that_was_killed_goes_on_where_it_was(tmp_path: Path, lines: int, torn: bytes) -> None:
    """No call runs twice: one that had started is answered as unknown; a reply that was written is not asked for again."""
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"".join(map(to_line, LINES[:lines])) + torn)
    replies = [REPLY, answer("Done.")] if lines < 2 else [answer("Done.")]
    result, asked = go_on(path, replies, [pay])
    assert result.text == "Done."
    assert len(asked) == len(replies)
    (outcome,) = result.steps[0].outcomes
    if lines == 3:
        assert (paid, outcome.ending.value, outcome.is_error) == ([], "unknown", True)
        assert "outcome is unknown" in str(outcome.content)
    else:
        assert (paid, outcome.content) == ([] if lines == 4 else [3], "paid 3")
    again, asked = go_on(path, [], [pay])
    assert (again.text, asked) == ("Done.", [])


def test_an_idempotent_call_runs_again(tmp_path: Path) -> None:
    """So does any, where the caller says so."""
    for number, (tools, options) in enumerate([([pay_again], {}), ([pay], {"on_unknown": "run"})]):
        path = tmp_path / f"{number}.jsonl"
        path.write_bytes(b"".join(map(to_line, LINES[:3])))
        result, _ = go_on(path, [answer("Done.")], tools, **options)
        assert result.steps[0].outcomes[0].content == "paid 3"
    assert paid == [3, 3]


def test_an_eager_call_of_a_reply_that_never_came_whole_is_not_run_again(tmp_path: Path) -> None:
    """The journal has the reply as far as it came; the model is asked on from there."""
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"".join(map(to_line, [FIRST, reply(REPLY, ["toolu_p"], cut=True), started(CALL)])))
    result, asked = go_on(path, [answer("Done.")], [pay], run_tools_eagerly=True)
    assert (result.text, paid) == ("Done.", [])
    assert [turn["role"] for turn in asked[0]["messages"]] == ["user", "assistant", "user"]


def test_one_process_has_a_journal_open(tmp_path: Path) -> None:
    """Two runs in one file would run each call twice."""
    path = tmp_path / "run.jsonl"
    with RunJournal(path), pytest.raises(UsageError, match="is in use"):
        RunJournal(path)
    RunJournal(path).close()


def test_what_is_no_journal_is_left_as_it_is(tmp_path: Path) -> None:
    """A wrong path destroys nothing, and no folder is made."""
    path = tmp_path / "notes.txt"
    for text in ("Dear diary\n", "Dear diary", "{}"):
        path.write_text(text)
        with pytest.raises(UsageError, match="Line 1 is no record"):
            RunJournal(path)
        assert path.read_text() == text
    with pytest.raises(UsageError, match="cannot be opened: No such file"):
        RunJournal(tmp_path / "none" / "run.jsonl")


def test_a_full_disk_ends_the_run_before_the_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that did not fit is taken back, and nothing is run that is not written down."""
    path, write = tmp_path / "run.jsonl", os.write

    def full(descriptor: int, data: bytes) -> int:
        if b"started" in bytes(data):
            write(descriptor, bytes(data)[:5])
            raise OSError(28, "No space left on device")
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(UsageError, match="cannot be written: No space left"):
        go_on(path, [REPLY], [pay])
    assert not paid
    assert path.read_bytes() == b"".join(map(to_line, LINES[:2]))


def test_after_a_record_that_could_not_be_written_no_other_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have had the record of another call's start, which must not run without it, though the disk has room again."""
    with RunJournal(tmp_path / "run.jsonl") as journal:
        journal.save(lambda: [FIRST])
        with monkeypatch.context() as full:
            full.setattr(os, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
            with pytest.raises(UsageError, match="No space left"):
                journal.save(lambda: [started(CALL)])
        with pytest.raises(UsageError, match="No space left"):
            journal.save(list)
    with pytest.raises(UsageError, match="the run is over"):
        RunJournal.save(journal, list)


def test_two_links_to_one_file_are_one_journal(tmp_path: Path) -> None:
    """And what is no file is none: a pipe would keep nothing."""
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "run.jsonl")
    with RunJournal(tmp_path / "link.jsonl"), pytest.raises(UsageError, match="is in use"):
        RunJournal(tmp_path / "run.jsonl")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(UsageError, match="is no regular file"):
            RunJournal(path)


def test_an_id_that_comes_again_in_a_later_reply_was_not_started_there(tmp_path: Path) -> None:
    """As some gateways number the calls of each reply anew."""
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"".join(map(to_line, LINES[:3])))
    result, _ = go_on(path, [answer(call("pay", "toolu_p", amount=4)), answer("Done.")], [pay])
    assert [step.outcomes[0].ending.value for step in result.steps[:2]] == ["unknown", "done"]
    assert paid == [4]


def test_the_record_of_a_part_of_a_reply_has_the_calls_that_were_started_alone(tmp_path: Path) -> None:
    """A process that is killed there goes on from it; a call without input, which does not start early, is not in it."""
    path = tmp_path / "run.jsonl"

    @tool
    def now() -> str:
        """Tell the time."""
        return "noon"

    whole = answer(call("pay", "toolu_p", amount=3), call("now", "toolu_n"))
    result, _ = go_on(path, [whole, answer("Done.")], [pay, now], run_tools_eagerly=True)
    assert [each.content for each in result.steps[0].outcomes] == ["paid 3", "noon"]
    records = [line for line in path.read_bytes().splitlines(keepends=True) if b'"reply"' in line]
    path.write_bytes(to_line(FIRST) + records[0] + to_line(started(CALL)))
    result, asked = go_on(path, [answer("Done.")], [pay, now], run_tools_eagerly=True)
    assert (result.text, paid) == ("Done.", [3])
    assert [block.get("id") for block in asked[0]["messages"][1]["content"]] == ["toolu_p"]
