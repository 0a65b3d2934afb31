"""Tokens that other programs read from the environment: `ANTHROPIC_AUTH_TOKEN` and `CLAUDE_CODE_OAUTH_TOKEN`.

Strategy: each is a source of its own, after the configured ones. A token of Anthropic's (`sk-ant-oat01-`) is held to what every OAuth
token is held to. Any other `ANTHROPIC_AUTH_TOKEN` is a gateway's own: it is sent without a beta tag, and the gateway that the same
environment names in `ANTHROPIC_BASE_URL` may have it, for both were set by one person for each other.

Contract: an empty variable is none. One that cannot be a token ends the search, and none of it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from keybearer.config.urls import url_problem
from keybearer.credentials.bundle import token_of
from keybearer.credentials.credential import OAUTH_BETA, SETUP_TOKEN, Credential
from keybearer.credentials.search import Found, Mode, Search
from keybearer.credentials.sources.setup_token import SetupToken, parse_setup_token
from keybearer.credentials.sources.static import unquoted
from keybearer.errors import CredentialError
from keybearer.flow import Flow
from keybearer.types.secret import Secret

__all__ = ["AuthToken", "BearerToken", "ClaudeCodeToken"]

AUTH_TOKEN: Final = "ANTHROPIC_AUTH_TOKEN"  # noqa: S105 - a variable's name
CLAUDE_CODE_TOKEN: Final = "CLAUDE_CODE_OAUTH_TOKEN"  # noqa: S105 - as above


class BearerToken:
    """A token that is sent as it is and that nothing here can refresh.

    Args:
        token: The token.
        source: Where it came from, in words.
        other_hosts: Hosts beside Anthropic's and loopback that it may be sent to.
        betas: The beta tags that it needs.
    """

    def __init__(
        self, token: Secret, *, source: str, other_hosts: tuple[str, ...] = (), betas: tuple[str, ...] = ()
    ) -> None:
        self.other_hosts = other_hosts
        self._credential = Credential(
            "oauth",
            token,
            source,
            remedy="set the variable to one that is valid, or unset it; nothing here can refresh it.",
            betas=betas,
            other_hosts=other_hosts,
        )

    def current(self) -> Flow[Credential]:
        """Give the token."""
        yield from ()  # no effect: the token is at hand
        return self._credential

    def rejected(self, credential: Credential) -> None:
        """Do nothing: it cannot be refreshed."""

    def __repr__(self) -> str:
        return f"BearerToken(source={self._credential.source!r})"


class _Variable:
    """What both sources share."""

    mode: Mode
    name: str
    lenient = False

    def configured(self, search: Search) -> bool:
        """Return whether it is set."""
        return self.present(search)

    def place(self, search: Search) -> str:  # noqa: ARG002 - the protocol's
        """Return the variable's name."""
        return self.name

    def present(self, search: Search) -> bool:
        """Return whether it is set."""
        return bool(search.environ.get(self.name, "").strip())

    def _text(self, search: Search) -> Secret:
        text = Secret(unquoted(search.environ.get(self.name, "")))
        if text:
            return text
        raise CredentialError(
            f"{self.name} is not set.", source=self.name, problem="no_key", hint="Set it, or choose another auth.mode."
        )


class AuthToken(_Variable):
    """`ANTHROPIC_AUTH_TOKEN`: an OAuth token, or a gateway's own."""

    mode: Mode = "auth_token"
    name = AUTH_TOKEN

    def open(self, search: Search) -> Found:
        """Read it.

        Raises:
            CredentialError: It cannot be one.
        """
        text = self._text(search)
        if text.reveal().startswith(SETUP_TOKEN):
            own = BearerToken(text, source=self.name, other_hosts=search.other_hosts, betas=(OAUTH_BETA,))
            return Found(provider=_checked(own, text))
        others = (*search.other_hosts, *_gateway(search.environ))
        return Found(provider=_checked(BearerToken(text, source=self.name, other_hosts=others), text))


class ClaudeCodeToken(_Variable):
    """`CLAUDE_CODE_OAUTH_TOKEN`: a setup token, as Claude Code reads it."""

    mode: Mode = "claude_code_token"
    name = CLAUDE_CODE_TOKEN

    def open(self, search: Search) -> Found:
        """Read it.

        Raises:
            CredentialError: It cannot be one.
        """
        token = parse_setup_token(self._text(search), self.name)
        return Found(provider=SetupToken(token, source=self.name, other_hosts=search.other_hosts))


def _checked(provider: BearerToken, text: Secret) -> BearerToken:
    if token_of(text.reveal()) is not None:
        return provider
    raise CredentialError(
        f"{AUTH_TOKEN} is garbled: a token has no spaces and nothing but ASCII.",
        source=AUTH_TOKEN,
        problem="bad_token",
        hint="Copy it again, without `Bearer` before it.",
    )


def _gateway(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the host that the environment names for its token."""
    url = environ.get("ANTHROPIC_BASE_URL", "")
    if not url or url_problem(url):
        return ()
    return ((urlsplit(url).hostname or "").rstrip(".").lower(),)
