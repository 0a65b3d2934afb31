"""Who allows a tool's call: flags, or the person at the terminal. Without a terminal the answer is no.

Contract: what is asked shows the whole call, made harmless, and one call at a time. An empty answer is no.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from collections.abc import Callable, Iterable
from typing import IO, Any, Final

from keybearer.cli.harmless import harmless
from keybearer.cli.terminal import is_terminal
from keybearer.errors import UsageError
from keybearer.errors.nearest import did_you_mean
from keybearer.tools.calls import Allow, Deny
from keybearer.tools.raising import RAISE
from keybearer.tools.tool import Tool, ToolCall

__all__ = ["Approvals", "shown_call"]

READ, ALL = "read", "all"
QUESTION: Final = "Allow it? [y]es, [a]lways this tool, [N]o: "
NO_TERMINAL: Final = "The user did not allow this call: there is no terminal to ask at."


class Approvals:
    """Decides on calls.

    Args:
        tools: The tools of the run.
        yes_to: What needs no approval: `read`, `all`, or the names of tools; commas between them.
        before: Called before a question is asked, such as to print what was held back.

    Attributes:
        yes: What needs no approval; a person may add to it.
        denied: The calls that were not allowed, as `claude -p` lists them.

    Raises:
        UsageError: A name is no tool's.
    """

    def __init__(
        self, tools: Iterable[Any], yes_to: Iterable[str] = (), before: Callable[[], None] = lambda: None
    ) -> None:
        self._tools = {each.name: each for each in tools if isinstance(each, Tool)}
        self.yes = {part.strip() for words in yes_to for part in words.split(",")} - {""}
        for word in self.yes - {READ, ALL} - set(self._tools):
            names = [READ, ALL, *self._tools]
            raise UsageError(f"--yes-to: there is no tool {word!r}.{did_you_mean(word, names)}")
        self._before = before
        self._lock = threading.Lock()
        self.denied: list[dict[str, Any]] = []

    def __call__(self, call: ToolCall) -> Allow | Deny:
        """Decide on a call."""
        tool = self._tools.get(call.name)
        if call.name == RAISE:  # a limit that a flag has set is raised by a person alone
            with self._lock:
                return self._asked(call, "Raise it? [y]es, [N]o: ")
        if ALL in self.yes or call.name in self.yes or (READ in self.yes and tool is not None and tool.read_only):
            return Allow()
        with self._lock:
            decision = self._asked(call)
        if isinstance(decision, Deny):
            self.denied.append({"tool_name": call.name, "tool_use_id": call.id, "tool_input": call.input})
        return decision

    def _asked(self, call: ToolCall, question: str = QUESTION) -> Allow | Deny:
        with contextlib.ExitStack() as opened:
            source = _terminal(opened)
            if source is None:
                return Deny(NO_TERMINAL)
            self._before()
            print(shown_call(call), file=sys.stderr)
            print(question, end="", file=sys.stderr, flush=True)
            answer = source.readline()
        word = answer.strip().lower()
        if not answer.endswith("\n"):
            print(file=sys.stderr)
        if word in {"a", "always"} and question == QUESTION:
            self.yes.add(call.name)
            return Allow()
        return Allow() if word in {"y", "yes"} else Deny()


def shown_call(call: ToolCall) -> str:
    """Return a call as a person reads it."""
    given = json.dumps(call.input, indent=2, ensure_ascii=False, default=str)
    if len(given) < 60:
        given = " ".join(given.split())
    return harmless(f"{call.name} {given}")


def _terminal(opened: contextlib.ExitStack) -> IO[str] | None:
    """Return where a person answers: standard input, or the terminal where that is something else; None without one."""
    if is_terminal(sys.stdin):
        return sys.stdin
    if not is_terminal(sys.stderr) or sys.platform == "win32":
        return None
    try:
        return opened.enter_context(open("/dev/tty", encoding="utf-8", errors="replace"))  # noqa: PTH123 - a device
    except OSError:
        return None
