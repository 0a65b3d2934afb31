"""`output_format` and `transform_schema` as the official SDK has them, over keybearer's own.

Contract: where the program has imported pydantic, types go through its `TypeAdapter`, as in the SDK: the same values, and a
`pydantic.ValidationError` for what does not fit. Elsewhere they are keybearer's, with its `AnswerError`.

Source: `lib/_parse` of the `anthropic` 2.14.0 wheel. Other than there: a value that is false (`0`, `[]`) is given as `parsed_output`,
and the text of a message that calls a tool first is not read as the answer.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from keybearer.api.answer_format import NOT_YET, AnswerFormat, format_of
from keybearer.schema.adapt import adapt
from keybearer.types.content import TextBlock
from keybearer.types.messages import Message
from keybearer.types.parsed import ParsedMessage

__all__ = ["asked_format", "transform_schema"]


def transform_schema(json_schema: Any) -> dict[str, Any]:
    """Return a schema in the form that the API compiles.

    Args:
        json_schema: A JSON Schema, or a pydantic model.

    Raises:
        UsageError: A part of it has no type, or contains itself.
    """
    model: Any = json_schema
    schema = model.model_json_schema() if isinstance(json_schema, type) else json_schema
    return adapt(schema, close=True).schema


class _ByPydantic(AnswerFormat[Any]):
    """A format that pydantic reads, block by block."""

    def __init__(self, output_format: Any) -> None:
        self._adapter = sys.modules["pydantic"].TypeAdapter(output_format)
        super().__init__(self._adapter)

    def _format(self) -> dict[str, Any]:
        return {"type": "json_schema", "schema": transform_schema(self._adapter.json_schema())}

    def read(self, message: Message) -> ParsedMessage[Any]:
        """Read a message.

        Raises:
            ValidationError: A text of it is no value of the type.
        """
        if message.stop_reason in NOT_YET:
            return ParsedMessage.of_message(message, None)
        content = [
            block.with_parsed(self._adapter.validate_json(block.text)) if isinstance(block, TextBlock) else block
            for block in message.content
        ]
        values = [block.parsed_output for block in content if isinstance(block, TextBlock)]
        return ParsedMessage.of_message(message, values[0] if values else None, content)


def asked_format(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a call's arguments with its `output_format` as keybearer takes it; None counts as not given.

    Args:
        given: The arguments.

    Raises:
        UsageError: The type cannot be asked for.
    """
    kept = dict(given)
    wanted = kept.pop("output_format", None)
    if wanted is None:
        return kept
    if isinstance(wanted, AnswerFormat) or "pydantic" not in sys.modules or isinstance(wanted, Mapping):
        return {**kept, "output_format": format_of(wanted)}
    return {**kept, "output_format": _ByPydantic(wanted)}
