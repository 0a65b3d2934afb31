"""The benchmark's server: a process of its own, pinned to its own core, that answers with bytes rendered beforehand.

Strategy: a thread a connection, blocking sockets, no parsing beyond the path and the content-length. The first segment of the
path says what is wanted; its numbers are after dashes:

    /plain, /agent          a whole answer: text, text and a tool's call
    /burst-N                N text deltas, as fast as the socket takes them, each in a chunk of its own
    /coalesced-N            the same in chunks of about 16 KB
    /paced-N-US             N text deltas, one every US microseconds
    /tool-KB, /prose-KB     a tool input of that many KB in deltas of 30 characters: many small values, one long string
    /many-STREAMS-RATE-S    once that many streams are open: RATE timed deltas a second on each, for S seconds
    /warm                   a whole answer, or a short stream to a request that asks for one
    /calls-N                a whole answer with N tool calls; one that has ended to a request with their results
    /turns-N                the same, one call an answer, N answers in all
    /streamed-N-MS-REST     N tool calls in a stream of that many milliseconds, the last of them complete REST ms before its end
    /gap                    how long after the last byte of such a stream the request with its results came, in microseconds
    /cpu                    this process's CPU time, in nanoseconds

Contract: it stops when its standard input closes.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from functools import cache

from bench import wire

_PIECE = 1 << 18
_LOOKED_AT = 1 << 18
"""How much of a request's body is kept, in bytes: all of it where the answer depends on it."""
_TICKS = 50  # slots of a tick's period that the streams are spread over


def main() -> None:
    """Serve until standard input closes; print the two ports first: plain, TLS."""
    if (cores := os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {cores - 1})
    sys.setswitchinterval(0.0005)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1])
    ports = [_listen(None), _listen(context)]
    print(*ports, flush=True)
    sys.stdin.read()
    os._exit(0)


def _listen(context: ssl.SSLContext | None) -> int:
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    threading.Thread(target=_accept, args=(listener, context), daemon=True).start()
    port: int = listener.getsockname()[1]
    return port


def _accept(listener: socket.socket, context: ssl.SSLContext | None) -> None:
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_serve, args=(sock, context), daemon=True).start()


def _serve(sock: socket.socket, context: ssl.SSLContext | None) -> None:
    with contextlib.suppress(OSError, ValueError):
        if context is not None:
            sock = context.wrap_socket(sock, server_side=True)
        while request := _request(sock):
            kind, *numbers = request[0].split("/")[1].split("-")
            if kind == "warm":
                kind, numbers = ("burst", ["1"]) if b'"stream"' in request[1] else ("plain", [])
            if kind in _CONVERSATIONS:
                _CONVERSATIONS[kind](sock, request[1], *map(int, numbers))
            else:
                _MODES[kind](sock, *map(int, numbers))
    with contextlib.suppress(OSError):
        sock.close()


def _request(sock: socket.socket) -> tuple[str, bytes] | None:
    """Read one request, its body included; return its path and its body up to a limit, None when the client has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    left = int(length or b"0") - len(body)
    buffer = bytearray(min(max(left, 0), 1 << 20))
    while left > 0:
        got = sock.recv_into(buffer, min(left, len(buffer)))
        left -= got
        if len(body) < _LOOKED_AT:
            body += buffer[:got]
    return head.split(b" ", 2)[1].decode(), body


_PLAIN = wire.plain_reply()
_AGENT = wire.plain_reply(tool=True)
_ids = itertools.count(1)


def _plain(sock: socket.socket) -> None:
    sock.sendall(_PLAIN)


def _agent(sock: socket.socket) -> None:
    sock.sendall(_AGENT.replace(b"toolu_000000", b"toolu_%06d" % next(_ids)))


@cache
def _stream(kind: str, size: int) -> bytes:
    if kind == "burst":
        return wire.prologue() + wire.text_frame() * size + wire.epilogue()
    if kind in {"tool", "prose"}:
        frames = wire.tool_frames(size, prose=kind == "prose")
        return wire.prologue(tool=True) + b"".join(frames) + wire.epilogue(tool=True)
    event = wire.text_frame().split(b"\r\n")[1]
    per_chunk = 16384 // len(event)
    full, rest = divmod(size, per_chunk)
    return wire.prologue() + wire.chunk(event * per_chunk) * full + wire.chunk(event * (rest or 1)) + wire.epilogue()


def _rendered(kind: str) -> Callable[[socket.socket, int], None]:
    def send(sock: socket.socket, size: int) -> None:
        whole = memoryview(_stream(kind, size))
        for at in range(0, len(whole), _PIECE):
            sock.sendall(whole[at : at + _PIECE])

    return send


def _paced(sock: socket.socket, count: int, microseconds: int) -> None:
    sock.sendall(wire.prologue())
    frame, due = wire.text_frame(), time.monotonic()
    for _ in range(count):
        due += microseconds / 1e6
        time.sleep(max(0.0, due - time.monotonic()))
        sock.sendall(frame)
    sock.sendall(wire.epilogue())


class _Group:
    """Streams that begin together."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.sockets: list[socket.socket] = []
        self.full = threading.Event()
        self.done = threading.Event()


_groups: dict[tuple[int, ...], _Group] = {}
_guard = threading.Lock()


def _many(sock: socket.socket, streams: int, rate: int, seconds: int) -> None:
    sock.sendall(wire.prologue())
    key = (streams, rate, seconds)
    with _guard:
        group = _groups.setdefault(key, _Group(streams))
        group.sockets.append(sock)
        if last := len(group.sockets) == streams:
            del _groups[key]
    if last:
        _tick(group, rate, seconds)
        group.done.set()
    group.done.wait(seconds + 60)


def _tick(group: _Group, rate: int, seconds: int) -> None:
    before, after = wire.timed_frame()
    slots = [group.sockets[slot::_TICKS] for slot in range(_TICKS)]
    gap, due = 1 / rate / _TICKS, time.monotonic() + 0.2
    for _ in range(rate * seconds):
        for slot in slots:
            due += gap
            time.sleep(max(0.0, due - time.monotonic()))
            for sock in slot:
                with contextlib.suppress(OSError):
                    sock.sendall(b"%b%020d%b" % (before, time.monotonic_ns(), after))
    for sock in group.sockets:
        with contextlib.suppress(OSError):
            sock.sendall(wire.epilogue())


@cache
def _reply(name: str, first: int, calls: int) -> bytes:
    return wire.calls_reply(name, range(first, first + calls))


def _calls(sock: socket.socket, body: bytes, count: int) -> None:
    sock.sendall(_PLAIN if b'"tool_result"' in body else _reply("slow", 0, count))


def _turns(sock: socket.socket, body: bytes, count: int) -> None:
    """Answer by the number of the last call in the request: a client need not send the whole history."""
    answered = re.findall(rb'"tool_use_id": ?"toolu_(\d+)"', body)
    turn = int(answered[-1]) + 1 if answered else 0
    sock.sendall(_PLAIN if turn == count - 1 else _reply("read_0", turn, 1))


_times = {"last byte": 0, "gap": 0}
"""When the last byte of a stream was sent, and how long after it the next request came, in nanoseconds."""


def _streamed(sock: socket.socket, body: bytes, count: int, milliseconds: int, rest: int) -> None:
    if b'"tool_result"' in body:
        _times["gap"] = time.monotonic_ns() - _times["last byte"]
        if b'"stream":true' in body.replace(b" ", b""):
            sock.sendall(_stream("burst", 1))
        else:
            sock.sendall(_PLAIN)
        return
    begun = time.monotonic()
    first, *blocks, last = wire.calls_stream("slow", count)
    sock.sendall(first)
    for number, block in enumerate(blocks, 1):
        due = begun + (milliseconds - rest) / 1000 * number / count
        time.sleep(max(0.0, due - time.monotonic()))
        sock.sendall(block)
    time.sleep(max(0.0, begun + milliseconds / 1000 - time.monotonic()))
    sock.sendall(last)
    _times["last byte"] = time.monotonic_ns()


def _say_gap(sock: socket.socket) -> None:
    _number(sock, _times["gap"] // 1000)


def _cpu(sock: socket.socket) -> None:
    _number(sock, time.process_time_ns())


def _number(sock: socket.socket, number: int) -> None:
    text = str(number).encode()
    sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(text), text))


_MODES: dict[str, Callable[..., None]] = {
    "plain": _plain,
    "agent": _agent,
    "burst": _rendered("burst"),
    "coalesced": _rendered("coalesced"),
    "tool": _rendered("tool"),
    "prose": _rendered("prose"),
    "paced": _paced,
    "many": _many,
    "cpu": _cpu,
    "gap": _say_gap,
}
_CONVERSATIONS: dict[str, Callable[..., None]] = {"calls": _calls, "turns": _turns, "streamed": _streamed}
"""Those whose answer depends on what is asked."""

if __name__ == "__main__":
    main()
