"""Fake logins, a clock that is turned by hand, and what a test needs to run flows without threads."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from keybearer.cli import main
from keybearer.config.auth_schema import AuthConfig
from keybearer.credentials.credential import Credential
from keybearer.credentials.oauth.login import OAuthLogin
from keybearer.credentials.oauth.rules import RefreshRules
from keybearer.credentials.oauth.scheduler import Outcome
from keybearer.credentials.sources.table import Key, Search
from keybearer.errors import ConnectionFailed
from keybearer.flow import Blocking, Clocks, Flow, Send, Sleep, Wait
from keybearer.policy.retry_hints import retry_after
from keybearer.shell.redis.login_store import login_store
from keybearer.simulator import Simulator
from keybearer.types.http import Headers, Reply, Request
from keybearer.types.secret import Secret

T = TypeVar("T")

ACCESS = "sk-ant-oat01-" + "a" * 89 + "-fakeAA"
REFRESH = "sk-ant-ort01-" + "r" * 89 + "-fakeAA"
SETUP = "sk-ant-oat01-" + "s" * 95
NOW = 1_800_000_000.0
"""2027-01-15, when every test begins."""


def token_in(credential: Credential) -> str:
    """Return the text of a credential's access token."""
    assert credential.access_token is not None
    return credential.access_token.reveal()


class HandClock:
    """A clock that moves when a flow sleeps, or when a test says."""

    def __init__(self) -> None:
        self.wall = NOW
        self.mono = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.wall += seconds
        self.mono += seconds

    @property
    def clocks(self) -> Clocks:
        """The world as flows see it."""
        return Clocks(monotonic=lambda: self.mono, wall=lambda: self.wall, random=lambda: 0.5)

    def rules(self, **changes: Any) -> RefreshRules:
        """Rules that go by this clock."""
        return RefreshRules(clocks=self.clocks, retry_after=retry_after, **changes)


class Endpoint:
    """A token endpoint as a table of replies: each a dict for 200, a `Reply`, or an error to raise."""

    def __init__(self, *replies: Any) -> None:
        self.replies: Iterator[Any] = iter(replies)
        self.requests: list[Request] = []

    def send(self, request: Request) -> Reply:
        """Answer the next request."""
        self.requests.append(request)
        answer = next(self.replies)
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Reply) else reply(200, answer)

    def close(self) -> None:
        """Do nothing."""

    @property
    def bodies(self) -> list[dict[str, str]]:
        """The JSON bodies that came."""
        return [json.loads(request.body) for request in self.requests]


def reply(status: int, body: Any, **headers: str) -> Reply:
    """Make a reply; a dict becomes JSON."""
    raw = isinstance(body, bytes)
    kind = headers.pop("content_type", "application/json")
    pairs = [("content-type", kind), *((name.replace("_", "-"), value) for name, value in headers.items())]
    return Reply(status=status, headers=Headers(pairs), body=body if raw else json.dumps(body).encode())


def granted(number: int = 2, **changes: Any) -> dict[str, Any]:
    """What an endpoint grants; None leaves a key out."""
    grant = {
        "access_token": f"sk-ant-oat01-access-{number}",
        "refresh_token": f"sk-ant-ort01-refresh-{number}",
        "expires_in": 28_800,
        "token_type": "Bearer",
        "scope": "user:inference",
    } | changes
    return {key: value for key, value in grant.items() if value is not None}


def cut_off() -> ConnectionFailed:
    """A connection that broke after the request was sent."""
    return ConnectionFailed("The connection broke.", phase="read", delivered=True)


def run(flow: Flow[T], endpoint: Endpoint | None = None, clock: HandClock | None = None) -> T:
    """Run a flow at once, with time that passes by itself."""
    clock, endpoint = clock or HandClock(), endpoint or Endpoint()
    try:
        effect = next(flow)
        while True:
            try:
                result: Any = None
                if isinstance(effect, Send):
                    result = endpoint.send(effect.request)
                elif isinstance(effect, Sleep):
                    clock.sleep(effect.seconds)
                elif isinstance(effect, Blocking):
                    result = effect.function()
                elif isinstance(effect, Wait):
                    result = effect.future.result(timeout=30)
            except Exception as error:  # noqa: BLE001 - the flow decides
                effect = flow.throw(error)
            else:
                effect = flow.send(result)
    except StopIteration as end:
        value: T = end.value
        return value


class InlineScheduler:
    """A scheduler without threads: it refreshes on the spot, or when `submit` is called."""

    def __init__(self, endpoint: Endpoint, clock: HandClock, *, hold: bool = False) -> None:
        self.endpoint, self.clock, self.hold = endpoint, clock, hold
        self.running: dict[str, tuple[Callable[[], Flow[Outcome]], Future[Outcome]]] = {}
        self.started: list[str] = []
        self.watched: list[OAuthLogin] = []

    def run(self, key: str, flow: Callable[[], Flow[Outcome]]) -> Future[Outcome]:
        """Run, or hold, a flow."""
        if key not in self.running:
            self.started.append(key)
            self.running[key] = (flow, Future())
            if not self.hold:
                return self.submit(key)
        return self.running[key][1]

    def submit(self, key: str) -> Future[Outcome]:
        """Run what was held."""
        flow, future = self.running.pop(key)
        future.set_result(run(flow(), self.endpoint, self.clock))
        return future

    def watch(self, login: OAuthLogin) -> None:
        """Note it."""
        self.watched.append(login)

    def unwatch(self, login: OAuthLogin) -> None:
        """Note it."""
        self.watched.remove(login)


def write_private(path: Path, content: Any) -> Path:
    """Write a file that only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def bundle(**changes: Any) -> dict[str, Any]:
    """A bundle's document; None leaves a key out."""
    whole = {"access_token": ACCESS, "refresh_token": REFRESH, "expires_at": NOW + 3600} | changes
    return {key: value for key, value in whole.items() if value is not None}


def search(
    home: Path,
    *,
    auth: AuthConfig | None = None,
    key: str | None = None,
    clock: HandClock | None = None,
    endpoint: Endpoint | None = None,
    environ: dict[str, str] | None = None,
    platform: str = "linux",
) -> Search:
    """What a search goes by, all of it below one folder."""
    clock = clock or HandClock()
    return Search(
        auth=auth or AuthConfig(),
        key=None if key is None else Key(Secret(key), "ANTHROPIC_API_KEY"),
        scheduler=InlineScheduler(endpoint or Endpoint(), clock),
        rules=clock.rules(),
        environ=environ or {},
        home=home,
        shared_store=login_store,
        platform=platform,
    )


class Home:
    """A configuration that points at a simulator, with a bundle of its own."""

    def __init__(self, folder: Path, sim: Simulator) -> None:
        self.sim = sim
        self.bundle = folder / "logins" / "oauth.json"
        self.config = folder / "llm.yaml"
        self.config.write_text(
            f"providers:\n  anthropic:\n    base_url: {sim.base_url}\n    auth:\n      mode: oauth_bundle\n"
            f"      bundle: {self.bundle}\n      authorize_url: {sim.base_url}/oauth/authorize\n"
            f"      token_endpoint: {sim.base_url}/v1/oauth/token\n"
        )

    def run(self, *args: str) -> int:
        """Run `keybearer auth`."""
        return main(["auth", args[0], "--config", str(self.config), *args[1:]])
