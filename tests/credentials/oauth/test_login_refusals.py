"""A login whose token the service refuses (401): refreshed by the next call of any process, and without a storm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.oauth.login import OAuthLogin
from keybearer.credentials.stores.file import FileStore
from keybearer.errors import LoginRequired
from keybearer.types.secret import Secret
from support.login_world import World
from support.logins import (
    ACCESS,
    InlineScheduler,
    bundle,
    granted,
)


def test_a_refused_token_is_refreshed_by_the_next_call(tmp_path: Path) -> None:
    """A 401 marks the token stale; the next refresh fires at once, although the clock says it is good."""
    world = World(tmp_path, granted())
    world.login.rejected(world.credential())
    assert world.login.seconds_until_due() == 0.0
    assert world.token() == "sk-ant-oat01-access-2"
    assert world.posts == 1


def test_only_the_token_that_failed_is_marked(tmp_path: Path) -> None:
    """A late 401 of an old token says nothing of the new one."""
    world = World(tmp_path, granted())
    old = world.credential()
    world.login.rejected(old)
    world.token()
    world.clock.sleep(120)
    world.login.rejected(old)
    assert world.token() == "sk-ant-oat01-access-2"
    assert world.posts == 1


def test_a_service_that_refuses_everything_makes_no_storm(tmp_path: Path) -> None:
    """If each new token is refused as well, it is refreshed once a minute and not once a call."""
    world = World(tmp_path, *(granted(n) for n in range(2, 9)))
    for _ in range(50):
        world.login.rejected(world.credential())
        world.clock.sleep(1.0)
    assert world.posts == 1
    world.clock.sleep(60.0)
    world.login.rejected(world.credential())
    world.token()
    assert world.posts == 2


def another(world: World) -> World:
    """The same login in a process that starts now."""
    next_one = object.__new__(World)
    next_one.path, next_one.clock, next_one.endpoint = world.path, world.clock, world.endpoint
    next_one.scheduler = InlineScheduler(world.endpoint, world.clock)
    next_one.login = OAuthLogin(FileStore(world.path, BUNDLE), next_one.scheduler, world.clock.rules())
    return next_one


def test_a_refusal_is_known_to_the_next_process(tmp_path: Path) -> None:
    """A token that one process was refused is refreshed at once by the next, and used by all who come after."""
    world = World(tmp_path, granted())
    world.login.rejected(world.credential())
    assert ACCESS not in (tmp_path / ".oauth.json.refused").read_text()
    assert another(world).token() == "sk-ant-oat01-access-2"
    assert another(world).token() == "sk-ant-oat01-access-2"
    assert world.token() == "sk-ant-oat01-access-2"
    assert world.posts == 1


def test_a_refusal_is_seen_by_a_process_that_runs(tmp_path: Path) -> None:
    """Whoever holds the same token looks at the note once a second, as at the file."""
    world = World(tmp_path, granted())
    other = another(world)
    assert other.token() == ACCESS
    world.login.rejected(world.credential())
    world.clock.sleep(1.1)
    assert other.token() == "sk-ant-oat01-access-2"
    assert world.posts == 1


def test_processes_that_are_all_refused_make_no_storm(tmp_path: Path) -> None:
    """If each new token is refused as well, a row of commands refreshes once a minute, and says what it is."""
    world = World(tmp_path, granted(2), granted(3))
    for _ in range(20):
        one = another(world)
        credential = one.credential()
        one.login.rejected(credential)
        world.clock.sleep(2.0)
    assert world.posts == 1
    assert "the one before it was refused too" in credential.remedy
    world.clock.sleep(60.0)
    one = another(world)
    one.login.rejected(one.credential())
    assert another(world).token() == "sk-ant-oat01-access-3"


def test_a_refusal_in_a_folder_that_cannot_be_written_is_remembered(tmp_path: Path) -> None:
    """Where nothing can be noted, the process goes by its own memory."""
    world = World(tmp_path, granted())
    credential = world.credential()
    (tmp_path / ".oauth.json.refused").mkdir()
    world.login.rejected(credential)
    assert world.token() == "sk-ant-oat01-access-2"


def test_a_refused_token_that_nothing_can_refresh_is_not_sent_for_a_minute(tmp_path: Path) -> None:
    """Every process says so with a true remedy; then it is tried again, for a service may have been wrong."""
    world = World(tmp_path, refresh_token=None)
    credential = world.credential()
    assert credential.remedy == "nothing here can refresh it: log in again with `keybearer auth login`."
    world.login.rejected(credential)
    for one in (world, another(world)):
        with pytest.raises(LoginRequired, match="was refused, and nothing here can refresh it") as caught:
            one.token()
        assert caught.value.problem == "refused"
    world.clock.sleep(61)
    assert another(world).token() == ACCESS
    assert world.posts == 0


def test_a_new_login_is_not_the_refused_one(tmp_path: Path) -> None:
    """After a login the note of the old token is gone, and says nothing of the new one."""
    world = World(tmp_path)
    world.login.rejected(world.credential())
    world.login.store.replace(Secret(json.dumps(bundle(access_token="anew", refresh_token="anew"))))
    assert another(world).token() == "anew"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["oauth.json"]
