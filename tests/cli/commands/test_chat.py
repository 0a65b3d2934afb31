"""`keybearer chat`, as a user runs it."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from keybearer.cli.kept import conversations_folder
from keybearer.simulator import Simulator
from support.command import keybearer
from support.rawserver import Peer, raw_server
from support.sse import frames, text_message


@pytest.fixture(autouse=True)
def _environ(sim: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    monkeypatch.chdir(tmp_path)


def chat(*lines: str, flags: tuple[str, ...] = ()) -> tuple[int, str, str]:
    """Say some lines; return the exit code, the answers and what is said beside them."""
    done = keybearer("chat", *flags, text="".join(f"{line}\n" for line in lines))
    return done.returncode, done.stdout, done.stderr


def bodies(sim: Simulator) -> list[dict[str, Any]]:
    """Return what was asked."""
    return [json.loads(each.body) for each in sim.requests if each.method == "POST"]


def test_each_line_is_a_question_of_one_conversation(sim: Simulator) -> None:
    """The answers are on standard output; the conversation can be gone on with."""
    code, out, err = chat('Say "one"', "", 'Say "two" \\', "please", flags=("-m", "haiku", "-s", "Be brief."))
    assert (code, out) == (0, "one\ntwo\n")
    assert err.startswith("keybearer: haiku is claude-haiku-5-5.\n")
    _, second = bodies(sim)
    assert (second["model"], second["system"], len(second["messages"])) == ("claude-haiku-5-5", "Be brief.", 3)
    assert second["messages"][-1]["content"] == 'Say "two" \nplease'
    (path,) = conversations_folder().glob("*.jsonl")
    assert err.endswith(f"go on with: keybearer chat --resume {path.stem[:8]}\n")
    assert chat('Say "three"', flags=("--resume", path.stem))[1] == "three\n"
    assert len(bodies(sim)[-1]["messages"]) == 5


def test_nothing_is_kept_when_it_is_not_wanted() -> None:
    """Neither the conversation nor what was typed."""
    assert chat('Say "x"', flags=("-n",)) == (0, "x\n", "")
    assert not conversations_folder().exists()


def test_undo_and_retry(sim: Simulator) -> None:
    """The last question and its answer go; or it is asked again in place of the first time."""
    _, out, err = chat("/retry", "/undo", 'Say "a"', 'Say "b"', "/undo", 'Say "c"', "/retry", "/usage", flags=("-q",))
    assert out == "a\nb\nc\nc\n"
    last = bodies(sim)[-1]["messages"]
    assert [turn["content"] for turn in last if turn["role"] == "user"] == ['Say "a"', 'Say "c"']
    assert err.splitlines()[:3] == [
        "There is no question yet.",
        "There is nothing to take back.",
        "The last question and its answer are taken back.",
    ]
    assert err.splitlines()[3].endswith(", claude-haiku-4-5-20251001")
    (path,) = conversations_folder().glob("*.jsonl")
    assert len(path.read_text().splitlines()) == 5


def test_the_model_the_system_prompt_and_what_goes_with_a_question(sim: Simulator, tmp_path: Path) -> None:
    """Each is changed from then on; a file goes with one question."""
    (tmp_path / "notes.txt").write_text("Tea.")
    _, _, err = chat(
        "/model opus", "/system Be brief.", "/file notes.txt", "sum up", "/system off", "and @notes.txt", "/system"
    )  # fmt: skip
    first, second = bodies(sim)
    assert (first["model"], first["system"]) == ("claude-opus-5-5", "Be brief.")
    assert [block["type"] for block in first["messages"][0]["content"]] == ["document", "text"]
    assert "system" not in second
    assert [block["type"] for block in second["messages"][-1]["content"]] == ["document", "text"]
    assert "notes.txt goes with the next question.\n" in err
    assert "There is no system prompt.\n" in err


def test_tools_are_added_and_taken_out(tmp_path: Path) -> None:
    """Each call is asked for; without a terminal it does not run."""
    (tmp_path / "t.py").write_text(
        "def get_weather(city: str) -> str:\n    '''The weather in a city.'''\n    return city"
    )
    _, out, err = chat(
        "/tools t.py:get_weather", "What is the weather in Oslo?", "/tools off", "/tools nope", flags=("-q",)
    )
    assert "there is no terminal to ask at" in out
    assert err.splitlines() == [
        "The model may call: get_weather.", "The model has no tools.",
        "/tools: There is no module nope. A tool is MODULE:NAME or FILE.py:NAME.",
    ]  # fmt: skip


def test_what_was_said_is_saved(tmp_path: Path) -> None:
    """As text or as a conversation, for its user alone, and over nothing that is there."""
    _, _, err = chat(
        'Say "a"', "/save talk.md", "/save talk.jsonl", "/save talk.md", "/save", "/save no/x", flags=("-q",)
    )
    assert (tmp_path / "talk.md").read_text() == '## user\n\nSay "a"\n\n## assistant\n\na\n\n'
    assert stat.S_IMODE((tmp_path / "talk.md").stat().st_mode) == 0o600
    assert len((tmp_path / "talk.jsonl").read_text().splitlines()) == 3
    assert "/save: File exists: talk.md\n" in err
    assert "/save: No such file or directory: no/x\n" in err


def test_a_mistake_ends_no_chat(sim: Simulator) -> None:
    """Neither in a command nor in a call; the question of a call that failed can be asked again, and is in nobody's way."""
    code, out, err = chat(
        "/hlep", "/file none.txt", "/image", "/model claude-zork", "hi", "/model claude-haiku-4-5", "/retry", "/quit", "x"
    )  # fmt: skip
    assert code == 0
    assert out.startswith("Hello!")
    assert "There is no command /hlep. Did you mean /help?" in err
    assert "/file: No such file or directory: none.txt" in err
    assert "Name an image's path or URL." in err
    assert "keybearer chat: The API answered 404" in err
    assert len(bodies(sim)[-1]["messages"]) == 1
    assert len(bodies(sim)) == 2


def test_the_help_names_every_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fits a narrow terminal."""
    monkeypatch.setenv("COLUMNS", "60")
    err = chat("/help", flags=("-q",))[2]
    names = ["help", "model", "system", "tools", "image", "file", "url", "usage", "save", "retry", "undo", "quit"]
    assert all(f"  /{name} " in err for name in names)
    assert max(map(len, err.splitlines())) <= 60


def test_ctrl_c_stops_the_answer_and_not_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came stays in the conversation."""
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
        code, _, err = chat("x", "/usage", flags=("-q", "--base-url", server.url))
    assert (code, err) == (0, "Stopped; /retry asks again.\nnothing was answered\n")
    (path,) = conversations_folder().glob("*.jsonl")
    assert '"The answer"' in path.read_text()


@pytest.mark.parametrize(
    "flags", [("-f", "-"), ("--yes-to", "read"), ("-c", "-r", "x"), ("-c",), ("--tools", "t.py:x")]
)
def test_wrong_usage_is_said_before_the_first_question(flags: tuple[str, ...]) -> None:
    """With exit code 2."""
    code, out, err = chat("hi", flags=flags)
    assert (code, out) == (2, "")
    assert err
