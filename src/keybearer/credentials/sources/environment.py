"""Tokens that other programs read from the environment: `ANTHROPIC_AUTH_TOKEN` and `CLAUDE_CODE_OAUTH_TOKEN`.

Strategy: each variable is a source of its own, after the configured ones. A token of Anthropic's (`sk-ant-oat01-`) follows the rules
of every OAuth token. Any other `ANTHROPIC_AUTH_TOKEN` is a gateway's own: it is sent without a beta tag, and may go to the host of
`ANTHROPIC_BASE_URL` in the same environment, because one person set both for each other.

Contract: an empty variable counts as unset. A value that cannot be a token ends the search, and none of it is shown.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from keybearer.config.urls import url_problem
from keybearer.credentials.bundle import token_of
from keybearer.credentials.credential import SETUP_TOKEN
from keybearer.credentials.search import Found, Mode, Search
from keybearer.credentials.signers.bearer import OAUTH_BETA
from keybearer.credentials.sources.bearer_token import BearerToken
from keybearer.credentials.sources.setup_token import SetupToken, parse_setup_token
from keybearer.credentials.sources.static import unquoted
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

__all__ = ["AuthTokenVariable", "ClaudeCodeTokenVariable"]

AUTH_TOKEN: Final = "ANTHROPIC_AUTH_TOKEN"  # noqa: S105 - a variable's name
CLAUDE_CODE_TOKEN: Final = "CLAUDE_CODE_OAUTH_TOKEN"  # noqa: S105 - as above


REMEDY: Final = "set the variable to one that is valid, or unset it; nothing here can refresh it."


class _Variable:
    """A source that is an environment variable."""

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


class AuthTokenVariable(_Variable):
    """`ANTHROPIC_AUTH_TOKEN`: an OAuth token, or a gateway's own."""

    mode: Mode = "auth_token"
    name = AUTH_TOKEN

    def open(self, search: Search) -> Found:
        """Read it.

        Raises:
            CredentialError: It cannot be one.
        """
        gateway = search.environ.get("ANTHROPIC_BASE_URL")
        return Found(provider=auth_token(self._text(search), self.name, gateway, search.other_hosts))


class ClaudeCodeTokenVariable(_Variable):
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


def auth_token(text: Secret, source: str, gateway: str | None, other_hosts: tuple[str, ...] = ()) -> BearerToken:
    """Return the provider of a bearer token: an OAuth token, or a gateway's own, which may go to that gateway.

    Args:
        text: The token.
        source: Where it came from, in words.
        gateway: The gateway's URL, such as `ANTHROPIC_BASE_URL`; None for none.
        other_hosts: Hosts beside the API's that an OAuth token may go to.

    Raises:
        CredentialError: It cannot be one.
    """
    if token_of(text.reveal()) is None:
        raise CredentialError(
            f"{source} is garbled: a token has no spaces and nothing but ASCII.",
            source=source,
            problem="bad_token",
            hint="Copy it again, without `Bearer` before it.",
        )
    if text.reveal().startswith(SETUP_TOKEN):
        return BearerToken(text, source=source, remedy=REMEDY, other_hosts=other_hosts, betas=(OAUTH_BETA,))
    return BearerToken(text, source=source, remedy=REMEDY, other_hosts=(*other_hosts, *_host_of(gateway)), betas=())


def _host_of(url: str | None) -> tuple[str, ...]:
    """Return the host of a URL, where it has one that can be used."""
    if not url or url_problem(url):
        return ()
    return ((urlsplit(url).hostname or "").rstrip(".").lower(),)
