"""`Message`: one answer of the model, with the headers of its reply."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from keybearer.types.answer import Answer
from keybearer.types.api_object import APIObject, built
from keybearer.types.content import ContentBlock, TextBlock, ToolUseBlock, content_block
from keybearer.types.http import PROVIDER
from keybearer.types.like_pydantic import state_of
from keybearer.types.rate_limits import RateLimits
from keybearer.types.timestamp import Timestamp, times
from keybearer.types.usage import Usage

if TYPE_CHECKING:
    from keybearer.conversation.adaptive_cache import CacheChoice
    from keybearer.conversation.cache_report import CacheReport
    from keybearer.prices import Cost, PriceTable

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


class StopDetails(APIObject, frozen=True):
    """More about why the model stopped: a refusal's category, and its explanation for people, whose wording may change."""

    type: str = ""
    category: str | None = None
    explanation: str | None = None


class Container(APIObject, frozen=True):
    """The container that server tools ran in, and when it expires (RFC 3339)."""

    id: str = ""
    expires_at: Timestamp | None = None

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = times("expires_at")


class TokenCount(Answer, frozen=True):
    """The answer of `count_tokens`: the length of a prompt, in tokens."""

    input_tokens: int

    @property
    def cost(self) -> Cost:
        """What the count cost: nothing, for counting is free. Source: https://docs.claude.com/en/docs/build-with-claude/token-counting."""
        from keybearer.prices import Cost

        return Cost()


@cache  # an import statement takes as long as the rest
def _counting() -> Callable[..., Cost]:
    from keybearer.prices.billing import cost_of_reply

    return cost_of_reply


def _blocks(value: Any) -> Any:
    return [content_block(each) for each in value] if isinstance(value, list) else value


class Message(Answer, frozen=True):
    """An answer of the model.

    It can be stored: `Message.from_dict(message.to_dict())` and `Message.from_json(message.to_json())` are equal to it. The headers of
    its reply, and the request id in them, are not stored.

    Attributes:
        id: The service's id of the message.
        model: The model that answered.
        role: Always `assistant`.
        content: The content blocks, in order.
        stop_reason: Why the model stopped; None in a message that is not complete.
        stop_sequence: The stop sequence that ended it, if one did.
        stop_details: More about the stop, such as a refusal's category.
        usage: The tokens that it took.
        container: The container that server tools ran in.
        diagnostics: Why the prompt cache missed, if the request asked for that.
        type: Always `message`.

    Example:
        >>> message = Message(id="msg_1", model="claude-haiku-4-5", content=[TextBlock(text="Hello")])
        >>> message.text
        'Hello'
        >>> Message.from_json(message.to_json()) == message
        True
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

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {
        "content": _blocks,
        "usage": built(Usage),
        "container": built(Container),
        "stop_details": built(StopDetails),
    }

    @property
    def text(self) -> str:
        """All text blocks, joined."""
        return "".join(
            [block.text for block in self.content if isinstance(block, TextBlock) and isinstance(block.text, str)]
        )

    @property
    def tool_calls(self) -> list[ToolUseBlock]:
        """The calls of your tools, in order. A call that is `incomplete` is left out, since it must not be run; it is in `content`."""
        return [block for block in self.content if isinstance(block, ToolUseBlock) and not block.incomplete]

    def with_usage(self, usage: Usage) -> Message:
        """Return the message with another usage."""
        message = Message.of({**self.to_dict(), "usage": usage.to_dict()}, content=self.content, usage=usage)
        state_of(message).update({name: value for name, value in state_of(self).items() if name != "_source"})
        return message

    def with_thread(self, digest: str) -> Message:
        """Return the message as one that the service keeps in a thread (`keybearer.api.threads`)."""
        message = copy.copy(self)
        state_of(message)["_thread"] = digest
        return message

    @property
    def thread(self) -> str | None:
        """The digest of the conversation that the service keeps up to this message; None when it was asked to keep none."""
        digest: str | None = state_of(self).get("_thread")
        return digest

    @property
    def provider(self) -> str:
        """The provider that answered: its name in `llm.yaml`, or the kind of platform; `anthropic` where none is named."""
        return self.headers.get(PROVIDER, "").rpartition(", ")[2] or "anthropic"

    def with_prices(self, prices: PriceTable | None) -> Message:
        """Return the message with the prices that its `cost` is counted by; None for the public ones."""
        if prices is None:
            return self
        message = copy.copy(self)
        state_of(message)["_prices"] = prices
        return message

    @property
    def prices(self) -> PriceTable | None:
        """The prices that `cost` is counted by: the user's own; None for the public ones."""
        prices: PriceTable | None = state_of(self).get("_prices")
        return prices

    @property
    def cost(self) -> Cost:
        """What the message cost in dollars, by the prices of the day that its reply's `date` header says; today's without one.

        The prices are those of the client that got it; see `keybearer.prices`. What has no known price is in `cost.unknown`, as is the
        output of a message that is not complete.
        """
        state = state_of(self)
        headers, complete = state.get("_headers"), self.stop_reason is not None
        date = None if headers is None else headers.get("date")
        return _counting()(self.usage, self.model, date, state.get("_prices"), complete=complete)

    def with_cache(self, report: CacheReport | None, choice: CacheChoice | None) -> Message:
        """Return the message with what its prompt cache missed, and with what `cache="adaptive"` chose for it."""
        if report is None and choice is None:
            return self
        message = copy.copy(self)
        state_of(message).update(_cache_report=report, _cache_choice=choice)
        return message

    @property
    def cache_report(self) -> CacheReport | None:
        """Why a prefix that an earlier request had written to the prompt cache was not read, and what that cost.

        None where all was read, where nothing had been written, and for a message that was stored or cut.
        """
        report: CacheReport | None = state_of(self).get("_cache_report")
        return report

    @property
    def cache_choice(self) -> CacheChoice | None:
        """What `cache="adaptive"` chose for this request, and what it has saved in its conversation; None without it."""
        choice: CacheChoice | None = state_of(self).get("_cache_choice")
        return choice

    @property
    def request_id(self) -> str | None:
        """The service's id of the request; quote it to Anthropic's support."""
        return self.headers.get("request-id")

    @property
    def rate_limits(self) -> RateLimits | None:
        """The rate limits in the reply's headers; None without any."""
        return RateLimits.from_headers(self.headers)

    def to_param(self) -> dict[str, Any]:
        """Return the message as an assistant turn for the next request: role and content, as they came."""
        blocks: list[Any] = list(self.content)  # one that a caller made may hold plain dicts
        return {
            "role": self.role,
            "content": [each.to_param() if isinstance(each, APIObject) else each for each in blocks],
        }
