"""Forms: the fields of an upload, beside its files."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from keybearer.api.methods import query_of
from keybearer.wire.request.multipart import FilePart, MultipartBody

__all__ = ["form_of"]


def form_of(fields: Mapping[str, Any], files: Sequence[FilePart]) -> MultipartBody:
    """Return a form, which writes lists and truth values as a query does.

    Args:
        fields: Name to value; one that is None is left out.
        files: The files.
    """
    given = [
        (name, each)
        for name, value in query_of(fields).items()
        for each in (value if isinstance(value, list) else [value])
    ]
    return MultipartBody(given, files, boundary=secrets.token_hex(16))
