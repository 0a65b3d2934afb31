"""One refresh beside other processes: what they wrote meanwhile, and the lock."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.oauth.refresh import LOCK_TIMEOUT, refresh
from keybearer.credentials.stores.file import FileStore
from keybearer.credentials.stores.lock import FileLock
from keybearer.credentials.stores.notes import Refusal
from keybearer.errors import RefreshFailed
from keybearer.types.secret import Secret
from support.logins import (
    NOW,
    Endpoint,
    HandClock,
    bundle,
    cut_off,
    granted,
    reply,
    run,
    write_private,
)
from support.refreshes import leftovers, spend


def test_a_login_made_meanwhile_is_not_overwritten(path: Path) -> None:
    """A file that somebody replaced during the request stays, and its login is the one in use."""

    def replace() -> Any:
        write_private(path, bundle(access_token="newer", refresh_token="newer-too"))
        return reply(200, granted())

    done = spend(path, Endpoint(replace))
    assert done.bundle.access_token == Secret("newer")
    assert json.loads(path.read_text())["access_token"] == "newer"
    assert leftovers(path) == []


def test_keys_written_meanwhile_are_kept(path: Path) -> None:
    """Another program's keys beside the same tokens survive: the file is read again after the request."""

    def add() -> Any:
        write_private(path, bundle(expires_at=NOW - 1, mine={"a": 1}, theirs="new"))
        return reply(200, granted())

    spend(path, Endpoint(add))
    assert json.loads(path.read_text())["theirs"] == "new"


def test_what_another_process_refreshed_is_adopted(path: Path) -> None:
    """A newer, usable token in the file ends the refresh without a request."""
    known = FileStore(path, BUNDLE).load().token_id
    write_private(path, bundle(access_token="newer", refresh_token="newer-too"))
    clock, endpoint = HandClock(), Endpoint()
    done = run(refresh(FileStore(path, BUNDLE), known, clock.rules()), endpoint, clock)
    assert (done.requests, done.bundle.access_token) == (0, Secret("newer"))


def test_a_newer_token_that_was_refused_is_not_adopted(path: Path) -> None:
    """What another process refreshed and was refused is refreshed again, and not handed on."""
    store, clock, endpoint = FileStore(path, BUNDLE), HandClock(), Endpoint(granted(3))
    known = store.load().token_id
    write_private(path, bundle(access_token="newer", refresh_token="newer-too"))
    store.notes.refuse(Refusal(store.load().token_id, NOW))
    done = run(refresh(store, known, clock.rules()), endpoint, clock)
    assert (done.requests, done.bundle.access_token) == (1, Secret("sk-ant-oat01-access-3"))


def test_a_held_lock_is_waited_for_and_not_for_ever(path: Path) -> None:
    """While another holds the lock no request is made; after its time limit the error says so."""
    lock = FileStore(path, BUNDLE).lock()
    assert lock.acquire()
    clock, endpoint = HandClock(), Endpoint()
    with pytest.raises(RefreshFailed, match="Another process has been refreshing"):
        spend(path, endpoint, clock)
    assert LOCK_TIMEOUT <= sum(clock.slept) < LOCK_TIMEOUT + 1
    assert endpoint.requests == []
    lock.release()
    spend(path, Endpoint(granted()))


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.ENOLCK, "keep the login on a local disk"),
        (errno.EOPNOTSUPP, "local disk"),
        (errno.EACCES, "must be writable"),
    ],
)
def test_a_lock_that_cannot_be_taken_says_what_to_do(
    path: Path, code: int, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system without locks is not reported to be made writable."""
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(RefreshFailed, match="No request was made") as caught:
        spend(path, Endpoint())
    assert advice in caught.value.hint


def test_the_lock_file_stays(path: Path) -> None:
    """The lock file is made once and never removed, and is free after success and after failure."""
    spend(path, Endpoint(granted()))
    lock = path.with_name(f".{path.name}.lock")
    inode = lock.stat().st_ino
    with pytest.raises(RefreshFailed):
        spend(path, Endpoint(cut_off()), force=True)
    assert lock.stat().st_ino == inode
    again = FileLock(lock)
    assert again.acquire()
    assert not FileLock(lock).acquire()
    again.release()
