"""keybearer: a native Claude (Anthropic Messages API) client.

    from keybearer import Client

    with Client() as client:
        message = client.messages.create(
            model="claude-haiku-4-5",
            max_tokens=500,
            messages=[{"role": "user", "content": "Hello"}],
        )
        print(message.text)

Every name here is loaded when it is first used, so that importing keybearer stays cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keybearer._version import __version__

if TYPE_CHECKING:
    from keybearer.client.aio import AsyncClient as AsyncClient
    from keybearer.client.sync import Client as Client
    from keybearer.errors import *  # noqa: F403 - the whole tree
    from keybearer.shell.streams import AsyncMessageStream as AsyncMessageStream
    from keybearer.shell.streams import AsyncRawStream as AsyncRawStream
    from keybearer.shell.streams import MessageStream as MessageStream
    from keybearer.shell.streams import RawStream as RawStream
    from keybearer.types.http import Timeouts as Timeouts
    from keybearer.types.messages import Message as Message

__all__ = [
    "AsyncClient",
    "AsyncMessageStream",
    "AsyncRawStream",
    "Client",
    "Message",
    "MessageStream",
    "RawStream",
    "Timeouts",
    "__version__",
]

_HOME = {
    "AsyncClient": "client.aio",
    "AsyncMessageStream": "shell.streams",
    "AsyncRawStream": "shell.streams",
    "Client": "client.sync",
    "Message": "types.messages",
    "MessageStream": "shell.streams",
    "RawStream": "shell.streams",
    "Timeouts": "types.http",
}
"""Public name to the module that it lives in; the errors' names are looked up in `keybearer.errors`."""


def __getattr__(name: str) -> Any:
    import importlib

    if name.startswith("_"):
        raise AttributeError(f"module 'keybearer' has no attribute {name!r}")
    module = importlib.import_module("keybearer." + _HOME.get(name, "errors"))
    try:
        value = getattr(module, name)
    except AttributeError:
        raise AttributeError(f"module 'keybearer' has no attribute {name!r}") from None
    globals()[name] = value
    return value
