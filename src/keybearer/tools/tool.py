"""`@tool`: a Python function as a tool that the model may call.

Contract: what the model wrote is checked before the function is called, so the function gets the types that it names. What it raises
never reaches the model as it is, for it may tell of the program's insides. `ToolError` is what a function says to the model.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Generic, NamedTuple, ParamSpec, TypedDict, TypeVar, Unpack, overload

from keybearer.errors import UsageError
from keybearer.errors.nearest import did_you_mean
from keybearer.schema.adapt import adapt
from keybearer.schema.node import JsonSchema
from keybearer.schema.signature import CallArguments, Signature, read_signature, wrapped_function
from keybearer.tools.content import ResultContent, result_content
from keybearer.tools.names import fit_name

__all__ = ["Tool", "ToolCall", "ToolError", "tool"]

P = ParamSpec("P")
R = TypeVar("R")


class ToolFields(TypedDict, total=False):
    """Fields of a tool that go to the service as they are. Source: `ToolParam`."""

    cache_control: Mapping[str, Any] | None
    allowed_callers: Sequence[str]
    defer_loading: bool
    eager_input_streaming: bool | None
    input_examples: Iterable[Mapping[str, Any]]


_OPTIONS: Final = frozenset(ToolFields.__annotations__)
_OWN: Final = (
    "name", "description", "read_only", "idempotent", "needs_approval", "timeout", "strict", "input_schema"
)  # fmt: skip
"""What `tool` takes beside them."""


class ToolError(Exception):
    """What a tool says to the model in place of a result, which becomes a `tool_result` with `is_error`.

    Args:
        content: Text, or content blocks, that the model can act on: what is wrong, and what to do instead.
    """

    def __init__(self, content: str | Sequence[Mapping[str, Any]]) -> None:
        super().__init__(content if isinstance(content, str) else "the tool failed")
        self.content: ResultContent = result_content(content)


class ToolCall(NamedTuple):
    """A call that the model asks for. A parameter of this type gets the call; the model does not see it.

    Attributes:
        id: The id of the `tool_use` block. It is the same when a run goes on, so it can be an idempotency key.
        name: The tool's name.
        input: What the model wrote.
        turn: The number of the reply that asks for it, from 1.
    """

    id: str
    name: str
    input: dict[str, Any]
    turn: int = 1


class Tool(Generic[P, R]):
    """A function as a tool. Calling it calls the function.

    Attributes:
        name: Its name for the model.
        description: What the model reads of it.
        input_schema: The JSON Schema of its input.
        read_only: Whether it changes nothing, so that it may start before the calls ahead of it.
        idempotent: Whether it may be run again with the same call.
        needs_approval: Whether somebody must allow each call.
        timeout: How long a call may take, in seconds; None for the run's limit.
        strict: Whether the service holds the model to the schema.
        needs_object: Whether it is a method of a class, which only an object can run.
        mcp: Whether an MCP server runs it.
    """

    mcp: bool = False

    def __init__(
        self,
        function: Callable[P, R],
        *,
        name: str | None = None,
        description: str | None = None,
        read_only: bool = False,
        idempotent: bool = False,
        needs_approval: bool = False,
        timeout: float | None = None,
        strict: bool = False,
        input_schema: Mapping[str, Any] | None = None,
        signature: Signature | None = None,
        param: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        for option in options:
            if option not in _OPTIONS:
                takes = {*_OPTIONS, *_OWN}
                raise UsageError(
                    f"tool() takes no `{option}`.{did_you_mean(option, takes)}",
                    hint=f"It takes {', '.join(sorted(takes))}.",
                )
        self._function: Callable[..., Any] = function
        self._signature = signature
        self._given_param = param
        self._options = options
        self._bound: dict[int, Tool[Any, Any]] = {}
        written = wrapped_function(function)
        self.name = fit_name(name or str(getattr(written, "__name__", type(written).__name__)))
        self.description = (signature.description if signature and description is None else description) or ""
        self.input_schema: JsonSchema = dict(
            input_schema if input_schema is not None else signature.schema if signature else {}
        )
        self.read_only = read_only
        self.idempotent = idempotent or read_only
        self.needs_approval = needs_approval
        self.timeout = timeout
        self.strict = strict
        self.needs_object = signature is not None and signature.method
        functools.update_wrapper(self, function, updated=())

    @functools.cached_property
    def _param(self) -> dict[str, Any]:
        if self._given_param is not None:
            return {**self._given_param, "name": self.name}
        schema = adapt(self.input_schema).schema if self.strict else self.input_schema
        param: dict[str, Any] = {"name": self.name, "description": self.description, "input_schema": schema}
        if self.strict:
            param["strict"] = True
        return {key: value for key, value in (param | self._options).items() if value != ""}

    def to_param(self) -> dict[str, Any]:
        """Return the tool as a request has it: `{name, description, input_schema}` and its options."""
        return dict(self._param)

    to_dict = to_param

    def arguments(self, call: ToolCall) -> CallArguments:
        """Return what the function is called with.

        Raises:
            Misfit: The model's input does not fit the parameters.
        """
        if self._signature is None:
            return CallArguments((dict(call.input),), {})
        args, kwargs = self._signature.load(call.input)
        return CallArguments(args, kwargs | dict.fromkeys(self._signature.given, call))

    @property
    def function(self) -> Callable[..., Any]:
        """The function."""
        return self._function

    def renamed(self, name: str) -> Tool[P, R]:
        """Return the same tool under another name."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy.__dict__.pop("_param", None)
        copy.name = fit_name(name)
        return copy

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function."""
        result: R = self._function(*args, **kwargs)
        return result

    def __get__(self, instance: object, owner: type | None = None) -> Tool[Any, R]:
        """Return the tool of an instance's method."""
        if instance is None:
            return self
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy._function = self._function.__get__(instance, owner)
        copy.needs_object = False
        return copy

    def __repr__(self) -> str:
        return f"<Tool {self.name}>"


@overload
def tool(function: Callable[P, R], /) -> Tool[P, R]: ...
@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    read_only: bool = False,
    idempotent: bool = False,
    needs_approval: bool = False,
    timeout: float | None = None,
    strict: bool = False,
    **options: Unpack[ToolFields],
) -> Callable[[Callable[P, R]], Tool[P, R]]: ...
def tool(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Make a tool of a function, sync or async.

    Its description is the docstring up to the first section, and each parameter's is its line under `Args:`.
    Its input's schema comes from the types of the parameters: JSON's own, dates, UUIDs, `Literal`, `Enum`, unions, lists, tuples,
    sets, mappings, dataclasses, TypedDicts, msgspec Structs, named tuples, pydantic models; with the limits and texts of `Annotated`.

    Args:
        function: The function.
        **options: `name` and `description` in place of the function's own.
            `read_only`: it changes nothing, so that it may start before the calls ahead of it, and may run again.
            `idempotent`: it may run again with the same call, after a run that was killed.
            `needs_approval`: the run's `approve` is asked before each call.
            `timeout`: how long a call may take, in seconds.
            `strict`: the service holds the model to the schema, which must be one that it compiles.
            The API's own: `cache_control`, `allowed_callers`, `defer_loading`, `eager_input_streaming`, `input_examples`.

    Raises:
        UsageError: A parameter has no type, or one that JSON Schema cannot express.

    Example:
        @tool
        def search(query: str, limit: Annotated[int, "how many"] = 10) -> list[str]:
            \"\"\"Search the documents.\"\"\"
            ...
    """
    if function is not None:
        return _made(function, options, frame_depth=2)
    return lambda decorated: _made(decorated, options, frame_depth=2)


def _made(function: Callable[..., Any], options: Mapping[str, Any], *, frame_depth: int) -> Tool[Any, Any]:
    if not callable(function):
        raise UsageError(f"tool() takes a function, not a {type(function).__name__}.")
    if getattr(function, "__name__", "") == "<lambda>" and not options.get("name"):
        raise UsageError("A lambda has no name to call it by.", hint="Give one: `tool(name=...)`.")
    called = written if inspect.isroutine(written := wrapped_function(function)) else getattr(written, "__call__", None)  # noqa: B004 - an object may have a `__call__` of any kind
    if inspect.isgeneratorfunction(called) or inspect.isasyncgenfunction(called):
        raise UsageError("A tool returns its result at once, and this function yields.", hint="Return a list.")
    signature = read_signature(function, given=(ToolCall,), frame_depth=frame_depth + 1)
    made: Tool[Any, Any] = Tool(function, signature=signature, **options)
    if made.strict:
        adapt(made.input_schema)  # what cannot be strict is said here
    return made
