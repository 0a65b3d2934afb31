"""The callback of a login on this machine (RFC 8252, section 7.3): a small listener, bound before the browser opens.

Strategy: one thread serves all connections at once, as their bytes arrive, so that none waits for another: a browser's idle
preconnection costs nothing, and a slow one delays nobody. The query of a whole request is passed to `read`. If that finds an
answer, the listener ends. Anything else (a favicon, a probe, a replay, another login's answer) gets a plain refusal and changes
nothing.

Contract: loopback addresses only. A request may have `MAX_HEAD` bytes and take `READ_TIMEOUT` seconds. Beyond `MAX_CONNECTIONS` the
oldest connection is closed. The listener is closed after the one answer.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence
from html import escape
from typing import Final, Literal, TypeAlias

from keybearer.credentials.oauth.authorization import LoginAnswer

__all__ = ["Callback", "Host"]

READ_TIMEOUT: Final = 30.0
"""How long a connection may take for its whole request, in seconds; a waiting connection costs nothing."""
MAX_HEAD: Final = 16_384
MAX_CONNECTIONS: Final = 64
PATH: Final = "/callback"

Host: TypeAlias = Literal["localhost", "127.0.0.1", "[::1]"]
"""How this machine is named in the redirect."""

ReadQuery: TypeAlias = Callable[[str], LoginAnswer]


class Callback:
    """A listener for one login's answer.

    Args:
        port: The port; 0 takes a free one.
        host: The redirect's host; some servers free the port only for an address (RFC 8252, section 7.3).

    Raises:
        OSError: The port is taken, or this machine has no such address.
    """

    def __init__(self, port: int = 0, host: Host = "localhost") -> None:
        self._host = host
        if host == "[::1]":
            self._sockets = [_listen(socket.AF_INET6, "::1", port)]
        else:
            self._sockets = [_listen(socket.AF_INET, "127.0.0.1", port)]
        self.port: int = self._sockets[0].getsockname()[1]
        if host == "localhost":
            with contextlib.suppress(OSError):  # it may mean either; without IPv6 it means the first
                self._sockets.append(_listen(socket.AF_INET6, "::1", self.port))
        self._wake, self._woken = socket.socketpair()
        self._thread: threading.Thread | None = None

    @property
    def redirect_uri(self) -> str:
        """Where the browser is to be sent."""
        return f"http://{self._host}:{self.port}{PATH}"

    def start(self, read: ReadQuery, done: Callable[[LoginAnswer], None]) -> None:
        """Begin to answer.

        Args:
            read: Reads a callback's query.
            done: Called once, with the answer that ends the login, after the listener is closed.
        """
        self._thread = threading.Thread(target=self._serve, args=(read, done), name="keybearer-callback", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._wake.close()  # ends the thread, which closes the rest
        if self._thread is None:
            self._close_all()
        elif self._thread is not threading.current_thread():
            self._thread.join()

    def _close_all(self) -> None:
        for each in (*self._sockets, self._woken):
            each.close()

    def _serve(self, read: ReadQuery, done: Callable[[LoginAnswer], None]) -> None:
        answer = None
        with selectors.DefaultSelector() as selector:
            server = _Server(selector, read)
            for listener in self._sockets:
                selector.register(listener, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            try:
                while answer is None:
                    ready = [key.fileobj for key, _ in selector.select(server.seconds_left())]
                    if self._woken in ready:
                        break
                    answer = server.step(ready, self._sockets)
            finally:
                server.close()
                self._close_all()
        if answer is not None:
            done(answer)


class _Server:
    """The connections of a callback, the oldest first."""

    def __init__(self, selector: selectors.BaseSelector, read: ReadQuery) -> None:
        self._selector = selector
        self._read_query = read
        self._open: dict[socket.socket, tuple[float, bytearray]] = {}

    def seconds_left(self) -> float | None:
        """Return the seconds until the oldest connection is dropped; None without a connection."""
        oldest = next(iter(self._open.values()), None)
        return None if oldest is None else max(0.0, oldest[0] - time.monotonic())

    def step(self, ready: Sequence[object], listeners: list[socket.socket]) -> LoginAnswer | None:
        """Do what the sockets that are ready allow; give the answer, if one ended the login."""
        for each in ready:
            if each in listeners:
                with contextlib.suppress(OSError):
                    self._accept(each)
            elif isinstance(each, socket.socket) and each in self._open:
                answer = self._read(each)
                if answer is not None:
                    return answer
        now = time.monotonic()
        for connection in [each for each, (end, _) in self._open.items() if end <= now]:
            self._drop(connection)
        return None

    def close(self) -> None:
        """Close every connection."""
        for connection in list(self._open):
            self._drop(connection)

    def _accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.setblocking(False)
        if len(self._open) >= MAX_CONNECTIONS:
            self._drop(next(iter(self._open)))
        self._open[connection] = (time.monotonic() + READ_TIMEOUT, bytearray())
        self._selector.register(connection, selectors.EVENT_READ)

    def _read(self, connection: socket.socket) -> LoginAnswer | None:
        """Read what came, and answer the request when it is whole."""
        head = self._open[connection][1]
        answer = None
        try:
            chunk = connection.recv(4096)
            head += chunk
            if b"\r\n\r\n" in head:
                answer = _reply(connection, bytes(head), self._read_query)
            elif len(head) >= MAX_HEAD:
                _respond(connection, 431, "Too long", "This address only waits for a login's answer.")
            elif chunk:
                return None
        except BlockingIOError:
            return None
        except OSError:
            pass  # the browser has closed the connection before its request was complete
        self._drop(connection)
        return answer

    def _drop(self, connection: socket.socket) -> None:
        del self._open[connection]
        self._selector.unregister(connection)
        connection.close()


def _listen(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, port))
        listener.listen(MAX_CONNECTIONS)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def _reply(connection: socket.socket, head: bytes, read: ReadQuery) -> LoginAnswer | None:
    """Respond to one request; return its answer if that ends the login, even if nobody reads the page."""
    method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
    target = rest.partition(" ")[0]
    path, _, query = target.partition("?")
    if method != "GET" or path != PATH:
        _respond(connection, 404, "Not here", "This address only waits for a login's answer.")
        return None
    answer = read(query)
    if answer.stray:
        _respond(connection, 400, "Not this login's answer", f"It was not taken: {answer.stray}.")
        return None
    if answer.refusal:
        _respond(connection, 200, "Nothing was granted", "You can close this page.")
    else:
        _respond(connection, 200, "You are logged in here", "Go back to the terminal, which finishes the login.")
    return answer


def _respond(connection: socket.socket, status: int, title: str, words: str) -> None:
    """Send a page, as far as the connection takes it: it is smaller than any system's buffer."""
    page = (
        f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title><h1>{escape(title)}</h1><p>{escape(words)}</p>"
    ).encode()
    head = (
        f"HTTP/1.1 {status} {'OK' if status == 200 else 'Refused'}\r\ncontent-type: text/html; charset=utf-8\r\n"
        f"content-length: {len(page)}\r\ncache-control: no-store\r\nreferrer-policy: no-referrer\r\n"
        "content-security-policy: default-src 'none'\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
    )
    with contextlib.suppress(OSError):  # the browser has closed the connection; its answer still counts
        connection.sendall(head.encode() + page)
