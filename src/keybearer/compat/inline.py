"""Files inside a request: a path or an open file as the `data` of a base64 source is read, as the SDK does."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any, Final

from keybearer.errors import UsageError

__all__ = ["with_files_read"]

_CONTAINERS: Final = frozenset({dict, list, tuple})


def with_files_read(value: Any) -> Any:
    """Return the messages of a request with the files in their base64 sources read; the value itself where it has none.

    Args:
        value: The messages; only plain mappings, lists and tuples are looked into.

    Raises:
        UsageError: A file cannot be read.
    """
    kind = type(value)
    if kind not in _CONTAINERS or not _has_file(value):
        return value
    if kind is not dict:
        return kind(with_files_read(each) for each in value)
    read = {name: with_files_read(each) for name, each in value.items()}
    if value.get("type") == "base64" and _is_file(value.get("data")):
        read["data"] = base64.b64encode(_content(value["data"])).decode()
    return read


def _is_file(value: Any) -> bool:
    return isinstance(value, os.PathLike) or callable(getattr(value, "read", None))


def _has_file(container: Any) -> bool:
    for each in container.values() if type(container) is dict else container:
        kind = type(each)
        if kind is not str and (_has_file(each) if kind in _CONTAINERS else _is_file(each)):
            return True
    return False


def _content(file: Any) -> bytes:
    try:
        content = Path(file).read_bytes() if isinstance(file, os.PathLike) else file.read()
    except OSError as error:
        raise UsageError(f"The file of a source cannot be read: {error.strerror or error}.") from None
    return content.encode() if isinstance(content, str) else bytes(content)
