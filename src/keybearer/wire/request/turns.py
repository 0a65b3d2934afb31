"""Views of a request body for the rules of `keybearer.wire.request.lint`: its blocks by type, and its merged turns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

from keybearer.types.api_object import is_mapping
from keybearer.wire.request.caching import breakpoints

__all__ = ["MergedTurn", "Placed", "Problem", "RequestView", "at", "turns"]

Placed: TypeAlias = tuple[int, int, str, Mapping[str, Any]]
"""A block with its place: the index of its message, its index in the content, the message's role, and the block."""


class Problem(NamedTuple):
    """A mistake in a request, as `keybearer.lint` finds it.

    Attributes:
        where: The place, such as `messages[2].content[0]`.
        what: What is wrong there, as a part of a sentence.
        fix: What to do, as a sentence.
        sure: Whether the service is sure to refuse the request; if not, the problem is advice.
    """

    where: str
    what: str
    fix: str
    sure: bool = True


class RequestView:
    """A request body with the headers that the rules depend on.

    Attributes:
        body: The body.
        version: The `anthropic-version`.
        betas: The beta tags.
        messages: The turns; empty if they are not a list.
    """

    def __init__(self, body: Mapping[str, Any], version: str, betas: frozenset[str]) -> None:
        self.body = body
        self.version = version
        self.betas = betas
        given = body.get("messages")
        self.messages: list[Any] = given if isinstance(given, list) else []
        self._of: dict[str, list[Placed]] = {}
        for turn, message in enumerate(self.messages):
            content = message.get("content") if is_mapping(message) else None
            if type(content) is list:
                role = str(message.get("role"))
                for index, block in enumerate(content):
                    if is_mapping(block):
                        self._of.setdefault(str(block.get("type")), []).append((turn, index, role, block))

    @cached_property
    def marks(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Its cache breakpoints."""
        return list(breakpoints(self.body))

    @property
    def kinds(self) -> Iterable[str]:
        """The types of its blocks."""
        return self._of

    def of(self, kind: str) -> list[Placed]:
        """Return the blocks of a type, with their places."""
        return self._of.get(kind, [])


def at(turn: int, index: int) -> str:
    """Format the place of a block."""
    return f"messages[{turn}].content[{index}]"


class MergedTurn(NamedTuple):
    """One turn as the service sees it: it merges consecutive messages of one role.

    Attributes:
        role: `user` or `assistant`.
        blocks: The blocks, each with its place; a text is one block.
    """

    role: str
    blocks: list[tuple[str, Mapping[str, Any]]]


def turns(messages: list[Any]) -> list[MergedTurn]:
    """Return the turns of a conversation, with consecutive messages of one role merged. `system` messages are skipped."""
    found: list[MergedTurn] = []
    for number, message in enumerate(messages):
        if not is_mapping(message) or str(message.get("role")) not in {"user", "assistant"}:
            continue
        content = message.get("content")
        where = f"messages[{number}]"
        blocks: list[tuple[str, Mapping[str, Any]]]
        if isinstance(content, list):
            blocks = [(f"{where}.content[{i}]", block) for i, block in enumerate(content) if is_mapping(block)]
        else:
            blocks = [(where, {"type": "text", "text": content})]
        if found and found[-1].role == message["role"]:
            found[-1].blocks.extend(blocks)
        else:
            found.append(MergedTurn(message["role"], blocks))
    return found
