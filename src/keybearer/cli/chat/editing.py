"""The line that is edited, with prompt_toolkit: several lines, history, completion of commands and of `@path`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from keybearer.cli.chat.slash import COMMANDS

__all__ = ["ChatCompleter", "EditedLines"]

_TAKES_PATH = ("/file ", "/image ", "/save ")


class ChatCompleter(Completer):
    """Completes a command at the beginning of the line, and a path after `@` or after a command that takes one."""

    def __init__(self) -> None:
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Yield what may stand at the cursor."""
        text = document.text_before_cursor
        if text.startswith("/") and " " not in text:
            for name in (*COMMANDS, "/quit"):
                if name.startswith(text):
                    yield Completion(name, start_position=-len(text))
            return
        word = document.get_word_before_cursor(WORD=True)
        path = next((text[len(each) :] for each in _TAKES_PATH if text.startswith(each)), None)
        if path is None and word.startswith("@"):
            path = word[1:]
        if path is not None:
            yield from self._paths.get_completions(Document(path, len(path)), complete_event)


class _KeptHistory(FileHistory):
    """The file of the questions that were asked. One that cannot be written to ends no chat."""

    def store_string(self, string: str) -> None:
        with contextlib.suppress(OSError):
            super().store_string(string)


class EditedLines:
    """Reads questions from a line that is edited.

    Args:
        history: The file of the questions that were asked; None keeps none.
        prompt: What stands before the first line.
        more: What stands before the others.
    """

    def __init__(self, history: Path | None, prompt: str = "", more: str = "") -> None:
        kept: History = InMemoryHistory() if history is None else _KeptHistory(os.fspath(history))
        self._session: PromptSession[str] = PromptSession(
            prompt,
            history=kept,
            key_bindings=_bindings(),
            completer=ChatCompleter(),
            complete_while_typing=False,
            auto_suggest=AutoSuggestFromHistory(),
            enable_open_in_editor=True,
            multiline=True,
            prompt_continuation=more,
        )

    def read(self) -> str:
        """Return the next question.

        Raises:
            EOFError: Ctrl-D on an empty line.
            KeyboardInterrupt: Ctrl-C.
        """
        return self._session.prompt()


def _bindings() -> KeyBindings:
    """Return what keys do: Enter sends, unless the line ends in a backslash; Alt-Enter and Ctrl-J begin another line."""
    keys = KeyBindings()

    @keys.add("enter")
    def send(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.document.text_before_cursor.endswith("\\"):
            buffer.delete_before_cursor()
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter")
    @keys.add("c-j")
    def go_on(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys
