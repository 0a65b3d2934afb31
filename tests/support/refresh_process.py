"""A process of its own that uses or refreshes a bundle; what it does is its first argument, how is JSON in its second.

signal  use the login with signals put off, and a handler of its own if it is reported what to say
crowd   fork workers after the imports; each makes an AsyncClient and asks with many tasks at once
crew    fork workers that use the login at the same time, refused first if what to do; print what each got
refuse  use the login and have its token refused
crash   refresh on a disk or with a transport that ends the process at a step
federate  exchange an identity token, and end at a step; or, without one, print what the exchange or the cache gives
fork    fork while a refresh is under way; parent and child both use the login
exit    start a background refresh and leave
use     print what one look at the login gives
serve   do the others, each in a fork, as lines on standard input say; a fork costs a tenth of a start
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from msgspec import structs

from keybearer import defer_signals
from keybearer.credentials.credential import Credential
from keybearer.credentials.federation.exchange import HEADERS, FederationRule, TokenExchange
from keybearer.credentials.federation.identity import FileIdentity
from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.oauth.login import OAuthLogin
from keybearer.credentials.oauth.refresh import refresh
from keybearer.credentials.oauth.rules import RefreshRules
from keybearer.credentials.sources.federated_login import FEDERATION_TOKEN
from keybearer.credentials.stores.cache import CacheStore
from keybearer.credentials.stores.file import FileStore
from keybearer.credentials.stores.protocol import StoreLock
from keybearer.errors import KeybearerError
from keybearer.flow import Flow
from keybearer.policy.retry_hints import retry_after
from keybearer.shell.clocks import CLOCKS
from keybearer.shell.drivers import SyncDriver
from keybearer.shell.refresher import ThreadScheduler
from keybearer.shell.transports.base import TransportOptions
from keybearer.shell.transports.default import DefaultTransport
from keybearer.simulator.service.federation import IdentityRule
from keybearer.types.http import Reply, Request
from keybearer.types.secret import Secret
from support.disks import SteppingDisk, TornDisk, killing

QUESTION: dict[str, Any] = {"model": "claude-haiku-4-5", "messages": [{"role": "user", "content": "Hi"}]}
RULES = RefreshRules(clocks=CLOCKS, retry_after=retry_after)


def token_in(credential: Credential) -> str:
    """Return the text of a credential's access token."""
    return "" if credential.access_token is None else credential.access_token.reveal()


def say(line: str) -> None:
    """Tell the test."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def end() -> None:
    """End this process at once."""
    os.kill(os.getpid(), signal.SIGKILL)


class KillingTransport(DefaultTransport):
    """A transport that ends the process before the request, when it is sent, or after the server's whole reply."""

    def __init__(self, when: str) -> None:
        super().__init__(TransportOptions())
        self._when = when

    def send(self, request: Request) -> Reply:
        """Send, or end."""
        if self._when == "before":
            end()
        if self._when == "sent":
            http.client.HTTPConnection.getresponse = lambda *_: end()  # type: ignore[assignment,method-assign]
        reply = super().send(request)
        if self._when == "after":
            end()
        return reply


def crash(path: str, step: int = -1, after: bool = False, torn: float | None = None, request: str = "") -> None:
    """Refresh, and end at a step."""
    disk = TornDisk(step, torn) if torn is not None else killing(step, after=after)
    store = FileStore(Path(path), BUNDLE, disk=disk)
    SyncDriver(KillingTransport(request)).run(refresh(store, store.load().token_id, RULES))


class KillingIdentity(FileIdentity):
    """An identity token's file, whose reading ends the process before or after it."""

    def __init__(self, path: Path, when: str) -> None:
        super().__init__(path)
        self._when = when

    def read(self) -> Flow[Secret]:
        """Read, or end."""
        if self._when == "before":
            end()
        token = yield from super().read()
        if self._when == "after":
            end()
        return token


class KillingLock:
    """A lock that ends the process when it is taken, or before it is released."""

    def __init__(self, inner: StoreLock, when: str) -> None:
        self._inner, self._when, self.fence = inner, when, inner.fence

    def acquire(self) -> bool:
        """Take it, and end."""
        held = self._inner.acquire()
        if held and self._when == "taken":
            end()
        return held

    def release(self) -> None:
        """End, or release it."""
        if self._when == "released":
            end()
        self._inner.release()


def federate(  # noqa: PLR0917 - by name
    path: str,
    url: str,
    token: str,
    step: int = -1,
    after: bool = False,
    torn: float | None = None,
    request: str = "",
    identity: str = "",
    lock: str = "",
) -> None:
    """Exchange an identity token, and end at a step; or print the access token."""

    class Store(CacheStore):
        def lock(self) -> Any:
            return KillingLock(super().lock(), lock)

    disk = TornDisk(step, torn) if torn is not None else killing(step, after=after)
    rule = IdentityRule()
    exchange = TokenExchange(
        FederationRule(federation_rule_id=rule.id, organization_id=rule.organization_id),
        KillingIdentity(Path(token), identity),
        url,
    )
    store = Store(Path(path), FEDERATION_TOKEN, disk=disk)
    rules = structs.replace(RULES, token_endpoint=url, headers=HEADERS, renewal=exchange)
    refreshed = SyncDriver(KillingTransport(request)).run(refresh(store, None, rules))
    say(refreshed.bundle.access_token.reveal())


def login(path: str, disk: SteppingDisk | None = None) -> OAuthLogin:
    """The login of a file."""
    store = FileStore(Path(path), BUNDLE, disk=disk) if disk else FileStore(Path(path), BUNDLE)
    return OAuthLogin(store, ThreadScheduler(lambda: DefaultTransport(TransportOptions())), RULES)


def use(path: str) -> None:
    """Print the token that a new process uses."""
    driver = SyncDriver(DefaultTransport(TransportOptions()))
    say(token_in(driver.run(login(path).current())))


def deferred(path: str, says: str = "") -> None:
    """Use the login with signals put off."""
    if says:

        def stop(*_: object) -> None:
            say(says)
            os._exit(7)

        signal.signal(signal.SIGTERM, stop)
    with defer_signals() as deferral:
        say(str(deferral.active))
        use(path)
        signal.pause()  # what was put off ends this


def leave(path: str) -> None:
    """Start a refresh in the background and end the main thread at once."""
    driver = SyncDriver(DefaultTransport(TransportOptions()))
    driver.run(login(path).current())


def fork(path: str) -> None:
    """Fork while a refresh is under way in another thread; both processes then ask for the token."""
    driver, one = SyncDriver(DefaultTransport(TransportOptions())), login(path)
    asked = threading.Thread(target=lambda: driver.run(one.current()))
    asked.start()
    lock = FileStore(Path(path), BUNDLE).lock()
    while lock.acquire():  # the refresh has not taken it yet
        lock.release()
    child = os.fork()
    say(token_in(driver.run(one.current())))
    if child == 0:
        os._exit(0)
    asked.join()
    os.waitpid(child, 0)


def refuse(path: str) -> None:
    """Use the login, and take note that its token was refused."""
    one = login(path)
    one.rejected(SyncDriver(DefaultTransport(TransportOptions())).run(one.current()))


def crew(path: str, processes: int, refused: bool = False) -> None:
    """Fork workers that wait for a common start; print the token or the error of each."""
    start, go = os.pipe()
    result, done = os.pipe()
    for _ in range(processes):
        if os.fork() == 0:
            os.close(go)
            driver, one = SyncDriver(DefaultTransport(TransportOptions())), login(path)
            if refused:
                held = driver.run(one.current())
                os.read(start, 1)
                one.rejected(held)
            else:
                os.read(start, 1)
            try:
                got = token_in(driver.run(one.current()))
            except KeybearerError as error:
                got = f"{type(error).__name__}: {error}"
            os.write(done, (json.dumps(str(got)) + "\n").encode())
            os._exit(0)
    os.close(done)
    os.close(go)  # the end of the pipe is the start
    with os.fdopen(result) as lines:
        say(json.dumps([json.loads(line) for line in lines]))


async def _tasks(config: str, tasks: int) -> int:
    from keybearer import AsyncClient

    async with AsyncClient.from_config(config) as client:
        counts = await asyncio.gather(*(client.messages.count_tokens(**QUESTION) for _ in range(tasks)))
    return sum(count.input_tokens > 0 for count in counts)


def crowd(config: str, processes: int, tasks: int) -> None:
    """Fork workers that wait for a common start; print how many calls each had answered."""
    import keybearer.client.aio
    import keybearer.shell.transports.aiohttp_transport  # noqa: F401 - before the fork, so that every worker starts at once

    start, go = os.pipe()
    result, done = os.pipe()
    for _ in range(processes):
        if os.fork() == 0:
            os.close(go)
            os.read(start, 1)
            code = 1
            try:
                served = asyncio.run(_tasks(config, tasks))
                os.write(done, f"{served}\n".encode())
                code = 0
            finally:
                os._exit(code)
    os.close(done)
    os.close(go)  # the end of the pipe is the start
    with os.fdopen(result) as lines:
        say(json.dumps([int(line) for line in lines]))


def serve(limit: int) -> tuple[str, dict[str, Any]]:
    """Fork for each line that is read, and tell how the fork ended; in the fork, return what it is to do.

    Args:
        limit: How long a fork may take, in seconds.
    """
    while line := sys.stdin.readline():
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            signal.alarm(limit)
            os.environ.clear()
            os.environ.update(asked["environ"])
            for number, name in ((1, "out"), (2, "err")):
                os.dup2(os.open(asked[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
            return asked["name"], asked["options"]
        say(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
    sys.exit(0)


if __name__ == "__main__":
    name, options = sys.argv[1], json.loads(sys.argv[2])
    if name == "serve":
        name, options = serve(**options)
    parts: dict[str, Callable[..., None]] = {
        "crowd": crowd,
        "crash": crash,
        "fork": fork,
        "exit": leave,
        "federate": federate,
        "use": use,
        "refuse": refuse,
        "crew": crew,
        "signal": deferred,
    }
    parts[name](**options)
