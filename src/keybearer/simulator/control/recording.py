"""The format of a recording: one JSON line for each exchange, without secrets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from keybearer.simulator.core.reply import encode
from keybearer.simulator.core.scrub import scrub_file

__all__ = [
    "RecordedExchange",
    "check_record_file",
    "decoded_body",
    "read_recording",
    "record_exchange",
    "write_recording",
]

KEPT_HEADERS: Final = ("content-type", "retry-after", "retry-after-ms", "x-should-retry")
KEPT_PREFIXES: Final = ("anthropic-ratelimit-", "anthropic-priority-")
LARGEST_FILE: Final = 512 * 1024 * 1024


class RecordedExchange(msgspec.Struct, forbid_unknown_fields=True):
    """A request and its reply, as one line of a recording.

    Args:
        method: The HTTP method.
        path: The path, with the query.
        body: The decoded body; the hash of a body that is no JSON; None for none.
        status: The reply's status.
        headers: The reply's headers that are kept, in lower case.
        reply: The reply's body.
    """

    method: str
    path: str
    body: Any
    status: int
    headers: dict[str, str]
    reply: str


def decoded_body(body: bytes) -> Any:
    """Decode a request's body, with every credential removed; a form or a file is known by its hash."""
    clean = scrub_file(body)
    try:
        return msgspec.json.decode(clean)
    except msgspec.DecodeError:
        return hashlib.sha256(clean).hexdigest() if clean else None


def record_exchange(
    method: str,
    path: str,
    body: bytes,
    *,
    status: int,
    headers: Mapping[str, str],
    reply: bytes,
    credentials: Iterable[str] = (),
) -> RecordedExchange:
    """Make the record of an exchange, with every credential removed.

    Args:
        method: The request's method.
        path: Its path, with the query.
        body: Its body.
        status: The reply's status.
        headers: The reply's headers, in lower case.
        reply: The reply's body.
        credentials: What the request was signed with, in whatever form: the service may repeat it.

    Returns:
        The record.
    """
    kept = {name: value for name, value in headers.items() if name in KEPT_HEADERS or name.startswith(KEPT_PREFIXES)}
    clean = scrub_file(path.encode()).decode()
    for each in credentials:
        reply = reply.replace(each.encode("latin-1"), b"[secret]")
    return RecordedExchange(
        method, clean, decoded_body(body), status, kept, scrub_file(reply).decode("utf-8", "replace")
    )


def read_recording(path: Path) -> list[RecordedExchange]:
    """Read a recording.

    Raises:
        ValueError: A line is wrong; the message has its file and number.
    """
    if path.exists() and not path.is_file():
        raise ValueError(f"{path}: it is not a file")
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError(f"{path}: a recording is at most {LARGEST_FILE:,} bytes")
    found = []
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                found.append(msgspec.json.decode(line, type=RecordedExchange))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                hint = (
                    "; make a recording of a HAR file, a cassette or a transcript with --import" if number == 1 else ""
                )
                raise ValueError(f"{path}: line {number}: {error}{hint}") from error
    return found


def check_record_file(path: Path) -> None:
    """Create the file that is recorded to, readable for its owner only.

    Raises:
        ValueError: It cannot be written; the message says why and what to do.
    """
    if not path.parent.is_dir():
        raise ValueError(f"cannot record to {path}: there is no folder {path.parent}; make it first")
    try:
        path.touch(mode=0o600)
        with path.open("ab"):
            pass
    except OSError as error:
        raise ValueError(f"cannot record to {path}: {error.strerror or error}") from error


def write_recording(path: Path, exchanges: Iterable[RecordedExchange]) -> None:
    """Append exchanges to a recording.

    Raises:
        ValueError: It cannot be written.
    """
    check_record_file(path)
    with path.open("ab") as file:
        file.writelines(encode(exchange) + b"\n" for exchange in exchanges)
