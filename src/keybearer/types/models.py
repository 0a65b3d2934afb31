"""The models that the service lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, TypeAlias

from keybearer.types.answer import Answer
from keybearer.types.record import Record, record_of
from keybearer.types.timestamp import NEVER, Timestamp, times

__all__ = ["Lifecycle", "ModelInfo"]

Lifecycle: TypeAlias = Literal["active", "deprecated", "retired"] | str
"""The stage of a model's life. New stages may appear, so it may be any string."""


class ModelInfo(Answer, frozen=True):
    """One model of the service.

    Attributes:
        id: Its name for `model=`.
        display_name: Its name for people.
        created_at: When it was released (RFC 3339).
        lifecycle: The stage of its life.
        line: The line that it belongs to, such as `opus`.
        deprecated_at: When it was deprecated (RFC 3339).
        retires_at: When it is scheduled to retire (RFC 3339); `lifecycle` says whether it has.
        max_input_tokens: The size of its context window, in tokens.
        max_tokens: The most that `max_tokens` may be.
        capabilities: Its capabilities by name, as the service sent them: `info.capabilities.batch.supported`.

    Source: the Models API, https://docs.claude.com/en/api/models-list.
    """

    id: str = ""
    display_name: str = ""
    created_at: Timestamp = NEVER
    lifecycle: Lifecycle | None = None
    line: str | None = None
    deprecated_at: Timestamp | None = None
    retires_at: Timestamp | None = None
    max_input_tokens: int | None = None
    max_tokens: int | None = None
    capabilities: Record | None = None
    type: Literal["model"] = "model"

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {
        "capabilities": record_of,
        **times("created_at", "deprecated_at", "retires_at"),
    }
