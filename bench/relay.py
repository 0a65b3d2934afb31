"""Passes TCP connections on to another address, on threads: a way from one network namespace to another's loopback interface."""

from __future__ import annotations

import contextlib
import socket
import threading

__all__ = ["relay"]


def relay(host: str, port: int, target: tuple[str, int]) -> int:
    """Listen, and pass each connection on, until the process ends.

    Args:
        host: Where to listen.
        port: The port; 0 for a free one.
        target: Where to pass connections on to.

    Returns:
        The port.
    """
    listener = socket.create_server((host, port), backlog=256)
    threading.Thread(target=_accept, args=(listener, target), daemon=True).start()
    return int(listener.getsockname()[1])


def _accept(listener: socket.socket, target: tuple[str, int]) -> None:
    while True:
        inner, _ = listener.accept()
        try:
            outer = socket.create_connection(target)
        except OSError:
            inner.close()
            continue
        for one, other in ((inner, outer), (outer, inner)):
            threading.Thread(target=_copy, args=(one, other), daemon=True).start()


def _copy(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(1 << 16):
            other.sendall(data)
    for each in (one, other):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
            each.close()
