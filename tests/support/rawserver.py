"""A server that a test scripts byte by byte: for replies that no proper server gives."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator

Script = Callable[["Peer"], None]


class Peer:
    """One accepted connection."""

    def __init__(self, sock: socket.socket, number: int) -> None:
        self.sock = sock
        self.number = number
        """The connection's number, from 0."""

    def request(self) -> bytes:
        """Read one request, its body included; `b""` when the client has gone."""
        data = bytearray()  # a byte string would be copied at each read
        while b"\r\n\r\n" not in data:
            more = self.sock.recv(65536)
            if not more:
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length and (more := self.sock.recv(65536)):
            body += more
        return bytes(head + b"\r\n\r\n" + body)

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.sock.sendall(data)

    def reply(
        self, body: bytes, *, status: str = "200 OK", headers: str = "content-type: application/json\r\n"
    ) -> None:
        """Send a whole reply with a content-length."""
        self.send(f"HTTP/1.1 {status}\r\n{headers}content-length: {len(body)}\r\n\r\n".encode() + body)

    def stream_head(self) -> None:
        """Begin an event stream in chunks."""
        self.send(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")

    def chunk(self, data: bytes) -> None:
        """Send one chunk of a chunked body; an empty one ends it."""
        self.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def reset(self) -> None:
        """Close with a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class RawServer:
    """Runs a script for each connection, each in a thread of its own.

    Attributes:
        url: Where it listens.
        connections: How many connections it accepted.
        requests: How many requests its scripts read through `serve`.
    """

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(10)
        self._peers: list[socket.socket] = []
        self.connections = 0
        scheme = "http" if context is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            number, self.connections = self.connections, self.connections + 1
            self._peers.append(sock)
            threading.Thread(target=self._serve, args=(sock, number), daemon=True).start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._context is not None:
                sock = self._context.wrap_socket(sock, server_side=True)
                self._peers.append(sock)
            self._script(Peer(sock, number))
        with contextlib.suppress(OSError):
            sock.close()

    def close(self) -> None:
        """Stop listening and close every connection."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._peers:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self._thread.join(5)


@contextlib.contextmanager
def raw_server(script: Script, context: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """Run a scripted server for a `with` block."""
    server = RawServer(script, context)
    try:
        yield server
    finally:
        server.close()


def streaming(data: bytes, *, cut: bool = False) -> Script:
    """Return a script that answers every request with this event stream; with `cut` the connection ends in place of the body."""

    def script(peer: Peer) -> None:
        while peer.request():
            peer.stream_head()
            peer.chunk(data)
            if cut:
                return
            peer.chunk(b"")

    return script


@contextlib.contextmanager
def full_listener() -> Iterator[tuple[str, int]]:
    """A listener that accepts nothing and whose queue is full, so that the next connection waits; give its address."""
    with socket.socket() as full, contextlib.ExitStack() as stack:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        yield full.getsockname()
