"""JSON lines on standard output, written by a thread of its own, so that a slow reader never delays the server.

The reader may stop after the first line; when the pipe is full, lines are dropped and requests are still answered.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Mapping
from typing import Any, Final

from keybearer.simulator.control.journal import RecordedRequest
from keybearer.simulator.core.reply import encode

__all__ = ["LineWriter", "request_line", "unused_line"]

MOST_WAITING: Final = 1_000


def request_line(entry: RecordedRequest) -> dict[str, Any]:
    """Render an answered request, without its body."""
    credential = entry.headers.get("x-api-key") or entry.headers.get("authorization")
    return {
        "event": "request",
        "at": entry.at,
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "seconds": round(entry.seconds, 6),
        "request_id": entry.request_id,
        "credential": credential,
        **({} if entry.billed is None else {"billed": entry.billed.as_dict()}),
        **{key: value for key, value in entry.note.items() if value is not None},
    }


def unused_line(unused: Mapping[str, Any]) -> str:
    """Describe a turn or a fault that no request has got, in one line.

    Args:
        unused: One item of `Simulator.unused`.
    """
    test = f" of the test {unused['test']!r}" if unused["test"] is not None else ""
    if "fault" in unused:
        return f"the fault {unused['fault']!r}{test}"
    match = f" (match {encode(unused['match']).decode()})" if unused["match"] else ""
    used = f", used {unused['used']} of {unused['times'] or unused['replies']} times" if unused["used"] else ""
    return f"{unused['origin']}{test}{match}{used}"


class LineWriter:
    """Writes JSON lines to a file descriptor.

    Args:
        descriptor: The file descriptor; standard output when omitted.
    """

    def __init__(self, descriptor: int = 1) -> None:
        self._descriptor = descriptor
        self._queue: queue.Queue[bytes] = queue.Queue(MOST_WAITING)
        threading.Thread(target=self._run, name="keybearer-simulator-lines", daemon=True).start()

    def write(self, value: Any) -> None:
        """Queue a line; it is dropped if a thousand are waiting."""
        try:
            self._queue.put_nowait(encode(value) + b"\n")
        except queue.Full:
            return

    def _run(self) -> None:
        while True:
            line = self._queue.get()
            try:
                while line:  # not through Python's buffers, whose lock must be free when the interpreter exits
                    line = line[os.write(self._descriptor, line) :]
            except OSError:  # nobody reads any more
                return
