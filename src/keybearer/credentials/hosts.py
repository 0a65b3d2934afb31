"""Where an OAuth token may be sent: Anthropic's hosts, this machine, and those that the config adds."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from keybearer.config.urls import is_anthropic, is_loopback, url_problem
from keybearer.errors import CredentialError

__all__ = ["check_host", "check_own_host"]


@lru_cache(maxsize=64)
def check_host(url: str, others: tuple[str, ...] = (), *, what: str = "An OAuth token") -> None:
    """Refuse an address that an OAuth token or login may not be sent to.

    Args:
        url: The address; its query does not matter.
        others: Hosts that the config adds (`auth.allow_other_hosts`).
        what: What would be sent, for the error.

    Raises:
        CredentialError: The host is not one of those, or the token would cross the network in clear text.
    """
    problem = url_problem(url.partition("?")[0])
    if problem:
        raise CredentialError(f"{what} is not sent there: the address {problem}.", problem="cleartext")
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if is_loopback(host) or host in others or is_anthropic(host):
        return
    raise CredentialError(
        f"{what} is not sent to {host!r}: it is none of Anthropic's hosts.",
        problem="other_host",
        hint=f"If you trust it with your login, add {host!r} to auth.allow_other_hosts.",
    )


@lru_cache(maxsize=64)
def check_own_host(url: str, own: str, *, what: str) -> None:
    """Refuse an address other than that of the platform which a key or token is for.

    Args:
        url: The address; its query does not matter.
        own: The platform's host, with its port where it has one.
        what: What would be sent, for the error.

    Raises:
        CredentialError: It is another host, or what is sent would cross the network in clear text.
    """
    problem = url_problem(url.partition("?")[0])
    if problem:
        raise CredentialError(f"{what} is not sent there: the address {problem}.", problem="cleartext")
    if (host := urlsplit(url).netloc.lower()) != own:
        raise CredentialError(
            f"{what} is not sent to {host!r}: it is for {own!r}.",
            problem="other_host",
            hint="Name the address as the platform's base_url.",
        )
