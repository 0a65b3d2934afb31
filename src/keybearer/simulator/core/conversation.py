"""Walking a conversation: the turns that the service sees, and every block with its path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from keybearer.simulator.core.request import MessageRequest

__all__ = ["RoleTurn", "all_blocks", "blocks", "turns"]

Block = dict[str, Any]


class RoleTurn(NamedTuple):
    """Consecutive messages of one role, which the service joins into one turn."""

    role: str
    start: int  # index of the turn's first message
    blocks: list[tuple[str, Block]]  # path and block


def blocks(content: Any, path: str) -> Iterator[tuple[str, Block]]:
    """Yield a content's blocks with their paths; a string is one text block at the content itself."""
    if isinstance(content, str):
        yield path, {"type": "text", "text": content}
    else:
        for index, block in enumerate(content or []):
            yield f"{path}.{index}", block


def turns(request: MessageRequest) -> list[RoleTurn]:
    """List the turns of a conversation; `system` messages stand between turns and are none."""
    found: list[RoleTurn] = request.memo.setdefault("turns", [])
    if found:
        return found
    for index, message in enumerate(request.messages):
        role = message["role"]
        if role == "system":
            continue
        items = list(blocks(message["content"], f"messages.{index}.content"))
        if found and found[-1].role == role:
            found[-1].blocks.extend(items)
        else:
            found.append(RoleTurn(role, index, items))
    return found


def all_blocks(request: MessageRequest) -> list[tuple[str, str, Block]]:
    """List role, path and block of every block of the messages, those inside tool results included."""
    if "blocks" not in request.memo:
        request.memo["blocks"] = list(_walk(request))
    found: list[tuple[str, str, Block]] = request.memo["blocks"]
    return found


def _walk(request: MessageRequest) -> Iterator[tuple[str, str, Block]]:
    for index, message in enumerate(request.messages):
        for path, block in blocks(message["content"], f"messages.{index}.content"):
            yield message["role"], path, block
            if block.get("type") == "tool_result" and isinstance(block.get("content"), list):
                for inner_path, inner in blocks(block["content"], f"{path}.content"):
                    yield message["role"], inner_path, inner
