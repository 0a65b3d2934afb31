"""Token counts: a documented estimate, equal on every machine.

One token is four UTF-8 bytes of text, rounded up. An image costs its pixels over 750, scaled down as its model does
(`Image.tokens`), a page of PDF 1,500, a message three and a tool definition ten on top of its text. The service's
tokenizer is not public. A client needs counts that add up, grow with the input, and do not change between two runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from keybearer.simulator.core.catalogue import CatalogueModel, find_model
from keybearer.simulator.service.images import read_base64_image
from keybearer.simulator.service.pdf import pdf_pages

__all__ = ["count_block", "count_message", "count_prompt", "count_system", "count_text", "count_tool", "cut_text"]

BYTES_PER_TOKEN: Final = 4
TOKENS_PER_PDF_PAGE: Final = 1500
TOKENS_PER_MESSAGE: Final = 3
TOKENS_PER_TOOL: Final = 10
UNKNOWN_IMAGE_TOKENS: Final = 1600
"""An image behind a URL or in a file, whose size is not known here."""

NEWEST: Final = CatalogueModel(id="", name="", line="")
"""A model with the defaults, for what is not sent to a model that is known."""

_encoder = msgspec.json.Encoder()


def count_text(text: str) -> int:
    """Count the tokens of a text."""
    return -(-len(text.encode()) // BYTES_PER_TOKEN)


def cut_text(text: str, most: int) -> str:
    """Return the beginning of a text that has at most so many tokens."""
    return text.encode()[: most * BYTES_PER_TOKEN].decode(errors="ignore")


def _count_value(value: Any) -> int:
    return -(-len(_encoder.encode(value)) // BYTES_PER_TOKEN)


def _count_image(source: Any, model: CatalogueModel) -> int:
    if isinstance(source, dict) and source.get("type") == "base64":
        image = read_base64_image(str(source.get("data", "")))
        return image.tokens(edge=model.image_edge, most=model.image_tokens) if image else UNKNOWN_IMAGE_TOKENS
    return UNKNOWN_IMAGE_TOKENS


def _count_document(block: dict[str, Any], model: CatalogueModel) -> int:
    source = block.get("source")
    if not isinstance(source, dict):
        return 0
    around = count_text(str(block.get("title") or "")) + count_text(str(block.get("context") or ""))
    match source.get("type"):
        case "text":
            return around + count_text(str(source.get("data", "")))
        case "content":
            return around + count_content(source.get("content"), model)
        case "base64":
            return around + len(pdf_pages(source)) * TOKENS_PER_PDF_PAGE
        case _:
            return around + TOKENS_PER_PDF_PAGE


def _count_other(block: dict[str, Any], _model: CatalogueModel) -> int:
    return _count_value({key: value for key, value in block.items() if key != "cache_control"})


def _count_call(block: dict[str, Any], _model: CatalogueModel) -> int:
    return count_text(str(block.get("name", ""))) + _count_value(block.get("input", {}))


COUNTERS: Final[dict[str, Callable[[dict[str, Any], CatalogueModel], int]]] = {
    "text": lambda block, _: count_text(str(block.get("text", ""))),
    "thinking": lambda block, _: count_text(str(block.get("thinking", ""))),
    "document": _count_document,
    "image": lambda block, model: _count_image(block.get("source"), model),
    **dict.fromkeys(("tool_use", "server_tool_use", "mcp_tool_use"), _count_call),
    "fallback": lambda _block, _model: (
        0
    ),  # it is not rendered into the prompt (`types/beta/beta_fallback_block_param.py`)
    "tool_result": lambda block, model: TOKENS_PER_MESSAGE + count_content(block.get("content"), model),
}
"""Block type to how it is counted; every other type is counted as its JSON."""


def count_block(block: Any, model: CatalogueModel = NEWEST) -> int:
    """Count the tokens of one content block of any type, as a model counts it."""
    if not isinstance(block, dict):
        return 0
    return COUNTERS.get(str(block.get("type")), _count_other)(block, model)


def count_content(content: Any, model: CatalogueModel = NEWEST) -> int:
    """Count the tokens of a `content`: a string or a list of blocks."""
    if isinstance(content, str):
        return count_text(content)
    return sum(count_block(block, model) for block in content) if isinstance(content, list) else 0


def count_message(message: dict[str, Any], model: CatalogueModel = NEWEST) -> int:
    """Count the tokens of one message, its role included, as a model counts it."""
    return TOKENS_PER_MESSAGE + count_content(message.get("content"), model)


def count_tool(tool: Any) -> int:
    """Count the tokens of one tool definition."""
    if not isinstance(tool, dict):
        return 0
    return TOKENS_PER_TOOL + _count_value({key: value for key, value in tool.items() if key != "cache_control"})


def count_system(system: Any) -> int:
    """Count the tokens of a system prompt: a string or a list of text blocks."""
    return count_content(system)


def count_prompt(body: dict[str, Any]) -> int:
    """Count the input tokens of a request: its tools, its system prompt and its messages."""
    model = find_model(body.get("model")) or NEWEST
    return (
        sum(map(count_tool, body.get("tools") or []))
        + count_system(body.get("system"))
        + sum(count_message(message, model) for message in body.get("messages") or [])
    )
