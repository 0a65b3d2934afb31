"""`AnswerFormat`: the type of an answer, how it is asked for, and how the answer is read.

Strategy: the service is asked for JSON of the type's schema (`output_config.format`), in the form that it compiles. What that form
cannot say (a minimum, a pattern) stands in its descriptions, and is checked when the answer has come. With `via="tool"` the model is
made to call a tool whose input is the value, for models without structured outputs, and schemas that the service does not compile.

Contract: an answer gives a value of the type or raises an `AnswerError` that says which of three things happened: the model refused,
the answer was cut, or it does not fit. A message that is no answer yet (it calls a tool, its turn is paused) has no value and is no
error.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar

from keybearer.errors import AnswerCut, AnswerInvalid, AnswerRefused, UsageError
from keybearer.schema.adapt import adapt
from keybearer.schema.node import JsonSchema, Mistake
from keybearer.schema.shape import Misfit, shape_of
from keybearer.types.api_object import loads
from keybearer.types.content import TextBlock, ToolUseBlock
from keybearer.types.messages import Message
from keybearer.types.parsed import ParsedMessage
from keybearer.types.turn_source import filled
from keybearer.wire.json import dumps

__all__ = ["AnswerFormat", "Via", "check_reask", "format_of", "what_is_wrong"]

T = TypeVar("T")
"""The type that is asked for."""

Via: TypeAlias = Literal["format", "tool"]
"""How a value is asked for: by the format of the answer, or as the input of a tool that the model must call."""

TOOL: Final = "answer"
"""The name of the tool whose input is the answer."""

WRAPPED: Final = "value"
"""The key of the value in the tool's input, where it is no object."""

NOT_YET: Final = frozenset({"tool_use", "pause_turn", "compaction"})
"""Stop reasons of a message that is no answer yet."""

CUT: Final = frozenset({"max_tokens", "model_context_window_exceeded"})


class AnswerFormat(Generic[T]):
    """The type of an answer.

    Args:
        output_format: The type: a msgspec Struct, dataclass, TypedDict, named tuple or pydantic model, or what is made of them and of
            JSON's own types (`list[T]`, `Literal`, unions, `Annotated` with limits).
        via: `format`: the service holds the answer to the type. `tool`: the model is made to call a tool whose input is the value.

    Raises:
        UsageError: JSON Schema cannot express the type, or the service cannot compile its schema.
    """

    def __init__(self, output_format: type[T] | Any, *, via: Via = "format") -> None:
        if via not in {"format", "tool"}:
            raise UsageError(f"`via` is {via!r}.", hint="It may be format or tool.")
        if isinstance(output_format, Mapping):
            raise UsageError(
                "`output_format` takes a type, not a schema.",
                hint="A schema of your own goes to messages.create: output_config={'format': {'type': 'json_schema', 'schema': ...}}.",
            )
        self._type = output_format
        self._shape = shape_of(output_format)
        self._via = via
        self._is_object = self._shape.schema.get("type") == "object"
        self._param = _tool(self._shape.schema, is_object=self._is_object) if via == "tool" else self._format()

    def _format(self) -> dict[str, Any]:
        return {"type": "json_schema", "schema": adapt(self._shape.schema).schema}

    @property
    def forces_a_tool(self) -> bool:
        """Whether the model is made to call a tool for its answer."""
        return self._via == "tool"

    @property
    def name(self) -> str:
        """The type's name."""
        return self._type.__name__ if isinstance(self._type, type) else str(self._type)

    def asked(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of `messages.create` that ask for the type.

        Args:
            params: The caller's.

        Raises:
            UsageError: They ask for a format, or force a tool, of their own.
        """
        given = filled(params)
        if self._via == "tool":
            if given.get("tool_choice") is not None:
                raise UsageError(
                    "`via='tool'` makes the model call a tool for its answer, so it takes no `tool_choice`."
                )
            choice = {"type": "tool", "name": TOOL, "disable_parallel_tool_use": True}
            return {**params, "tools": [*(given.get("tools") or ()), self._param], "tool_choice": choice}
        config = given.get("output_config") or {}
        if config.get("format") is not None:
            raise UsageError("Both `output_format` and `output_config.format` were given.", hint="Give one of them.")
        return {**params, "output_config": {**config, "format": self._param}}

    def read(self, message: Message) -> ParsedMessage[T]:
        """Read a message.

        Raises:
            AnswerError: It has no value of the type.
        """
        if message.stop_reason == "refusal":
            category = message.stop_details.category if message.stop_details is not None else None
            raise AnswerRefused(
                f"The model refused to answer{f' ({category})' if category else ''}.",
                answer=message,
                text=message.text,
                hint="error.answer.stop_details says more, where the service does.",
            )
        return self._input(message) if self._via == "tool" else self._text(message)

    def _text(self, message: Message) -> ParsedMessage[T]:
        if message.stop_reason in NOT_YET:
            return ParsedMessage.of_message(message, None)
        index, text = _last_text(message)
        try:
            value = self._loaded(text)
        except Misfit as misfit:
            raise self._failed(message, text, misfit) from None
        content = list(message.content)
        if isinstance(block := content[index], TextBlock):
            content[index] = block.with_parsed(value)
        return ParsedMessage.of_message(message, value, content)

    def _loaded(self, text: str) -> T:
        try:
            source = loads(text)
        except ValueError as error:
            what = f"it is no JSON: {error}" if text.strip() else "it is empty"
            raise Misfit([Mistake("", what)]) from None
        value: T = self._shape.load(source)
        return value

    def _input(self, message: Message) -> ParsedMessage[T]:
        calls = [block for block in message.content if isinstance(block, ToolUseBlock) and block.name == TOOL]
        text = dumps(calls[-1].input).decode() if calls else message.text
        try:
            value: T = self._shape.load(self._unwrapped(calls))
        except Misfit as misfit:
            raise self._failed(message, text, misfit) from None
        return ParsedMessage.of_message(message, value)

    def _unwrapped(self, calls: list[ToolUseBlock]) -> Any:
        """Return the value that the tool was called with.

        Raises:
            Misfit: It was not called, or not with one.
        """
        if not calls:
            raise Misfit([Mistake("", f"the tool `{TOOL}` was not called")])
        if calls[-1].incomplete:
            raise Misfit([Mistake("", "it is not whole")])
        source: Any = calls[-1].input
        if self._is_object:
            return source
        if not isinstance(source, Mapping) or WRAPPED not in source:
            raise Misfit([Mistake(WRAPPED, "it is required")])
        return source[WRAPPED]

    def _failed(self, message: Message, text: str, misfit: Misfit) -> AnswerCut | AnswerInvalid:
        if message.stop_reason in CUT:
            end = "at max_tokens" if message.stop_reason == "max_tokens" else "at the end of the context window"
            return AnswerCut(
                f"The answer was cut {end}, before its {self.name} was whole.",
                answer=message,
                text=text,
                hint="Raise max_tokens, or ask for less.",
            )
        first, *others = misfit.problems
        more = f" (and {len(others)} more: see error.problems)" if others else ""
        return AnswerInvalid(
            f"The answer is no {self.name}: {str(first).rstrip('.')}{more}.",
            answer=message,
            text=text,
            problems=misfit.problems,
            hint="error.text is what the model wrote; reask=1 asks again, with what is wrong.",
        )

    def correction(self, error: AnswerInvalid) -> list[dict[str, Any]]:
        """Return the turns that ask again: the answer that does not fit, and what is wrong with it."""
        message = error.answer
        if message is None or not message.content:
            return []
        words = what_is_wrong(error)
        results = [
            {"type": "tool_result", "tool_use_id": call.id, "content": words, "is_error": True}
            for call in message.tool_calls
        ]
        return [message.to_param(), {"role": "user", "content": results or words}]


def what_is_wrong(error: AnswerInvalid) -> str:
    """Return the words that ask the model for its answer again."""
    wrong = "\n".join(f"- {problem}" for problem in error.problems)
    return f"This does not fit what was asked for:\n{wrong}\nAnswer again: whole, with these corrected."


@lru_cache(maxsize=512)
def _made(output_format: Any, via: Via) -> AnswerFormat[Any]:
    return AnswerFormat(output_format, via=via)


def format_of(output_format: Any, via: Via = "format") -> AnswerFormat[Any]:
    """Return the format of a type, which is made once; a format that is given is returned.

    Raises:
        UsageError: As of `AnswerFormat`.
    """
    if isinstance(output_format, AnswerFormat):
        return output_format
    try:
        hash(output_format)
    except TypeError:
        return AnswerFormat(output_format, via=via)
    return _made(output_format, via)


def check_reask(reask: Any) -> None:
    """Check how often to ask again.

    Raises:
        UsageError: It is no number of times.
    """
    if not isinstance(reask, int) or isinstance(reask, bool) or reask < 0:
        raise UsageError(f"`reask` is {reask!r}.", hint="It is how often to ask again at the most: 0, 1, ...")


def _tool(schema: JsonSchema, *, is_object: bool) -> dict[str, Any]:
    if not is_object:
        inner = {key: value for key, value in schema.items() if key != "$defs"}
        wrapped = {"type": "object", "properties": {WRAPPED: inner}, "required": [WRAPPED]}
        schema = wrapped | ({"$defs": schema["$defs"]} if "$defs" in schema else {})
    return {"name": TOOL, "description": "Give your answer.", "input_schema": schema}


def _last_text(message: Message) -> tuple[int, str]:
    """Return the text after the last block that is none, and the index of its last block; the index is -1 without any."""
    index = len(message.content) - 1
    pieces: list[str] = []
    for block in reversed(message.content):
        if not isinstance(block, TextBlock):
            break
        pieces.append(block.text)
    return index, "".join(reversed(pieces))
