"""Images and documents from where they are: a path, bytes, a file object, a URL or a file id.

The type is read from the bytes, never from the name. `media="fit"` resizes what is over the API's limits, with Pillow (extra
`keybearer[media]`).
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

from keybearer.errors import LintError, UsageError
from keybearer.errors.sanitize import excerpt, sanitize
from keybearer.types.blocks_param import DocumentBlockParam, ImageBlockParam
from keybearer.wire.request.lint_media import images
from keybearer.wire.request.media import (
    BASE64_PREFIXES,
    MANY_IMAGES,
    MAX_BASE64,
    MAX_SIDE,
    MAX_SIDE_OF_MANY,
    document_block,
    image_block,
    image_header,
)
from keybearer.wire.request.turns import RequestView

__all__ = ["Source", "document", "fit", "image"]

Source: TypeAlias = str | os.PathLike[str] | bytes | IO[bytes]
"""A path, a URL (`https://...`), a file id (`file_...`), bytes, or a file object."""

_LONGEST_PATH: Final = 4096
"""No system takes a longer one, in characters."""

LIMIT = 64 << 20
"""The most that is read of one file, in bytes: more than the API takes."""


def image(source: Source, **fields: Any) -> ImageBlockParam:
    """Make an image block.

    Args:
        source: A path, an https URL, a file id (`file_...`), the image's bytes, or a file object opened for bytes.
        **fields: More of the block's fields, such as `cache_control`.

    Raises:
        LintError: It cannot be read, or is no image that the API takes; or the URL is not https.

    Example:
        content = [keybearer.image("chart.png"), {"type": "text", "text": "What does it show?"}]
    """
    block: Any = _elsewhere("image", source, fields) or _made(image_block, source, fields)
    made: ImageBlockParam = block
    return made


def document(source: Source, **fields: Any) -> DocumentBlockParam:
    """Make a document block of a PDF or a text file.

    Args:
        source: A path, an https URL, a file id (`file_...`), bytes, or a file object opened for bytes.
        **fields: More of the block's fields: `title`, `context`, `citations` (true or false will do), `cache_control`.

    Raises:
        LintError: It cannot be read, or is neither a PDF nor text.
    """
    if isinstance(fields.get("citations"), bool):
        fields["citations"] = {"enabled": fields["citations"]}
    block: Any = _elsewhere("document", source, fields) or _made(document_block, source, fields)
    made: DocumentBlockParam = block
    return made


def _elsewhere(kind: str, source: Source, fields: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the block of a file that the service has or fetches."""
    if not isinstance(source, str):
        return None
    scheme = source[:8].lower()
    if scheme == "https://":
        return {"type": kind, "source": {"type": "url", "url": source}, **fields}
    if scheme.startswith("http://"):
        raise _invalid(
            f"the URL {sanitize(source, 200)} is not https: the service fetches no other", "Give an https URL."
        )
    if scheme.startswith("data:") or len(source) > _LONGEST_PATH or _is_base64(source):
        raise _invalid(
            f"what was given is text of {len(source):,} characters and no path; it begins with '{excerpt(source, 20)}'",
            f"Is it base64? Then decode it: keybearer.{kind}(base64.b64decode(...)).",
        )
    if source.startswith("file_") and not _exists(source):
        return {"type": kind, "source": {"type": "file", "file_id": source}, **fields}
    return None


def _made(make: Any, source: Source, fields: Mapping[str, Any]) -> dict[str, Any]:
    path = isinstance(source, str | os.PathLike)
    name = f"the file {sanitize(str(source), 300)}" if path else "what was given"
    try:
        block: dict[str, Any] = make(_read(source), **fields)
    except OSError as error:
        problem = f"{name} cannot be read: {error.strerror or error}"
    except ValueError as error:
        problem = f"{name}: {error}"
    else:
        return block
    raise _invalid(problem)


def _invalid(problem: str, hint: str = "") -> LintError:
    return LintError(f"{problem[0].upper()}{problem[1:]}.", problems=(problem,), hint=hint)


def _is_base64(text: str) -> bool:
    """Return whether a text begins as a file that the API takes does in base64: a path hardly does."""
    return text.startswith(BASE64_PREFIXES) and not _exists(text)


def _exists(path: str) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - pathlib's raises for a name that is too long


def _read(source: Source) -> bytes:
    if isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
    elif isinstance(source, str | os.PathLike):
        with Path(source).open("rb") as file:
            data = file.read(LIMIT + 1)
    elif callable(getattr(source, "read", None)):
        data = source.read(LIMIT + 1)
    else:
        raise ValueError(f"it is of type {type(source).__name__}, but a path, a URL, a file id, bytes or a file is due")
    if not isinstance(data, bytes):
        raise ValueError("the file object gives text; open it with 'rb'")
    if len(data) > LIMIT:
        raise ValueError(f"it is larger than {LIMIT >> 20} MiB")
    return data


def fit(body: dict[str, Any]) -> dict[str, Any]:
    """Return the body with every image that is over the API's limits made smaller.

    Args:
        body: A request body. It is not changed.

    Raises:
        UsageError: Pillow is not installed.
        LintError: An image cannot be read.
    """
    found = images(RequestView(body, "", frozenset()))
    longest = MAX_SIDE_OF_MANY if len(found) > MANY_IMAGES else MAX_SIDE
    smaller = {id(source): _fitted(where, source, longest) for where, source in found if _over(source, longest)}
    return _replaced(body, smaller) if smaller else body


def _bytes(source: Mapping[str, Any]) -> bytes:
    data = source["data"]
    if isinstance(data, bytes):
        return data
    import base64

    return base64.b64decode(data)


def _over(source: Mapping[str, Any], longest: int) -> bool:
    data = source.get("data")
    if source.get("type") != "base64" or not isinstance(data, str | bytes):
        return False
    size = len(data) if isinstance(data, str) else len(data) * 4 // 3
    seen = image_header(data)
    return size > MAX_BASE64 or (seen is not None and max(seen.width, seen.height) > longest)


def _fitted(where: str, source: Mapping[str, Any], longest: int) -> dict[str, Any]:
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise UsageError(
            "media='fit' resizes images with Pillow, which is not installed.",
            hint="Install keybearer with its extra: 'keybearer[media]'",
        ) from error
    try:
        with Image.open(io.BytesIO(_bytes(source))) as opened:
            kind = opened.format or "PNG"
            picture_: Any = opened
            picture_.thumbnail((longest, longest))
            while True:
                out = io.BytesIO()
                picture_.save(out, format=kind)
                if len(out.getvalue()) * 4 // 3 <= MAX_BASE64 - 4:
                    return {**source, "media_type": f"image/{kind.lower()}", "data": out.getvalue()}
                picture_ = picture_.resize((max(1, picture_.width * 3 // 4), max(1, picture_.height * 3 // 4)))
    except (OSError, ValueError, UnidentifiedImageError) as error:
        problem = f"{where}: the image cannot be read: {sanitize(str(error), 200)}"
    raise LintError(f"{problem}.", problems=(problem,))


def _replaced(value: Any, smaller: Mapping[int, dict[str, Any]]) -> Any:
    """Return a copy of a JSON value in which the sources that were made smaller stand for the others."""
    if id(value) in smaller:
        return smaller[id(value)]
    if isinstance(value, dict):
        return {key: _replaced(each, smaller) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, smaller) for each in value]
    return value
