"""A token that can be made anew: a broken cache is no error, and no disk is no obstacle."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.stores.cache import NOWHERE, CacheStore
from keybearer.types.secret import Secret
from support.disks import failing
from support.logins import bundle, write_private

TEXT = Secret('{"access_token": "new", "expires_at": 1800003600}')


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff", {"access_token": ""}])
def test_what_cannot_be_read_counts_as_no_token(tmp_path: Path, content: object) -> None:
    """A missing file, an empty one, half of one: each is a token that expired long ago."""
    path = tmp_path / "t.json"
    if content is not None:
        write_private(path, content)
    held = CacheStore(path, BUNDLE).load()
    assert not held.access_token
    assert held.expires_at == 0.0


def test_a_file_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    """It may be somebody else's token; the next exchange replaces it."""
    path = write_private(tmp_path / "t.json", bundle())
    path.chmod(0o644)
    store = CacheStore(path, BUNDLE)
    held = store.load()
    assert not held.access_token
    journal = store.reserve(held, store.lock())
    journal.write(TEXT)
    journal.commit()
    assert CacheStore(path, BUNDLE).load().access_token == Secret("new")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("folder", [NOWHERE, None])
def test_without_a_disk_it_stays_in_memory(tmp_path: Path, folder: Path | None) -> None:
    """A user without a home, or a folder that is a file: the lock is no obstacle, and other clients of the process share it."""
    if folder is None:
        (tmp_path / "file").write_text("")
        folder = tmp_path / "file" / "below"
    path = folder / f"{os.getpid()}-{tmp_path.name}.json"
    store, other = CacheStore(path, BUNDLE), CacheStore(path, BUNDLE)
    before = other.version()
    assert store.lock().acquire()
    journal = store.reserve(store.recover(), store.lock())
    journal.write(TEXT)
    journal.commit()
    journal.discard(unspent=True)
    assert store.in_memory()
    assert other.version() != before
    assert other.load().access_token == other.recover().access_token == Secret("new")


@pytest.mark.parametrize("room", range(9))
def test_a_disk_that_fills_up_loses_no_token(tmp_path: Path, room: int) -> None:
    """Wherever the disk refuses, the token is on it or in memory, and nothing half-written is taken for one."""
    path = tmp_path / f"{tmp_path.name}.json"
    store = CacheStore(path, BUNDLE, disk=failing(room, errno.ENOSPC))
    journal = store.reserve(store.recover(), store.lock())
    journal.write(TEXT)
    journal.commit()
    journal.discard(unspent=True)
    assert CacheStore(path, BUNDLE).load().access_token == Secret("new")
