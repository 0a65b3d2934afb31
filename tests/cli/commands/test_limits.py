"""`keybearer limits`: what a reply's headers say is left; `--watch` goes on until it is ended."""

from __future__ import annotations

import json

import pytest

from keybearer.cli.commands import limits
from keybearer.cli.limit_rows import limit_rows
from keybearer.simulator import Simulator
from keybearer.types.rate_limits import Limit, RateLimits, Window
from support.command import keybearer
from support.rawserver import Peer, raw_server


@pytest.fixture
def environ(sim: Simulator) -> dict[str, str]:
    """The simulator, as a command finds it."""
    return {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key}


def test_rows() -> None:
    """A limit has what is left of it, a window the share that is used; what is not said is not guessed."""
    found = RateLimits(
        limits={
            "requests": Limit(limit=100, remaining=25, reset=1090.0),
            "odd\x1b[2J": Limit(limit=None, remaining=3, reset=None),
            "none": Limit(limit=0, remaining=0),
        },
        windows={"5h": Window(status="allowed_warning", utilization=0.93, reset=1000.0 + 3600 * 3 + 60)},
    )
    assert [tuple(each) for each in limit_rows(found, 1000.0)] == [
        ("requests", 0.75, "25 of 100 left, full again in 90 s"),
        ("odd\\x1b[2J", None, "3 of ? left"),
        ("none", None, "0 of 0 left"),
        ("5h", 0.93, "93% used, allowed_warning, full again in 3 h 1 min"),
    ]


@pytest.mark.parametrize("width", ["60", "80", "120"])
def test_a_look_fits(width: str, environ: dict[str, str], sim: Simulator) -> None:
    """A line for each limit, none wider than the terminal, for one token."""
    done = keybearer("limits", environ=environ | {"COLUMNS": width})
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()][:2] == ["requests", "input-tokens"]
    assert max(map(len, done.stdout.splitlines())) <= int(width)
    assert len(sim.requests) == 1
    found = json.loads(keybearer("limits", "--json", environ=environ).stdout)
    assert found["limits"][0]["name"] == "requests"


def test_a_reply_without_limits() -> None:
    """A gateway may say nothing of them: that is said, with exit code 1."""
    message = {"type": "message", "id": "m", "role": "assistant", "model": "m", "content": [], "stop_reason": "end_turn",
               "usage": {"input_tokens": 1, "output_tokens": 1}}  # fmt: skip

    def script(peer: Peer) -> None:
        peer.request()
        peer.reply(json.dumps(message).encode())

    with raw_server(script) as server:
        done = keybearer("limits", environ={"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "sk-ant-x"})
    assert (done.returncode, done.stdout) == (1, "")


def test_watching(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, sim: Simulator) -> None:
    """It looks until Ctrl-C, draws over the last look on a terminal, and a look that fails ends nothing."""
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            sim.fail("overloaded", times=1)
        if len(waited) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(limits, "pause", pause)
    monkeypatch.setattr(limits, "is_terminal", lambda _: True)
    done = keybearer("limits", "--watch", "--interval", "1", environ=environ)
    assert (done.returncode, waited) == (130, [5, 5, 5, 5])
    assert done.stderr.count("keybearer limits: ") == 1
    first, second, third, end = done.stdout.split("\x1b[J")
    assert (end, first.count("\x1b[K\n")) == ("", 5)
    assert second.startswith("\x1b[5A")
    assert third[0].isdigit()  # what comes after the failed look is below it, and draws over nothing


def test_a_watch_ends_where_the_credential_is_refused(environ: dict[str, str]) -> None:
    """Looking again would not help."""
    assert keybearer("limits", "--watch", environ=environ | {"ANTHROPIC_API_KEY": "sk-ant-no"}).returncode == 4
