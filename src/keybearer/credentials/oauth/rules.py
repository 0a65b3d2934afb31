"""How logins are refreshed, as values: loaded with every search for credentials, and so apart from the refresh itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct

from keybearer.flow import Clocks

if TYPE_CHECKING:
    from keybearer.credentials.oauth.renewal import Renewal

__all__ = ["CLIENT_ID", "Format", "RefreshRules"]

CLIENT_ID: Final = "9d1c250a-e61b-44d9-88ed-5944d1962f5e"
"""The public client id of subscription logins."""

Format: TypeAlias = Literal["json", "form"]


class RefreshRules(Struct, frozen=True, kw_only=True):
    """How logins are refreshed.

    Attributes:
        clocks: Clocks and randomness.
        retry_after: Reads the wait that reply headers ask for; the time is its second argument.
        token_endpoint: Used instead of the endpoint that the login records; None for the recorded one.
        token_format: The request format, whatever the endpoint answers; None for the recorded one, or JSON.
        client_id: The OAuth client.
        other_hosts: Hosts that may be the endpoint's, besides Anthropic's and loopback.
        headers: Further headers of the request.
        default_lifetime: The lifetime of a token whose reply has none, in seconds; None keeps the old expiry.
        renewal: The way to the next token; None for the refresh token.
    """

    clocks: Clocks
    retry_after: Callable[[Mapping[str, str], float], float | None]
    token_endpoint: str | None = None
    token_format: Format | None = None
    client_id: str = CLIENT_ID
    other_hosts: tuple[str, ...] = ()
    headers: dict[str, str] = {}
    default_lifetime: float | None = None
    renewal: Renewal | None = None
