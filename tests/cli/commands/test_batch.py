"""`keybearer batch`: a file of requests, its results, and a run that is ended and goes on without paying twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keybearer import errors
from keybearer.api import batches as api
from keybearer.client.resources.batches import Batches
from keybearer.simulator import Simulator
from support.batch_requests import request
from support.command import keybearer


@pytest.fixture
def environ(sim: Simulator) -> dict[str, str]:
    """The simulator, as a command finds it."""
    return {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key}


@pytest.fixture(autouse=True)
def _soon(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let batches be done when somebody waits for them."""
    real = Batches.wait

    def wait(self: Batches, *args: Any, **options: Any) -> Any:
        sim.clock.advance(3600)
        return real(self, *args, **options)

    monkeypatch.setattr(Batches, "wait", wait)


def lines(*requests: Any) -> str:
    """Write requests as JSON lines, with an empty line."""
    return "\n".join([*map(json.dumps, requests), ""])


def made(sim: Simulator) -> int:
    """Return how many batches were asked for."""
    return sum(each.method == "POST" and each.path == "/v1/messages/batches" for each in sim.requests)


def test_a_file_of_requests(environ: dict[str, str], tmp_path: Path, sim: Simulator) -> None:
    """The results are JSON lines, in a file that is there when they are whole; what came of them and the cost are said."""
    output = tmp_path / "out.jsonl"
    text = lines(request("one"), request("two"))
    done = keybearer("batch", "run", "-", "-o", str(output), text=text, environ=environ)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    rows = {each["custom_id"]: each for each in map(json.loads, output.read_text().splitlines())}
    assert {name: row["result"]["message"]["content"][0]["text"] for name, row in rows.items()} == {
        "one": "one",
        "two": "two",
    }
    assert "2 succeeded; $0.0000" in done.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["out.jsonl"]
    assert made(sim) == 1
    (name,) = [line.split()[0] for line in keybearer("batch", "status", environ=environ).stdout.splitlines()[1:]]
    assert keybearer("batch", "results", name, environ=environ).stdout.encode() == output.read_bytes()


def test_a_run_without_waiting(environ: dict[str, str]) -> None:
    """The ids are the answer; status, cancel and results take them."""
    done = keybearer("batch", "run", "-", "--no-wait", text=lines(request("a")), environ=environ)
    (name,) = done.stdout.split()
    status = json.loads(keybearer("batch", "status", name, "--json", environ=environ).stdout)
    assert [each["id"] for each in status] == [name]
    assert keybearer("batch", "cancel", name, environ=environ).stdout.splitlines()[1].startswith(name)
    assert keybearer("batch", "status", "msgbatch_zork", environ=environ).returncode == 5


def test_a_request_that_fails_is_exit_code_1(environ: dict[str, str]) -> None:
    """The row says why, and the others are there."""
    text = lines(request("good"), request("bad", model="claude-zork"))
    done = keybearer("batch", "run", "-", text=text, environ=environ)
    rows = {each["custom_id"]: each["result"]["type"] for each in map(json.loads, done.stdout.splitlines())}
    assert (done.returncode, rows) == (1, {"good": "succeeded", "bad": "errored"})


def test_the_model_of_those_that_name_none(environ: dict[str, str]) -> None:
    """--model is for requests without one."""
    plain = request("a")
    del plain["params"]["model"]
    done = keybearer("batch", "run", "-", "--model", "claude-haiku-4-5", text=lines(plain), environ=environ)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "There are no requests"),
        ("\n\n{", "-:3: it is not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"custom_id": "a"}', "-:1: it is no request of a batch"),
        (lines(request("a"), request("a")), "-:2: the custom_id 'a' is that of line 1 too"),
        (lines(request("a", messages=[])), "messages"),
    ],
)
def test_a_file_that_cannot_be_sent(
    text: str, says: str, environ: dict[str, str], sim: Simulator, tmp_path: Path
) -> None:
    """The line is named, nothing is sent, and no record is left."""
    done = keybearer("batch", "run", "-", "-o", str(tmp_path / "o"), text=text, environ=environ)
    assert done.returncode in {2, 3}
    assert says in done.stderr
    assert (made(sim), list(tmp_path.iterdir())) == (0, [])


def test_a_run_that_was_ended_goes_on(
    environ: dict[str, str], tmp_path: Path, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was interrupted while it waited is run again and sends nothing; the batch goes on meanwhile."""
    output = str(tmp_path / "o")
    text = lines(request("a"), request("b"))

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Batches, "wait", interrupted)
        done = keybearer("batch", "run", "-", "-o", output, text=text, environ=environ)
    assert done.returncode == 130
    assert "The batches go on: keybearer batch results msgbatch_" in done.stderr
    other = keybearer("batch", "run", "-", "-o", output, text=lines(request("c")), environ=environ)
    assert (other.returncode, "other requests" in other.stderr) == (2, True)
    again = keybearer("batch", "run", "-", "-o", output, text=text, environ=environ)
    assert again.returncode == 0, again.stderr
    assert "an earlier run has sent 2 of these requests" in again.stderr
    assert made(sim) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["o"]


def test_a_run_that_was_refused_in_its_middle_goes_on_behind_it(
    environ: dict[str, str], tmp_path: Path, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With two batches, of which the second was refused, the next run sends the second alone."""
    monkeypatch.setattr(api, "MOST_REQUESTS", 1)
    real, sent = api.BatchesAPI.send, []

    def send(self: Any, chunk: Any, options: Any) -> Any:
        sent.append(chunk)
        if len(sent) == 2:
            raise errors.RateLimited("later")
        return real(self, chunk, options)

    output = str(tmp_path / "o")
    text = lines(request("a"), request("b"))
    with monkeypatch.context() as patch:
        patch.setattr(api.BatchesAPI, "send", send)
        assert keybearer("batch", "run", "-", "-o", output, text=text, environ=environ).returncode == 6
    done = keybearer("batch", "run", "-", "-o", output, text=text, environ=environ)
    assert done.returncode == 0, done.stderr
    assert "sent 1 of these" in done.stderr
    assert sorted(json.loads(line)["custom_id"] for line in Path(output).read_text().splitlines()) == ["a", "b"]
    assert made(sim) == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [(errors.ConnectionFailed("cut", delivered=True), 9), (errors.ServerError("later"), 8), (KeyboardInterrupt(), 130)],
)
def test_a_run_in_doubt_sends_nothing_again(
    error: BaseException, code: int, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a batch may have been made, the next run refuses, and says where to look."""

    def fail(*_: object) -> None:
        raise error

    flags = ("-", "-o", str(tmp_path / "o"))
    with monkeypatch.context() as patch:
        patch.setattr(api.BatchesAPI, "send", fail)
        assert keybearer("batch", "run", *flags, text=lines(request("a")), environ=environ).returncode == code
    again = keybearer("batch", "run", *flags, text=lines(request("a")), environ=environ)
    assert (again.returncode, "would be paid twice" in again.stderr) == (2, True)


def test_how_much_is_said(environ: dict[str, str], tmp_path: Path) -> None:
    """-q says nothing but errors; -v says what is sent when; --log-file keeps that for its owner alone."""
    flags = ("batch", "run", "-", "-o", str(tmp_path / "o"))
    quiet = keybearer(*flags, "-q", text=lines(request("a")), environ=environ)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    log = tmp_path / "log"
    done = keybearer(*flags, "-v", "--log-file", str(log), text=lines(request("b")), environ=environ)
    assert "1 succeeded" in done.stderr
    assert "/v1/messages/batches" in done.stderr
    assert "/v1/messages/batches" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600
    assert environ["ANTHROPIC_API_KEY"] not in done.stderr + log.read_text()
