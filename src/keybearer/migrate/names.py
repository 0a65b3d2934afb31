"""Whether `keybearer.compat` has what a program uses of the SDK: the module itself is asked, so no list can be out of date."""

from __future__ import annotations

import importlib
import inspect
from functools import cache
from typing import Any, Final

from keybearer.errors import UsageError
from keybearer.migrate.imports import COMPAT, SDK

__all__ = ["client_accepts", "has_method", "is_client", "lacks"]

CLIENTS: Final = frozenset({"Anthropic", "AsyncAnthropic", "Client", "AsyncClient"})
"""The SDK's clients that have a counterpart."""

HELPERS: Final = frozenset(
    {"parse", "tool_runner", "thread", "stream", "poller", "worker", "with_streaming_response", "with_raw_response"}
)
"""Methods of the SDK's resources beside those of the API's paths."""


def is_client(name: str) -> bool:
    """Whether a dotted name is one of the SDK's clients."""
    return name.rpartition(".")[2] in CLIENTS and name.startswith(SDK + ".")


@cache
def lacks(name: str) -> str:
    """Say why keybearer has no counterpart of a name of the SDK.

    Args:
        name: The dotted name, such as `anthropic.types.Message`.

    Returns:
        The reason; empty when keybearer has it.
    """
    from keybearer.compat import unavailable
    from keybearer.compat.missing import MISSING

    last = name.rpartition(".")[2]
    if last in unavailable.__all__:
        return _refusal(getattr(unavailable, last))
    if not _found(COMPAT + name.removeprefix(SDK)):
        private = any(part.startswith("_") for part in name.split("."))
        return MISSING.get(last) or ("it is private to the SDK" if private else "keybearer.compat has no such name")
    return ""


def _refusal(value: Any) -> str:
    """Return what a name says that can be imported and not used."""
    try:
        value()
    except UsageError as error:
        return str(error).partition(": ")[2].partition("\n")[0] or str(error)
    except TypeError:
        return "it can be imported, and raises when it is used"
    return ""


def _found(name: str) -> bool:
    parts = name.split(".")
    for end in range(len(parts), 1, -1):
        try:
            value: Any = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            value = getattr(value, part, None)
        return value is not None
    return False


@cache
def _client() -> Any:
    from keybearer.compat import Anthropic

    return Anthropic(api_key="none", base_url="http://127.0.0.1")


def has_method(chain: str) -> bool:
    """Whether a client has a method, such as `beta.messages.tool_runner`; True for what is no method of the SDK."""
    parts = chain.split(".")
    if parts[-1] not in HELPERS:
        return True
    value: Any = _client()
    for part in parts:
        value = getattr(value, part, None)
    return value is not None


@cache
def client_accepts() -> tuple[frozenset[str], dict[str, str]]:
    """Return the arguments that a client of compat takes, and those it refuses with what to do instead."""
    from keybearer.compat.client import REFUSED, Anthropic
    from keybearer.compat.options import CompatOptions

    named = frozenset(inspect.signature(Anthropic.__init__).parameters)
    return (named | frozenset(CompatOptions.__annotations__)) - frozenset(REFUSED), dict(REFUSED)
