"""A request body as the rules of `keybearer.wire.request.lint` look at it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from keybearer.types.api_object import is_mapping

__all__ = ["MergedTurn", "Placed", "Problem", "RequestView", "at", "turns"]

Placed: TypeAlias = tuple[int, int, str, Mapping[str, Any]]
"""A block: the number of its message, its index there, the message's role, and the block."""


class Problem(NamedTuple):
    """Something in a request that the service refuses.

    Attributes:
        where: The place, such as `messages[2].content[0]`.
        what: What is wrong there.
        fix: What to do.
        sure: Whether the service is sure to refuse it.
    """

    where: str
    what: str
    fix: str
    sure: bool = True


class RequestView:
    """A body, with what it is sent with.

    Attributes:
        body: The body.
        version: The `anthropic-version`.
        betas: The beta tags.
        messages: The turns, where they are a list.
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

    @property
    def kinds(self) -> Iterator[str]:
        """The types of its blocks, each as `text block`, and `block` where there is any."""
        return itertools.chain(["block"] if self._of else (), (f"{kind} block" for kind in self._of))

    def of(self, kind: str) -> list[Placed]:
        """Return the blocks of a type, each with its turn, its index there and its turn's role."""
        return self._of.get(kind, [])


def at(turn: int, index: int) -> str:
    """Say where a block is; only a problem needs the words."""
    return f"messages[{turn}].content[{index}]"


class MergedTurn(NamedTuple):
    """One turn as the service sees it: neighbours of one role are one turn.

    Attributes:
        role: Whose turn it is.
        blocks: Each block with where it is; text given as a string is one block.
    """

    role: str
    blocks: list[tuple[str, Mapping[str, Any]]]


def turns(messages: list[Any]) -> list[MergedTurn]:
    """Return the turns of a conversation, neighbours of one role joined; `system` messages stand between none."""
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
