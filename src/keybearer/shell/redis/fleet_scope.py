"""Whose limits a process shares: an organization's or a key's, for one model.

Strategy: the service limits an organization, for each model. Until a reply has named the organization, the key stands for it; which
organization a key belongs to is kept in Redis, so that processes that begin share its limits from their first request.

Contract: Redis sees neither a key nor an organization: both are the key of a keyed hash (HMAC-SHA256), whose result is the name.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from keybearer.config.redis_server import RedisServer
from keybearer.shell.redis.link import RedisLink

__all__ = ["FleetScope", "hashed"]

KEPT: Final = 30 * 86400
"""How long it is kept which organization a key belongs to, in seconds."""


def hashed(secret: str, what: str) -> str:
    """Return a name that reveals nothing of a secret, and is another one for each purpose."""
    return hmac.new(secret.encode(), f"keybearer {what}".encode(), hashlib.sha256).hexdigest()[:32]


class FleetScope:
    """Whose limits a share falls under.

    Args:
        credential: The credential, by the name of its secret, which reveals nothing of it.
        host: Where the service is; whose organization is known has the same limits at each of its addresses.
        what: What is limited there: the kind of credential and the model.
    """

    def __init__(self, credential: str, host: str, what: str) -> None:
        self._credential, self._host, self._what = credential, host, what
        self.organization = ""
        self._looked = False

    def key(self, link: RedisLink) -> str:
        """Return the name of the limits in Redis."""
        if not self._looked and not self.organization:
            self.organization = link.command("GET", self._alias(link.server)) or ""
            self._looked = True
        if self.organization:
            return link.server.key(hashed(self.organization, self._what), "limits")
        return link.server.key(hashed(self._credential, f"{self._host} {self._what}"), "limits")

    def learn(self, link: RedisLink, organization: str) -> None:
        """Keep which organization the credential belongs to, for processes that begin."""
        self.organization = organization
        link.command("SET", self._alias(link.server), organization, "EX", KEPT)

    def look_again(self) -> None:
        """Look for the organization once more: another process may have learnt it."""
        self._looked = False

    def _alias(self, server: RedisServer) -> str:
        return server.key(hashed(self._credential, "organization"), "organization")
