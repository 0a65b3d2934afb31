"""Rules on images and documents: declared and real type, size, and source."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any, Final

from keybearer.simulator.core.errors import ServiceError, coded_error
from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules.rule import Rule, rule
from keybearer.simulator.service.images import Image, read_base64_image

__all__ = ["RULES"]

VISION_PAGE: Final = "docs: Vision"
FILES_PAGE: Final = "docs: Files API"
LARGEST_BASE64: Final = 10 * 1024 * 1024
LONGEST_SIDE: Final = 8_000
LONGEST_SIDE_OF_MANY: Final = 2_000
MANY: Final = 20


def _sources(request: MessageRequest, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for _, path, block in request.blocks:
        if block.get("type") == kind:
            yield path, block["source"]


def _decode(source: dict[str, Any]) -> bytes | None:
    try:
        return base64.b64decode(source["data"], validate=True)
    except (binascii.Error, ValueError):
        return None


def _images(request: MessageRequest) -> Iterator[tuple[str, Image]]:
    for path, source in _sources(request, "image"):
        if source["type"] == "base64" and (image := read_base64_image(source["data"])):
            yield path, image


@rule("image-bytes", VISION_PAGE, about=("image",))
def image_bytes(request: MessageRequest) -> str | None:
    """An image is at most 10 MB of base64."""
    for path, source in _sources(request, "image"):
        if source["type"] == "base64" and len(source["data"]) > LARGEST_BASE64:
            return (
                f"{path}.image.source.base64: image exceeds 10 MB maximum: "
                f"{len(source['data'])} bytes > {LARGEST_BASE64} bytes"
            )
    return None


@rule("image-readable", VISION_PAGE, about=("image",))
def image_readable(request: MessageRequest) -> str | None:
    """An image is valid base64 of a JPEG, PNG, GIF or WebP."""
    for path, source in _sources(request, "image"):
        if source["type"] != "base64":
            continue
        if _decode(source) is None:
            return f"{path}.image.source.base64.data: invalid base64 data"
        if read_base64_image(source["data"]) is None:
            return f"{path}.image.source.base64.data: Could not process image"
    return None


@rule("image-type", VISION_PAGE, about=("image",))
def image_type(request: MessageRequest) -> str | None:
    """An image has the type that its `media_type` says."""
    for path, source in _sources(request, "image"):
        image = read_base64_image(source["data"]) if source["type"] == "base64" else None
        if image and image.media_type != source["media_type"]:
            return (
                f"{path}.image.source.base64: The image was specified using the {source['media_type']} media type, "
                f"but the image appears to be a {image.media_type} image"
            )
    return None


@rule("image-count", "public documentation of vision, as public clients repeat it", sure="reported", about=("image",))
def image_count(request: MessageRequest) -> str | None:
    """A request has no more images than the model takes: 100 with a window of 200,000 tokens, 600 with a larger one."""
    count = sum(1 for _ in _sources(request, "image"))
    if request.model is None or count <= request.model.images:
        return None
    return (
        f"Too many images: {count} > {request.model.images}, which is the maximum of a request for {request.model.id}"
    )


@rule("image-side", "anthropic 2.14.0, types/image_dimensions_too_large_error.py", about=("image",))
def image_side(request: MessageRequest) -> ServiceError | None:
    """No side is longer than 8,000 pixels, or 2,000 in a request with more than 20 images."""
    count = sum(1 for _ in _sources(request, "image"))
    limit = LONGEST_SIDE_OF_MANY if count > MANY else LONGEST_SIDE
    paths = [path for path, image in _images(request) if max(image.width, image.height) > limit]
    if not paths:
        return None
    kind = " for many-image requests" if count > MANY else ""
    return coded_error(
        "image_dimensions_too_large",
        f"{paths[0]}.image.source.base64.data: At least one of the image dimensions exceed max allowed size{kind}: "
        f"{limit} pixels",
        max_side_length_pixels=limit,
        paths=paths,
    )


@rule("image-oversized", "anthropic 2.14.0, types/image_transformations_param.py", about=("image",))
def image_oversized(request: MessageRequest) -> str | None:
    """An image that must not be scaled down fits the model's largest size."""
    for _, path, block in request.blocks:
        if block.get("type") != "image" or (block.get("transformations") or {}).get("oversized_image") != "error":
            continue
        source, model = block["source"], request.model
        image = read_base64_image(source["data"]) if source["type"] == "base64" else None
        if image is None or model is None:
            continue
        fitted = image.fitted(edge=model.image_edge, most=model.image_tokens)
        if fitted != image:
            return (
                f"{path}.image: the image of {image.width}x{image.height} pixels exceeds the maximum size of {model.id}; "
                f"{fitted.width}x{fitted.height} pixels fit"
            )
    return None


@rule("pdf-readable", "docs: PDF support", about=("document",))
def pdf_readable(request: MessageRequest) -> str | None:
    """A base64 document is a PDF."""
    for path, source in _sources(request, "document"):
        if source["type"] == "base64" and b"%PDF-" not in (_decode(source) or b"")[:1024]:
            return f"{path}.document.source.base64.data: The PDF specified was not valid."
    return None


@rule("url-https", VISION_PAGE, about=("image", "document"))
def url_https(request: MessageRequest) -> str | None:
    """A URL source is https."""
    for kind in ("image", "document"):
        for path, source in _sources(request, kind):
            if source["type"] == "url" and not source["url"].startswith("https://"):
                return f"{path}.{kind}.source.url.url: Only HTTPS URLs are supported."
    return None


@rule("file-known", FILES_PAGE, about=("image", "document"))
def file_known(request: MessageRequest) -> ServiceError | None:
    """A file source refers to an uploaded file."""
    for kind in ("image", "document"):
        for _, source in _sources(request, kind):
            if source["type"] == "file" and source["file_id"] not in request.files:
                return ServiceError("not_found_error", f"File not found: {source['file_id']}")
    return None


FILE_TYPES: Final = {
    "image": ("image/jpeg", "image/png", "image/gif", "image/webp"),
    "document": ("application/pdf", "text/plain"),
}
"""The types of file that a block takes (docs: Files API, "File types and content blocks")."""


@rule("file-type", FILES_PAGE, about=("image", "document"))
def file_type(request: MessageRequest) -> str | None:
    """An image is an uploaded image, a document an uploaded PDF or plain text."""
    for kind, types in FILE_TYPES.items():
        for path, source in _sources(request, kind):
            found = request.files.get(source["file_id"], "") if source["type"] == "file" else types[0]
            if found.partition(";")[0].strip().lower() not in types:
                return f"{path}.{kind}.source.file.file_id: a file of type {found} is no {kind}, which takes {', '.join(types)}"
    return None


RULES: Final[tuple[Rule, ...]] = (
    image_bytes,
    image_readable,
    image_type,
    image_count,
    image_side,
    image_oversized,
    pdf_readable,
    url_https,
    file_known,
    file_type,
)
