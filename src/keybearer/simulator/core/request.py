"""What the rules and the endpoints know of one HTTP request."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from keybearer.simulator.core.catalogue import CatalogueModel, find_model
from keybearer.simulator.faults import Applied

__all__ = ["Caller", "MessageRequest", "ServedCall"]


@dataclasses.dataclass(frozen=True)
class Caller:
    """Who is calling: never the key itself.

    Args:
        kind: `api_key`, `oauth` or `setup_token`.
        organization: Whose cache, limits and files.
    """

    kind: str
    organization: str


@dataclasses.dataclass
class ServedCall:
    """One HTTP request as it came in.

    Args:
        method: The HTTP method.
        path: The path, without the query.
        query: Query parameters, the last value of each name.
        query_pairs: Query parameters in full.
        headers: Header names in lower case to values.
        body: The whole body.
        request_id: The id of the reply.
        client: The peer's host and port, which name its connection.
        path_params: What the route's placeholders matched.
        credential: Set once the caller is known.
        fault: What strikes the reply, set once it is known.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    request_id: str
    query_pairs: Sequence[tuple[str, str]] = ()
    client: tuple[str, int] | None = None
    path_params: Mapping[str, str] = dataclasses.field(default_factory=dict)
    credential: Caller | None = None
    fault: Applied | None = None

    @property
    def version(self) -> str:
        """The `anthropic-version` header."""
        return self.headers.get("anthropic-version", "")

    @property
    def betas(self) -> frozenset[str]:
        """The whole tags of the `anthropic-beta` header."""
        return frozenset(tag.strip() for tag in self.headers.get("anthropic-beta", "").split(",") if tag.strip())

    @property
    def is_subscription(self) -> bool:
        """Tell whether the caller came with a subscription's token, not with an API key."""
        return self.credential is not None and self.credential.kind != "api_key"

    @property
    def organization(self) -> str:
        """The caller's organisation."""
        return self.credential.organization if self.credential else ""


@dataclasses.dataclass(frozen=True)
class MessageRequest:
    """A request for a message, which is what the rules judge.

    Args:
        body: The decoded body.
        version: The API version.
        betas: The beta tags.
        size: The body's size in bytes.
        endpoint: `messages`, `count_tokens` or `batches`.
        files: Ids of the files that the caller may name.
        memo: What several rules would otherwise work out again.
    """

    body: dict[str, Any]
    version: str = "2026-10-21"
    betas: frozenset[str] = frozenset()
    size: int = 0
    endpoint: str = "messages"
    files: frozenset[str] = frozenset()
    memo: dict[str, Any] = dataclasses.field(default_factory=dict, compare=False, repr=False)

    @property
    def model(self) -> CatalogueModel | None:
        """The model that the body names, if there is one."""
        return find_model(self.body.get("model"))

    @property
    def messages(self) -> list[Any]:
        """The body's messages, or none when they are no list."""
        messages = self.body.get("messages")
        return messages if isinstance(messages, list) else []
