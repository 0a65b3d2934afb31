"""The models that the service lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Literal, TypeAlias

from keybearer.types.api_object import APIObject, built

__all__ = ["Lifecycle", "ModelInfo", "ModelPage"]

Lifecycle: TypeAlias = Literal["active", "deprecated", "retired"] | str
"""The stage of a model's life. New stages may appear, so it may be any string."""


class ModelInfo(APIObject, frozen=True):
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
        capabilities: Its capabilities by name, as the service sent them.

    Source: the Models API, https://docs.claude.com/en/api/models-list.
    """

    id: str = ""
    display_name: str = ""
    created_at: str = ""
    lifecycle: Lifecycle | None = None
    line: str | None = None
    deprecated_at: str | None = None
    retires_at: str | None = None
    max_input_tokens: int | None = None
    max_tokens: int | None = None
    capabilities: Mapping[str, Any] | None = None
    type: Literal["model"] = "model"


def _models(value: Any) -> Any:
    return [built(ModelInfo)(each) for each in value] if isinstance(value, list) else value


class ModelPage(APIObject, frozen=True):
    """A page of models, the newest first; iterate over it for its models.

    Attributes:
        data: The models.
        has_more: Whether there is another page.
        first_id: The first model's id, for `before_id`.
        last_id: The last model's id, for `after_id`.
    """

    data: list[ModelInfo] = []
    has_more: bool = False
    first_id: str | None = None
    last_id: str | None = None

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {"data": _models}

    def __iter__(self) -> Iterator[ModelInfo]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)
