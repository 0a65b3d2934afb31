r"""JSON, both ways: msgspec first, the standard library for the little that msgspec refuses.

msgspec refuses lone surrogates (`"\ud800"`) and numbers out of a float's range, which JSON allows and services have sent.
They are rare, and losing a reply over them would break the promise that nothing is dropped.
"""

from __future__ import annotations

from typing import Any

import msgspec

from keybearer.types.base import Model

__all__ = ["dumps", "loads"]

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
            return json.loads(data, parse_constant=_refuse)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        except ValueError:
            raise ValueError(str(error)) from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def dumps(value: Any) -> bytes:
    """Encode a value as JSON in UTF-8. `bytes` become base64 text, without a copy of that text in Python.

    Raises:
        TypeError: For a type that JSON has no form for.
    """
    try:
        return _encode(value)
    except UnicodeEncodeError:
        import json

        # A lone surrogate: only an escape can carry it.
        return json.dumps(value, default=_hook, separators=(",", ":")).encode()


def _hook(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_param()
    if isinstance(value, bytes | bytearray | memoryview):
        import base64

        return base64.b64encode(value).decode()
    if hasattr(value, "__iter__"):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


_encode = msgspec.json.Encoder(enc_hook=_hook).encode
