"""How many tokens a conversation has: by the usage of its answers where that is known, by an estimate elsewhere.

Strategy: an answer's usage says how long the prompt before it was, and how long it is itself. The difference of two answers is what
stands between them. What no usage covers is estimated from its text and its images.

Contract: a figure that is out of all proportion to the text it is for is not used. It is of a longer history, whose turns were taken
out since.

Limits: no tokenizer is public for these models, so the estimate is a guess on the long side: a token for three bytes of UTF-8,
an image at most `IMAGE_TOKENS`, a page of a PDF `PAGE_TOKENS`. `client.messages.count_tokens(messages=conversation)` asks the service.
Source of the image's figure: the service counts after scaling to 2,576 pixels a side, at most 4,784 tokens (docs/protocol.md); a
token for each 750 pixels is what its page on vision gives.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from keybearer.conversation.accept import Turn, blocks_of
from keybearer.errors import KeybearerError
from keybearer.types.messages import Message
from keybearer.types.turn_source import filled
from keybearer.types.usage import count
from keybearer.wire.json import dumps, sendable
from keybearer.wire.request.media import image_header

if TYPE_CHECKING:
    from keybearer.prices import Estimate

__all__ = ["NOTHING", "TakenOut", "TokenEstimate", "estimate_request", "estimate_tokens", "estimate_turn", "turn_sizes"]

BYTES_PER_TOKEN: Final = 3
IMAGE_TOKENS: Final = 4784
PIXELS_PER_TOKEN: Final = 750
PAGE_TOKENS: Final = 3000
BYTES_PER_PAGE: Final = 50_000
BLOCK_TOKENS: Final = 8
"""What a block costs beside its text: a guess."""

_PAGE: Final = re.compile(rb"/Type\s*/Page\b(?!s)")
_SPREAD: Final = 4
_SLACK: Final = 200
_HIDDEN: Final = 5000
"""What the service may add to a system prompt and tools by itself, such as the words that explain its own tools: a guess."""


class TokenEstimate(NamedTuple):
    """How many tokens a conversation has, with its system prompt and its tools.

    Attributes:
        measured: Those that the usage of its last answer covers, as the service counted them.
        estimated: Those that are estimated: what came after that answer; everything, when no usage covers it.
    """

    measured: int
    estimated: int

    @property
    def total(self) -> int:
        """All tokens."""
        return self.measured + self.estimated


class TakenOut(NamedTuple):
    """What was trimmed off a history: the usage of answers from before that counts turns which are not there any more.

    Attributes:
        before: The index of the first turn that was added since.
        tokens: How many tokens such an answer's usage has too many.
    """

    before: int = 0
    tokens: int = 0


NOTHING: Final = TakenOut()
"""Nothing was trimmed."""


def estimate_tokens(
    turns: Sequence[Turn], *, fixed: Mapping[str, Any] | None = None, taken_out: TakenOut = NOTHING
) -> TokenEstimate:
    """Return how many tokens a history has.

    Args:
        turns: Its turns.
        fixed: What goes before them: `system` and `tools`.
        taken_out: What was trimmed off it.
    """
    for index in range(len(turns) - 1, -1, -1):
        known = _usage(turns[index])
        if known is not None:
            after = sum(map(estimate_turn, turns[index + 1 :]))
            if index >= taken_out.before:
                return TokenEstimate(sum(known), after)
            return TokenEstimate(0, max(sum(known) + after - taken_out.tokens, 0))
    sizes, before = _sizes(turns, fixed, taken_out)
    return TokenEstimate(0, max(sum(sizes) + before - taken_out.tokens, 0))


def estimate_request(request: Mapping[str, Any]) -> Estimate | None:
    """Return what a request will cost by the public prices and an estimate of its tokens; None where its turns cannot be read.

    Args:
        request: The body of `POST /v1/messages`, or the arguments of `messages.create`.
    """
    from keybearer.prices import forecast

    try:
        whole = filled(request)
        body = sendable(dict(whole))
        if not isinstance(body.get("messages"), list | tuple):
            return None
        tokens = estimate_tokens(whole["messages"], fixed=body).total
        return forecast(body, tokens, counted=False)
    except (KeybearerError, TypeError, ValueError, AttributeError, RecursionError):  # `lint` says what is wrong with it
        return None


def turn_sizes(
    turns: Sequence[Turn], *, fixed: Mapping[str, Any] | None = None, taken_out: TakenOut = NOTHING
) -> tuple[list[float], float]:
    """Return the tokens of each turn, and of what goes before them; they add up to `estimate_tokens`."""
    sizes, before = _sizes(turns, fixed, taken_out)
    scale = estimate_tokens(turns, fixed=fixed, taken_out=taken_out).total / max(sum(sizes) + before, 1)
    return [size * scale for size in sizes], before * scale


def _sizes(turns: Sequence[Turn], fixed: Mapping[str, Any] | None, taken_out: TakenOut) -> tuple[list[int], int]:
    """Return the tokens of each turn, and of what goes before them, each by itself."""
    sizes = [estimate_turn(turn) for turn in turns]
    known = [(index, *usage) for index, turn in enumerate(turns) if (usage := _usage(turn)) is not None]
    for index, _, written in known:
        sizes[index] = written or sizes[index]
    for (index, earlier, written), (after, later, _) in itertools.pairwise(known):
        between, counted = sum(sizes[index + 1 : after]), later - earlier - written
        if between and between // _SPREAD <= counted <= between * _SPREAD + _SLACK:
            sizes[index + 1 : after] = [round(size * counted / between) for size in sizes[index + 1 : after]]
    given = fixed or {}
    before = sum(_estimate_text(dumps(given[name])) for name in ("system", "tools") if given.get(name))
    for index, prompt, _ in known:
        if index >= taken_out.before and 0 <= (counted := prompt - sum(sizes[:index])) <= before * _SPREAD + _HIDDEN:
            return sizes, counted
    return sizes, before


def _usage(turn: Turn) -> tuple[int, int] | None:
    """Return an answer's prompt and its own length in tokens; None where the service did not say."""
    if not isinstance(turn, Message):
        return None
    prompt = turn.usage.total_input_tokens
    return (prompt, count(turn.usage.output_tokens) or 0) if prompt else None


def estimate_turn(turn: Turn) -> int:
    """Return an estimate of a turn's tokens, from its content alone."""
    return sum(_estimate_block(block) for block in blocks_of(turn))


def _estimate_block(block: Mapping[str, Any]) -> int:
    kind, source = block.get("type"), block.get("source")
    inner = block.get("content")
    if isinstance(source, Mapping) and source.get("type") != "text":
        return BLOCK_TOKENS + (_estimate_image(source) if kind == "image" else _estimate_document(source))
    if kind == "tool_result" and isinstance(inner, list):
        return BLOCK_TOKENS + sum(_estimate_block(each) for each in inner if isinstance(each, Mapping))
    text = block.get("text", block.get("thinking"))
    whole = (
        text if isinstance(text, str) and kind in {"text", "thinking"} else inner if isinstance(inner, str) else None
    )
    return BLOCK_TOKENS + _estimate_text(dumps(block) if whole is None else whole.encode("utf-8", "replace"))


def _estimate_text(text: bytes) -> int:
    return -(-len(text) // BYTES_PER_TOKEN)


def _estimate_image(source: Mapping[str, Any]) -> int:
    data = source.get("data")
    header = image_header(data) if isinstance(data, str | bytes) else None
    return IMAGE_TOKENS if header is None else min(IMAGE_TOKENS, header.width * header.height // PIXELS_PER_TOKEN + 1)


def _estimate_document(source: Mapping[str, Any]) -> int:
    data = source.get("data")
    if not isinstance(data, str | bytes):
        return _estimate_text(dumps(source)) if source.get("type") == "content" else PAGE_TOKENS
    size = len(data) * 3 // 4 if isinstance(data, str) else len(data)
    pages = len(_PAGE.findall(data)) if isinstance(data, bytes) else 0
    return PAGE_TOKENS * max(pages, -(-size // BYTES_PER_PAGE))
