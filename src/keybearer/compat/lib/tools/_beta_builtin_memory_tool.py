"""The base of a memory tool of your own, under the official SDK's names."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Final

from keybearer.compat.lib.tools._beta_functions import BetaAsyncBuiltinFunctionTool, BetaBuiltinFunctionTool
from keybearer.types.record import Record

__all__ = ["BetaAbstractMemoryTool", "BetaAsyncAbstractMemoryTool"]

COMMANDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "view": {"view_range": None},
    "create": {},
    "str_replace": {},
    "insert": {},
    "delete": {},
    "rename": {},
}
"""The commands, with the fields that may be left out. Source: `BetaMemoryTool20250818Command` of the official SDK 2.14.0."""


class _Memory(BetaBuiltinFunctionTool):
    """What both bases share: the parameters, and which method a command is for."""

    def __init__(self, *, cache_control: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self._cache_control = cache_control

    def to_dict(self) -> dict[str, Any]:
        """Return the tool as a request has it."""
        param: dict[str, Any] = {"type": "memory_20250818", "name": "memory"}
        return param if self._cache_control is None else param | {"cache_control": self._cache_control}

    def _ran(self, command: Any) -> Any:
        """Call the method that a command is for.

        Raises:
            NotImplementedError: There is no such command.
        """
        given: dict[str, Any] = dict((command if isinstance(command, Mapping | Record) else vars(command)).items())
        name = str(given.get("command"))
        if name not in COMMANDS:
            raise NotImplementedError(f"Unknown command: {name}")
        return getattr(self, name)(Record.of({**COMMANDS[name], **given}))


class BetaAbstractMemoryTool(_Memory):
    """The base of a memory: write a method for each command; each gets the command with its fields as attributes."""

    def call(self, input: object) -> Any:  # noqa: A002 - the SDK's name
        """Run a call."""
        return self.execute(input)

    def execute(self, command: Any) -> Any:
        """Run a command.

        Raises:
            NotImplementedError: There is no such command.
        """
        return self._ran(command)

    @abstractmethod
    def view(self, command: Any) -> Any:
        """Show a file or a folder."""

    @abstractmethod
    def create(self, command: Any) -> Any:
        """Write a file."""

    @abstractmethod
    def str_replace(self, command: Any) -> Any:
        """Replace text in a file."""

    @abstractmethod
    def insert(self, command: Any) -> Any:
        """Insert text at a line of a file."""

    @abstractmethod
    def delete(self, command: Any) -> Any:
        """Delete a file or a folder."""

    @abstractmethod
    def rename(self, command: Any) -> Any:
        """Rename a file or a folder."""

    def clear_all_memory(self) -> Any:
        """Delete everything.

        Raises:
            NotImplementedError: The subclass has no way to.
        """
        raise NotImplementedError("clear_all_memory not implemented")


class BetaAsyncAbstractMemoryTool(_Memory, BetaAsyncBuiltinFunctionTool):
    """The same, awaited."""

    async def call(self, input: object) -> Any:  # noqa: A002 - the SDK's name
        """Run a call."""
        return await self.execute(input)

    async def execute(self, command: Any) -> Any:
        """Run a command.

        Raises:
            NotImplementedError: There is no such command.
        """
        return await self._ran(command)

    @abstractmethod
    async def view(self, command: Any) -> Any:
        """Show a file or a folder."""

    @abstractmethod
    async def create(self, command: Any) -> Any:
        """Write a file."""

    @abstractmethod
    async def str_replace(self, command: Any) -> Any:
        """Replace text in a file."""

    @abstractmethod
    async def insert(self, command: Any) -> Any:
        """Insert text at a line of a file."""

    @abstractmethod
    async def delete(self, command: Any) -> Any:
        """Delete a file or a folder."""

    @abstractmethod
    async def rename(self, command: Any) -> Any:
        """Rename a file or a folder."""

    async def clear_all_memory(self) -> Any:
        """Delete everything.

        Raises:
            NotImplementedError: The subclass has no way to.
        """
        raise NotImplementedError("clear_all_memory not implemented")
