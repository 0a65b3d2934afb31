"""Where the questions of a chat come from: an edited line with prompt_toolkit (extra `keybearer[cli]`), a plain one without it.

Contract: `read` gives a question of one or more lines. The end of the input is `EOFError`, and Ctrl-C is `KeyboardInterrupt`. The
history is a file of the user's own, and none where nothing is kept.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Final, Protocol

from keybearer.cli.kept import data_folder
from keybearer.cli.terminal import is_terminal, terminal_of
from keybearer.credentials.stores.private_files import private_folder, private_opener
from keybearer.errors import UsageError

__all__ = ["LineReader", "PlainLines", "history_file", "make_lines"]

PROMPT: Final = "> "
MORE: Final = "… "


class LineReader(Protocol):
    """Reads questions."""

    def read(self) -> str:
        """Return the next question."""


class PlainLines:
    """Reads lines from standard input; one that ends in a backslash goes on in the next.

    Args:
        prompt: Whether to print a prompt.
    """

    def __init__(self, *, prompt: bool) -> None:
        self._prompt = prompt
        if prompt:
            with contextlib.suppress(ImportError):  # not everywhere; it lets the line be edited
                import readline  # noqa: F401 - for its effect on `input`

    def read(self) -> str:
        """Return the next question.

        Raises:
            EOFError: There is no more.
        """
        lines: list[str] = []
        while True:
            line = self._line(MORE if lines else PROMPT)
            if not line.endswith("\\"):
                return "\n".join([*lines, line])
            lines.append(line[:-1])

    def _line(self, prompt: str) -> str:
        if self._prompt:
            return input(prompt)
        line = sys.stdin.readline() if sys.stdin is not None else ""
        if not line:
            raise EOFError
        return line.rstrip("\r\n")


def history_file() -> Path | None:
    """Return the file of the questions that were asked, made for its user alone; None where there is no place for it."""
    try:
        folder = data_folder()
        private_folder(folder)
        path = folder / "chat_history"
        open(path, "ab", opener=private_opener).close()
    except (OSError, UsageError):
        return None
    return path


def make_lines(*, keep: bool) -> LineReader:
    """Return what reads the questions of a chat.

    Args:
        keep: Whether the history is kept.
    """
    real = is_terminal(sys.stdin) and is_terminal(sys.stdout)
    if real and terminal_of(sys.stdout).moves:
        try:
            from keybearer.cli.chat.editing import EditedLines
        except ImportError:  # prompt_toolkit is not installed
            pass
        else:
            return EditedLines(history_file() if keep else None, PROMPT, MORE)
    return PlainLines(prompt=real)
