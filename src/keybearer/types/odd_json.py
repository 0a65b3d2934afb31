"""JSON that msgspec refuses and the standard library decodes: lone surrogates, and numbers outside a float's range.

JSON allows them and services have sent them; a reply is not lost over one.
"""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

__all__ = ["loads_odd"]


def loads_odd(data: bytes | str, error: Exception) -> Any:
    """Decode JSON.

    Args:
        data: What msgspec refused.
        error: Why it did.

    Raises:
        ValueError: It is not JSON, or not UTF-8.
    """
    try:
        # Decoded here, strictly: the standard library would accept surrogates in UTF-8, and other encodings.
        text = data if isinstance(data, str) else data.decode()
        return json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse, parse_float=_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError:
        raise ValueError(str(error)) from None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _number(text: str) -> float | Decimal:
    """Read a number with a fraction or an exponent; as a `Decimal` outside a float's range, so that it can be written as it came."""
    value = float(text)
    if math.isfinite(value):
        return value
    return Decimal(text)
