"""The simulator as a process: its first line, its end, and its flags."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3

from keybearer.simulator.process.command import main

PATIENCE_SECONDS = 30


@contextmanager
def running(*flags: str, by: str = "") -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Start a simulator, by its module or by a line of Python, and read its first line."""
    start = ["-c", f"import sys; {by}"] if by else ["-m", "keybearer.simulator"]
    command = [sys.executable, *start, "--port", "0", *flags]
    with subprocess.Popen(  # noqa: S603  # our own command
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def healthy(base_url: str) -> bool:
    """Return whether a server answers."""
    with urllib3.PoolManager() as http:
        return http.request("GET", base_url + "/healthz", retries=False).status == 200


def refused(capsys: pytest.CaptureFixture[str], *flags: str) -> str:
    """Give the command flags that it refuses; return what it says on standard error."""
    try:
        code: Any = main(list(flags))
    except SystemExit as ended:
        code = ended.code
    assert code == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said


def test_says_where_it_listens_and_ends_on_a_signal() -> None:
    """The first line is the address as JSON, each request is one more, and a signal ends the process with 0."""
    with running() as (process, ready):
        assert ready["event"] == "ready"
        assert ready["api_key"].startswith("sk-ant-sim-")
        assert ready["pid"] == process.pid
        assert healthy(ready["base_url"])
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        assert (line["event"], line["method"], line["path"], line["status"]) == ("request", "GET", "/healthz", 200)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_the_first_line_says_which_models_end_by_the_day_of_the_clock() -> None:
    """With --on the clock starts on that day, and the first line names what is deprecated and retired then; Ctrl-C ends it."""
    with running("--on", "2027-01-22") as (process, ready):
        assert ready["now"].startswith("2027-01-22T00:00:")
        assert ready["deprecated"] == []
        assert ready["retired"] == ["claude-mythos-preview", "claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929"]
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_ends_when_its_input_closes() -> None:
    """With --exit-with-parent a closed standard input ends it; `keybearer simulate` is the same server."""
    with running("--exit-with-parent", by="from keybearer.cli import main; main(['simulate', *sys.argv[1:]])") as (
        process,
        ready,
    ):
        assert healthy(ready["base_url"])
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE_SECONDS) == 0


def test_a_reader_that_stops_reading_does_not_stop_the_server() -> None:
    """When the pipe is full, request lines are dropped and requests are still answered."""
    with running() as (_, ready), urllib3.PoolManager() as http:
        for _ in range(60):
            assert http.request("GET", ready["base_url"] + "/" + "x" * 3000).status == 404


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--host", "0.0.0.0"], "give a token"),  # noqa: S104  # refused is what is tested
        (["--lenient", "tool-choice-know"], "did you mean 'tool-choice-known'"),
        (["--token", "x"], "--token would show the token to every user, in ps: use --token-file"),
        (["--token-file", "/no/such/file"], "--token-file /no/such/file: No such file or directory"),
        (["--token-file", "/dev/null"], "the file is empty"),
        (["--lenient", "types"], "cannot be turned off"),
        (["--chunking", "lots"], "chunking is"),
        (["--port", "70000"], "a port is a number from 0 to 65535"),
        (["--tokens-per-second", "-4"], "a number that is not negative"),
        (["--time-to-first-token", "nan"], "a number of seconds"),
        (["--on", "22.1.2027"], "a day is written as 2027-01-22, not '22.1.2027'"),
        (["--access-token-seconds", "0.5"], "a whole number of seconds"),
        (["--future", "perhaps"], "invalid choice: 'perhaps'"),
        (["--replay", "/no/such.jsonl"], "/no/such.jsonl: No such file or directory"),
        (["--scenario", "/no/such.yaml"], "/no/such.yaml: No such file or directory"),
        (["--run"], "--run needs a command"),
        (["pytest", "-q"], "pytest: to run a command, give it after --run"),
        (["--exit-with-parent", "--run", "true"], "leave it out"),
    ],
)
def test_flags_without_sense_are_refused(capsys: pytest.CaptureFixture[str], flags: list[str], words: str) -> None:
    """A wrong flag ends it at once with 2 and a reason."""
    assert words in refused(capsys, *flags)


@pytest.mark.parametrize("by", ["file", "environment"])
def test_the_token_stands_in_no_argument(by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes from a file or from the environment, which other users cannot read."""
    file = tmp_path / "token"
    file.write_text("from-a-file\n")
    monkeypatch.setenv("KEYBEARER_SIM_TOKEN", "from-the-environment")
    with running(*(["--token-file", str(file)] if by == "file" else [])) as (process, ready):
        assert ready["token"] == ("from-a-file" if by == "file" else "from-the-environment")
        assert not any(ready["token"] in str(argument) for argument in process.args)  # type: ignore[union-attr]


def test_a_port_that_is_taken_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A port that is taken is named in the message."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"cannot listen on 127.0.0.1 port {port}: " in refused(capsys, "--port", port)


def test_a_recording_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing folder, a folder in place of a file and an upstream without encryption are what is blamed, not the port."""
    for flags, words in (
        (["--record", str(tmp_path / "no/talk.jsonl")], f"there is no folder {tmp_path / 'no'}; make it first"),
        (["--record", str(tmp_path)], f"cannot record to {tmp_path}: "),
        (["--record", str(tmp_path / "x"), "--upstream", "http://api.example"], "it must be https"),
    ):
        said = refused(capsys, *flags)
        assert words in said
        assert "listen" not in said
