"""The arguments of the official SDK's methods, as keybearer's take them.

Strategy: a resource of a compat client is made of a subclass of keybearer's own, each of whose methods translates its arguments first.
So every argument of every method goes through `translate`, and no method is written twice.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final, TypeAlias, TypeVar

from keybearer.client.resources.tree import AsyncRunner, Runner
from keybearer.compat.limits import timeouts_of
from keybearer.compat.sentinels import stripped, without_sentinels

__all__ = ["OLD_VERSION", "Sampling", "options", "translating"]

R = TypeVar("R")
"""A resource, or what runs the calls of one."""

Translate: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]]

OLD_VERSION: Final = "2023-06-01"
"""The API's version before 2026-10-21, the last one that takes sampling parameters."""

SAMPLING: Final = ("temperature", "top_p", "top_k")

_log = logging.getLogger("keybearer")


def options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments by name without the SDK's sentinels, and with keybearer's time limits."""
    kept = without_sentinels(given)
    if "timeout" in kept:
        kept["timeout"] = timeouts_of(kept["timeout"])
    return kept


class Sampling:
    """Sends calls with `temperature`, `top_p` or `top_k` under the version that takes them, and says so in the log, once.

    Attributes:
        logged: Whether it was said.
    """

    def __init__(self) -> None:
        self.logged = False

    def versioned(self, given: dict[str, Any], *, chosen: bool) -> dict[str, Any]:
        """Return a call's arguments, with the older version's header where they need it.

        Args:
            given: The arguments of `messages.create`, of `messages.stream`, or of `messages.batches.create`.
            chosen: Whether the client was made for a version; then that one is kept.
        """
        names = sorted({name for params in _params_of(given) for name in SAMPLING if params.get(name) is not None})
        headers: Mapping[str, str] = given.get("extra_headers") or {}
        if not names or chosen or any(str(name).lower() == "anthropic-version" for name in headers):
            return given
        if not self.logged:
            self.logged = True
            _log.warning(
                "Calls with %s are sent under anthropic-version %s: the current version refuses sampling parameters.",
                ", ".join(names),
                OLD_VERSION,
            )
        return {**given, "extra_headers": {**headers, "anthropic-version": OLD_VERSION}}


def _params_of(given: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the parameters of each message that arguments ask for; those of an iterator are not looked at."""
    rows = given.get("requests")
    if not isinstance(rows, list | tuple):
        return [given] if "messages" in given else []
    params = [row.get("params") for row in rows if isinstance(row, Mapping)]
    return [each for each in params if isinstance(each, Mapping)]


def _answering(name: str) -> property:
    """Return `with_raw_response` or `with_streaming_response` as the property of a resource: its methods, with another answer."""

    def methods(self: Any) -> Any:
        from keybearer.compat import answering

        return getattr(answering, name)(self._with_keeper)

    return property(methods)


ANSWERS: Final = {
    "with_raw_response": _answering("ResponseMethods"),
    "with_streaming_response": _answering("StreamedMethods"),
}
"""What every resource, and the client itself, has beside its methods."""


def translating(cls: type[R], translate: Translate) -> type[R]:
    """Return a subclass that translates the arguments of its methods, and whose resources do.

    Args:
        cls: A resource's class, or a runner's.
        translate: Translates arguments by name.
    """

    def taking(method: Callable[..., Any]) -> Callable[..., Any]:
        name = method.__name__

        @wraps(method)
        def call(self: Any, *args: Any, **given: Any) -> Any:
            # looked up at each call: tracers put a function of their own in the class
            return getattr(cls, name)(self, *map(stripped, args), **translate(given))

        return call

    def arguments(self: Any, method: Any, name: str, args: Any, given: Mapping[str, Any]) -> Any:
        return super(made, self).arguments(method, name, stripped(tuple(args)), translate(given))

    def request(self: Any, asked: Any, **how: Any) -> Any:
        given = translate({"json": asked.json, "query": asked.query, **asked.options})
        json, query = given.pop("json", None), given.pop("query", None)
        return super(made, self).request(asked._replace(json=json, query=query, options=given), **how)

    own: dict[str, Any]
    if issubclass(cls, Runner | AsyncRunner):
        own = {"arguments": arguments, "request": request}
    else:
        bases = [base for base in reversed(cls.__mro__) if base.__module__.startswith("keybearer.")]
        public = {name: each for base in bases for name, each in vars(base).items() if not name.startswith("_")}
        own = {name: taking(each) for name, each in public.items() if inspect.isfunction(each)}
        own |= ANSWERS
        own["_made"] = lambda _self, other: translating(other, translate)
    made: Any = type(cls.__name__, (cls,), {"__module__": cls.__module__, "__doc__": cls.__doc__, **own})
    return made  # type: ignore[no-any-return] # a subclass that is made at run time
