"""Refreshes on threads: one at a time for each login, and no way for a caller to end it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import trio

from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.oauth.login import OAuthLogin
from keybearer.credentials.stores.file import FileStore
from keybearer.errors import LoginRequired
from keybearer.shell.drivers import AsyncDriver, SyncDriver
from keybearer.shell.refresher import Refresher, ThreadScheduler
from keybearer.shell.transports.base import TransportOptions
from keybearer.shell.transports.default import DefaultAsyncTransport
from keybearer.types.http import Reply, Request
from support.logins import NOW, Endpoint, HandClock, bundle, granted, reply, token_in, write_private

NEW = "sk-ant-oat01-access-2"


class ConcurrencyLimiter(Endpoint):
    """An endpoint that answers when the test says so."""

    def __init__(self, *replies: Any) -> None:
        super().__init__(*replies)
        self.asked, self.open = threading.Event(), threading.Event()

    def send(self, request: Request) -> Reply:
        """Answer once the gate is open."""
        self.asked.set()
        assert self.open.wait(30)
        return super().send(request)


class Nothing:
    """A transport for flows that send nothing themselves."""

    def send(self, request: Request) -> Any:
        """Fail."""
        raise AssertionError(f"a request went out: {request}")

    def close(self) -> None:
        """Do nothing."""


class World:
    """A login whose token has expired, kept fresh by threads of its own."""

    def __init__(self, folder: Path, *replies: Any) -> None:
        self.path = write_private(folder / "oauth.json", bundle(expires_at=NOW - 1))
        self.clock, self.gate, self.refresher = HandClock(), ConcurrencyLimiter(*(replies or (granted(),))), Refresher()
        self.login = self.another()

    def another(self) -> OAuthLogin:
        """One more login on the same file, as a second client has."""
        scheduler = ThreadScheduler(lambda: self.gate, refresher=self.refresher)
        return OAuthLogin(FileStore(self.path, BUNDLE), scheduler, self.clock.rules())

    def token(self, login: OAuthLogin | None = None) -> str:
        """The token, blocking."""
        return token_in(SyncDriver(Nothing()).run((login or self.login).current()))

    async def atoken(self, login: OAuthLogin | None = None) -> str:
        """The token, awaited."""
        driver = AsyncDriver(DefaultAsyncTransport(TransportOptions()))
        return token_in(await driver.run((login or self.login).current()))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world that ends with its test."""
    world = World(tmp_path)
    yield world
    world.gate.open.set()
    world.refresher.finish()
    world.login.close()


def test_threads_tasks_and_loops_share_one_flight(world: World) -> None:
    """Threads, asyncio loops and trio, over two clients' logins, wait for one and the same request."""
    other = world.another()

    async def crowd() -> list[str]:
        return await asyncio.gather(*(world.atoken(login) for login in (world.login, other) for _ in range(10)))

    async def trios() -> list[str]:
        got: list[str] = []

        async def one() -> None:
            got.append(await world.atoken())

        async with trio.open_nursery() as nursery:
            for _ in range(10):
                nursery.start_soon(one)
        return got

    with ThreadPoolExecutor(16) as pool:
        loops = [pool.submit(asyncio.run, crowd()) for _ in range(3)]
        loops.append(pool.submit(trio.run, trios))
        threads = [pool.submit(world.token, login) for login in (world.login, other) for _ in range(5)]
        assert world.gate.asked.wait(30)
        world.gate.open.set()
        got = [token for loop in loops for token in loop.result(30)] + [thread.result(30) for thread in threads]
    assert got == [NEW] * (3 * 20 + 10 + 10)
    assert len(world.gate.requests) == 1
    other.close()


def test_a_cancelled_waiter_leaves_the_refresh_alone(world: World) -> None:
    """Each of several waiting tasks can be cancelled; the others get the token, and there is one request."""

    async def main() -> None:
        tasks = [asyncio.create_task(world.atoken()) for _ in range(5)]
        assert await asyncio.to_thread(world.gate.asked.wait, 30)
        for task in tasks[:4]:
            task.cancel()
        for task in tasks[:4]:
            with pytest.raises(asyncio.CancelledError):
                await task
        world.gate.open.set()
        assert await tasks[4] == NEW

    asyncio.run(main())
    assert len(world.gate.requests) == 1
    assert FileStore(world.path, BUNDLE).load().access_token.reveal() == NEW


def test_cancelling_every_waiter_loses_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A loop that is closed while it waits ends the wait only; the token is saved, and nothing complains."""

    async def main() -> None:
        task = asyncio.create_task(world.atoken())
        assert await asyncio.to_thread(world.gate.asked.wait, 30)
        task.cancel()

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
        world.gate.open.set()
        world.refresher.finish()
    assert FileStore(world.path, BUNDLE).load().access_token.reveal() == NEW
    assert asyncio.run(world.atoken()) == NEW
    assert world.token() == NEW
    assert len(world.gate.requests) == 1
    assert caplog.records == []


def test_a_cancelled_trio_waiter_leaves_the_refresh_alone(world: World) -> None:
    """A trio scope that ends early ends the wait only, and so does a run that is over."""

    async def main() -> None:
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(world.atoken)
                assert await trio.to_thread.run_sync(world.gate.asked.wait, 30)
                scope.cancel()
        assert scope.cancelled_caught

    trio.run(main)
    world.gate.open.set()
    world.refresher.finish()
    assert world.token() == NEW
    assert len(world.gate.requests) == 1


def test_each_waiter_has_an_error_of_its_own(tmp_path: Path) -> None:
    """A refresh that fails fails for all who waited, and none shares its exception with another."""
    world = World(tmp_path, reply(400, {"error": "invalid_grant"}))

    async def main() -> list[Any]:
        tasks = [asyncio.create_task(world.atoken()) for _ in range(5)]
        assert await asyncio.to_thread(world.gate.asked.wait, 30)
        world.gate.open.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    errors = asyncio.run(main())
    assert [type(error) for error in errors] == [LoginRequired] * 5
    assert len({id(error) for error in errors}) == 5
    assert len(world.gate.requests) == 1
    world.login.close()


def test_the_watch_refreshes_without_a_caller(world: World) -> None:
    """Inside the window the background thread refreshes by itself, and only once."""
    write_private(world.path, bundle(expires_at=NOW + 3600))
    world.token()
    world.clock.wall += 3550
    world.gate.open.set()
    world.refresher._wake.set()
    assert world.gate.asked.wait(30)
    world.refresher.finish()
    assert FileStore(world.path, BUNDLE).load().access_token.reveal() == NEW
    assert len(world.gate.requests) == 1


def watch_of(world: World) -> threading.Thread | None:
    """The world's watch, if it runs."""
    return world.refresher._watch


def test_the_watch_starts_with_use_and_ends_with_close(world: World) -> None:
    """There is no thread before the first use, one for any number of logins, and none after the last close."""
    assert watch_of(world) is None
    world.gate.open.set()
    other = world.another()
    world.token()
    watch = watch_of(world)
    assert watch is not None
    assert watch.daemon
    world.token(other)
    assert watch_of(world) is watch
    world.login.close()
    other.close()
    watch.join(30)
    assert not watch.is_alive()
    assert watch_of(world) is None


def test_the_watch_ends_with_the_last_login(world: World) -> None:
    """A login that nobody closes and nobody holds is watched no more."""
    world.gate.open.set()
    login = world.another()
    world.token(login)
    watch = world.refresher._watch
    assert watch is not None
    del login
    import gc

    gc.collect()
    world.refresher._wake.set()
    watch.join(30)
    assert not watch.is_alive()


def test_one_login_in_trouble_ends_no_other_watch(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A bug in tending one login is logged, and the watch goes on."""
    world.gate.open.set()
    world.token()

    def explode() -> float:
        raise RuntimeError("a bug")

    world.login.seconds_until_due = explode  # type: ignore[method-assign] # the bug
    assert world.refresher._step(world.login) > 0
    assert "the watch over" in caplog.text


def test_a_bug_in_a_refresh_reaches_who_waits(world: World) -> None:
    """What a refresh raises is raised by its future, and the next one starts anew."""

    def bug() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        world.refresher.submit("k", bug).result(30)
    assert world.refresher.submit("k", lambda: 7).result(30) == 7
