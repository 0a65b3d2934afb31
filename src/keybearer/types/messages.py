"""`Message`: one answer of the model, with what is worth knowing about the reply that brought it."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from keybearer.types.base import Model
from keybearer.types.content import ContentBlock, TextBlock, ToolUseBlock
from keybearer.types.http import Headers
from keybearer.types.limits import RateLimits
from keybearer.types.usage import Usage

__all__ = ["Container", "Message", "StopDetails", "StopReason", "TokenCount"]

StopReason: TypeAlias = (
    Literal[
        "end_turn",
        "max_tokens",
        "stop_sequence",
        "tool_use",
        "pause_turn",
        "refusal",
        "model_context_window_exceeded",
        "compaction",
    ]
    | str
)
"""Why the model stopped. New reasons appear without notice, so any string is one."""


class StopDetails(Model, frozen=True):
    """More about a stop, such as a refusal's category and explanation."""

    type: str = ""
    category: str | None = None
    explanation: str | None = None


class Container(Model, frozen=True):
    """The container that server tools ran in."""

    id: str = ""
    expires_at: str | None = None


class TokenCount(Model, frozen=True):
    """The answer of `count_tokens`."""

    input_tokens: int = 0


class Message(Model, frozen=True):
    """An answer of the model.

    Example:
        >>> message = Message(id="msg_1", model="claude-haiku-4-5", content=[TextBlock(text="Hello")])
        >>> message.text
        'Hello'
    """

    id: str = ""
    model: str = ""
    role: Literal["assistant"] = "assistant"
    content: list[ContentBlock] = []
    stop_reason: StopReason | None = None
    stop_sequence: str | None = None
    stop_details: StopDetails | None = None
    usage: Usage = Usage()
    container: Container | None = None
    diagnostics: Any = None
    type: Literal["message"] = "message"

    @property
    def text(self) -> str:
        """All text blocks, joined."""
        return "".join(
            [block.text for block in self.content if isinstance(block, TextBlock) and isinstance(block.text, str)]
        )

    @property
    def tool_calls(self) -> list[ToolUseBlock]:
        """The calls of your tools, in order."""
        return [block for block in self.content if isinstance(block, ToolUseBlock)]

    @property
    def headers(self) -> Headers:
        """The headers of the reply that brought this message; empty for one that was built by hand."""
        headers: Headers = self.__dict__.get("_headers", _NO_HEADERS)
        return headers

    @property
    def request_id(self) -> str | None:
        """The service's id of the request; quote it to Anthropic's support."""
        return self.headers.get("request-id")

    @property
    def rate_limits(self) -> RateLimits | None:
        """What the reply said of the limits; None when it said nothing."""
        return RateLimits.from_headers(self.headers)

    @property
    def _request_id(self) -> str | None:
        # The official SDK's spelling.
        return self.request_id

    def to_param(self) -> dict[str, Any]:
        """Return the message as the assistant turn that a next request sends back: role and content, as they came."""
        return {"role": self.role, "content": [block.to_param() for block in self.content]}


_NO_HEADERS = Headers(())
