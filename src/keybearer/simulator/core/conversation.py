"""Walking the messages of a request: its turns as the service sees them, and every block with its path.

The messages must have the right shape: the rule `types` has looked at them first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

__all__ = ["Block", "RoleTurn", "blocks_of", "join_turns", "walk_blocks"]

Block = dict[str, Any]


class RoleTurn(NamedTuple):
    """Consecutive messages of one role, which the service joins into one turn."""

    role: str
    start: int  # index of the turn's first message
    blocks: list[tuple[str, Block]]  # path and block


def blocks_of(content: Any, path: str) -> Iterator[tuple[str, Block]]:
    """Yield a content's blocks with their paths; a string is one text block at the content's own path."""
    if isinstance(content, str):
        yield path, {"type": "text", "text": content}
    else:
        for index, block in enumerate(content or []):
            yield f"{path}.{index}", block


def join_turns(messages: Sequence[Any]) -> list[RoleTurn]:
    """List the turns of a conversation; `system` messages stand between turns and belong to none."""
    found: list[RoleTurn] = []
    for index, message in enumerate(messages):
        role = message["role"]
        if role == "system":
            continue
        items = list(blocks_of(message.get("content"), f"messages.{index}.content"))
        if found and found[-1].role == role:
            found[-1].blocks.extend(items)
        else:
            found.append(RoleTurn(role, index, items))
    return found


def walk_blocks(messages: Sequence[Any]) -> Iterator[tuple[str, str, Block]]:
    """Yield role, path and block of every block of the messages, those inside tool results included."""
    for index, message in enumerate(messages):
        for path, block in blocks_of(message.get("content"), f"messages.{index}.content"):
            yield message["role"], path, block
            if block.get("type") == "tool_result" and isinstance(block.get("content"), list):
                for inner_path, inner in blocks_of(block["content"], f"{path}.content"):
                    yield message["role"], inner_path, inner
