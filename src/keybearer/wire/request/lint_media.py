"""The rules of `keybearer.wire.request.lint` for images and documents: type, bytes, pixels and encoding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from keybearer.types.api_object import is_mapping
from keybearer.wire.request.media import (
    IMAGE_TYPES,
    MANY_IMAGES,
    MAX_BASE64,
    MAX_SIDE,
    MAX_SIDE_OF_MANY,
    image_header,
    is_base64,
)
from keybearer.wire.request.turns import Problem, RequestView, at

__all__ = ["APPLIES_TO", "images"]


def images(request: RequestView) -> list[tuple[str, Mapping[str, Any]]]:
    """Return every image of a request, also in tool results: its place, and its source."""
    found = [(at(turn, index), block["source"]) for turn, index, _, block in request.of("image") if _is_image(block)]
    for turn, index, _, block in request.of("tool_result"):
        inner = block.get("content")
        for each, part in enumerate(inner if isinstance(inner, list) else ()):
            if _is_image(part):
                found.append((f"{at(turn, index)}.content[{each}]", part["source"]))
    return found


def _is_image(block: Any) -> bool:
    return is_mapping(block) and block.get("type") == "image" and is_mapping(block.get("source"))


def image_limits(request: RequestView) -> Iterator[Problem]:
    """An image has a type that the API accepts and that its bytes show, at most 10 MiB of base64, and at most 8,000 pixels a side."""
    found = images(request)
    longest = MAX_SIDE_OF_MANY if len(found) > MANY_IMAGES else MAX_SIDE
    for where, source in found:
        data = source.get("data")
        if source.get("type") != "base64" or not isinstance(data, str | bytes):
            continue
        size = len(data) if isinstance(data, str) else (len(data) + 2) // 3 * 4
        if size > MAX_BASE64:
            yield Problem(
                where,
                f"the image has {size:,} bytes of base64, more than {MAX_BASE64:,}",
                "Make it smaller, or use media='fit'.",
            )
        said, seen = source.get("media_type"), image_header(data)
        if said not in IMAGE_TYPES:
            yield Problem(where, f"{said!r} is not a type that the API takes", f"It takes {', '.join(IMAGE_TYPES)}.")
        elif seen is not None and seen.media_type != said:
            yield Problem(where, f"it says {said}, but its bytes are {seen.media_type}", f"Say {seen.media_type}.")
        if seen is not None and max(seen.width, seen.height) > longest:
            limit = f"{longest:,} pixels a side" + (
                f" among more than {MANY_IMAGES} images" if longest == MAX_SIDE_OF_MANY else ""
            )
            yield Problem(
                where,
                f"the image is {seen.width} x {seen.height}, over {limit}",
                "Make it smaller, or use media='fit'.",
            )


def encoded_once(request: RequestView) -> Iterator[Problem]:
    """The data of an image or a document, given as bytes, is not base64 already: it would be encoded twice."""
    for where, source in images(request) + _documents(request):
        data = source.get("data")
        if source.get("type") == "base64" and isinstance(data, bytes | bytearray | memoryview) and is_base64(data):
            yield Problem(
                where, "its data is base64 already, given as bytes", "Give text, data.decode(), or the decoded bytes."
            )


def _documents(request: RequestView) -> list[tuple[str, Mapping[str, Any]]]:
    placed = [(at(turn, index), block) for turn, index, _, block in request.of("document")]
    for turn, index, _, block in request.of("tool_result"):
        inner = block.get("content")
        for each, part in enumerate(inner if isinstance(inner, list) else ()):
            if is_mapping(part) and part.get("type") == "document":
                placed.append((f"{at(turn, index)}.content[{each}]", part))
    return [(where, block["source"]) for where, block in placed if is_mapping(block.get("source"))]


APPLIES_TO: Final[dict[Callable[[RequestView], Iterator[Problem]], frozenset[str]]] = {
    image_limits: frozenset({"image block", "tool_result block"}),
    encoded_once: frozenset({"image block", "document block", "tool_result block"}),
}
