"""What differs when a program for the official SDK moves here, as tables: the kinds of findings, and the words of each."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias

__all__ = ["ENDED", "HTTPX", "KINDS", "LIKE", "PATCHES", "SAMPLING", "TEXTS", "Difference", "Kind"]

Kind: TypeAlias = Literal["import", "note", "hand", "sdk"]

KINDS: Final[dict[Kind, str]] = {
    "import": "changes by itself, with --write",
    "note": "runs, and differs",
    "hand": "is changed by hand",
    "sdk": "is better left with the official SDK",
}
"""Each kind of finding, and what is done about it."""


class Difference(NamedTuple):
    """A place of a program that will differ.

    Attributes:
        line: Its line, from 1.
        kind: Its row of `KINDS`.
        what: What stands there.
        todo: What to do about it.
    """

    line: int
    kind: Kind
    what: str
    todo: str


LIKE: Final = "Leave it with the SDK; keybearer.SDKCredentials gives that its login."

HTTPX: Final[dict[str, str]] = {
    "TimeoutException": "APITimeoutError",
    "ConnectTimeout": "APITimeoutError",
    "ReadTimeout": "APITimeoutError",
    "ConnectError": "APIConnectionError",
    "ReadError": "APIConnectionError",
    "RemoteProtocolError": "APIConnectionError",
    "NetworkError": "APIConnectionError",
    "TransportError": "APIConnectionError",
    "RequestError": "APIConnectionError",
    "HTTPError": "APIConnectionError",
    "HTTPStatusError": "APIStatusError",
}
"""httpx's exceptions, and the SDK's that are raised in their place: keybearer has no httpx below it."""

PATCHES: Final[dict[str, tuple[Kind, str]]] = {
    "respx": ("hand", "It answers for httpx, which keybearer does not use: test against keybearer.simulator."),
    "pytest_httpx": ("hand", "It answers for httpx, which keybearer does not use: test against keybearer.simulator."),
    "vcr": (
        "hand",
        "Record and replay with `keybearer simulate --record` and `--replay`; --import reads its cassettes.",
    ),
    "responses": ("hand", "It answers for requests, which keybearer does not use: test against keybearer.simulator."),
    "instructor": ("sdk", f"It knows the SDK's clients by their class. {LIKE}"),
    "langchain_anthropic": ("sdk", f"It makes SDK clients itself, with httpx objects. {LIKE}"),
    "llama_index.llms.anthropic": ("sdk", f"It makes SDK clients itself. {LIKE}"),
    "pydantic_ai": ("sdk", f"Its model takes an SDK client, and its types are the SDK's. {LIKE}"),
    "openinference.instrumentation.anthropic": ("sdk", f"It patches the SDK's classes. {LIKE}"),
    "opentelemetry.instrumentation.anthropic": ("sdk", f"It patches the SDK's classes. {LIKE}"),
    "langfuse": ("note", "Its observer of the SDK sees nothing of keybearer: on_response=... of the client does."),
    "langsmith": (
        "note",
        "wrap_anthropic wraps the SDK's classes alone: on_response=... of the client sees each reply.",
    ),
    "logfire": ("note", "instrument_anthropic patches the SDK alone: on_response=... of the client sees each reply."),
    "weave": ("note", "It patches the SDK alone: on_response=... of the client sees each reply."),
    "braintrust": (
        "note",
        "wrap_anthropic wraps the SDK's classes alone: on_response=... of the client sees each reply.",
    ),
}
"""Packages that reach into the SDK, and what becomes of that; they count only in a program that imports the SDK too."""

SAMPLING: Final = ("temperature", "top_p", "top_k")
"""Parameters that newer models and the SDK 2 refuse; compat sends them under the older version of the API."""

ENDED: Final[dict[str, str]] = {
    "completions.create": "The service ended text completions: use messages.create.",
    "prompt_caching.messages": "The beta ended: use messages, whose cache_control is the same.",
    "beta.tools.messages": "The beta ended: use messages, whose tools are the same.",
}
"""Calls that no client has any more, as the last names of a chain."""

TEXTS: Final[dict[str, str]] = {
    "import_module": "It imports by a text, which is not changed: write keybearer.compat.",
    "__import__": "It imports by a text, which is not changed: write keybearer.compat.",
    "find_spec": "It looks for the SDK by a text, which is not changed: look for keybearer.",
    "importorskip": "It imports by a text, which is not changed: write keybearer.compat.",
    "patch": "It patches the SDK by a text, which is not changed: patch keybearer.compat, or use keybearer.simulator.",
    "setattr": "It patches the SDK by a text, which is not changed: patch keybearer.compat, or use keybearer.simulator.",
    "wrap_function_wrapper": "It patches the SDK by a text, which is not changed: use on_response=... of the client.",
    "getLogger": "keybearer's log is named keybearer.",
    "version": "It asks for the version of the package anthropic: keybearer has its own.",
}
"""Functions that take the SDK's name as a text, and what to do there."""
