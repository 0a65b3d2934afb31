"""Waits for a login's answer: from the browser, or from lines on standard input.

Strategy: a thread reads lines, and everything that can end the wait comes through one queue, so that one `get` waits for both under
one time limit. A paste may be wrapped over lines: each line is read alone, then joined with the previous ones.

Contract: a wrong paste ends nothing. After `MOST_WRONG` of them, or `MOST_LINES` lines in all, no more is read, so endless input fills
neither the memory nor the screen.
"""

from __future__ import annotations

import contextlib
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from keybearer.cli.auth_setup import MAX_PASTE
from keybearer.cli.output import complain
from keybearer.credentials.oauth.authorization import LoginAnswer

__all__ = ["LoginPrompt"]

MOST_WRONG: Final = 10
"""How many wrong pastes are reported."""
MOST_LINES: Final = 200
"""How many lines are read, the empty ones included."""
WRAPPED: Final = 8
"""Over how many lines a paste may be wrapped."""

_END: Final = ""
"""The queue's item for the end of standard input."""


class _Pastes:
    """The lines that were pasted so far."""

    def __init__(self, read: Callable[[str], LoginAnswer], *, alone: bool) -> None:
        self._read, self._alone = read, alone
        self._lines = deque[str](maxlen=WRAPPED)
        self._wrong = 0
        self.given_up = False

    def take(self, line: str) -> LoginAnswer | None:
        """Read a line; give the answer that ends the login, or None to go on."""
        if self.given_up or not line.strip():
            return None
        self._lines.append(line)
        alone, joined = self._read(line), self._read("".join(self._lines))
        for answer in (alone, joined):
            if not answer.stray:
                return answer
        self._wrong += 1
        if self._wrong < MOST_WRONG:
            complain(f"That is not it: {alone.stray}. Try again:")
            return None
        self.given_up = True
        words = f"{MOST_WRONG} pastes were not this login's answer: {alone.stray}."
        if self._alone:
            return LoginAnswer(refusal=words)
        complain(f"{words} No more are read; the browser's answer still counts.")
        return None

    def end(self) -> LoginAnswer | None:
        """Handle the end of standard input."""
        return LoginAnswer(refusal="Standard input ended before a code was pasted.") if self._alone else None


class LoginPrompt:
    """Waits for a login's answer, from the browser or from standard input, and asks a person."""

    def __init__(self) -> None:
        self._queue: queue.Queue[str | LoginAnswer] = queue.Queue()
        self._listening = False
        self._stopped = threading.Event()

    def put(self, answer: LoginAnswer) -> None:
        """Take the browser's answer."""
        self._queue.put(answer)

    def answer(self, read: Callable[[str], LoginAnswer], seconds: float, *, alone: bool) -> LoginAnswer:
        """Wait for the answer that ends the login.

        Args:
            read: Reads a paste.
            seconds: How long to wait.
            alone: Whether nothing but a paste can bring it.
        """
        end, pastes = time.monotonic() + seconds, _Pastes(read, alone=alone)
        self._listen()
        answer = None
        while answer is None:
            try:
                item = self._queue.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                return LoginAnswer(refusal=f"No answer came within {seconds:g} s.")
            answer = item if isinstance(item, LoginAnswer) else pastes.take(item) if item else pastes.end()
            if pastes.given_up:
                self._stopped.set()
        return answer

    @property
    def interactive(self) -> bool:
        """Whether a person is there to be asked."""
        return sys.stdin is not None and sys.stdin.isatty() and not self._stopped.is_set()

    def confirms(self, seconds: float) -> bool:
        """Wait for a person's answer to a yes-or-no question; anything but `y` or `yes` is a no.

        Args:
            seconds: How long to wait; no answer is a no.
        """
        self._listen()
        with contextlib.suppress(queue.Empty):
            while isinstance(item := self._queue.get(timeout=seconds), LoginAnswer):
                pass  # the browser's, which came too late
            return item.strip().lower() in {"y", "yes"}
        return False

    def _listen(self) -> None:
        if not self._listening:
            self._listening = True
            threading.Thread(target=self._read, name="keybearer-paste", daemon=True).start()

    def _read(self) -> None:
        """Put the lines of standard input into the queue, up to its end."""
        with contextlib.suppress(OSError, ValueError):
            for _ in range(MOST_LINES):
                line = sys.stdin.readline(MAX_PASTE) if sys.stdin is not None else ""
                if not line or self._stopped.is_set():
                    break
                self._queue.put(line)
        self._queue.put(_END)
