"""Whether a value is a JSON schema: draft 2020-12's own meta-schema, checked by the `jsonschema` package.

An agent sends the same tools with every request, and a check takes milliseconds, so the last answers are kept.
The only format that is checked is `regex`, read as the rest of the simulator reads patterns: which others the package
checks depends on what else is installed.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from keybearer.simulator.core.patterns import compiled

if TYPE_CHECKING:
    from jsonschema import FormatChecker

__all__ = ["is_schema"]

MOST_KEPT: Final = 512
LARGEST_KEPT: Final = 64 * 1024
"""The longest schema whose answer is kept, in bytes of JSON."""

_encode = msgspec.json.Encoder().encode


@cache
def _formats() -> FormatChecker:
    from jsonschema import FormatChecker

    formats = FormatChecker(formats=())
    formats.checks("regex")(lambda value: not isinstance(value, str) or compiled(value) is not None)
    return formats


def _check(value: Any) -> bool:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(value, format_checker=_formats())
    except SchemaError:
        return False
    return True


@lru_cache(MOST_KEPT)
def _check_json(text: bytes) -> bool:
    return _check(msgspec.json.decode(text))


def is_schema(value: Any) -> bool:
    """Return whether a value is a schema of draft 2020-12.

    Raises:
        RecursionError: It is nested too deeply.
    """
    try:
        text = _encode(value)
    except OverflowError:  # an integer of more than 64 bits
        return _check(value)
    return _check_json(text) if len(text) <= LARGEST_KEPT else _check(value)
