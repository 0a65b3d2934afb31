"""Which URLs a key may be sent to: https, or a loopback address."""

from __future__ import annotations

from urllib.parse import urlsplit

__all__ = ["is_loopback", "url_problem"]


def is_loopback(host: str) -> bool:
    """Return whether a URL's host, as parsed, is this machine."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761, section 6.3
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def url_problem(url: str) -> str | None:
    """Return what is wrong with a base URL, in words; None when it can be used."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"is not a URL: {error}"
    if parts.scheme not in {"http", "https"} or not host:
        return "is not a URL of the form https://host"
    if parts.username is not None or parts.password is not None:
        return "has a user name or password in it"
    if parts.query or parts.fragment:
        return "has a query or a fragment"
    if any(ord(char) <= 0x20 for char in url):
        return "has white space in it"
    if parts.scheme == "http" and not is_loopback(host):
        return "is not https, and only a loopback address may go without: a key would cross the network in clear text"
    return None
