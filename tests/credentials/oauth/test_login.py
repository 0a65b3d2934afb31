"""A login in use: when it is refreshed, who waits, and what a failure leads to."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.oauth.login import OAuthLogin
from keybearer.credentials.stores.file import FileStore
from keybearer.errors import CredentialError, LoginRequired, RefreshFailed
from keybearer.types.secret import Secret
from support.login_world import World
from support.logins import (
    ACCESS,
    NOW,
    InlineScheduler,
    bundle,
    cut_off,
    granted,
    reply,
    run,
    write_private,
)


def test_a_fresh_token_is_used_as_it_is(tmp_path: Path) -> None:
    """Nothing is asked for while the token is fresh."""
    world = World(tmp_path)
    assert world.token() == ACCESS
    assert world.scheduler.started == []
    assert world.scheduler.watched == [world.login]


def test_inside_the_window_a_request_does_not_wait(tmp_path: Path) -> None:
    """In its last 60 s the token signs at once, while one refresh goes on elsewhere."""
    world = World(tmp_path, granted(), hold=True, expires_at=NOW + 59)
    assert [world.token() for _ in range(5)] == [ACCESS] * 5
    (key,) = world.scheduler.started
    world.scheduler.submit(key)
    assert world.token() == "sk-ant-oat01-access-2"
    assert world.posts == 1


def test_an_expired_token_is_waited_for(tmp_path: Path) -> None:
    """After its expiry a request waits for the new token."""
    world = World(tmp_path, granted(), expires_at=NOW - 1)
    assert world.token() == "sk-ant-oat01-access-2"
    assert world.posts == 1


def test_what_another_process_wrote_is_seen(tmp_path: Path) -> None:
    """The file is looked at once a second, and read when it changed."""
    world = World(tmp_path)
    assert world.token() == ACCESS
    write_private(world.path, bundle(access_token="theirs"))
    world.clock.sleep(1.1)
    assert world.token() == "theirs"


def test_a_file_that_vanishes_does_not_take_a_live_token_away(tmp_path: Path) -> None:
    """What is held in memory works on until it expires; then the missing file is the error."""
    world = World(tmp_path)
    world.token()
    world.path.unlink()
    world.clock.sleep(2)
    assert world.token() == ACCESS
    world.clock.sleep(4000)
    with pytest.raises(CredentialError, match="does not exist"):
        world.token()


@pytest.mark.parametrize(
    "answer", [reply(429, {}), reply(503, {}), reply(200, b"<html>", content_type="text/html"), cut_off()], ids=range(4)
)
def test_a_failed_refresh_keeps_a_live_token_in_use(tmp_path: Path, answer: Any) -> None:
    """While the token lives, a refresh that fails is nobody's error, and is not tried at every call."""
    world = World(tmp_path, answer, granted(), expires_at=NOW + 59)
    assert [world.token() for _ in range(20)] == [ACCESS] * 20
    assert world.posts == 1
    world.clock.sleep(2.1)
    world.token()
    assert world.token() == "sk-ant-oat01-access-2"
    assert world.posts == 2


def test_retry_after_is_kept(tmp_path: Path) -> None:
    """An endpoint that asks for 30 s of rest gets them."""
    world = World(tmp_path, reply(429, {}, retry_after="30"), granted(), expires_at=NOW + 59)
    world.token()
    world.clock.sleep(29)
    assert world.token() == ACCESS
    assert world.posts == 1
    assert world.login.seconds_until_due() == pytest.approx(1.0)
    world.clock.sleep(1.1)
    world.token()
    assert world.posts == 2


def test_an_expired_token_whose_refresh_fails_is_an_error_that_does_not_storm(tmp_path: Path) -> None:
    """Each call fails with the reason, at once, and only every few seconds is the endpoint asked."""
    world = World(tmp_path, *[reply(503, {})] * 3, granted(), expires_at=NOW - 1)
    errors: list[CredentialError] = []
    for _ in range(30):
        with pytest.raises(RefreshFailed, match="HTTP 503") as caught:
            world.token()
        errors.append(caught.value)
    assert world.posts == 1
    assert len({id(error) for error in errors}) == 30  # each caller has an error of his own
    assert errors[-1].hint == "It is not asked again for 2 s; a call after that tries again."
    for pause in (2.1, 5.1):
        world.clock.sleep(pause)
        with pytest.raises(RefreshFailed):
            world.token()
    assert world.posts == 3
    world.clock.sleep(15.1)
    assert world.token() == "sk-ant-oat01-access-2"


def test_a_login_that_is_over_says_so_once_and_asks_no_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """`invalid_grant`: one request, one log line, the file as it was; a new login in the file is used at once."""
    caplog.set_level(logging.INFO)
    world = World(tmp_path, reply(400, {"error": "invalid_grant"}), expires_at=NOW + 59)
    before = world.path.read_bytes()
    assert world.token() == ACCESS  # nobody waits for the refresh inside the window, so the log says how it ended
    world.clock.sleep(60)
    for _ in range(10):
        with pytest.raises(LoginRequired, match="keybearer auth login"):
            world.token()
        world.clock.sleep(600)
    assert world.posts == 1
    assert [r.levelno for r in caplog.records if "is over" in r.getMessage()] == [logging.ERROR]
    assert world.path.read_bytes() == before
    assert world.login.seconds_until_due() is None
    write_private(world.path, bundle(access_token="anew", refresh_token="anew", expires_at=world.clock.wall + 3600))
    world.clock.sleep(1.1)
    assert world.token() == "anew"


@pytest.mark.parametrize("answer", [reply(400, {"error": "invalid_grant"}), reply(503, {}), cut_off()], ids=range(3))
def test_who_waits_for_a_refresh_gets_its_error_once(
    tmp_path: Path, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure that is raised to a caller is no warning in the log as well."""
    world = World(tmp_path, answer, expires_at=NOW - 1)
    with pytest.raises(CredentialError):
        world.token()
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


def test_the_watch_does_not_start_what_somebody_waits_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The first use of an expired login starts the refresh before the watch can: its failure is an error, and no warning too."""

    class Eager(InlineScheduler):
        def watch(self, login: OAuthLogin) -> None:
            login.refresh_if_due()

    world = World(tmp_path, reply(503, {}), expires_at=NOW - 1)
    world.login.read()
    login = OAuthLogin(FileStore(world.path, BUNDLE), Eager(world.endpoint, world.clock), world.clock.rules())
    with pytest.raises(RefreshFailed):
        run(login.current(), world.endpoint, world.clock)
    assert world.posts == 1
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


def test_a_login_without_a_refresh_token_ends_with_its_token(tmp_path: Path) -> None:
    """Nothing is asked for, and the error says to log in."""
    world = World(tmp_path, refresh_token=None, expires_at=NOW + 30)
    assert world.token() == ACCESS
    world.clock.sleep(31)
    with pytest.raises(LoginRequired, match="nothing here can refresh it"):
        world.token()
    assert world.posts == 0


def test_a_login_that_another_program_refreshes_is_only_read(tmp_path: Path) -> None:
    """A profile without a client id is never refreshed here, and is read anew when it changes."""
    world = World(tmp_path, expires_at=NOW + 10)
    world.login = OAuthLogin(FileStore(world.path, BUNDLE), world.scheduler, world.clock.rules(), refreshing=False)
    assert world.token() == ACCESS
    world.clock.sleep(20)
    with pytest.raises(LoginRequired):
        world.token()
    write_private(world.path, bundle(access_token="rotated"))
    world.clock.sleep(2)
    assert world.token() == "rotated"
    assert world.posts == 0


@pytest.mark.parametrize("jump", [3600 * 9, 86_400 * 365, -86_400 * 365])
def test_a_clock_that_jumps_makes_no_storm(tmp_path: Path, jump: float) -> None:
    """After a sleeping laptop or a clock that was set, there is one refresh at the most."""
    world = World(tmp_path, granted(2), granted(3))
    world.token()
    world.clock.wall += jump
    for _ in range(50):
        world.token()
        world.clock.sleep(0.01)
    assert world.posts == (1 if jump > 0 else 0)


def test_a_clock_that_jumps_back_after_a_refresh_makes_no_storm(tmp_path: Path) -> None:
    """A clock that ran ahead and was put right leaves one token with a late expiry, used until it is refused."""
    world = World(tmp_path, granted(2), granted(3))
    world.clock.wall += 86_400 * 400
    world.token()
    world.clock.wall -= 86_400 * 400
    for _ in range(50):
        world.token()
    assert world.posts == 1
    world.login.rejected(world.credential())
    assert world.token() == "sk-ant-oat01-access-3"


def test_when_the_watch_is_to_come(tmp_path: Path) -> None:
    """It is due 60 s before the expiry, and by then it refreshes without a caller."""
    world = World(tmp_path, granted())
    assert world.login.seconds_until_due() is None
    world.token()
    assert world.login.seconds_until_due() == pytest.approx(3540.0, abs=1.0)
    assert world.login.refresh_if_due() is None
    world.clock.sleep(3541.0)
    assert world.login.seconds_until_due() == 0.0
    world.login.refresh_if_due()
    assert world.posts == 1
    assert world.login.seconds_until_due() == pytest.approx(28_740.0, abs=1.0)


def test_closing_stops_the_watch(tmp_path: Path) -> None:
    """A closed login is watched no more."""
    world = World(tmp_path)
    world.token()
    world.login.close()
    assert world.scheduler.watched == []


def test_the_token_belongs_to_its_login(tmp_path: Path) -> None:
    """The credential names its file and its remedy, and shows no token."""
    credential = World(tmp_path).credential()
    assert credential.access_token == Secret(ACCESS)
    assert credential.source == f"the OAuth bundle {tmp_path / 'oauth.json'}"
    assert "the next call refreshes it" in credential.remedy
    assert ACCESS not in repr(credential)
