"""`client.get`, `post`, `put`, `patch` and `delete`: a request to any path, whose answer is made a value of a class.

Strategy: each is `client.request` under the SDK's arguments, and `cast` makes the answer what the caller asked for.

Source: `_base_client.py` of the `anthropic` wheel.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partialmethod
from typing import Any, Final, get_origin

from keybearer.compat.arguments import options as stripped_options
from keybearer.errors import UsageError
from keybearer.types.record import Record

__all__ = ["AsyncLowLevel", "LowLevel"]

OPTIONS: Final = {
    "headers": "extra_headers",
    "params": "query",
    "timeout": "timeout",
    "max_retries": "max_retries",
}
"""The SDK's options of a request, and ours."""


def asked(body: Any, options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the arguments of `client.request` that the SDK's stand for.

    Raises:
        UsageError: An option has no counterpart.
    """
    given = stripped_options(options or {})
    unknown = sorted(given.keys() - OPTIONS.keys())
    if unknown:
        raise UsageError(f"The options of a request have no {unknown[0]!r}; they take {', '.join(OPTIONS)}.")
    return {"json": body, **{OPTIONS[name]: value for name, value in given.items()}}


def cast(answer: Record, cast_to: Any) -> Any:
    """Return an answer as a value of a class.

    Args:
        answer: The answer.
        cast_to: One of keybearer's types or a pydantic model; `str` for JSON text; None for nothing; `dict` or `object` for the
            decoded JSON.

    Raises:
        UsageError: It is none of these, such as httpx's `Response`.
    """
    if cast_to is None or cast_to is type(None):
        return None
    if cast_to is str:
        return answer.to_json()
    if cast_to is object or cast_to is Any or (get_origin(cast_to) or cast_to) is dict:
        return answer.to_dict()
    if not callable(build := getattr(cast_to, "model_validate", None)):
        raise UsageError(
            f"cast_to={cast_to!r} is no class that an answer can be made of.",
            hint="Give a class of keybearer.compat.types, a pydantic model, dict, object or str.",
        )
    return build(answer.to_dict())


class LowLevel:
    """The methods of the client that blocks."""

    request: Any

    def _call(
        self,
        method: str,
        path: str,
        *,
        cast_to: Any,
        body: Any = None,
        options: Mapping[str, Any] | None = None,
        stream: bool = False,
        stream_cls: Any = None,
    ) -> Any:
        """Send a request to a path, and give its answer as a value of `cast_to`; of a stream, its events as records."""
        del stream_cls  # the events say what they are
        answer = self.request(method, path, stream=stream, **asked(body, options))
        return answer if stream else cast(answer, cast_to)

    get = partialmethod(_call, "GET")
    post = partialmethod(_call, "POST")
    put = partialmethod(_call, "PUT")
    patch = partialmethod(_call, "PATCH")
    delete = partialmethod(_call, "DELETE")


class AsyncLowLevel:
    """The methods of the client that is awaited."""

    request: Any

    async def _call(
        self,
        method: str,
        path: str,
        *,
        cast_to: Any,
        body: Any = None,
        options: Mapping[str, Any] | None = None,
        stream: bool = False,
        stream_cls: Any = None,
    ) -> Any:
        """Send a request to a path, and give its answer as a value of `cast_to`; of a stream, its events as records."""
        del stream_cls  # the events say what they are
        answer = await self.request(method, path, stream=stream, **asked(body, options))
        return answer if stream else cast(answer, cast_to)

    get = partialmethod(_call, "GET")
    post = partialmethod(_call, "POST")
    put = partialmethod(_call, "PUT")
    patch = partialmethod(_call, "PATCH")
    delete = partialmethod(_call, "DELETE")
