"""Counts that must not grow: what an import loads, what an event and a request cost in calls."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections import Counter
from typing import Any

import pytest

import keybearer.wire.response.events as wire_events
from keybearer import Client
from keybearer.wire.response.reader import StreamReader
from support.rawserver import Peer, raw_server
from support.sse import frame, frames, text_message

ASK: dict[str, Any] = {"model": "m", "max_tokens": 10, "messages": [{"role": "user", "content": "Hello"}]}
ANSWER = json.dumps({"type": "message", "content": [{"type": "text", "text": "Hi"}], "usage": {}}).encode()

NEWER_LIBRARY = (sys.version_info >= (3, 12)) + 3 * (sys.version_info >= (3, 13))
"""By how many modules more the newer Pythons' own library is divided."""


@pytest.mark.parametrize(("client", "most"), [("Client", 160), ("AsyncClient", 160)])
def test_making_a_client_loads_few_modules(client: str, most: int) -> None:
    """`from keybearer import Client; Client(api_key=...)` loads at most 160 modules; the official SDK's loads 3,400."""
    code = (
        f"import sys; before = set(sys.modules)\nfrom keybearer import {client}; {client}(api_key='sk-ant-test')\n"
        "print(len(set(sys.modules) - before))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)  # noqa: S603 - our own interpreter
    assert int(run.stdout) <= most + NEWER_LIBRARY


@pytest.mark.parametrize("client", ["Client", "AsyncClient"])
def test_the_tree_of_resources_is_loaded_when_it_is_used(client: str) -> None:
    """`client.beta.sessions.create` loads at most 50 more modules, 20 of them keybearer's, and making a client loads none of them."""
    code = (
        f"import sys; from keybearer import {client}; client = {client}(api_key='sk-ant-test')\n"
        "before = set(sys.modules); assert 'keybearer.api.methods' not in before\n"
        "client.beta.sessions.create\n"
        "new = set(sys.modules) - before; print(len(new), len([each for each in new if each.startswith('keybearer')]))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)  # noqa: S603 - our own interpreter
    every, ours = map(int, run.stdout.split())
    assert every <= 50 + NEWER_LIBRARY
    assert ours <= 20


class _Decoders:
    """The two fast decoders, counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: Counter[str] = Counter()
        for name in ("_decode", "_decode_lines"):
            monkeypatch.setattr(wire_events, name, self._counted(name, getattr(wire_events, name)))

    def _counted(self, name: str, real: Any) -> Any:
        def call(data: bytes) -> Any:
            self.calls[name] += 1
            return real(data)

        return call


def test_one_decode_an_event_when_each_comes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that comes event by event costs one decoder call an event, and no more."""
    decoders = _Decoders(monkeypatch)
    events = text_message(*["word "] * 200)
    reader = StreamReader()
    for event in events:
        list(reader.feed(frame(event)))
    assert reader.done
    assert decoders.calls == {"_decode": len(events)}


def test_a_burst_is_not_decoded_twice_for_what_stands_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole message in one read costs one call for 16 KB of its deltas, and one for each event before and after them."""
    decoders = _Decoders(monkeypatch)
    events = text_message(*["word "] * 100)
    reader = StreamReader()
    list(reader.feed(frames(*events)))
    assert reader.done
    assert decoders.calls == {"_decode_lines": 1, "_decode": len(events) - 100}


def _counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count this thread's calls of the sockets: the server of a test has threads of its own."""
    calls: Counter[str] = Counter()
    here = threading.current_thread()

    def counted(name: str, real: Any) -> Any:
        def call(self: socket.socket, *args: Any) -> Any:
            if threading.current_thread() is here:
                calls[name] += 1
            return real(self, *args)

        return call

    for name in ("sendall", "recv_into"):
        monkeypatch.setattr(socket.socket, name, counted(name, getattr(socket.socket, name)))
    return calls


def _answers(peer: Peer) -> None:
    while peer.request():
        peer.reply(ANSWER)


def test_a_small_request_is_one_send_and_its_reply_one_receive(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a kept-alive connection a plain request takes one system call out and one in."""
    with raw_server(_answers) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
        client.messages.create(**ASK)
        calls = _counted(monkeypatch)
        client.messages.create(**ASK)
        assert server.connections == 1
    assert calls == {"sendall": 1, "recv_into": 1}


def test_a_large_body_is_not_copied_to_join_its_head(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that is not small goes out as it was encoded, after its head."""
    with raw_server(_answers) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
        calls = _counted(monkeypatch)
        client.messages.create(**ASK | {"messages": [{"role": "user", "content": "x" * 200_000}]})
    assert calls["sendall"] == 2


def test_the_environment_is_read_for_proxies_once_an_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two requests to one origin read the environment's proxies once."""
    import keybearer.shell.transports.proxies as module

    seen: list[str] = []

    def proxy_for(url: str, _options: object, *, socks: bool) -> None:
        if not socks:  # the choice of the transport asks too, once
            seen.append(url)

    monkeypatch.setattr(module, "proxy_for", proxy_for)
    with raw_server(_answers) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
        client.messages.create(**ASK)
        client.messages.create(**ASK)
    assert len(seen) == 1
