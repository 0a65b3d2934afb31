"""The tools of a run: functions, tools, the API's own by their parameters, in one list."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias, TypeGuard, runtime_checkable

from keybearer.errors import UsageError
from keybearer.tools.tool import Tool, tool
from keybearer.wire.json import PlainList, sendable

__all__ = ["AnyTool", "ChangingTools", "Toolset", "expanded", "only", "prefixed", "without"]

_log = logging.getLogger("keybearer")


class SaysAndRuns(Protocol):
    """A tool of another library, such as one of the official SDK's: it says its parameters, and runs its calls."""

    def to_dict(self) -> Any:
        """Return the tool as a request has it."""
        ...

    def call(self, input: Any, /) -> Any:  # noqa: A002 - the SDK's name
        """Run a call with the input that the model wrote."""
        ...


@runtime_checkable
class ChangingTools(Protocol):
    """Tools that may become others while a run goes on, such as those of an MCP server; in a list of tools it stands for them."""

    @property
    def version(self) -> int:
        """Another number whenever they have changed."""
        ...

    def __iter__(self) -> Iterator[Tool[..., Any]]: ...


AnyTool: TypeAlias = Tool[..., Any] | SaysAndRuns | Callable[..., Any] | Mapping[str, Any] | ChangingTools
"""A tool, a function that becomes one, a tool as a request has it (one of the service's, or one that nobody here runs), or tools that
may change."""


class Toolset:
    """The tools of a run.

    Args:
        tools: Functions, tools, and dicts as a request has them.

    Attributes:
        params: The tools as a request has them.
        elsewhere: The names of tools that are not run here: dicts, and the service's own.

    Raises:
        UsageError: Two have one name, or something is no tool.
    """

    def __init__(self, tools: Iterable[AnyTool]) -> None:
        if isinstance(tools, str | Mapping) or not isinstance(tools, Iterable):
            raise UsageError(f"`tools` is a {type(tools).__name__}, and takes a list.", hint="Write tools=[...].")
        self._by_name: dict[str, Tool[..., Any]] = {}
        params: list[dict[str, Any]] = []
        self.elsewhere: set[str] = set()
        self._given: list[AnyTool] = [tools] if _may_change(tools) else list(tools)
        self._versions = [(each, each.version) for each in self._given if _may_change(each)]
        names: set[str] = set()
        for made in map(as_tool, expanded(self._given)):
            param = made.to_param() if isinstance(made, Tool) else dict(made)
            name = param.get("name")
            if isinstance(name, str):
                if name in names:
                    raise UsageError(
                        f"Two tools are named `{name}`.",
                        hint="Rename one: `tool.renamed(...)`, or `prefixed('a_', tools)`.",
                    )
                names.add(name)
            if isinstance(made, Tool):
                if made.needs_object:
                    raise UsageError(
                        f"`{made.name}` is a method of a class.", hint="Give it from an object: `made.method`."
                    )
                self._by_name[made.name] = made
            elif isinstance(name, str):
                self.elsewhere.add(name)
            params.append(param)
        self.params: list[dict[str, Any]] = PlainList(sendable(params))

    def now(self) -> Toolset:
        """Return the tools as they are now: these, unless some have changed; these too where the new ones cannot be used."""
        if all(each.version == version for each, version in self._versions):
            return self
        try:
            now = Toolset(self._given)
        except UsageError as error:
            _log.warning("The tools of a run have changed, and it goes on with those that it had: %s", error)
            self._versions = [(each, each.version) for each, _ in self._versions]
            return self
        names, before = now._by_name.keys(), self._by_name.keys()
        _log.info("The tools of a run have changed: new %s, gone %s.", sorted(names - before), sorted(before - names))
        return now

    def get(self, name: str) -> Tool[..., Any] | None:
        """Return the tool of a name that is run here; None if there is none."""
        return self._by_name.get(name)

    @property
    def names(self) -> list[str]:
        """The names of the tools that are run here."""
        return list(self._by_name)


def expanded(tools: Iterable[AnyTool]) -> list[AnyTool]:
    """Return tools with those that others stand for, as they are now."""
    return [tool for each in tools for tool in (each if _may_change(each) else (each,))]


def _may_change(given: object) -> TypeGuard[ChangingTools]:
    # The check of a protocol is slow, and nearly all members of a list are tools.
    return not (isinstance(given, Tool | Mapping) or callable(given)) and isinstance(given, ChangingTools)


def as_tool(given: AnyTool) -> Tool[..., Any] | Mapping[str, Any]:
    """Return what a member of a tool list is: a tool, or its parameters.

    Raises:
        UsageError: It is neither.
    """
    if isinstance(given, Tool | Mapping):
        return given
    if callable(run := getattr(given, "call", None)) and callable(to_dict := getattr(given, "to_dict", None)):
        param = dict(to_dict())  # the official SDK's `beta_tool`, or one of its tools with a type of its own
        return Tool(
            run,
            name=param.get("name"),
            description=param.get("description"),
            input_schema=param.get("input_schema"),
            param=param,
        )
    if callable(given):
        return tool(given)
    raise UsageError(
        f"A value of type {type(given).__name__} is no tool.",
        hint="Give a function, `@tool`, or a dict with `name` and `input_schema`.",
    )


def prefixed(prefix: str, tools: Iterable[AnyTool]) -> list[AnyTool]:
    """Return tools with a prefix before their names, such as `files_`."""
    return [_renamed(each, prefix + name) for each, name in _named(tools)]


def only(names: Iterable[str], tools: Iterable[AnyTool]) -> list[AnyTool]:
    """Return the tools that have one of the names.

    Raises:
        UsageError: No tool has one of them.
    """
    wanted, found = set(names), dict[str, AnyTool]()
    for each, name in _named(tools):
        if name in wanted:
            found[name] = each
    if missing := wanted - found.keys():
        raise UsageError(f"There is no tool named {', '.join(sorted(missing))}.")
    return list(found.values())


def without(names: Iterable[str], tools: Iterable[AnyTool]) -> list[AnyTool]:
    """Return the tools that have none of the names."""
    left_out = set(names)
    return [each for each, name in _named(tools) if name not in left_out]


def _named(tools: Iterable[AnyTool]) -> Iterator[tuple[Tool[..., Any] | Mapping[str, Any], str]]:
    for made in map(as_tool, expanded(tools)):
        yield made, made.name if isinstance(made, Tool) else str(made.get("name", ""))


def _renamed(each: Tool[..., Any] | Mapping[str, Any], name: str) -> AnyTool:
    if isinstance(each, Tool):
        return each.renamed(name)
    return each if "input_schema" not in each else {**each, "name": name}
