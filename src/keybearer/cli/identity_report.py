"""The identity token of workload identity federation as it is now, in words: whose it is, and what is wrong with it.

Contract: only a token that is on this machine is read; none is asked for, and no command is run. The token is not in the words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keybearer.credentials.oauth.login import OAuthLogin

__all__ = ["identity_problem", "identity_words"]


def identity_words(login: OAuthLogin, now: float) -> str:
    """Return the identity token's claims in words, or what is wrong with it."""
    return _looked(login, now)[0]


def identity_problem(login: OAuthLogin, now: float) -> tuple[str, str]:
    """Return what is wrong with the identity token and what to do, both empty for one that is good as far as can be seen."""
    words, remedy = _looked(login, now)
    return (words, remedy) if remedy else ("", "")


def _looked(login: OAuthLogin, now: float) -> tuple[str, str]:
    from keybearer.credentials.sources.federated_login import FederatedLogin
    from keybearer.errors import CredentialError
    from keybearer.shell.drivers import SyncDriver
    from keybearer.shell.transports.base import TransportOptions
    from keybearer.shell.transports.default import DefaultTransport

    if not isinstance(login, FederatedLogin):
        return "", ""
    exchange = login.exchange
    if not exchange.identity.local:
        return f"{exchange.identity.words} is asked for the identity token then", ""
    try:
        claims = exchange.checked(SyncDriver(DefaultTransport(TransportOptions())).run(exchange.identity.read()))
    except CredentialError as error:
        return error.message.removesuffix(" Nothing was sent.").rstrip("."), error.hint
    words = f"its identity token: {claims.words(now)}"
    if claims.expired(now):
        return words, "See why it is not replaced, as a projected token is; or check this machine's clock."
    return words, ""
