"""A refresh of a login, as observers and telemetry follow it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keybearer.exchange.observing import Observers
from keybearer.types import observing as seen
from support.login_world import World
from support.logins import NOW, granted, reply
from support.telemetry import Recorder, attributes
from support.world import World as Clocked


class Heard:
    """Keeps all that it hears."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def observe(self, event: seen.Observed, /) -> None:
        self.events.append(event)


def test_a_refresh_begins_and_ends_once(tmp_path: Path) -> None:
    """With the login's name and no token; one that fails has its error."""
    heard = Heard()
    for answer, ended in ((granted(), None), (reply(503, {}), "RefreshFailed")):
        world = World(tmp_path, answer, expires_at=NOW + 59)
        world.login.follow(Observers((heard,), clocks=Clocked().clocks))
        world.token()
        started, done = heard.events
        assert (type(started), type(done)) == (seen.RefreshStarted, seen.RefreshEnded)
        assert started.refresh_id == done.refresh_id
        assert started.login == world.login.store.name
        assert (type(done.error).__name__ if done.error else None) == ended
        assert "sk-ant" not in repr(heard.events)
        heard.events.clear()


def test_a_fresh_token_and_no_observer_say_nothing(tmp_path: Path) -> None:
    """What is not refreshed is no event, and what nobody follows goes on as ever."""
    heard = Heard()
    world = World(tmp_path)
    world.login.follow(Observers((heard,), clocks=Clocked().clocks))
    world.token()
    assert heard.events == []
    alone = World(tmp_path, granted(), expires_at=NOW - 1)
    alone.login.follow(Observers(clocks=Clocked().clocks))
    assert alone.token() == "sk-ant-oat01-access-2"


def test_a_refresh_is_a_span_of_its_own(tmp_path: Path) -> None:
    """It runs for whoever needs the token, so it has no parent."""
    recorder = Recorder()
    with recorder.tracers.get_tracer("a test").start_as_current_span("caller"):
        world = World(tmp_path, granted(), expires_at=NOW - 1)
        world.login.follow(Observers((recorder.telemetry,), clocks=Clocked().clocks))
        world.token()
    refresh = recorder.only("keybearer.credentials.refresh")
    assert refresh.parent is None
    assert str(world.path) in str(attributes(refresh)["keybearer.credential.source"])
    assert [point.value for point in recorder.points("keybearer.client.refreshes")] == [1]
