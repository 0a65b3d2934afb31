"""The callback of a login on this machine (RFC 8252, section 7.3): one small listener, bound before the browser opens.

Strategy: a thread accepts connections one after another, reads one request line each, and shows its query to a judge. What the
judge takes ends the listener; anything else (a favicon, a probe, a replay, another login's answer) gets a plain refusal and changes
nothing.

Contract: loopback addresses only; every read has a size and a time limit; closed after the one answer.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from html import escape
from typing import Final

from keybearer.credentials.login import Answer

__all__ = ["Callback"]

READ_TIMEOUT: Final = 5.0
MAX_HEAD: Final = 16_384
PATH: Final = "/callback"


class Callback:
    """A listener for one login's answer.

    Args:
        port: The port; 0 takes a free one.

    Raises:
        OSError: The port is taken.
    """

    def __init__(self, port: int = 0) -> None:
        self._sockets = [_listen(socket.AF_INET, "127.0.0.1", port)]
        self.port: int = self._sockets[0].getsockname()[1]
        with contextlib.suppress(OSError):  # `localhost` may mean either; without IPv6 it means the first
            self._sockets.append(_listen(socket.AF_INET6, "::1", self.port))
        self._closed = threading.Event()

    @property
    def redirect_uri(self) -> str:
        """Where the browser is to be sent."""
        return f"http://localhost:{self.port}{PATH}"

    def start(self, judge: Callable[[str], Answer], done: Callable[[Answer], None]) -> None:
        """Begin to answer.

        Args:
            judge: Reads a callback's query.
            done: Called once, with the answer that ends the login.
        """
        for listener in self._sockets:
            threading.Thread(
                target=self._serve, args=(listener, judge, done), name="keybearer-callback", daemon=True
            ).start()

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()
        for listener in self._sockets:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the accept
            listener.close()

    def _serve(self, listener: socket.socket, judge: Callable[[str], Answer], done: Callable[[Answer], None]) -> None:
        while not self._closed.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # closed
            with connection, contextlib.suppress(OSError):
                connection.settimeout(READ_TIMEOUT)
                answer = _converse(connection, judge)
                if answer is not None and not self._closed.is_set():
                    self.close()
                    done(answer)


def _listen(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, port))
        listener.listen(8)
    except BaseException:
        listener.close()
        raise
    return listener


def _converse(connection: socket.socket, judge: Callable[[str], Answer]) -> Answer | None:
    """Answer one request; give the answer that it brought, if it ends the login."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < MAX_HEAD:
        chunk = connection.recv(4096)
        if not chunk:
            break
        head += chunk
    method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
    target = rest.partition(" ")[0]
    path, _, query = target.partition("?")
    if method != "GET" or path != PATH:
        _respond(connection, 404, "Not here", "This address only waits for a login's answer.")
        return None
    answer = judge(query)
    if answer.stray:
        _respond(connection, 400, "Not this login's answer", f"It was not taken: {answer.stray}.")
        return None
    if answer.refusal:
        _respond(connection, 200, "Nothing was granted", "You can close this page.")
    else:
        _respond(connection, 200, "You are logged in here", "Go back to the terminal, which finishes the login.")
    return answer


def _respond(connection: socket.socket, status: int, title: str, words: str) -> None:
    page = (
        f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title><h1>{escape(title)}</h1><p>{escape(words)}</p>"
    ).encode()
    head = (
        f"HTTP/1.1 {status} {'OK' if status == 200 else 'Refused'}\r\ncontent-type: text/html; charset=utf-8\r\n"
        f"content-length: {len(page)}\r\ncache-control: no-store\r\nreferrer-policy: no-referrer\r\n"
        "content-security-policy: default-src 'none'\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
    )
    connection.sendall(head.encode() + page)
