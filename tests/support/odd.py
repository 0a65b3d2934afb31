"""JSON objects with members that no proper service sends, around those that matter."""

from __future__ import annotations

import json
from typing import Any

from keybearer.types.secret import Secret

ODD = {
    "half an emoji": rb'"\ud83d"',
    "half an emoji in a name": rb'1, "\ude00": 2',
    "NaN": b"NaN",
    "minus infinity": b"-Infinity",
    "out of range": b"1e999",
    "5,000 digits": b"7" * 5000,
    "a NUL": b'"a\x00b"',
    "a line end": b'"a\nb"',
    "a bad escape": rb'"\q"',
    "985 levels": b"[" * 985 + b"]" * 985,
    "20,000 levels": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "900 KB": json.dumps({"name": "x" * 900_000}).encode(),
    "NaN inside": b'{"uuid": NaN, "brackets": "]}{[\\""}',
    "invalid UTF-8": b'"\xff\xfe"',
    "a bare word": b"undefined",
}
"""What a token endpoint, a proxy or another program may put beside the tokens."""


def with_odd(odd: bytes, **members: Any) -> Secret:
    """An object with an odd member before good ones, and after them as well where both fit into 1 MiB."""
    inside = b", ".join(b'"%s": %s' % (name.encode(), json.dumps(value).encode()) for name, value in members.items())
    return Secret(
        (
            b'{"account": '
            + odd
            + b", "
            + inside
            + b', "organization": '
            + (odd if len(odd) < 100_000 else b"0")
            + b"}"
        ).decode(errors="replace")
    )
