r"""JSON text to values and back: msgspec first, the standard library for the little that msgspec refuses.

msgspec refuses lone surrogates (`"\ud800"`) and numbers out of a float's range, which JSON allows and services have sent.
They are rare, and losing a reply over them would break the promise that nothing is dropped.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from decimal import Decimal

__all__ = ["loads", "written"]

_decode = msgspec.json.Decoder().decode


def loads(data: bytes | str) -> Any:
    """Decode JSON.

    Raises:
        ValueError: When it is not JSON, or not UTF-8.
    """
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        import json

        try:
            # Strictly: the standard library takes surrogates that UTF-8 cannot have, and other encodings.
            text = data if isinstance(data, str) else data.decode()
            return json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse, parse_float=_number)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        except ValueError:
            raise ValueError(str(error)) from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _number(text: str) -> float | Decimal:
    """Return a number with a fraction or an exponent; one out of a float's range as a `Decimal`, which is written as it came."""
    value = float(text)
    if math.isfinite(value):
        return value
    from decimal import Decimal

    return Decimal(text)


_encode = msgspec.json.Encoder(decimal_format="number").encode


def written(value: Any) -> str:
    """Return plain JSON types as JSON text, on one line.

    Args:
        value: What `loads` gives; a `Decimal` in it is a number.
    """
    try:
        return _encode(value).decode()
    except UnicodeEncodeError:
        import json

        return json.dumps(value, separators=(",", ":"))  # a lone surrogate: only an escape can carry it
