"""A world for flows, run as data: a fake clock, scripted replies, no socket."""

from __future__ import annotations

import contextlib
import json
from concurrent.futures import Future
from typing import Any

import msgspec

from keybearer.credentials.sources.static import StaticKey
from keybearer.exchange.admission import Admission
from keybearer.exchange.request import Exchange
from keybearer.flow import CallHook, Clocks, Flow, ReadUntil, Send, Sleep
from keybearer.policy.rate_limiter import RateLimiter
from keybearer.policy.retry import RetryPolicy
from keybearer.policy.retry_budget import RetryBudget
from keybearer.types.http import Draft, Headers, Reply, Request, Timeouts

JSON = [("content-type", "application/json")]


def reply(status: int, body: Any = None, *headers: tuple[str, str]) -> Reply:
    """Return a reply with a JSON body."""
    return Reply(
        status=status, headers=Headers([*JSON, *headers]), body=json.dumps(body if body is not None else {}).encode()
    )


def refused(status: int, kind: str, *headers: tuple[str, str], code: str | None = None) -> Reply:
    """Return an error reply in the API's shape."""
    error: dict[str, Any] = {"type": kind, "message": "No."}
    if code:
        error["details"] = {"error_code": code}
    return reply(status, {"type": "error", "error": error}, *headers)


def admission(rate: float | None = None, **parts: Any) -> Admission:
    """Return a client's traffic, with nothing that the test does not ask for."""
    lock = contextlib.nullcontext()
    parts.setdefault("budget", RetryBudget(lock=lock))
    return Admission(limiter=RateLimiter(rate, future=Future, lock=lock), **parts)


class World:
    """A clock that moves when a flow sleeps, and a service that answers from a list.

    Attributes:
        sent: Every request, with the time at which it was sent.
        slept: Every wait.
    """

    def __init__(self, *outcomes: Reply | Exception, random: float = 0.0, took: float = 0.0) -> None:
        self.now, self._outcomes, self._took = 1000.0, list(outcomes), took
        self.sent: list[tuple[float, Request]] = []
        self.slept: list[float] = []
        self.clocks = Clocks(monotonic=lambda: self.now, wall=lambda: 1_700_000_000.0 + self.now, random=lambda: random)

    def run(self, flow: Flow[Any]) -> Any:
        """Perform a flow's effects."""
        try:
            effect = next(flow)
            while True:
                if isinstance(effect, Sleep):
                    self.slept.append(effect.seconds)
                    self.now += effect.seconds
                    effect = flow.send(None)
                    continue
                if isinstance(effect, CallHook):
                    effect.hook(effect.value)
                    effect = flow.send(None)
                    continue
                if isinstance(effect, ReadUntil):
                    try:
                        assert effect.feed(b"x")
                    except Exception as error:  # noqa: BLE001 - the flow decides
                        effect = flow.throw(error)
                    else:
                        effect = flow.send(None)
                    continue
                assert isinstance(effect, Send)
                self.sent.append((self.now, effect.request))
                self.now += self._took
                outcome = self._outcomes.pop(0)
                effect = flow.throw(outcome) if isinstance(outcome, Exception) else flow.send(outcome)
        except StopIteration as end:
            return end.value

    def exchange(self, **options: Any) -> Exchange:
        """Return an exchange in this world."""
        defaults: dict[str, Any] = {
            "credentials": StaticKey("sk-ant-test-canary", source="a test"),
            "admission": admission(),
            "retry": RetryPolicy(),
            "clocks": self.clocks,
        }
        return Exchange(**(defaults | options))

    def call(self, draft: Draft | None = None, *, max_retries: int | None = None, **options: Any) -> Any:
        """Run one call."""
        return self.run(self.exchange(**options).send(draft or DRAFT, max_retries=max_retries))


DRAFT = Draft(method="POST", url="https://api.anthropic.com/v1/messages", headers={"content-type": "application/json"})


def within(seconds: float) -> Draft:
    """Return a draft with a deadline."""
    return msgspec.structs.replace(DRAFT, timeouts=Timeouts(total=seconds))
