"""A memory tool of one's own, beside the official SDK's base."""

from __future__ import annotations

import asyncio
from typing import Any

import anthropic
import pytest

import keybearer.compat
from keybearer.compat import BetaAsyncAbstractMemoryTool

NAMES = ("view", "create", "str_replace", "insert", "delete", "rename")


def memory(base: Any) -> Any:
    """Return a memory that says what it was asked."""

    def method(name: str) -> Any:
        def run(_self: Any, command: Any) -> str:
            return (
                f"{name} {command.path if name != 'rename' else command.old_path} {getattr(command, 'view_range', '')}"
            )

        return run

    return type("Mine", (base,), {name: method(name) for name in NAMES})


@pytest.mark.parametrize(
    "given",
    [
        {"command": "view", "path": "/memories"},
        {"command": "view", "path": "/memories", "view_range": [1, 2]},
        {"command": "create", "path": "/memories/a", "file_text": "b"},
        {"command": "rename", "old_path": "/memories/a", "new_path": "/memories/b"},
    ],
)
def test_each_command_reaches_its_method(given: dict[str, Any]) -> None:
    """With its fields as attributes, those that were left out too; as with the SDK's."""
    theirs, ours = (
        memory(sdk.lib.tools.BetaAbstractMemoryTool)(cache_control={"type": "ephemeral"})
        for sdk in (anthropic, keybearer.compat)
    )
    assert ours.call(given) == theirs.call(given)
    assert ours.to_dict() == theirs.to_dict()
    assert (ours.name, theirs.name) == ("memory", "memory")


def test_a_command_that_nobody_knows_raises() -> None:
    """As there."""
    with pytest.raises(NotImplementedError, match="Unknown command: zork"):
        memory(keybearer.compat.BetaAbstractMemoryTool)().call({"command": "zork"})
    with pytest.raises(TypeError, match="abstract"):
        keybearer.compat.BetaAbstractMemoryTool()  # type: ignore[abstract] # what is wrong


def test_a_memory_may_be_awaited() -> None:
    """Each method is a coroutine function then."""

    async def method(_self: Any, command: Any) -> str:
        return str(command.path)

    mine: Any = type("Mine", (BetaAsyncAbstractMemoryTool,), dict.fromkeys(NAMES, method))
    assert asyncio.run(mine().call({"command": "view", "path": "/memories"})) == "/memories"
    with pytest.raises(NotImplementedError):
        asyncio.run(mine().clear_all_memory())
