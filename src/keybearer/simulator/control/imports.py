"""Makes recordings from what other tools have written: HAR files, VCR cassettes, transcripts of Claude Code.

Each format is one function from the file's content to exchanges; what cannot be used is left out with a reason, in words.
Only requests below `/v1/` are taken. No header of a request is kept, and credentials are removed from all else.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
import yaml

from keybearer.simulator.control.recording import RecordedExchange, record_exchange
from keybearer.simulator.control.transcripts import transcript_exchanges

__all__ = ["Imported", "import_file"]

LARGEST_FILE: Final = 512 * 1024 * 1024
LARGEST_REPLY: Final = 64 * 1024 * 1024
SECRET_PATHS: Final = ("/v1/oauth/", "/oauth/")
SECRET_NAMES: Final = frozenset({"key", "api_key", "apikey", "token", "access_token", "secret", "code", "signature"})
"""Query parameters that may carry a credential."""


class Imported(NamedTuple):
    """What a file gave.

    Args:
        format: The name of its format.
        exchanges: The exchanges, in order.
        left_out: What could not be used, and why, one line each.
    """

    format: str
    exchanges: list[RecordedExchange]
    left_out: list[str]


class _UnusableError(Exception):
    """An exchange that cannot be used, and why."""


def _header_map(headers: Any) -> dict[str, str]:
    """Read headers, which are a mapping of lists (VCR), a mapping, or a list of names and values (HAR)."""
    if isinstance(headers, dict):
        items = [(name, value[0] if isinstance(value, list) and value else value) for name, value in headers.items()]
    else:
        items = [(each.get("name"), each.get("value")) for each in headers or [] if isinstance(each, dict)]
    return {str(name).lower(): str(value) for name, value in items}


def _unpacked(data: bytes, encoding: str) -> bytes:
    """Return a body without its compression, which most tools have undone although the header stays."""
    packed = {"gzip": data[:2] == b"\x1f\x8b", "deflate": data[:1] == b"\x78"}.get(encoding, False)
    if not packed:
        return data
    try:
        plain = zlib.decompressobj(wbits=47).decompress(data, LARGEST_REPLY + 1)
    except (zlib.error, gzip.BadGzipFile) as error:
        raise _UnusableError(f"its body is no {encoding}: {error}") from error
    if len(plain) > LARGEST_REPLY:
        raise _UnusableError(f"its body is larger than {LARGEST_REPLY:,} bytes")
    return plain


def _bytes(text: Any, encoding: Any = None) -> bytes:
    if text is None:
        return b""
    if encoding == "base64":
        try:
            return base64.b64decode(str(text), validate=True)
        except binascii.Error as error:
            raise _UnusableError("its body is no base64") from error
    return text if isinstance(text, bytes) else str(text).encode()


def _exchange(
    method: Any, url: Any, body: bytes, *, status: Any, headers: Mapping[str, str], reply: bytes
) -> RecordedExchange:
    parts = urlsplit(str(url))
    if not parts.path.startswith("/v1/") or parts.path.startswith(SECRET_PATHS):
        raise _UnusableError("it is no request of the API, or one for a token")
    if not isinstance(status, int) or status < 100:
        raise _UnusableError("it has no reply")
    data = _unpacked(reply, headers.get("content-encoding", "").lower())
    if not data and status != 204:
        raise _UnusableError("its reply has no body in the file (browsers leave out the body of a stream)")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise _UnusableError(
            f"its reply is no text ({headers.get('content-encoding') or 'unknown'} encoding)"
        ) from error
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in SECRET_NAMES])
    path = f"{parts.path}?{query}" if query else parts.path
    return record_exchange(str(method).upper(), path, body, status=status, headers=headers, reply=data)


def _har(data: Any) -> Iterator[Callable[[], RecordedExchange]]:
    """Read a HAR file (HTTP Archive 1.2), as browsers and mitmproxy write it."""
    for entry in data["log"]["entries"]:
        request, response = entry["request"], entry["response"]
        content, posted = response.get("content") or {}, request.get("postData") or {}
        yield lambda request=request, response=response, content=content, posted=posted: _exchange(  # type: ignore[misc]  # bound now
            request["method"],
            request["url"],
            _bytes(posted.get("text"), posted.get("encoding")),
            status=response.get("status"),
            headers={"content-type": str(content.get("mimeType")), **_header_map(response.get("headers"))},
            reply=_bytes(content.get("text"), content.get("encoding")),
        )


def _vcr(data: Any) -> Iterator[Callable[[], RecordedExchange]]:
    """Read a cassette of vcrpy (YAML or JSON, also of its older httpx stub) or of Ruby's VCR."""
    for each in data.get("interactions") or data.get("http_interactions") or []:
        request, response = each["request"], each["response"]
        status = response.get("status_code", response.get("status"))
        yield lambda request=request, response=response, status=status: _exchange(  # type: ignore[misc]  # bound now
            request["method"],
            request["uri"],
            _vcr_body(request.get("body")),
            status=status.get("code") if isinstance(status, dict) else status,
            headers=_header_map(response.get("headers")),
            reply=_vcr_body(response.get("body", response.get("content"))),
        )


def _vcr_body(body: Any) -> bytes:
    if isinstance(body, dict):
        return _bytes(body["base64_string"], "base64") if "base64_string" in body else _bytes(body.get("string"))
    return _bytes(body)


def _collected(name: str, makers: Iterator[Callable[[], RecordedExchange]]) -> Imported:
    exchanges, left_out = [], []
    for number, make in enumerate(makers, 1):
        try:
            exchanges.append(make())
        except _UnusableError as error:
            left_out.append(f"exchange {number}: {error}")
    return Imported(name, exchanges, left_out)


def import_file(path: Path) -> Imported:
    """Read a file of another tool.

    Args:
        path: A HAR file, a cassette of VCR as YAML or JSON, or a transcript of Claude Code (JSONL).

    Returns:
        Its exchanges, and what was left out.

    Raises:
        ValueError: It is none of these, or broken; the message has the file.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ValueError(f"{path}: a file to import is at most {LARGEST_FILE:,} bytes")
    try:
        lines = _json_lines(content)
        if lines is not None:
            return Imported("a transcript of Claude Code", *transcript_exchanges(lines))
        data = _document(content)
        if isinstance(data, dict) and isinstance(data.get("log"), dict):
            return _collected("a HAR file", _har(data))
        if isinstance(data, dict) and ("interactions" in data or "http_interactions" in data):
            return _collected("a VCR cassette", _vcr(data))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{path}: it is broken: {type(error).__name__}: {error}") from error
    raise ValueError(f"{path}: it is no HAR file, no VCR cassette and no transcript of Claude Code")


def _json_lines(content: bytes) -> list[Any] | None:
    """Return the lines of a transcript; None for a file that is no JSON objects with a `type`, one a line."""
    lines = [line for line in content.split(b"\n") if line.strip()]
    try:
        first = msgspec.json.decode(lines[0]) if lines else None
        if not isinstance(first, dict) or "type" not in first:
            return None
        return [msgspec.json.decode(line) for line in lines]
    except msgspec.DecodeError:
        return None


def _document(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        return yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are the safe loader
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
