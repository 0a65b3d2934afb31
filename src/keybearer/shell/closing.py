"""Whether a client is closed; closing it ends the waits of its calls.

Strategy: each wait of a flow is a wait for one future, which is set by the awaited work or by `close`, whichever comes first. So a
call that waits for its next attempt, for a permit or for a refresh ends when its client is closed, in whatever task or thread.

Contract: a future is dropped when its wait ends, so a client that lives long keeps none of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from keybearer.errors import UsageError

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["Closing", "closed_client"]


def closed_client(when: str) -> UsageError:
    """Return the error for a call of a client that is closed.

    Args:
        when: When it was closed, as a sentence.
    """
    return UsageError(when, hint="Make another client, or keep this one open while it is used.")


class Closing:
    """One client's state: open until `close` is called.

    Attributes:
        closed: Whether it is closed.
    """

    def __init__(self) -> None:
        self.closed = False
        self._waits: set[Future[None]] = set()

    def close(self) -> None:
        """Close, and end every wait."""
        self.closed = True
        for wait in list(self._waits):
            _set(wait)

    def check(self) -> None:
        """Refuse to go on once it is closed.

        Raises:
            UsageError: It is closed.
        """
        if self.closed:
            raise closed_client("This client was closed while the call was under way; nothing more is sent.")

    @contextlib.contextmanager
    def watched(self, work: Future[Any] | None = None) -> Iterator[Future[None]]:
        """Yield a future that is set when some work ends, or when the client is closed.

        Args:
            work: The future of the work; None to wait for the close only.

        Raises:
            UsageError: At the begin or the end of the block: the client is closed.
        """
        from concurrent.futures import Future

        self.check()
        wait: Future[None] = Future()
        self._waits.add(wait)
        try:
            if self.closed:  # since the check above, in another thread
                _set(wait)
            if work is not None:
                work.add_done_callback(lambda _: _set(wait))
            yield wait
        finally:
            self._waits.discard(wait)
        if work is None or not work.done():
            self.check()


def _set(wait: Future[None]) -> None:
    from concurrent.futures import InvalidStateError

    with contextlib.suppress(InvalidStateError):  # the work or the close was first
        wait.set_result(None)
