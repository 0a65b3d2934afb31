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

PATIENCE_SECONDS = 30


@contextmanager
def running(*flags: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Start a simulator and read its first line."""
    command = [sys.executable, "-m", "keybearer.simulator", "--port", "0", *flags]
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_says_where_it_listens_and_ends_on_a_signal(number: signal.Signals) -> None:
    """The first line is the address as JSON, and a signal ends the process with 0."""
    with running() as (process, ready):
        assert ready["event"] == "ready"
        assert ready["api_key"].startswith("sk-ant-sim-")
        assert ready["pid"] == process.pid
        assert healthy(ready["base_url"])
        process.send_signal(number)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_the_first_line_says_which_models_end_by_the_day_of_the_clock() -> None:
    """With --on the clock starts on that day, and the first line names what is deprecated and retired then."""
    with running("--on", "2027-01-22") as (_, ready):
        assert ready["now"].startswith("2027-01-22T00:00:")
        assert ready["deprecated"] == []
        assert ready["retired"] == ["claude-mythos-preview", "claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929"]


def test_ends_when_its_input_closes() -> None:
    """With --exit-with-parent a closed standard input ends it."""
    with running("--exit-with-parent") as (process, ready):
        assert healthy(ready["base_url"])
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE_SECONDS) == 0


def test_a_reader_that_stops_reading_does_not_stop_the_server() -> None:
    """When the pipe is full, request lines are dropped and requests are still answered."""
    with running() as (_, ready), urllib3.PoolManager() as http:
        for _ in range(600):
            assert http.request("GET", ready["base_url"] + "/healthz?" + "x" * 200).status == 200


def test_every_request_is_a_line() -> None:
    """Each request is one JSON line."""
    with running() as (process, ready):
        healthy(ready["base_url"])
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        assert (line["event"], line["method"], line["path"], line["status"]) == ("request", "GET", "/healthz", 200)


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
    ],
)
def test_flags_without_sense_are_refused(flags: list[str], words: str) -> None:
    """A wrong flag ends it at once with 2 and a reason."""
    done = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", "keybearer.simulator", *flags], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert words in done.stderr


@pytest.mark.parametrize("by", ["file", "environment"])
def test_the_token_stands_in_no_argument(by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes from a file or from the environment, which other users cannot read."""
    file = tmp_path / "token"
    file.write_text("from-a-file\n")
    monkeypatch.setenv("KEYBEARER_SIM_TOKEN", "from-the-environment")
    with running(*(["--token-file", str(file)] if by == "file" else [])) as (process, ready):
        assert ready["token"] == ("from-a-file" if by == "file" else "from-the-environment")
        assert not any(ready["token"] in str(argument) for argument in process.args)  # type: ignore[union-attr]


def test_a_port_that_is_taken_is_named() -> None:
    """A port that is taken is named in the message."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(  # noqa: S603  # our own command
            [sys.executable, "-m", "keybearer.simulator", "--port", port],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1 port {port}: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_recording_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A missing folder, a folder in place of a file and an upstream without encryption are what is blamed, not the port."""
    for flags, words in (
        (["--record", str(tmp_path / "no/talk.jsonl")], f"there is no folder {tmp_path / 'no'}; make it first"),
        (["--record", str(tmp_path)], f"cannot record to {tmp_path}: "),
        (["--record", str(tmp_path / "x"), "--upstream", "http://api.example"], "it must be https"),
    ):
        done = subprocess.run(  # noqa: S603  # our own command
            [sys.executable, "-m", "keybearer.simulator", *flags],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 2
        assert words in done.stderr
        assert "port" not in done.stderr


def test_the_command_line_serves_too() -> None:
    """`keybearer simulate` is the same server."""
    command = [sys.executable, "-c", "from keybearer.cli import main; main(['simulate', '--port', '0'])"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # our own command
        try:
            assert process.stdout is not None
            assert healthy(json.loads(process.stdout.readline())["base_url"])
        finally:
            process.terminate()
