"""The store on a disk that fails: what is found before the request, and what is never lost."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.oauth.keeping import save_later
from keybearer.credentials.oauth.refresh import Refreshed, refresh
from keybearer.credentials.stores.disk import Disk
from keybearer.credentials.stores.file import FileStore
from keybearer.errors import CredentialError, RefreshFailed
from keybearer.types.secret import Secret
from support.disks import BROKEN, FULL, READ_ONLY, REQUEST_AFTER, STEPS, SteppingDisk, failing
from support.logins import NOW, Endpoint, HandClock, bundle, granted, run, write_private

NEW = Secret("sk-ant-oat01-access-2")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An expired bundle."""
    return write_private(tmp_path / "logins" / "oauth.json", bundle(expires_at=NOW - 1))


def spend(path: Path, endpoint: Endpoint, disk: Disk) -> Refreshed:
    """Refresh on a disk."""
    clock = HandClock()
    store = FileStore(path, BUNDLE, disk=disk)
    return run(refresh(store, store.load().token_id, clock.rules()), endpoint, clock)


def beside(path: Path) -> list[str]:
    """What lies beside the bundle and its lock."""
    return [p.name for p in path.parent.iterdir() if p.name not in {path.name, f".{path.name}.lock"}]


def test_the_steps_are_these(path: Path) -> None:
    """A refresh touches the disk in exactly the steps that the tests go through, and asks in between."""
    disk = SteppingDisk(lambda _number, _done: None)
    at: list[int] = []

    def ask() -> Any:
        at.append(disk.count)
        return granted()

    spend(path, Endpoint(ask), disk)
    assert disk.names == ["create", "write", "sync", "sync_folder", "write", "sync", "rename", "sync_folder"]
    assert len(disk.names) == len(STEPS)
    assert at == [REQUEST_AFTER]


@pytest.mark.parametrize("code", [FULL, BROKEN, READ_ONLY], ids=["full", "broken", "read-only"])
@pytest.mark.parametrize("step", range(REQUEST_AFTER))
def test_a_disk_that_cannot_keep_a_token_is_found_before_the_request(path: Path, step: int, code: int) -> None:
    """Every failure before the request means: no request, the file as it was, nothing left beside it."""
    before, endpoint = path.read_bytes(), Endpoint()
    with pytest.raises(RefreshFailed, match="No request was made") as caught:
        spend(path, endpoint, failing(step, code))
    assert os.strerror(code) in caught.value.message
    assert endpoint.requests == []
    assert path.read_bytes() == before
    assert beside(path) == []


@pytest.mark.parametrize("code", [FULL, BROKEN, READ_ONLY], ids=["full", "broken", "read-only"])
@pytest.mark.parametrize("step", range(REQUEST_AFTER, len(STEPS)))
def test_a_disk_that_fails_once_after_the_request_is_insisted_upon(path: Path, step: int, code: int) -> None:
    """A passing failure while the token is being saved is overcome, and the token is in the file."""
    done = spend(path, Endpoint(granted()), failing(step, code, times=1))
    assert done.unsaved is None
    assert json.loads(path.read_text())["access_token"] == NEW.reveal()
    assert beside(path) == []


@pytest.mark.parametrize("code", [FULL, BROKEN, READ_ONLY], ids=["full", "broken", "read-only"])
@pytest.mark.parametrize("step", range(REQUEST_AFTER, len(STEPS)))
def test_a_disk_that_fails_for_good_after_the_request_loses_nothing(path: Path, step: int, code: int) -> None:
    """The token is in use, the old file is whole, and whatever was made lasting is found again."""
    before, disk = path.read_bytes(), failing(step, code)
    done = spend(path, Endpoint(granted()), disk)
    assert done.bundle.access_token == NEW
    if step <= STEPS.index("journal: sync reply"):
        assert path.read_bytes() == before
        assert done.unsaved is not None  # only in memory; the lock keeps every other process away
        assert not FileStore(path, BUNDLE).lock().acquire()
        assert not save_later(done.unsaved)
        disk.mend()
        assert save_later(done.unsaved)
    assert FileStore(path, BUNDLE).load().access_token == NEW
    lock = FileStore(path, BUNDLE).lock()
    assert lock.acquire()
    assert FileStore(path, BUNDLE).recover().access_token == NEW
    lock.release()
    assert json.loads(path.read_text())["access_token"] == NEW.reveal()
    assert beside(path) == []


def test_a_file_that_cannot_be_replaced_leaves_a_journal_that_is_read(path: Path) -> None:
    """Where the rename fails for good, the journal is the login, over several refreshes."""

    class Immutable(SteppingDisk):
        def rename(self, source: Path, target: Path) -> None:
            raise PermissionError(1, f"Operation not permitted: {source} {target}")

    for number in (2, 3, 4):
        clock = HandClock()
        store = FileStore(path, BUNDLE, disk=Immutable(lambda _number, _done: None))
        done = run(refresh(store, None, clock.rules(), force=True), Endpoint(granted(number)), clock)
        assert done.unsaved is None
        assert FileStore(path, BUNDLE).load().access_token == Secret(f"sk-ant-oat01-access-{number}")


def test_a_folder_that_cannot_be_written_is_found_before_the_request(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a read-only folder not even the lock can be made, and no request goes out."""
    real = os.open

    def refuse(name: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        if flags & os.O_CREAT:
            raise OSError(READ_ONLY, os.strerror(READ_ONLY))
        return real(name, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", refuse)
    endpoint, clock = Endpoint(), HandClock()
    with pytest.raises(RefreshFailed, match="cannot be taken") as caught:
        run(refresh(FileStore(path, BUNDLE), None, clock.rules(), force=True), endpoint, clock)
    assert caught.value.problem == "unwritable"
    assert endpoint.requests == []


@pytest.mark.parametrize("cut", [0.0, 0.1, 0.5, 0.9, 0.98])
def test_a_torn_journal_is_no_login(path: Path, cut: float) -> None:
    """A journal that was written in part is cleared away, and the old login is read."""
    held = FileStore(path, BUNDLE).load()
    text = BUNDLE.merge(held.document, _grant(), NOW).reveal().encode()
    torn = text[: int(len(text) * cut)] + bytes(20_000)
    journal = write_private(path.with_name(f".{path.name}.{held.token_id}.journal"), torn)
    assert FileStore(path, BUNDLE).recover().access_token == held.access_token
    assert not journal.exists()


def test_a_whole_journal_is_a_login(path: Path) -> None:
    """A process killed after its reply was written has lost nothing, and the file is whole JSON again."""
    held = FileStore(path, BUNDLE).load()
    text = BUNDLE.merge(held.document, _grant(), NOW).reveal().encode()
    write_private(path.with_name(f".{path.name}.{held.token_id}.journal"), text)
    assert FileStore(path, BUNDLE).load().access_token == NEW
    assert FileStore(path, BUNDLE).recover().access_token == NEW
    assert path.read_bytes() == text
    assert beside(path) == []


def test_a_hole_in_a_journal_is_noticed(path: Path) -> None:
    """A block that never reached the disk is zeros, which no JSON holds, so no token is read from around it."""
    held = FileStore(path, BUNDLE).load()
    text = bytearray(BUNDLE.merge(held.document, _grant(), NOW).reveal().encode())
    text[40:60] = bytes(20)
    write_private(path.with_name(f".{path.name}.{held.token_id}.journal"), bytes(text))
    assert FileStore(path, BUNDLE).load().access_token == held.access_token


def test_a_hole_beside_the_tokens_is_noticed(path: Path) -> None:
    """A journal is whole or nothing, also where the zeros stand in a text that a lenient reader would take."""
    write_private(path, bundle(expires_at=NOW - 1, mine="x" * 100))
    held = FileStore(path, BUNDLE).load()
    text = BUNDLE.merge(held.document, _grant(), NOW).reveal().replace("x" * 100, "x" * 40 + "\0" * 20 + "x" * 40)
    write_private(path.with_name(f".{path.name}.{held.token_id}.journal"), text.encode())
    assert FileStore(path, BUNDLE).load().access_token == held.access_token


def test_a_journal_that_a_newer_login_overtook_is_removed(path: Path) -> None:
    """A journal belongs to one pair of tokens; beside another login it is nothing."""
    held = FileStore(path, BUNDLE).load()
    text = BUNDLE.merge(held.document, _grant(), NOW)
    journal = write_private(path.with_name(f".{path.name}.{held.token_id}.journal"), text.reveal().encode())
    FileStore(path, BUNDLE).replace(Secret(json.dumps(bundle(access_token="login", refresh_token="anew"))))
    assert not journal.exists()
    assert FileStore(path, BUNDLE).load().access_token == Secret("login")


@pytest.mark.parametrize("code", [FULL, BROKEN, READ_ONLY])
@pytest.mark.parametrize("step", range(4))
def test_a_login_that_cannot_be_saved_changes_nothing(path: Path, step: int, code: int) -> None:
    """Every failure while a new login is saved leaves the old one whole, and no draft behind."""
    before = path.read_bytes()
    with pytest.raises(OSError, match=os.strerror(code)):
        FileStore(path, BUNDLE, disk=failing(step, code)).replace(Secret(json.dumps(bundle(access_token="x"))))
    assert path.read_bytes() == before
    assert beside(path) == []


@pytest.mark.parametrize("step", range(3))
def test_whether_a_login_can_be_kept_is_known_beforehand(path: Path, step: int) -> None:
    """The probe leaves the login and its folder as they were, and says what to do where nothing can be written."""
    before = path.read_bytes()
    FileStore(path, BUNDLE).prove_writable()
    assert beside(path) == []
    with pytest.raises(CredentialError, match=f"cannot be written: {os.strerror(FULL)}") as caught:
        FileStore(path, BUNDLE, disk=failing(step, FULL)).prove_writable()
    assert caught.value.problem == "unwritable"
    assert "auth.bundle" in caught.value.hint
    assert beside(path) == []
    assert path.read_bytes() == before


def test_a_folder_in_the_place_of_the_file_is_found_beforehand(tmp_path: Path) -> None:
    """A path that names a folder can never hold a login."""
    with pytest.raises(CredentialError, match="cannot be written: Is a directory"):
        FileStore(tmp_path, BUNDLE).prove_writable()


def test_a_new_login_makes_a_private_folder(tmp_path: Path) -> None:
    """A folder that is not there is made with mode 0700, the file with 0600, whatever the umask."""
    path = tmp_path / "a" / "b" / "oauth.json"
    before = os.umask(0)
    try:
        FileStore(path, BUNDLE).replace(Secret(json.dumps(bundle())))
    finally:
        os.umask(before)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.parent.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600


def test_removing_a_login_removes_its_journals(path: Path) -> None:
    """After a logout nothing with a token is left; doing it again says that there was none."""
    write_private(path.with_name(f".{path.name}.0123456789abcdef.journal"), bundle())
    assert FileStore(path, BUNDLE).remove()
    assert beside(path) == []
    assert not FileStore(path, BUNDLE).remove()
    with pytest.raises(CredentialError):
        FileStore(path, BUNDLE).load()


def _grant() -> Any:
    from keybearer.credentials.bundle import Grant

    return Grant(access_token=NEW, refresh_token=Secret("next"), expires_in=60.0, endpoint="https://x.claude.com")
