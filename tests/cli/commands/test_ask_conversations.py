"""`keybearer ask` and the conversations that it keeps and goes on with."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from keybearer.cli import main
from keybearer.cli.kept import conversations_folder
from keybearer.simulator import Simulator
from support.command import keybearer
from support.rawserver import Peer, raw_server
from support.sse import frames, text_message


@pytest.fixture(autouse=True)
def _environ(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)


def bodies(sim: Simulator) -> list[dict[str, object]]:
    """Return what was asked."""
    return [json.loads(each.body) for each in sim.requests if each.method == "POST"]


def kept() -> list[Path]:
    """Return the files that are kept."""
    folder = conversations_folder()
    return sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns) if folder.exists() else []


def test_a_conversation_goes_on(sim: Simulator) -> None:
    """With all that was said, and its settings; a flag changes one of them from then on."""
    assert (
        keybearer("ask", 'Say "one"', "-s", "Be brief.", "-m", "claude-opus-4-6", "--max-tokens", "99").returncode == 0
    )
    assert keybearer("ask", "-c", 'Say "two"', "--model", "claude-haiku-4-5").stdout == "two\n"
    (path,) = kept()
    assert keybearer("ask", "--resume", path.stem[:8], 'Say "three"').stdout == "three\n"
    first, second, third = bodies(sim)
    assert (first["model"], second["model"], third["model"]) == (
        "claude-opus-4-6",
        "claude-haiku-4-5",
        "claude-haiku-4-5",
    )
    assert {each["system"] for each in (first, second, third)} == {"Be brief."}
    assert third["max_tokens"] == 99
    turns = third["messages"]
    assert isinstance(turns, list)
    assert [turn["content"] if turn["role"] == "user" else turn["content"][0]["text"] for turn in turns] == [
        'Say "one"', "one", 'Say "two"', "two", 'Say "three"',
    ]  # fmt: skip


def test_nothing_is_kept_when_it_is_not_wanted(sim: Simulator) -> None:
    """Not even where a conversation goes on; and one that is not there is wrong usage, before anything is sent."""
    assert keybearer("ask", 'Say "x"', "--no-log").stdout == "x\n"
    assert kept() == []
    for flags in (["-c"], ["-r", "abc"]):
        done = keybearer("ask", "hi", *flags)
        assert (done.returncode, done.stdout) == (2, "")
    assert keybearer("ask", "hi", "-c", "-r", "abc").returncode == 2
    assert len(bodies(sim)) == 1


def test_what_came_of_a_cut_answer_is_kept() -> None:
    """The next question goes on with it."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.stream_head()
        peer.chunk(frames(*text_message("The answer is")[:4]))

    with raw_server(script) as server:
        assert keybearer("ask", "x", "--base-url", server.url).returncode == 10
    (path,) = kept()
    assert json.loads(path.read_text().splitlines()[-1]) == {"turn": {"role": "assistant", "content": "The answer is"}}


def test_the_question_of_a_call_that_failed_is_kept() -> None:
    """It can be asked again."""
    done = keybearer("ask", "long", "--model", "claude-zork")
    assert done.returncode == 5
    assert json.loads(kept()[0].read_text().splitlines()[-1]) == {"turn": {"role": "user", "content": "long"}}


def test_a_reader_that_closes_the_pipe_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command ends as one that is killed by it, and the conversation has what came."""
    read, write = os.pipe()
    os.close(read)
    closed = os.fdopen(write, "w", encoding="utf-8")
    with Path(os.devnull).open(encoding="utf-8") as nothing:
        monkeypatch.setattr("sys.stdout", closed)
        monkeypatch.setattr("sys.stdin", nothing)
        assert main(["ask", 'Say "gone"']) == 141
    assert closed.closed
    assert '"content":"gone"' in kept()[0].read_text()


def test_ctrl_c_keeps_what_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code is that of an interrupt, and there is no traceback."""
    came = threading.Event()

    def script(peer: Peer) -> None:
        peer.request()
        peer.stream_head()
        peer.chunk(frames(*text_message("The answer")[:4]))
        came.wait(30)

    def interrupted(*_: object) -> None:
        came.set()
        raise KeyboardInterrupt

    monkeypatch.setattr("keybearer.cli.printing.RawPrinter.write", interrupted)
    with raw_server(script) as server:
        done = keybearer("ask", "x", "--base-url", server.url)
    assert (done.returncode, done.stderr) == (130, "")
    assert '"content":"The answer"' in kept()[0].read_text()
