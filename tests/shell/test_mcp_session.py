"""A connection to an MCP server on a thread of its own: opened within its time, used from anywhere, closed whatever happens."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Self

import pytest

from keybearer.errors import ConnectionFailed, KeybearerError, TimedOut, UsageError
from keybearer.shell import mcp_session
from keybearer.shell.mcp_session import MCPSession


class Server:
    """A client of the package mcp, as far as a session uses it.

    Attributes:
        log: What happened to it.
    """

    def __init__(self, *, fails: BaseException | None = None, hangs: bool = False) -> None:
        self.log: list[str] = []
        self._fails, self._hangs = fails, hangs

    async def __aenter__(self) -> Self:
        try:
            if self._fails is not None:
                raise self._fails
            if self._hangs:
                await asyncio.sleep(600)
        except asyncio.CancelledError:
            self.log.append("given up")
            raise
        self.log.append("opened")
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0)
        self.log.append("closed")


def threads() -> int:
    """Count the threads of sessions."""
    return sum(thread.name == "keybearer-mcp" for thread in threading.enumerate())


async def name_of(client: Any) -> str:
    """Return what a call sees."""
    return f"{type(client).__name__} in {threading.current_thread().name}"


def test_a_call_runs_where_the_connection_lives() -> None:
    """Its future is waited for anywhere; closing twice is closing once."""
    server = Server()
    session = MCPSession(lambda: server, "'x'")
    assert session.open(30) is server
    assert session.submit(name_of).result(30) == "Server in keybearer-mcp"
    session.close()
    session.close()
    assert server.log == ["opened", "closed"]
    assert threads() == 0


def test_a_call_that_is_cancelled_ends() -> None:
    """The client sees it, and so can say it to the server."""
    seen, begun = threading.Event(), threading.Event()

    async def wait(_: Any) -> None:
        begun.set()
        try:
            await asyncio.sleep(600)
        finally:
            seen.set()

    session = MCPSession(Server, "'x'")
    session.open(30)
    future = session.submit(wait)
    assert begun.wait(30)
    future.cancel()
    assert seen.wait(30)
    session.close()


def refuse() -> Any:
    """Say that a package is missing."""
    raise UsageError("It is not installed.")


@pytest.mark.parametrize(
    ("connect", "error", "words"),
    [
        (lambda: Server(fails=OSError("No such file")), ConnectionFailed, "server 'x' cannot be used: No such file"),
        (
            lambda: Server(fails=ExceptionGroup("many", [ExceptionGroup("inner", [ValueError("no protocol")])])),
            ConnectionFailed,
            "no protocol",
        ),
        (lambda: Server(fails=SystemExit(3)), ConnectionFailed, "it was closed"),
        (refuse, UsageError, "not installed"),
    ],
)
def test_what_cannot_be_opened_is_said_and_closed(
    connect: Callable[[], Any], error: type[KeybearerError], words: str
) -> None:
    """In the words of whatever was wrong."""
    session = MCPSession(connect, "'x'")
    with pytest.raises(error, match=words):
        session.open(30)
    assert threads() == 0
    with pytest.raises(UsageError, match="not open"):
        session.submit(name_of)


def test_a_server_that_does_not_answer_is_given_up() -> None:
    """Within the limit; what was begun is ended."""
    server = Server(hangs=True)
    with pytest.raises(TimedOut, match="did not answer within"):
        MCPSession(lambda: server, "'x'").open(0.02)
    assert server.log == ["given up"]
    assert threads() == 0


def test_what_nobody_closed_is_closed_at_the_end_of_the_program() -> None:
    """So no server outlives it; also when nobody holds the session any more."""
    server = Server()
    MCPSession(lambda: server, "'x'").open(30)
    mcp_session._close_all()
    assert server.log == ["opened", "closed"]
    assert threads() == 0
