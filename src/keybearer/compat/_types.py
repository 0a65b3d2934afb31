"""The module that programs import the official SDK's sentinels and the types of its arguments from.

Source: `_types.py` of the `anthropic` wheel.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from typing import IO, Any, Literal, TypeAlias, TypeVar

from keybearer.compat._models import RequestOptions
from keybearer.compat.limits import Timeout
from keybearer.compat.sentinels import NOT_GIVEN, NoneType, NotGiven, Omit, not_given, omit

__all__ = [
    "NOT_GIVEN",
    "AnyMapping",
    "ArrayFormat",
    "AsyncBinaryTypes",
    "Base64FileInput",
    "BinaryTypes",
    "Body",
    "FileContent",
    "FileTypes",
    "Headers",
    "HeadersLike",
    "IncEx",
    "ModelT",
    "NestedFormat",
    "NoneType",
    "NotGiven",
    "Omit",
    "PostParser",
    "Query",
    "RequestFiles",
    "RequestOptions",
    "ResponseT",
    "SequenceNotStr",
    "StrBytesIntFloat",
    "Timeout",
    "not_given",
    "omit",
]

Query: TypeAlias = Mapping[str, object]
Body: TypeAlias = object
AnyMapping: TypeAlias = Mapping[str, object]
Headers: TypeAlias = Mapping[str, str | Omit]
HeadersLike: TypeAlias = Headers
ModelT = TypeVar("ModelT")
ResponseT = TypeVar("ResponseT")
ArrayFormat: TypeAlias = Literal["comma", "repeat", "indices", "brackets"]
NestedFormat: TypeAlias = Literal["dots", "brackets"]
Base64FileInput: TypeAlias = IO[bytes] | os.PathLike[str]
BinaryTypes: TypeAlias = bytes | bytearray | IO[bytes] | Iterable[bytes]
AsyncBinaryTypes: TypeAlias = bytes | bytearray | IO[bytes] | AsyncIterable[bytes]
FileContent: TypeAlias = IO[bytes] | bytes | os.PathLike[str]
FileTypes: TypeAlias = (
    FileContent
    | tuple[str | None, FileContent]
    | tuple[str | None, FileContent, str | None]
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
RequestFiles: TypeAlias = Mapping[str, FileTypes] | Sequence[tuple[str, FileTypes]]
StrBytesIntFloat: TypeAlias = str | bytes | int | float
IncEx: TypeAlias = set[int] | set[str] | Mapping[int, Any] | Mapping[str, Any]
PostParser: TypeAlias = Callable[[Any], Any]
SequenceNotStr = Sequence
