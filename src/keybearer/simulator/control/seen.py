"""What a script sees of a request: its body, its headers without credentials, and what a `match` looks at.

Which session and which agent sent a request is read from what Claude Code sends (2.1.332, seen on the wire, and the
header names in its program): the headers `x-claude-code-*`, the ids in `metadata.user_id`, and the mark
`cc_is_subagent=true` in the first system block. An agent of another make sets `metadata.user_id` as it likes.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

import msgspec

from keybearer.simulator.control.journal import safe_headers
from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.engine.prompt import Prompt, read_prompt

__all__ = ["SeenRequest", "session_of"]

Block = dict[str, Any]

SESSION_HEADER: Final = "x-claude-code-session-id"
AGENT_HEADERS: Final = ("x-claude-code-request-class", "x-claude-code-agent-type", "x-claude-code-agent-id")
SESSION_IN_USER_ID: Final = lazy(r"_session_([\w-]+)$")
"""The end of `metadata.user_id` of Claude Code before it wrote JSON there: `user_..._account_..._session_<uuid>`."""
BILLING: Final = "x-anthropic-billing-header:"
SUBAGENT: Final = "cc_is_subagent=true"
REMINDER: Final = lazy(r"<system-reminder>(.*?)</system-reminder>", re.DOTALL)


def _blocks(content: Any) -> list[Block]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content or [] if isinstance(block, dict)] if isinstance(content, list) else []


def _texts(content: Any) -> Iterator[str]:
    """Yield every text of a content, those inside tool results included."""
    for block in _blocks(content):
        if block.get("type") == "text":
            yield str(block.get("text", ""))
        elif block.get("type") == "tool_result":
            yield from _texts(block.get("content"))


def session_of(body: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """Return the id of the session that a request belongs to.

    Args:
        body: The request's body.
        headers: Its headers, names in lower case.

    Returns:
        The header `x-claude-code-session-id`, else the session in `metadata.user_id`, else the whole of that; or "".
    """
    if header := headers.get(SESSION_HEADER):
        return header
    metadata = body.get("metadata")
    user = str(metadata.get("user_id") or "") if isinstance(metadata, dict) else ""
    try:
        ids = msgspec.json.decode(user)
    except msgspec.DecodeError:
        ids = None
    if isinstance(ids, dict) and ids.get("session_id"):
        return str(ids["session_id"])
    old = SESSION_IN_USER_ID.search(user)
    return old[1] if old else user


@dataclasses.dataclass(frozen=True)
class SeenRequest:
    """A request for a message, as a script sees it.

    Args:
        body: The decoded body.
        sent_headers: The headers as they came in, names in lower case.
        captures: What the groups of the turn's match caught, by number and name.
    """

    body: dict[str, Any]
    sent_headers: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    captures: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @cached_property
    def headers(self) -> dict[str, str]:
        """The headers, each credential replaced by its kind."""
        return safe_headers(self.sent_headers)

    @cached_property
    def prompt(self) -> Prompt:
        """The engine's view of the request."""
        return read_prompt(self.body)

    @cached_property
    def _turns(self) -> list[Block]:
        messages = self.body.get("messages")
        return [message for message in messages if isinstance(message, dict)] if isinstance(messages, list) else []

    @cached_property
    def _news(self) -> list[Block]:
        """The messages since the model's last turn."""
        last = max((at for at, each in enumerate(self._turns) if each.get("role") == "assistant"), default=-1)
        return self._turns[last + 1 :]

    @property
    def text(self) -> str:
        """The user's last words, without reminders."""
        return self.prompt.text

    @property
    def model(self) -> str:
        """The model's name."""
        return str(self.body.get("model", ""))

    @cached_property
    def system(self) -> str:
        """The system prompt, and the `system` messages of the conversation."""
        inner = (text for each in self._turns if each.get("role") == "system" for text in _texts(each.get("content")))
        return "\n".join([*_texts(self.body.get("system")), *inner])

    @cached_property
    def tool_result(self) -> str:
        """The text of the tool results that came last."""
        return "\n".join(outcome.text for outcome in self.prompt.outcomes)

    @cached_property
    def tool_use_id(self) -> str:
        """The ids of the calls whose results came last, one a line."""
        blocks = (block for message in self._news for block in _blocks(message.get("content")))
        return "\n".join(str(block.get("tool_use_id")) for block in blocks if block.get("type") == "tool_result")

    @cached_property
    def reminder(self) -> str:
        """What stands in `<system-reminder>` since the model's last turn, in texts and in tool results."""
        texts = (text for message in self._news for text in _texts(message.get("content")))
        return "\n".join(found.strip() for text in texts for found in REMINDER.findall(text))

    @cached_property
    def session(self) -> str:
        """The id of the session (`session_of`)."""
        return session_of(self.body, self.sent_headers)

    @cached_property
    def agent(self) -> str:
        """Which agent of Claude Code sent it, one fact a line: `main` or `subagent`, its type, its id; else ""."""
        known = [self.sent_headers[name] for name in AGENT_HEADERS if name in self.sent_headers]
        billing = next((text for text in _texts(self.body.get("system")) if text.startswith(BILLING)), None)
        if AGENT_HEADERS[0] not in self.sent_headers and (billing is not None or known):
            is_subagent = SUBAGENT in (billing or "") or AGENT_HEADERS[2] in self.sent_headers
            known.insert(0, "subagent" if is_subagent else "main")
        return "\n".join(known)

    @cached_property
    def turn(self) -> int:
        """The number of the turn that is asked for: 1 in a new conversation."""
        roles = [each.get("role") for each in self._turns if each.get("role") != "system"]
        while roles and roles[-1] == "assistant":  # the beginning of the answer, given by the caller
            roles.pop()
        starts = [role for before, role in itertools.pairwise([None, *roles]) if role == "assistant" != before]
        return 1 + len(starts)

    @property
    def stream(self) -> bool:
        """Whether it asks for a stream."""
        return bool(self.body.get("stream"))

    @cached_property
    def tools(self) -> frozenset[str]:
        """The names of its tools."""
        return frozenset(str(tool.get("name")) for tool in self.prompt.tools)
