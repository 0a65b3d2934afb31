r"""Where a login may send the browser: to this machine, in the one form that every parser reads alike.

Python's `urlsplit` and a browser disagree about backslashes, user information, control characters and odd spellings of an
address: `http://evil.com\@127.0.0.1/` is loopback for the one and evil.com for the other. So nothing is parsed here that
may be read in two ways: a redirect fits the grammar below, or it is refused.

Source: RFC 8252, section 7.3 (plain http, this machine, any port); the WHATWG URL standard for what browsers do.
"""

from __future__ import annotations

import ipaddress
from typing import Final

from keybearer.simulator.core.patterns import lazy

__all__ = ["form_target", "is_loopback_redirect"]

LOOPBACK: Final = lazy(
    r"http://(?P<host>localhost|127(?:\.[0-9]{1,3}){3}|\[[0-9a-fA-F:]{2,39}\])(?P<port>:[0-9]{1,5})?"
    r"(?P<rest>[/?][!-~]*)?"
)
NOT_IN_REST: Final = frozenset("\\#\"'<>^`{|}")
"""What RFC 3986 does not allow in a path or query, and the fragment, which RFC 6749 (3.1.2) forbids."""
HIGHEST_PORT: Final = 65535


def is_loopback_redirect(uri: str) -> bool:
    """Return whether a `redirect_uri` leads to this machine, for every browser.

    Args:
        uri: The address as the client sent it, percent-decoded once.
    """
    found = LOOPBACK.fullmatch(uri)
    if found is None or NOT_IN_REST & set(found["rest"] or ""):
        return False
    if found["port"] and not 0 < int(found["port"][1:]) <= HIGHEST_PORT:
        return False
    if found["host"] == "localhost":
        return True
    try:
        return ipaddress.ip_address(found["host"].strip("[]")).is_loopback
    except ValueError:
        return False


def form_target(uri: str) -> str:
    """Return the source expression of a Content Security Policy for the address to which a form's answer redirects.

    Args:
        uri: A loopback redirect.

    Returns:
        Its origin; `http:` for an address that the policy's grammar cannot express, which knows no IPv6; nothing for what is
        no loopback redirect.
    """
    found = LOOPBACK.fullmatch(uri)
    if found is None:
        return ""
    return "http:" if found["host"].startswith("[") else f"http://{found['host']}{found['port'] or ''}"
