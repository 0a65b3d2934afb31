"""A client's part in a fleet: which of the shared limits a request falls under, and the reports that keep them in Redis.

Strategy: a share is of the limits of an organization and a model (`fleet_scope.py`). One thread for each Redis sends the reports of
all clients of the process, each when it is due (`reporter.py`); a request waits for its lease, never for the thread.

Contract: while Redis cannot be reached, it is tried about once a second, by each process at a moment of its own, so that not all come
back at once. What happens to Redis is said once.
"""

from __future__ import annotations

import logging
import random
import re
import threading
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import msgspec

from keybearer.config.redis_server import RedisServer
from keybearer.errors import KeybearerError
from keybearer.policy.fleet_share import FleetShare
from keybearer.shell.redis.fleet_scope import FleetScope, hashed
from keybearer.shell.redis.link import RedisLink, RedisScript, redis_link
from keybearer.shell.redis.reporter import reporter
from keybearer.types.fleet import FleetGrant
from keybearer.types.hooks import FleetChanged

if TYPE_CHECKING:
    from keybearer.credentials.credential import Credential
    from keybearer.policy.concurrency import ConcurrencyLimiter
    from keybearer.types.http import Draft
    from keybearer.types.usage import Usage

__all__ = ["FleetMember"]

_log = logging.getLogger("keybearer")

AGAIN: Final = (0.5, 1.5)
"""How long until Redis is tried again while it cannot be reached, in seconds: somewhere between the two."""

PLACES: Final = "places"
"""The part that shares how many requests are under way; every other one is named by its model, in quotes."""

_MODEL: Final = re.compile(rb'\{"model":\s*"([^"\\]{1,200})"')
_DATED: Final = re.compile(r"(-latest|-20\d{6}|@20\d{6})$")


class FleetPart:
    """A share, and where it is reported.

    Args:
        share: The share.
        scope: Whose limits they are.
        concurrency: What the places of the fleet are granted to; None for a share of the service's limits.
    """

    def __init__(self, share: FleetShare, scope: FleetScope, concurrency: ConcurrencyLimiter | None = None) -> None:
        self.share, self.scope, self.concurrency = share, scope, concurrency
        self.leaving = False
        self.organization = ""  # as a reply has named it, until it is learnt


class FleetMember:
    """A client's part in a fleet.

    Args:
        server: Where the limits are.
        tenant: Whom the client works for.
        weight: The tenant's weight.
        concurrency: The client's permits, which become its share of the fleet's; None for no such limit.
    """

    def __init__(
        self, server: RedisServer, *, tenant: str, weight: float, concurrency: ConcurrencyLimiter | None = None
    ) -> None:
        self._server, self._tenant, self._weight = server, tenant, weight
        self._concurrency = concurrency
        redis_link(server).check()
        self._places = 0
        if concurrency is not None:
            self._places = concurrency.permits
            concurrency.resize(1)  # the first request finds out how many are this process's
        self._begin()

    def _begin(self) -> None:
        self._name = uuid.uuid4().hex
        self._parts: dict[str, FleetPart] = {}
        self._by_share: dict[FleetShare, FleetPart] = {}
        self._last: FleetShare | None = None
        self._adding = threading.Lock()
        self._news: list[FleetChanged] = []
        self._lost = False

    # ── what the exchange calls (`FleetPort`) ────────────────────────────────

    @property
    def alone(self) -> bool:
        """Whether Redis cannot be reached now."""
        return self._lost

    @property
    def first_wait(self) -> float:
        """How long a request waits for the first lease at the most: an answer of Redis, and making a connection."""
        return 2 * self._server.timeout + 0.5

    def share_of(self, draft: Draft, credential: Credential) -> FleetShare | None:
        """Return the share that a request falls under; None for one that is no message."""
        if draft.method != "POST" or not draft.url.endswith("/v1/messages"):
            return None
        found = _MODEL.match(draft.body)
        model = _named(found[1].decode(errors="replace") if found else "")
        part = self._parts.get(model)
        if part is None:
            part = self._added(model, draft, credential)
        if self._concurrency is not None:
            self._parts[PLACES].share.begin()
        self._last = part.share
        return part.share

    def hurry(self, share: FleetShare) -> None:
        """Let the next report of a share be sent when it is due."""
        due = share.due()
        if due is not None:
            reporter(self._server).expect(due)

    def give_up(self, share: FleetShare) -> None:
        """Let a share go on alone."""
        self._on_lost(self._by_share[share], f"{self._where} did not give the first answer in time")

    def on_headers(self, share: FleetShare, headers: Mapping[str, str]) -> None:
        """Record the organization that a reply has named."""
        part = self._by_share[share]
        if (named := headers.get("anthropic-organization-id")) and not part.organization:
            for each in list(self._parts.values()):
                each.organization = hashed(named, "organization")

    def on_usage(self, usage: Usage, model: str) -> None:
        """Record what an answer took."""
        part = self._parts.get(_named(model))
        share = self._last if part is None else part.share
        if share is not None:
            share.on_usage(usage)

    def news(self) -> list[FleetChanged]:
        """Return what has changed since this was last asked."""
        if not self._news:
            return []
        news, self._news = self._news, []
        return news

    def close(self) -> None:
        """Leave the fleet: what was leased goes to the others at once."""
        for part in list(self._parts.values()):
            part.leaving = part.share.joined
        if any(part.leaving for part in self._parts.values()):
            reporter(self._server).expect(0.0)

    def after_fork(self) -> None:
        """Begin anew in a forked child, as a process of its own."""
        self._begin()
        if self._concurrency is not None:
            self._concurrency.resize(1)

    # ── what the thread calls ────────────────────────────────────────────────

    def due(self, now: float) -> list[tuple[float, FleetPart]]:
        """Return the parts that have something to report, each with when that is due."""
        found = []
        for part in list(self._parts.values()):
            due = now if part.leaving else part.share.due()
            if due is not None:
                found.append((due, part))
        return found

    def report(self, part: FleetPart, link: RedisLink) -> None:
        """Send a report, and take the lease that answers it."""
        share = part.share
        report = share.report(time.monotonic(), leaving=part.leaving)
        try:
            if part.organization not in {"", part.scope.organization}:
                part.scope.learn(link, part.organization)
            answer = link.run(LIMITS, [part.scope.key(link)], [_ENCODER.encode(report).decode()])
            grant = _DECODER.decode(answer)
        except (KeybearerError, msgspec.MsgspecError) as error:
            if not part.leaving:
                self._on_lost(part, error.message.rstrip(".") if isinstance(error, KeybearerError) else str(error))
            part.leaving = False
            return
        part.leaving = False
        was_alone = share.apply(report, grant, time.monotonic())
        self._resize(part)
        if not grant.known:
            part.scope.look_again()
        if was_alone and self._lost and not any(each.share.alone for each in list(self._parts.values())):
            self._lost = False
            _log.warning("limits: %s answers again; this process shares the limits with %d", self._where, grant.members)
            self._news.append(FleetChanged(joined=True, server=self._where, members=grant.members))

    def _on_lost(self, part: FleetPart, reason: str) -> None:
        part.share.lost(time.monotonic(), again=random.uniform(*AGAIN))  # noqa: S311 - no secret
        self._resize(part)
        if self._lost:
            return
        self._lost = True
        members = part.share.members
        share = f"its share as one of {members}" if members else "what the service's headers say, as if it were alone"
        _log.warning("limits: %s; until it answers again, this process keeps to %s", reason, share)
        self._news.append(FleetChanged(joined=False, server=self._where, members=members, reason=reason))

    def _resize(self, part: FleetPart) -> None:
        """Take over how many requests may be under way; alone without ever having been granted any, all of them."""
        if part.concurrency is None:
            return
        given = part.share.given
        part.concurrency.resize(self._places if given is None else given)

    # ── the rest ─────────────────────────────────────────────────────────────

    @property
    def _where(self) -> str:
        return self._server.words

    def _added(self, model: str, draft: Draft, credential: Credential) -> FleetPart:
        parts = urlsplit(draft.url)
        host, kind = f"{parts.scheme}://{parts.netloc}", credential.signer.kind
        with self._adding:
            if self._concurrency is not None and PLACES not in self._parts:
                scope = FleetScope(credential.token_id, host, kind)
                self._add(PLACES, FleetPart(self._share(self._places), scope, self._concurrency))
                self._parts[PLACES].share.busy = self._busy
            if model not in self._parts:
                scope = FleetScope(credential.token_id, host, f"{kind} {model}")
                self._add(model, FleetPart(self._share(), scope))
            return self._parts[model]

    def _busy(self) -> tuple[int, int]:
        limiter = self._concurrency
        return (0, 0) if limiter is None else (limiter.in_use, limiter.waiting)

    def _add(self, model: str, part: FleetPart) -> None:
        self._by_share[part.share] = part
        self._parts[model] = part
        reporter(self._server).add(self)

    def _share(self, places: int = 0) -> FleetShare:
        return FleetShare(
            name=self._name,
            tenant=self._tenant,
            weight=self._weight,
            places=places,
            future=_future,
            lock=threading.Lock(),
        )


def _named(model: str) -> str:
    return f'"{_DATED.sub("", model)}"'


def _future() -> Future[None]:
    return Future()


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(FleetGrant)
LIMITS: Final = RedisScript.of_file("keybearer.shell.redis", "limits.lua")
