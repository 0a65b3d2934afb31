"""MCP servers that nobody here wrote, and one that misbehaves: over their standard input and output, and over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mcp
import pytest

from keybearer import AsyncClient, Client, MCPToolset, TimedOut
from keybearer.errors import ConnectionFailed
from keybearer.simulator import Simulator

ROOT = Path(__file__).parent.parent.parent
BIN = ROOT / ".venv-e2e-mcp_servers" / "bin"
ODD = [sys.executable, str(ROOT / "tests" / "support" / "mcp_server.py")]
MESSAGES: Any = [{"role": "user", "content": "Go."}]


def client(sim: Simulator) -> Client:
    """Make a client of the simulator."""
    return Client(api_key=sim.api_key, base_url=sim.base_url, model="claude-haiku-4-5")


def results(sim: Simulator, tools: Any, *calls: tuple[str, dict[str, Any]], **options: Any) -> list[tuple[bool, Any]]:
    """Run some calls, one reply for all; return whether each failed, and its content."""
    sim.script({"tool_use": [{"name": name, "input": given} for name, given in calls]})
    sim.script("Done.")
    with client(sim) as made:
        run = made.messages.run(max_tokens=100, messages=MESSAGES, tools=tools, **options)
    assert run.ended == "end_turn"
    return [(each.is_error, each.content) for each in run.steps[0].outcomes]


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that has ended and was not waited for does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def gone(pid: int) -> bool:
    """Return whether a process ends within some seconds."""
    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_alive(pid)


def test_the_time_server(sim: Simulator) -> None:
    """mcp-server-time: its tools, and a time zone that does not exist."""
    with MCPToolset([str(BIN / "mcp-server-time"), "--local-timezone", "UTC"]) as tools:
        assert sorted(each.name for each in tools) == ["mcp-time__convert_time", "mcp-time__get_current_time"]
        known, unknown = results(
            sim,
            tools,
            ("mcp-time__get_current_time", {"timezone": "Europe/Oslo"}),
            ("mcp-time__get_current_time", {"timezone": "Nowhere/Atlantis"}),
        )
    assert '"timezone": "Europe/Oslo"' in known[1]
    assert unknown[0]
    assert "Atlantis" in str(unknown[1])


@pytest.mark.parametrize(("flags", "allowed"), [(("--yes-to", "clock__get_current_time"), True), ((), False)])
def test_a_server_behind_the_command(flags: tuple[str, ...], allowed: bool, sim: Simulator, tmp_path: Path) -> None:
    """`keybearer run` starts mcp-server-time as the agent's file says; without a terminal only what is named may run."""
    agent = (
        f"model: haiku\nmcp_servers:\n  clock: {{command: {BIN / 'mcp-server-time'}, args: [--local-timezone, UTC]}}\n"
    )
    (tmp_path / "clock.yaml").write_text(agent)
    sim.script({"tool_use": [{"name": "clock__get_current_time", "input": {"timezone": "Europe/Oslo"}}]})
    sim.script("It is late.")
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "keybearer", "run", str(tmp_path / "clock.yaml"), "What time is it?", *flags],
        env={**os.environ, "ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "It is late.\n"), done.stderr
    (result,) = json.loads(sim.requests[-1].body)["messages"][-1]["content"]
    assert ('"timezone": "Europe/Oslo"' in str(result["content"])) is allowed
    assert bool(result.get("is_error")) is not allowed


def test_the_git_server(sim: Simulator, tmp_path: Path) -> None:
    """mcp-server-git: a status, and a folder that is none of its own."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)  # noqa: S603, S607 - the git of this machine
    (tmp_path / "new.txt").write_text("x")
    with MCPToolset([str(BIN / "mcp-server-git"), "--repository", str(tmp_path)], name="git") as tools:
        status, refused = results(
            sim,
            tools,
            ("git__git_status", {"repo_path": str(tmp_path)}),
            ("git__git_status", {"repo_path": "/"}),
        )
    assert "new.txt" in status[1]
    assert refused[0]


def test_the_fetch_server(sim: Simulator) -> None:
    """mcp-server-fetch: a page of this machine's, and an address that is none."""
    with MCPToolset([str(BIN / "mcp-server-fetch"), "--ignore-robots-txt"], name="web") as tools:
        page, refused = results(
            sim, tools, ("web__fetch", {"url": f"{sim.base_url}/_sim/nothing"}), ("web__fetch", {"url": "nowhere"})
        )
    assert page[0]
    assert refused[0]


@pytest.fixture
def http() -> Iterator[str]:
    """Serve the odd server over HTTP."""
    process = subprocess.Popen(  # noqa: S603 - our own server
        [*ODD, "http"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    yield f"http://127.0.0.1:{process.stdout.readline().strip()}/mcp"
    process.communicate(timeout=30)


def test_every_kind_of_content_over_http(sim: Simulator, http: str) -> None:
    """Text, images, resources, what cannot be shown, errors, names that are too long."""
    with MCPToolset(url=http, name="odd") as tools:
        assert [each.name for each in tools if each.read_only] == ["odd__add"]
        long = next(each.name for each in tools if "far_too_long" in each.name)
        found = results(
            sim,
            tools,
            ("odd__add", {"a": 1, "b": 2}),
            ("odd__everything", {}),
            ("odd__fail", {}),
            ("odd__add", {"a": "x"}),
            (long, {}),
        )
    assert found[0] == (False, "3")
    assert [block["type"] for block in found[1][1]] == ["text", "image", "document", "image", "text", "text"]
    assert [failed for failed, _ in found[2:]] == [True, True, False]
    assert len(long) <= 64


def test_a_server_dies_in_the_middle(sim: Simulator) -> None:
    """The model reads it, and the run goes on."""
    with MCPToolset(ODD, name="odd") as tools:
        (died,) = results(sim, tools, ("odd__leave", {}))
        (after,) = results(sim, tools, ("odd__add", {"a": 1, "b": 2}))
    assert died[0]
    assert after == (True, "The tool's server did not answer the call: Connection closed")


def test_a_call_that_is_over_its_time_is_cancelled_at_the_server(sim: Simulator, tmp_path: Path) -> None:
    """The protocol's notification reaches it; the next call works."""
    notes = tmp_path / "notes"
    with MCPToolset(ODD, name="odd", timeout=0.3, env={"NOTES": str(notes)}) as tools:
        (slow,) = results(sim, tools, ("odd__wait", {"seconds": 60}))
        (fine,) = results(sim, tools, ("odd__add", {"a": 1, "b": 2}))
    assert slow[0]
    assert fine == (False, "3")
    assert notes.read_text() == "cancelled\n"


def test_no_process_is_left_behind(sim: Simulator) -> None:
    """A server that hangs at its end, and what it started, end although neither wants to; also when the block raises."""
    pids: list[int] = []

    def use() -> None:
        with MCPToolset(ODD, name="odd", env={"STUBBORN": "1"}) as tools:
            spawned, seen = results(sim, tools, ("odd__spawn", {}), ("odd__environment", {"name": "X"}))
            pids.extend([int(spawned[1]), int(seen[1].split()[1])])
            assert all(map(is_alive, pids))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use()
    assert len(pids) == 2
    assert all(map(gone, pids))


def test_the_servers_environment_has_no_credential(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets what is named, and nothing else of this program's."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-fake")
    with MCPToolset(ODD, name="odd", env={"NAMED": "yes"}) as tools:
        key, named = results(
            sim,
            tools,
            ("odd__environment", {"name": "ANTHROPIC_API_KEY"}),
            ("odd__environment", {"name": "NAMED"}),
        )
    assert key[1].startswith("None ")
    assert named[1].startswith("yes ")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_server_says_that_its_tools_have_changed(sim: Simulator, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """They are listed again, by the newest protocol and by the one before."""
    monkeypatch.setattr(mcp, "Client", functools.partial(mcp.Client, mode=mode))
    with MCPToolset(ODD, name="odd") as tools:
        assert results(sim, tools, ("odd__grow", {})) == [(False, "more")]
        deadline = time.monotonic() + 10
        while "odd__grown" not in [each.name for each in tools] and time.monotonic() < deadline:
            time.sleep(0.02)
        assert results(sim, tools, ("odd__grown", {})) == [(False, "grown")]


@pytest.mark.parametrize(
    ("sampled", "words"),
    [(True, "claude-haiku-4-5-20251001 said Short., endTurn"), (False, "refused: Sampling not supported")],
)
def test_a_server_asks_for_an_answer_of_a_model(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch, sampled: bool, words: str
) -> None:
    """It gets one by the client that the caller's function uses, and reads that it gets none without."""
    monkeypatch.setattr(mcp, "Client", functools.partial(mcp.Client, mode="legacy"))
    asks: dict[str, Any] = {"question": "How long?", "kind": "text"}
    with client(sim) as made:

        def sampling(asked: dict[str, Any]) -> Any:
            sim.script("Short.")
            return made.messages.create(**asked)

        with MCPToolset(ODD, name="odd", sampling=sampling if sampled else None) as tools:
            think = next(each for each in tools if each.name == "odd__think")
            assert asyncio.run(think.function(asks)) == words


def test_a_cancelled_run_leaves_no_process(sim: Simulator) -> None:
    """With the client that is awaited: the task is cancelled while a tool waits."""
    pids: list[int] = []

    async def main() -> None:
        async with (
            AsyncClient(api_key=sim.api_key, base_url=sim.base_url, model="claude-haiku-4-5") as made,
            MCPToolset(ODD, name="odd", env={"NOTES": os.devnull, "STUBBORN": "1"}) as tools,
        ):
            sim.script({"tool_use": [{"name": "odd__spawn", "input": {}}]})
            sim.script({"tool_use": [{"name": "odd__environment", "input": {"name": "X"}}]})
            sim.script({"tool_use": [{"name": "odd__wait", "input": {"seconds": 60}}]})
            async with made.messages.run_stream(max_tokens=100, messages=MESSAGES, tools=tools) as run:
                async for event in run:
                    if event.type == "tool_result":
                        pids.append(int(str(event.outcome.content).split()[-1]))
                    if len(pids) == 2 and event.type == "message_stop":
                        raise asyncio.CancelledError

    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(main())
    assert len(pids) == 2
    assert all(map(gone, pids))


def test_a_program_that_closes_nothing_leaves_no_process(tmp_path: Path) -> None:
    """It ends by an exception, with the toolset opened by hand."""
    program = (
        "import sys, keybearer\n"
        f"tools = keybearer.MCPToolset({ODD!r}, name='odd').__enter__()\n"
        "import asyncio\n"
        "print(asyncio.run(next(t for t in tools if t.name == 'odd__environment').function({'name': 'X'})), flush=True)\n"
        "raise SystemExit(7)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False)  # noqa: S603 - our own Python
    assert done.returncode == 7, done.stderr
    assert gone(int(done.stdout.split()[1]))


@pytest.mark.parametrize(
    ("command", "error", "words"),
    [
        ([*ODD, "silent"], TimedOut, "did not answer within"),
        (["/nowhere/server"], ConnectionFailed, "cannot be used"),
        ([sys.executable, "-c", "print('no protocol')"], ConnectionFailed, "cannot be used"),
    ],
)
def test_what_is_no_server_is_said(command: list[str], error: type[Exception], words: str) -> None:
    """In time, with no process left."""
    with pytest.raises(error, match=words), MCPToolset(command, start_timeout=2):
        pass
