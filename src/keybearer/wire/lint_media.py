"""The rules of `keybearer.wire.lint` on images: their type, their weight and their size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from keybearer.wire.media import IMAGE_TYPES, MANY, MAX_BASE64, MAX_SIDE, MAX_SIDE_OF_MANY, picture
from keybearer.wire.turns import Problem, Request

__all__ = ["RULES", "images"]


def images(request: Request) -> list[tuple[str, Mapping[str, Any]]]:
    """Return every image of a request, those in tool results too: where it is, and its source."""
    found = []
    for where, _, block in request.blocks():
        found += _image(where, block)
        inner = block.get("content") if block.get("type") == "tool_result" else None
        for index, each in enumerate(inner if isinstance(inner, list) else ()):
            found += _image(f"{where}.content[{index}]", each)
    return found


def _image(where: str, block: Any) -> list[tuple[str, Mapping[str, Any]]]:
    if (
        isinstance(block, Mapping)
        and block.get("type") == "image"
        and isinstance(source := block.get("source"), Mapping)
    ):
        return [(where, source)]
    return []


def image_limits(request: Request) -> Iterator[Problem]:
    """An image is of a type that the API takes, the one that it says, at most 10 MiB of base64 and 8,000 pixels a side."""
    found = images(request)
    longest = MAX_SIDE_OF_MANY if len(found) > MANY else MAX_SIDE
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
        said, seen = source.get("media_type"), picture(data)
        if said not in IMAGE_TYPES:
            yield Problem(where, f"{said!r} is not a type that the API takes", f"It takes {', '.join(IMAGE_TYPES)}.")
        elif seen is not None and seen.media_type != said:
            yield Problem(where, f"it says {said}, but its bytes are {seen.media_type}", f"Say {seen.media_type}.")
        if seen is not None and max(seen.width, seen.height) > longest:
            limit = f"{longest:,} pixels a side" + (
                f" among more than {MANY} images" if longest == MAX_SIDE_OF_MANY else ""
            )
            yield Problem(
                where,
                f"the image is {seen.width} x {seen.height}, over {limit}",
                "Make it smaller, or use media='fit'.",
            )


RULES: Final[tuple[Callable[[Request], Iterator[Problem]], ...]] = (image_limits,)
