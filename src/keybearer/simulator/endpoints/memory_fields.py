"""What the requests of memory stores may hold: the tag, the fields of a body and of a query, each with its check.

Source: the wheel's docstrings of `types/beta/memory_store_*_params.py` and `types/beta/memory_stores/*_params.py`. The
words of the refusals are a guess, and so is that a field which is not known is refused.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.core.request import ServedCall
from keybearer.simulator.endpoints.messages import read_body

__all__ = [
    "LIMIT",
    "MEMORY_FIELDS",
    "STORE_FIELDS",
    "check_digest",
    "check_tag",
    "merge_metadata",
    "page_limit",
    "read_choice",
    "read_fields",
    "read_time",
    "wants_content",
]

TAGS: Final = ("agent-memory-2026-07-22", "managed-agents-2026-04-01")
LIMIT: Final = 100
FULL_LIMIT: Final = 20
"""The most items of a page that has their content."""
LARGEST_CONTENT: Final = 102_400
LONGEST_PATH: Final = 1024
MOST_SEGMENTS: Final = 20
MOST_PAIRS: Final = 16
LONGEST_KEY: Final = 64
LONGEST_VALUE: Final = 512
DIGEST: Final = lazy(r"[0-9a-f]{64}")

Check = Callable[[Any], str | None]
"""Returns what is wrong with a value, in words, or None."""


def _refuse(message: str, rule: str = "memory-fields") -> ServiceError:
    return ServiceError("invalid_request_error", message, rule=rule)


def check_tag(call: ServedCall) -> None:
    """Refuse a request without one of the two beta tags.

    Raises:
        ServiceError: 400.
    """
    if not call.betas & set(TAGS):
        words = f"anthropic-beta: memory stores are in beta: send {' or '.join(TAGS)}"
        raise _refuse(words, "memory-beta")


def _name(value: Any) -> str | None:
    if isinstance(value, str) and 1 <= len(value) <= 255 and not any(map(_is_control, value)):
        return None
    return "use 1 to 255 characters, and no control character"


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) == "Cc"


def _description(value: Any) -> str | None:
    return None if isinstance(value, str) and len(value) <= 1024 else "use a text of at most 1,024 characters"


def _metadata(value: Any) -> str | None:
    if not isinstance(value, dict):
        return "use an object of texts"
    for key, each in value.items():
        if not 1 <= len(key) <= LONGEST_KEY:
            return f"a key has 1 to {LONGEST_KEY} characters"
        if not isinstance(each, str) or len(each) > LONGEST_VALUE:
            return f"{key}: use a text of at most {LONGEST_VALUE} characters"
    return None if len(value) <= MOST_PAIRS else f"at most {MOST_PAIRS} pairs"


def _metadata_patch(value: Any) -> str | None:
    given = {key: each for key, each in value.items() if each is not None} if isinstance(value, dict) else value
    return _metadata(given)


def _content(value: Any) -> str | None:
    if not isinstance(value, str):
        return "use a text; an empty one for an empty memory"
    size = len(value.encode())
    return None if size <= LARGEST_CONTENT else f"{size} bytes > {LARGEST_CONTENT} bytes"


def _path(value: Any) -> str | None:
    if not isinstance(value, str) or not value.startswith("/"):
        return "use a text that starts with `/`"
    segments = value[1:].split("/")
    if len(segments) > MOST_SEGMENTS or len(value.encode()) > LONGEST_PATH:
        return f"use 1 to {MOST_SEGMENTS} segments, and at most {LONGEST_PATH} bytes"
    if any(segment in {"", ".", ".."} for segment in segments):
        return "a segment is not empty, nor `.` or `..`"
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Zl", "Zp"} for letter in value):
        return "control and format characters and line separators are not permitted"
    return None if unicodedata.is_normalized("NFC", value) else "use Unicode Normalization Form C"


def _precondition(value: Any) -> str | None:
    if not isinstance(value, dict) or value.get("type") != "content_sha256":
        return "use an object of the type `content_sha256`"
    if extra := next((key for key in value if key not in {"type", "content_sha256"}), None):
        return f"{extra}: Extra inputs are not permitted"
    return _digest(value.get("content_sha256"))


def _digest(value: Any) -> str | None:
    good = isinstance(value, str) and DIGEST.fullmatch(value)
    return None if good else "content_sha256: use 64 lowercase hexadecimal characters"


STORE_FIELDS: Final[Mapping[str, Mapping[str, Check]]] = {
    "create": {"name": _name, "description": _description, "metadata": _metadata},
    "update": {"name": _name, "description": _description, "metadata": _metadata_patch},
}
"""The fields of a store's bodies, each with its check."""
MEMORY_FIELDS: Final[Mapping[str, Mapping[str, Check]]] = {
    "create": {"path": _path, "content": _content},
    "update": {"path": _path, "content": _content, "precondition": _precondition},
}
"""The fields of a memory's bodies, each with its check."""


def read_fields(call: ServedCall, checks: Mapping[str, Check], *, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """Read the fields of a body; what is null counts as not given.

    Args:
        call: The request.
        checks: The fields that it may have, each with its check.
        required: Those that it must have.

    Raises:
        ServiceError: 400 for the first that is wrong, with its name.
    """
    body = read_body(call)
    for name, value in body.items():
        if name not in checks:
            raise _refuse(f"{name}: Extra inputs are not permitted", "unknown-fields")
        if value is not None and (wrong := checks[name](value)):
            raise _refuse(f"{name}: {wrong}")
    given = {name: value for name, value in body.items() if value is not None}
    if missing := next((name for name in required if name not in given), None):
        raise _refuse(f"{missing}: Field required")
    return given


def merge_metadata(old: Mapping[str, str], patch: Mapping[str, str | None]) -> dict[str, str]:
    """Return metadata after a change: a text sets a key, null removes it.

    Raises:
        ServiceError: 400 if there are too many pairs then.
    """
    merged = {key: value for key, value in {**old, **patch}.items() if value is not None}
    if wrong := _metadata(merged):
        raise _refuse(f"metadata: {wrong}")
    return merged


def check_digest(value: str | None) -> None:
    """Refuse an `expected_content_sha256` that is no digest.

    Raises:
        ServiceError: 400.
    """
    if value is not None and _digest(value):
        raise _refuse("expected_content_sha256: use 64 lowercase hexadecimal characters")


def read_choice(call: ServedCall, name: str, choices: tuple[str, ...]) -> str | None:
    """Read a query parameter that is one of a few values.

    Raises:
        ServiceError: 400 for another value.
    """
    value = call.query.get(name)
    if value is not None and value not in choices:
        raise _refuse(f"{name}: Input should be {' or '.join(map(repr, choices))}")
    return value


def read_time(call: ServedCall, name: str) -> float | None:
    """Read a query parameter that is a time (RFC 3339), as seconds since the epoch.

    Raises:
        ServiceError: 400 for what is no time.
    """
    text = call.query.get(name)
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        raise _refuse(f"{name}: use a time such as 2026-11-26T08:00:00Z") from error


def wants_content(call: ServedCall, usual: str) -> bool:
    """Return whether a reply has the content of memories, by `view`.

    Args:
        call: The request.
        usual: The view of a request that names none.
    """
    return (read_choice(call, "view", ("basic", "full")) or usual) == "full"


def page_limit(limit: int, *, full: bool) -> int:
    """Return how many items a page may have."""
    return min(limit, FULL_LIMIT) if full else limit
