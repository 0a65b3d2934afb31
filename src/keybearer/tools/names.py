"""Names of tools as the API takes them: letters, digits, `_` and `-`, at most 64 characters."""

from __future__ import annotations

import hashlib
import re
from typing import Final

__all__ = ["MAX_NAME", "fit_name"]

MAX_NAME: Final = 64
"""The longest name, in characters. Source: `ToolParam.name` of the API's reference."""

_OTHERS: Final = re.compile(r"[^a-zA-Z0-9_-]+")


def fit_name(name: str) -> str:
    """Return a name that the API takes, the same for the same name each time.

    One that fits is left as it is. In any other each run of what does not fit becomes `_`, it is cut, and it ends in a digest of the
    whole, so that two names never become one.
    """
    plain = _OTHERS.sub("_", name)
    if plain == name and 0 < len(name) <= MAX_NAME:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{plain[: MAX_NAME - 1 - len(digest)].rstrip('_') or 'tool'}_{digest}"
