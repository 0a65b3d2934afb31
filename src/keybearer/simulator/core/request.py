"""One HTTP request, as the rules and the endpoints read it. None of these values changes once it is made, but for the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct

from keybearer.simulator.core.catalogue import CatalogueModel, find_model
from keybearer.simulator.core.conversation import Block, RoleTurn, join_turns, walk_blocks
from keybearer.simulator.core.once import once

__all__ = [
    "CHAT_PATH",
    "ITEM_PATH",
    "MESSAGES_PATH",
    "TEST_HEADER",
    "Caller",
    "FormPart",
    "MessageRequest",
    "ServedCall",
]

MESSAGES_PATH: Final = "/v1/messages"
ITEM_PATH: Final = "/v1/messages/batches/items"
"""The path under which a fault, or a chaos profile, strikes the items of batches. It is no page of the API."""
CHAT_PATH: Final = "/v1/chat/completions"
TEST_HEADER: Final = "x-sim-test"
"""Names the test that a request belongs to, where tests share one simulator."""


class Caller(Struct, frozen=True):
    """Who is calling, without the key.

    Args:
        kind: `api_key`, `oauth` or `setup_token`.
        organization: The owner of the cache, limits and files.
    """

    kind: str
    organization: str


class FormPart(NamedTuple):
    """One part of a form: a field, or a file if it has a filename."""

    name: str
    filename: str | None
    content_type: str | None
    data: bytes


class ServedCall(Struct, dict=True):
    """One HTTP request as it came in.

    Args:
        method: The HTTP method.
        path: The path, without the query.
        query: Query parameters, the last value of each name.
        query_pairs: Query parameters in full.
        headers: Header names in lower case to values.
        body: The whole body.
        request_id: The id of the reply.
        client: The peer's host and port, which identify its connection.
        path_params: The values of the route's placeholders.
        form: The parts of a `multipart/form-data` body; None for a body that is no form.
        caller: Who sent it; None while that is not known, or where nobody asks.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    request_id: str
    query_pairs: Sequence[tuple[str, str]] = ()
    client: tuple[str, int] | None = None
    path_params: Mapping[str, str] = msgspec.field(default_factory=dict)
    form: Sequence[FormPart] | None = None
    caller: Caller | None = None

    @property
    def version(self) -> str:
        """The `anthropic-version` header."""
        return self.headers.get("anthropic-version", "")

    @property
    def test(self) -> str | None:
        """The test that it belongs to: the `x-sim-test` header."""
        return self.headers.get(TEST_HEADER)

    @once
    def betas(self) -> frozenset[str]:
        """The tags of the `anthropic-beta` header."""
        return frozenset(tag.strip() for tag in self.headers.get("anthropic-beta", "").split(",") if tag.strip())

    @property
    def is_subscription(self) -> bool:
        """Whether the caller uses a subscription's token, not an API key."""
        return self.caller is not None and self.caller.kind != "api_key"

    @property
    def organization(self) -> str:
        """The caller's organisation."""
        return self.caller.organization if self.caller else ""


class MessageRequest(Struct, frozen=True, dict=True):
    """A request for a message, which is what the rules check.

    Args:
        body: The decoded body.
        version: The API version.
        betas: The beta tags.
        size: The body's size in bytes.
        endpoint: `messages`, `count_tokens` or `batches`.
        files: The files that the caller may name, id to type.
        skills: The skills that the caller may name: owner and id to the names of each version.
        now: The simulator's time, in seconds since the epoch, which decides whether a model is retired.
        future: Whether what nobody knows yet may pass under a beta tag: `accept` or `refuse`.
    """

    body: dict[str, Any]
    version: str = "2026-10-21"
    betas: frozenset[str] = frozenset()
    size: int = 0
    endpoint: str = "messages"
    files: Mapping[str, str] = msgspec.field(default_factory=dict)
    skills: Mapping[tuple[str, str], Any] = msgspec.field(default_factory=dict)
    now: float = 0.0
    future: str = "accept"

    @once
    def kept(self) -> dict[str, Any]:
        """What one check has found and another reads."""
        return {}

    @once
    def model(self) -> CatalogueModel | None:
        """The model that the body names, if there is one."""
        return find_model(self.body.get("model"))

    @once
    def messages(self) -> list[Any]:
        """The body's messages; empty when they are not a list."""
        messages = self.body.get("messages")
        return messages if isinstance(messages, list) else []

    @once
    def turns(self) -> list[RoleTurn]:
        """The conversation's turns (`join_turns`)."""
        return join_turns(self.messages)

    @once
    def parts(self) -> frozenset[str]:
        """The names of the body's fields, the roles of its messages and the types of their blocks, which say what rules to ask."""
        found = {*self.body, *[message["role"] for message in self.messages]}
        for _, _, block in self.blocks:
            found.add(str(block.get("type")))
        return frozenset(found)

    @once
    def blocks(self) -> list[tuple[str, str, Block]]:
        """Role, path and block of every block (`walk_blocks`)."""
        return list(walk_blocks(self.messages))
