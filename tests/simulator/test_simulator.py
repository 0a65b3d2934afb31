"""The simulator in a process of its user: its life, its environment, its own pages, and the edges of HTTP."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import threading
import time
import warnings
from typing import Any

import anthropic
import pytest
import urllib3

from keybearer.simulator import Options, Simulator

ASKED: Any = {"model": "claude-haiku-4-5", "max_tokens": 20, "messages": [{"role": "user", "content": "Say 'hi'"}]}


def test_it_ends_with_its_block() -> None:
    """After the block nothing listens and no thread of its own is left."""
    before = set(threading.enumerate())
    with Simulator() as sim:
        port = int(sim.base_url.rsplit(":", 1)[1])
        socket.create_connection(("127.0.0.1", port)).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name == "keybearer-simulator"]
    sim.close()
    with pytest.raises(RuntimeError, match="is not running"):
        sim.base_url  # noqa: B018  # the property raises


@pytest.fixture
def _nothing_left_by_others() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.usefixtures("_nothing_left_by_others")
def test_it_ends_while_a_client_waits() -> None:
    """Closing drops a reply that would take for ever."""
    with Simulator() as sim:
        sim.fail("pings; interval=0.001", times=None)
        with anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key, max_retries=0) as sdk:
            stream = sdk.messages.create(**ASKED, stream=True)
            next(iter(stream))
            sim.close()
            stream.close()


@pytest.mark.usefixtures("_nothing_left_by_others")
@pytest.mark.filterwarnings("error::ResourceWarning")
def test_it_ends_while_a_client_does_not_read() -> None:
    """Closing drops a reply that nobody reads, and leaves no transport to the garbage collector."""
    with Simulator() as sim:
        file = sim.add_file("large.bin", b"x" * 30_000_000, "application/octet-stream")
        host, port = sim.base_url.removeprefix("http://").split(":")
        head = f"GET /v1/files/{file['id']}/content HTTP/1.1\r\nhost: {host}\r\nanthropic-version: 2026-10-21\r\n"
        with socket.create_connection((host, int(port))) as client:
            client.sendall(f"{head}anthropic-beta: files-api-2025-04-14\r\nx-api-key: {sim.api_key}\r\n\r\n".encode())
            assert client.recv(12) == b"HTTP/1.1 200"
            sim.close()
            gc.collect()


def test_a_reset_is_between_requests() -> None:
    """While requests run, a reset falls between two of them: what is there after it is all of one request or nothing."""
    with Simulator() as sim, anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key) as sdk:
        stop = threading.Event()

        def ask() -> None:
            while not stop.is_set():
                sdk.messages.create(**ASKED)

        threads = [threading.Thread(target=ask, daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(20):
            with sim._state.lock:
                sim.reset()
                assert (sim.requests, sim._state.ids.new("req_")) == ([], Simulator()._state.ids.new("req_"))
            time.sleep(0.005)
            with sim._state.lock:
                seen = sim.requests
                answered = [entry for entry in seen if "message_id" in entry.note]
                assert len(answered) == len(seen)
        stop.set()
        for thread in threads:
            thread.join()


def test_in_an_event_loop() -> None:
    """It serves a client in the very loop that started it."""

    async def story() -> str:
        async with (
            Simulator() as sim,
            anthropic.AsyncAnthropic(base_url=sim.base_url, api_key=sim.api_key) as sdk,
        ):
            messages = await asyncio.gather(*(sdk.messages.create(**ASKED) for _ in range(20)))
            return "".join(block.text for message in messages for block in message.content if block.type == "text")

    assert asyncio.run(story()) == "hi" * 20


def test_the_environment_is_set_and_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it runs the environment points at it, and afterwards it is as it was."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "mine")
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    with Simulator(set_environment=True) as sim:
        assert (os.environ["ANTHROPIC_BASE_URL"], os.environ["ANTHROPIC_API_KEY"]) == (sim.base_url, sim.api_key)
    assert os.environ["ANTHROPIC_API_KEY"] == "mine"
    assert "ANTHROPIC_BASE_URL" not in os.environ


def test_reset_forgets() -> None:
    """A reset forgets requests, scripts, faults and tokens."""
    with Simulator() as sim, anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key, max_retries=0) as sdk:
        first = sdk.messages.create(**ASKED).id
        access = sim.login()["access_token"]
        sim.script("never said")
        sim.fail("overloaded")
        sim.reset()
        assert sim.requests == []
        message = sdk.messages.create(**ASKED)
        assert message.id == first
        assert message.content[0].to_dict()["text"] == "hi"
        headers = {"anthropic-beta": "oauth-2025-04-20"}
        with anthropic.Anthropic(base_url=sim.base_url, auth_token=access, default_headers=headers) as other:
            with pytest.raises(anthropic.AuthenticationError, match="did not issue"):
                other.messages.create(**ASKED)


def test_an_open_host_has_one_key() -> None:
    """On a host that is not loopback the token makes the only good key, and is asked for."""
    with pytest.raises(ValueError, match="give a token"):
        Options(host="0.0.0.0")  # noqa: S104  # refused is what is tested
    with Simulator(host="0.0.0.0", token="secret") as sim:  # noqa: S104  # for the length of a test
        url = sim.base_url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104  # see above
        with anthropic.Anthropic(base_url=url, api_key="sk-ant-sim-other", max_retries=0) as sdk:
            with pytest.raises(anthropic.AuthenticationError):
                sdk.messages.create(**ASKED)
            assert sdk.with_options(api_key=sim.api_key).messages.create(**ASKED).stop_reason == "end_turn"
            with pytest.raises(anthropic.AuthenticationError):
                sdk.with_options(api_key=sim.api_key + "x").messages.create(**ASKED)
        with urllib3.PoolManager() as http:
            assert http.request("GET", url + "/oauth/authorize").status == 403
            assert http.request("POST", url + "/v1/oauth/token", json={}).status == 403


def test_its_own_pages(sim: Simulator) -> None:
    """Clock, rules, faults, options, login and reset are there over HTTP, and none without the token."""
    paths = ("requests", "verdict", "faults", "clock", "rules", "options")
    with urllib3.PoolManager() as http:
        for path in paths:
            assert http.request("GET", f"{sim.base_url}/_sim/{path}").status == 401
    with urllib3.PoolManager(headers={"x-sim-token": sim.token}) as http:
        pages = {path: http.request("GET", f"{sim.base_url}/_sim/{path}").json() for path in paths}
        assert pages["rules"]["data"][0]["name"] == "types"
        assert len(pages["faults"]["data"]) > 30
        assert pages["options"]["token"] is None
        before = pages["clock"]["now"]
        turned = http.request("POST", sim.base_url + "/_sim/clock", json={"advance": 100, "freeze": True}).json()
        assert turned["now"] >= before + 100
        assert http.request("POST", sim.base_url + "/_sim/clock", json={"advance": -1}).status == 400
        login = http.request("POST", sim.base_url + "/_sim/login", json={"expires_in": 5}).json()
        assert login["expires_in"] == 5
        assert http.request("POST", sim.base_url + "/_sim/reset").json() == {"ok": True, "now": turned["now"]}
    assert sim.requests == []  # its own pages are not in the journal


def test_a_wrong_method_is_a_405(sim: Simulator) -> None:
    """A method that a path does not have is refused in the API's shape."""
    with urllib3.PoolManager() as http:
        reply = http.request("GET", sim.base_url + "/v1/messages")
    assert (reply.status, reply.json()["error"]["message"]) == (405, "Method Not Allowed")


@pytest.mark.parametrize(
    "junk", [b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"POST /v1/messages HTTP/1.1\r\n\r\n", b""]
)
def test_noise_on_the_socket(sim: Simulator, junk: bytes) -> None:
    """Bytes that are no request, and half a request, leave it healthy."""
    port = int(sim.base_url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(junk)
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(b"POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: 500\r\n\r\n{")
    with urllib3.PoolManager() as http:
        assert http.request("GET", sim.base_url + "/healthz").json() == {"status": "ok"}


def test_a_failure_of_its_own_is_a_500(
    sim: Simulator, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the simulator itself fails on while it makes a reply is a 500, and logged."""

    def fail(*_: object) -> None:
        raise KeyError("delta")

    monkeypatch.setattr("keybearer.simulator.faults.table.Applied.on_plan", fail)
    sim.fail("slow", seconds=0)
    with (
        caplog.at_level(logging.CRITICAL),
        anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key, max_retries=0) as sdk,
        pytest.raises(anthropic.InternalServerError),
    ):
        sdk.messages.create(**ASKED, stream=True)


def test_the_journal_has_a_bound(monkeypatch: pytest.MonkeyPatch, sim: Simulator) -> None:
    """The oldest requests are forgotten when there are too many, or too large ones."""
    monkeypatch.setattr("keybearer.simulator.control.journal.MOST_REQUESTS", 3)
    with anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key) as sdk:
        ids = [sdk.messages.create(**ASKED)._request_id for _ in range(5)]
        assert [entry.request_id for entry in sim.requests] == ids[2:]
        monkeypatch.setattr("keybearer.simulator.control.journal.MOST_BYTES", 200)
        sdk.messages.create(**ASKED)
    assert len(sim.requests) == 2


def test_importing_costs_nothing() -> None:
    """`import keybearer.simulator` loads no server."""
    import subprocess
    import sys

    code = "import sys, keybearer.simulator; print({'starlette', 'yaml'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603  # ours
    assert done.stdout.strip() == "set()"
