"""Which URLs a key may be sent to (https, or a loopback address), and through which proxies.

Strategy: programs read an odd URL differently (a backslash, a tab, an `@` in a path), so the checked host might not be the
connected one. A URL must therefore follow a grammar without such ambiguity: a host is a name of ASCII letters, digits,
dots, hyphens and underscores, or an address literal; a path is printable ASCII.

Contract: no message shows any part of a URL, because a password may be in it.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from keybearer.types.secret import ProxyURL

__all__ = ["is_anthropic", "is_loopback", "normal_url", "proxy_problem", "proxy_url", "url_problem"]

DOMAINS: Final = ("anthropic.com", "claude.com")
"""Anthropic's domains."""

PROXIES: Final = ("http", "https", "socks5", "socks5h")
"""The kinds of proxies that there is a transport for."""

_HOST: Final = re.compile(r"[a-z0-9._-]+", re.IGNORECASE | re.ASCII)
_PATH: Final = re.compile(r"(?:/[!-~]*)?", re.ASCII)
_NOT_A_HOST: Final = "has a host that is neither a name of ASCII letters, digits, dots and hyphens nor an address"

_NO_URL: Final = "is not a URL of the form https://host"
_NO_PROXY: Final = "is not a URL of the form http://host:port"


def is_loopback(host: str) -> bool:
    """Return whether a URL's host, as parsed, is this machine; one that is no host is not.

    Nor is a name below `localhost`: RFC 6761 keeps those for this machine, but resolvers may ask the network for them.
    """
    if not _HOST.fullmatch(host) and not _is_address(host):
        return False
    if host == "localhost":
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_anthropic(host: str) -> bool:
    """Return whether a URL's host, as parsed, is one of Anthropic's."""
    name = host.rstrip(".").lower()
    return any(name == each or name.endswith("." + each) for each in DOMAINS)


def url_problem(url: str) -> str | None:
    """Return what is wrong with a base URL, in words; None when it can be used."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return _NO_URL
    if parts.scheme not in {"http", "https"} or not host:
        return _NO_URL
    if parts.username is not None or parts.password is not None:
        return "has a user name or password in it"
    if problem := _port_problem(url):
        return problem
    if parts.query or parts.fragment:
        return "has a query or a fragment"
    if any(ord(char) <= 0x20 for char in url):
        return "has white space in it"
    if not _is_host(parts.netloc, host):
        return _NOT_A_HOST
    if not _PATH.fullmatch(parts.path) or "\\" in url:
        return "has a character in its path that is not printable ASCII; write it as %XX"
    if parts.scheme == "http" and not is_loopback(host):
        return "is not https, and only a loopback address may go without: a key would cross the network in clear text"
    return None


def proxy_problem(url: str) -> str | None:
    """Return what is wrong with a proxy's URL, in words; None when it can be used."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return _NO_PROXY
    if "://" not in url or not host:
        return _NO_PROXY
    if parts.scheme not in PROXIES:
        return f"is of a kind that is not known; it may be {', '.join(f'{each}://' for each in PROXIES)}"
    if problem := _port_problem(url):
        return f"{problem}; a special character of a password is written as %XX"
    if any(ord(char) <= 0x20 for char in url):
        return "has white space in it"
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        return "has more than a host and a port"
    if not _is_host(parts.netloc.rpartition("@")[2], host):
        return _NOT_A_HOST
    return None


def proxy_url(url: str) -> ProxyURL:
    """Return a proxy's URL that has no problem as one that hides its password, with its scheme in lower case."""
    scheme, mark, rest = url.partition("://")
    return ProxyURL(f"{scheme.lower()}{mark}{rest}")


def _is_host(netloc: str, host: str) -> bool:
    """Return whether a network location without a login is a host that all programs read alike, and its port."""
    if netloc.startswith("["):
        return _is_address(host) and ":" in host and "%" not in host
    return _HOST.fullmatch(netloc.partition(":")[0]) is not None


def _is_address(host: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _port_problem(url: str) -> str | None:
    try:
        port = urlsplit(url).port
    except ValueError:
        port = 0
    return "has a port that is no number from 1 to 65535" if port == 0 else None


def normal_url(url: str) -> str:
    """Return a base URL that has no problem with its scheme and host in lower case, as everything after this expects it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.lower()).geturl()  # urlsplit has lowered the scheme
