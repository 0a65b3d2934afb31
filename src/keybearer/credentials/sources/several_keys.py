"""Several keys of one provider, `api_keys`: each request is signed with the one whose limits leave most.

Strategy: the exchange shows each reply to its credential's provider (`replied`), and `keybearer.credentials.rotation` decides. A key
that is refused is put aside, and the request is sent once more with another. A key that is rate limited rests; while another is free,
the retry does not wait. A key whose credit is spent is put aside: that call fails, and the next one uses another key.

Contract: a key is put aside with one line of the log, which names its place in the configuration and not the key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from msgspec import structs

from keybearer.credentials.credential import Credential, CredentialProvider
from keybearer.credentials.rotation import ASIDE, KeyRotation
from keybearer.credentials.signers.api_key import APIKeySigner
from keybearer.errors import KeybearerError, QuotaExceeded, RateLimited
from keybearer.flow import Flow
from keybearer.types.rate_limits import RateLimits

__all__ = ["SeveralKeys"]

_log = logging.getLogger("keybearer")

REMEDY: Final = "it is put aside for a while; the next call uses another of the keys, if one is left."


class RotatedKeySigner(APIKeySigner, frozen=True):
    """Signs with one of several keys: after a refusal there is another."""

    refreshable: ClassVar[bool] = True


class SeveralKeys:
    """The provider.

    Args:
        keys: The provider of each key.
        rotation: Chooses among them.
        wall: The wall clock.
    """

    def __init__(self, keys: Sequence[CredentialProvider], rotation: KeyRotation, wall: Callable[[], float]) -> None:
        self._keys, self._rotation, self._wall = keys, rotation, wall
        self._index: dict[str, int] = {}

    def current(self) -> Flow[Credential]:
        """Return the key that has most left."""
        index = self._rotation.choose(self._wall())
        credential = yield from self._keys[index].current()
        self._index[credential.token_id] = index
        if isinstance(credential.signer, APIKeySigner):
            return structs.replace(credential, signer=RotatedKeySigner(credential.signer.secret), remedy=REMEDY)
        return credential

    def rejected(self, credential: Credential) -> None:
        """Put a key aside that the service refused."""
        index = self._index.get(credential.token_id)
        if index is not None:
            self._put_aside(index, credential, ASIDE, "the service refused it")
            self._keys[index].rejected(credential)

    def replied(self, credential: Credential, limits: RateLimits | None, error: KeybearerError | None) -> None:
        """Record what a reply says of its key.

        Args:
            credential: What the request was signed with.
            limits: The limits in the reply's headers; None without any.
            error: The error that the reply is; None for an answer. A rate limit's wait is dropped where another key is free.
        """
        index, now = self._index.get(credential.token_id), self._wall()
        if index is None:
            return
        if limits is not None:
            self._rotation.on_limits(index, limits)
        if isinstance(error, RateLimited):
            self._rotation.rest(index, error.retry_after, now)
            if self._rotation.free(now):
                error.retry_after = 0.0
        elif isinstance(error, QuotaExceeded):
            until = ASIDE if error.resets_at is None else max(0.0, error.resets_at - now)
            self._put_aside(index, credential, until, "its credit or quota is spent")

    def _put_aside(self, index: int, credential: Credential, seconds: float, why: str) -> None:
        now = self._wall()
        self._rotation.rest(index, seconds, now)
        _log.warning(
            "credentials: %s is put aside for %.0f s, because %s; %d of %d keys are left",
            credential.source,
            seconds,
            why,
            self._rotation.free(now),
            len(self._keys),
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._keys)} keys)"
