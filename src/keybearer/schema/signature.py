"""A function's parameters as the input of a tool."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple, get_type_hints

from keybearer.errors import UsageError
from keybearer.schema.docstring import read_docstring
from keybearer.schema.node import INVALID, MISSING, JsonSchema, Mistakes, Node
from keybearer.schema.objects import Member, object_node
from keybearer.schema.shape import Misfit
from keybearer.schema.walk import Walk

__all__ = ["CallArguments", "Signature", "read_signature", "wrapped_function"]


class CallArguments(NamedTuple):
    """What a function is called with."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Signature(NamedTuple):
    """What a function takes.

    Attributes:
        description: What its docstring says that it does.
        schema: The JSON Schema of its arguments, an object.
        node: Makes the arguments from JSON.
        positional: The parameters that are given by position alone.
        given: The parameters that the caller of the tool gives and the model does not, with their types.
        method: Whether it is a method that needs its object first.
    """

    description: str
    schema: JsonSchema
    node: Node
    positional: tuple[str, ...]
    given: Mapping[str, Any]
    method: bool = False

    def load(self, value: Any) -> CallArguments:
        """Make the arguments of a call.

        Args:
            value: The JSON object that the model wrote.

        Raises:
            Misfit: It does not fit; every problem is named.
        """
        problems: Mistakes = []
        made = self.node.load(value, "", problems)
        if problems or made is INVALID:
            raise Misfit(problems)
        return CallArguments(tuple(made.pop(name) for name in self.positional if name in made), made)


def wrapped_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function of a `functools.partial`, which has its name, its docstring and its types; any other is returned."""
    while isinstance(function, functools.partial):
        function = function.func
    return function


def read_signature(
    function: Callable[..., Any], *, given: tuple[type, ...] = (), frame_depth: int = 1, untyped: Any = None
) -> Signature:
    """Read a function's parameters, with what its docstring says of them.

    Args:
        function: The function; its `self` is bound already where it is a method.
        given: Types of parameters that the model does not give.
        frame_depth: How many frames up the function was defined: names of its annotations are looked for there too.
        untyped: The type of a parameter that has none; None where that is an error.

    Raises:
        UsageError: A parameter has no type, or one that JSON Schema cannot express.
    """
    written = wrapped_function(function)
    name = getattr(written, "__name__", type(written).__name__)
    docstring = read_docstring(written.__doc__ or inspect.getdoc(written))
    hints = _hints(written, name, frame_depth + 1)
    walk = Walk()
    members: list[tuple[Member, Node]] = []
    others: Node | None = None
    ours: dict[str, Any] = {}
    fixed = _fixed(function)
    parameters = [each for each in inspect.signature(function).parameters.values() if each.name not in fixed]
    method = bool(parameters) and parameters[0].name in {"self", "cls"} and parameters[0].name not in hints
    if method:
        del parameters[0]  # it is bound when it is called
    for parameter in parameters:
        where = f"The parameter `{parameter.name}` of {name}"
        hint = hints.get(parameter.name, untyped)
        if hint is None:
            raise UsageError(f"{where} has no type.", hint=f"Write it: `{parameter.name}: str`.")
        if hint in given:
            ours[parameter.name] = hint
        elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            raise UsageError(f"{where} takes any number of values without names.", hint="Make it a list.")
        elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
            others = walk.member(Member(parameter.name, hint), where)[1]
        else:
            members.append(
                _described(walk.member(_field(parameter, hint), where), docstring.arguments.get(parameter.name))
            )
    positional = tuple(each.name for each in parameters if each.kind is inspect.Parameter.POSITIONAL_ONLY)
    node = object_node(members, dict, others=others)
    return Signature(docstring.description, walk.finished(node.schema), node, positional, ours, method)


def _fixed(function: Callable[..., Any]) -> set[str]:
    """Return the parameters that a `functools.partial` gives by name: they are not the model's to give."""
    names: set[str] = set()
    while isinstance(function, functools.partial):
        names |= function.keywords.keys()
        function = function.func
    return names


def _described(member: tuple[Member, Node], text: str | None) -> tuple[Member, Node]:
    field, node = member
    return (field, node) if not text or "description" in node.schema else (field, node.described(text))


def _field(parameter: inspect.Parameter, hint: Any) -> Member:
    default = MISSING if parameter.default is inspect.Parameter.empty else parameter.default
    if type(default).__name__ == "FieldInfo":  # `x: int = Field(description=...)`, as pydantic writes it
        return Member(parameter.name, Annotated[hint, default])
    return Member(parameter.name, hint, default)


def _hints(function: Callable[..., Any], name: str, depth: int) -> dict[str, Any]:
    target = function if inspect.isroutine(function) or inspect.isclass(function) else type(function).__call__
    try:
        return _simple_hints(target) or get_type_hints(target, include_extras=True)
    except NameError:
        pass
    try:  # a type that was defined in the function around it
        return get_type_hints(target, localns=_locals(depth + 1), include_extras=True)
    except NameError as error:
        raise UsageError(f"A type of {name} cannot be found: {error}.", hint="Define it above the function.") from None


def _simple_hints(target: Callable[..., Any]) -> dict[str, Any] | None:
    """Return what `get_type_hints` does, at a third of its cost; None where the annotations are not simple enough to be sure."""
    if type(target) is not types.FunctionType or hasattr(target, "__wrapped__"):
        return None
    hints = {}
    for name, annotation in target.__annotations__.items():
        hint = annotation
        if isinstance(annotation, str):
            if "'" in annotation or '"' in annotation:
                return None
            hint = eval(_compiled(annotation), target.__globals__)  # noqa: S307 - as `get_type_hints` does
        if isinstance(hint, str) or (not isinstance(hint, type) and "'" in repr(hint)):  # a name, or a Literal
            return None
        hints[name] = type(None) if hint is None else hint
    return hints


@functools.lru_cache(maxsize=512)
def _compiled(annotation: str) -> types.CodeType:
    return compile(annotation, "<annotation>", "eval")


def _locals(depth: int) -> dict[str, Any]:
    """Return the local names of the function so many frames up."""
    frame = inspect.currentframe()
    for _ in range(depth):
        frame = frame.f_back if frame is not None else None
    return dict(frame.f_locals) if frame is not None else {}
