"""`beta_tool` and `beta_async_tool`: keybearer's `@tool` under the official SDK's names and with its arguments.

Contract: the input is checked against the function's types before it is called, and is taken as it is: `"5"` is no integer. A
parameter without a type takes any value, as there.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, overload

from keybearer.compat.sentinels import without_sentinels
from keybearer.errors import UsageError
from keybearer.schema.shape import Misfit
from keybearer.schema.signature import read_signature
from keybearer.tools.tool import Tool, ToolCall, ToolError

if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    class FunctionToolOptions(TypedDict, total=False):
        """The arguments of `beta_tool` beside the function."""

        name: str | None
        description: str | None
        input_schema: Mapping[str, Any] | type[Any] | None
        defer_loading: bool | None
        cache_control: Mapping[str, Any] | None
        allowed_callers: list[Any] | None
        eager_input_streaming: bool | None
        input_examples: Iterable[Mapping[str, Any]] | None
        strict: bool | None


__all__ = [
    "BetaAsyncBuiltinFunctionTool",
    "BetaAsyncFunctionTool",
    "BetaBuiltinFunctionTool",
    "BetaFunctionTool",
    "BetaFunctionToolResultType",
    "ToolError",
    "beta_async_tool",
    "beta_tool",
]

BetaFunctionToolResultType: TypeAlias = str | Iterable[Any]
"""What a tool returns: text, or content blocks."""

FunctionT = TypeVar("FunctionT", bound=Callable[..., BetaFunctionToolResultType])
AsyncFunctionT = TypeVar("AsyncFunctionT", bound=Callable[..., Coroutine[Any, Any, BetaFunctionToolResultType]])
AnyFunctionT = TypeVar("AnyFunctionT", bound=Callable[..., Any])


class _FunctionTool(Tool[..., Any], Generic[AnyFunctionT]):
    """What both kinds of tools have of the SDK's."""

    @property
    def func(self) -> AnyFunctionT:
        """The function."""
        function: Any = self.function
        made: AnyFunctionT = function
        return made

    if TYPE_CHECKING:

        @property
        def __call__(self) -> AnyFunctionT: ...

    def _checked(self, given: object) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return what the function is called with.

        Raises:
            TypeError: The input is no mapping.
            ValueError: It does not fit the parameters.
        """
        if not isinstance(given, Mapping):
            raise TypeError(f"Input must be a dictionary, got {type(given).__name__}")
        try:
            return self.arguments(ToolCall("", self.name, dict(given)))
        except Misfit as misfit:
            raise ValueError(f"Invalid arguments for function {self.name}: {misfit}") from misfit


class BetaFunctionTool(_FunctionTool[FunctionT]):
    """A function as a tool."""

    def call(self, input: object) -> Any:  # noqa: A002 - the SDK's name
        """Call the function with what the model wrote.

        Raises:
            TypeError: The input is no mapping.
            ValueError: It does not fit the parameters.
        """
        if inspect.iscoroutinefunction(self.function):
            raise RuntimeError("Cannot call a coroutine function synchronously. Use `@beta_async_tool` instead.")
        args, kwargs = self._checked(input)
        return self.function(*args, **kwargs)


class BetaAsyncFunctionTool(_FunctionTool[AsyncFunctionT]):
    """A coroutine function as a tool."""

    async def call(self, input: object) -> Any:  # noqa: A002 - the SDK's name
        """Call the function with what the model wrote; raises as `BetaFunctionTool.call` does."""
        if not inspect.iscoroutinefunction(self.function):
            raise RuntimeError("Cannot call a synchronous function asynchronously. Use `@beta_tool` instead.")
        args, kwargs = self._checked(input)
        return await self.function(*args, **kwargs)


class BetaBuiltinFunctionTool(ABC):
    """The base of a tool with a type of the service's own: it says its parameters, and runs its calls."""

    @abstractmethod
    def to_dict(self) -> Any:
        """Return the tool as a request has it."""

    @abstractmethod
    def call(self, input: object) -> Any:  # noqa: A002 - the SDK's name
        """Run a call."""

    @property
    def name(self) -> str:
        """Its name in a request."""
        param = self.to_dict()
        return str(param.get("mcp_server_name") or param["name"])


class BetaAsyncBuiltinFunctionTool(BetaBuiltinFunctionTool):
    """The same, awaited."""

    @abstractmethod
    async def call(self, input: object) -> Any:  # noqa: A002 - the SDK's name
        """Run a call."""


@overload
def beta_tool(func: FunctionT, **options: Unpack[FunctionToolOptions]) -> BetaFunctionTool[FunctionT]: ...
@overload
def beta_tool(
    func: None = ..., **options: Unpack[FunctionToolOptions]
) -> Callable[[FunctionT], BetaFunctionTool[FunctionT]]: ...
def beta_tool(func: Any = None, **options: Any) -> Any:
    """Make a tool of a function, as the official SDK's function of this name does.

    Args:
        func: The function.
        **options: `name`, `description`, `input_schema` (a schema, or a pydantic model), `defer_loading`, `cache_control`,
            `allowed_callers`, `eager_input_streaming`, `input_examples`, `strict`.

    Raises:
        UsageError: JSON Schema cannot express a parameter's type.
    """
    if func is not None:
        return _made(BetaFunctionTool, func, options)
    return lambda decorated: _made(BetaFunctionTool, decorated, options)


@overload
def beta_async_tool(
    func: AsyncFunctionT, **options: Unpack[FunctionToolOptions]
) -> BetaAsyncFunctionTool[AsyncFunctionT]: ...
@overload
def beta_async_tool(
    func: None = ..., **options: Unpack[FunctionToolOptions]
) -> Callable[[AsyncFunctionT], BetaAsyncFunctionTool[AsyncFunctionT]]: ...
def beta_async_tool(func: Any = None, **options: Any) -> Any:
    """Make a tool of a coroutine function, as the official SDK's function of this name does; see `beta_tool`."""
    if func is not None:
        return _made(BetaAsyncFunctionTool, func, options)
    return lambda decorated: _made(BetaAsyncFunctionTool, decorated, options)


def _made(cls: type[Tool[..., Any]], function: Any, given: Mapping[str, Any]) -> Any:
    options = {name: value for name, value in without_sentinels(given).items() if value is not None}
    if inspect.isgeneratorfunction(inspect.unwrap(function)) or inspect.isasyncgenfunction(inspect.unwrap(function)):
        raise UsageError(
            f"{function.__name__} makes a context; keybearer takes no context manager as a tool.",
            hint="Enter it yourself, and make a tool of what it gives.",
        )
    schema: Any = options.pop("input_schema", None)
    if callable(model := getattr(schema, "model_json_schema", None)):
        schema = model()
    signature = read_signature(function, given=(ToolCall,), frame_depth=3, untyped=Any)
    return cls(function, signature=signature, input_schema=schema, **options)
