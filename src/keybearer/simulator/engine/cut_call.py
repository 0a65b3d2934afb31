"""A tool call that a limit has cut: what of its input is in the reply, and what of its JSON is in the stream.

The service sends a parameter once its value is whole, so a reply's `input` has the parameters that were whole, and the JSON
of a stream ends after the last of them. With `eager_input_streaming` (or the older tag) the stream has the JSON up to the
very cut. In no case is the JSON closed.

Source: the API's "Fine-grained tool streaming" page; anthropics/claude-code#45436 (a cut `Write` has its `file_path` and no
`content`); anthropics/anthropic-sdk-python#794. That the stream begins with `{` when no parameter is whole is a guess.
"""

from __future__ import annotations

from typing import Any, Final

from keybearer.simulator.core.reply import encode
from keybearer.simulator.service import tokens

__all__ = ["CutToolUse", "cut_call", "is_eager"]

CALLS: Final = ("tool_use", "server_tool_use", "mcp_tool_use")
EAGER_TAG: Final = "fine-grained-tool-streaming-"


class CutToolUse(dict[str, Any]):
    """A `tool_use` block whose input is incomplete.

    Attributes:
        partial_json: The JSON that a stream has of the input.
    """

    partial_json: str = ""


def is_eager(body: dict[str, Any], name: object, betas: frozenset[str]) -> bool:
    """Return whether the input of a tool is streamed as it is made.

    Args:
        body: The request, for its tools.
        name: The tool's name.
        betas: The request's beta tags.
    """
    asked = next(
        (tool.get("eager_input_streaming") for tool in body.get("tools") or [] if tool.get("name") == name), None
    )
    return any(tag.startswith(EAGER_TAG) for tag in betas) if asked is None else bool(asked)


def cut_call(block: dict[str, Any], left: int, *, eager: bool) -> CutToolUse | None:
    """Cut a call.

    Args:
        block: The whole block.
        left: The tokens that it may have.
        eager: Whether its input is streamed as it is made.

    Returns:
        The cut block; None for a block that is no call, or of which nothing fits.
    """
    if block["type"] not in CALLS or left <= 0:
        return None
    limit = max(0, left - tokens.count_text(str(block.get("name", "")))) * tokens.BYTES_PER_TOKEN
    whole: dict[str, Any] = {}
    buffered = "{"
    for name, value in block["input"].items():
        longer = f"{buffered}{',' if whole else ''}{encode(name).decode()}:{encode(value).decode()}"
        if len(longer.encode()) > limit:
            break
        whole[name], buffered = value, longer
    cut = CutToolUse(block, input=whole)
    made = encode(block["input"])[:limit].decode(errors="ignore")
    cut.partial_json = made if eager else buffered[:limit]
    return cut
