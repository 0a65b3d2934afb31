"""A login in the OS keyring: the same promises as in a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keybearer.config.auth_schema import AuthConfig
from keybearer.credentials.chain import CredentialChain
from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.oauth.keeping import save_later
from keybearer.credentials.oauth.refresh import Refreshed, refresh
from keybearer.credentials.stores.keyring import PLACEHOLDER, KeyringStore
from keybearer.credentials.stores.notes import Refusal
from keybearer.errors import CredentialError, RefreshFailed
from keybearer.types.secret import Secret
from support.logins import NOW, Endpoint, HandClock, bundle, cut_off, granted, reply, run, search

keyring = pytest.importorskip("keyring")
from keyring.backend import KeyringBackend  # noqa: E402 - only where the extra is installed

NEW = Secret("sk-ant-oat01-access-2")


class Memory(KeyringBackend):
    """A keyring of a test's own, which can refuse."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # keyring's
        self.held: dict[tuple[str, str], str] = {}
        self.refuse_after = 10**6
        self.log: list[str] = []

    def get_password(self, service: str, username: str) -> str | None:
        """Give an entry."""
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Set an entry, or refuse."""
        if len(self.log) >= self.refuse_after:
            raise RuntimeError("locked")
        self.log.append(username)
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Remove an entry."""
        del self.held[service, username]


@pytest.fixture
def memory() -> Iterator[Memory]:
    """Our keyring in place of the system's."""
    before, ours = keyring.get_keyring(), Memory()
    keyring.set_keyring(ours)
    yield ours
    keyring.set_keyring(before)


@pytest.fixture
def store(memory: Memory, tmp_path: Path) -> KeyringStore:
    """A store with an expired login."""
    one = KeyringStore("/home/x/oauth.json", BUNDLE, folder=tmp_path / "kb")
    one.replace(Secret(json.dumps(bundle(expires_at=NOW - 1))))
    memory.log.clear()
    return one


def spend(store: KeyringStore, *replies: Any) -> Refreshed:
    """Refresh it."""
    clock = HandClock()
    return run(refresh(store, store.load().token_id, clock.rules()), Endpoint(*replies), clock)


def test_a_refresh_proves_journals_and_replaces(store: KeyringStore, memory: Memory) -> None:
    """The keyring is proved writable, then holds the journal, then the login, and the journal is gone."""
    mark = store.version()
    assert spend(store, granted()).bundle.access_token == NEW
    assert store.load().access_token == NEW
    assert memory.log == ["oauth:/home/x/oauth.json:journal"] * 2 + ["oauth:/home/x/oauth.json"]
    assert not store.unfinished()
    assert store.version() != mark


def test_a_keyring_that_cannot_be_written_is_found_before_the_request(store: KeyringStore, memory: Memory) -> None:
    """No request goes out for a token that could not be kept."""
    memory.refuse_after = 0
    with pytest.raises(RefreshFailed, match="No request was made"):
        spend(store)


@pytest.mark.parametrize("writes", [1, 2])
def test_a_keyring_that_fails_after_the_request_loses_nothing(store: KeyringStore, memory: Memory, writes: int) -> None:
    """What cannot be saved stays in memory with the lock held, or in the journal, and is found again."""
    memory.refuse_after = writes
    done = spend(store, granted())
    assert done.bundle.access_token == NEW
    memory.refuse_after = 10**6
    if done.unsaved is not None:
        assert save_later(done.unsaved)
    assert store.load().access_token == NEW
    assert store.recover().access_token == NEW


def test_a_refresh_that_fails_leaves_it_as_it_was(store: KeyringStore, memory: Memory) -> None:
    """A broken connection changes nothing, and leaves no journal."""
    before = dict(memory.held)
    with pytest.raises(RefreshFailed):
        spend(store, cut_off())
    assert memory.held == before


def test_a_placeholder_is_no_login(store: KeyringStore, memory: Memory) -> None:
    """What proved the keyring writable before a process was killed is cleared away."""
    memory.held["keybearer", "oauth:/home/x/oauth.json:journal"] = PLACEHOLDER
    assert store.unfinished()
    held = store.recover()
    assert held.expires_at == NOW - 1
    assert not store.unfinished()


def test_the_configuration_chooses_it(memory: Memory, tmp_path: Path) -> None:
    """`auth.store: keyring` looks in the keyring, and an empty one is simply not there."""
    auth = AuthConfig(store="keyring", bundle="/home/x/oauth.json")
    with pytest.raises(CredentialError, match="No credential was found"):
        CredentialChain(search(tmp_path, auth=auth)).resolve()
    KeyringStore("/home/x/oauth.json", BUNDLE, folder=tmp_path).replace(Secret(json.dumps(bundle())))
    assert CredentialChain(search(tmp_path, auth=auth)).resolve().mode == "oauth_bundle"
    assert memory.held


def test_a_keyring_that_cannot_be_read_is_reported(store: KeyringStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A locked keyring is an error with what to do, and with nothing of what it holds."""

    def locked(*_: object) -> str:
        raise RuntimeError("canary")

    monkeypatch.setattr(Memory, "get_password", locked)
    with pytest.raises(CredentialError, match="cannot be read") as caught:
        store.load()
    assert caught.value.problem == "keyring"
    assert "canary" not in str(caught.value)


def test_a_logout_empties_it(store: KeyringStore, memory: Memory) -> None:
    """Removing the login leaves no entry."""
    assert store.remove()
    assert memory.held == {}
    assert not store.remove()


def test_a_refusal_and_a_rest_are_known_to_every_process(store: KeyringStore, tmp_path: Path) -> None:
    """A keyring has no room for notes, so they lie beside its lock; a refresh does not forget the refusal, a new login does."""
    refusal = Refusal(store.load().token_id, NOW)
    store.notes.refuse(refusal)
    with pytest.raises(RefreshFailed):
        spend(store, reply(429, {}, retry_after="30"))
    other = KeyringStore("/home/x/oauth.json", BUNDLE, folder=tmp_path / "kb")
    assert other.notes.refusal(NOW) == refusal
    with pytest.raises(RefreshFailed, match="HTTP 429"):
        spend(other)
    other.notes.clear_backoff()
    spend(other, granted())
    assert other.notes.refusal(NOW) == refusal
    other.replace(Secret(json.dumps(bundle())))
    assert other.notes.refusal(NOW) is None


def test_whether_it_can_be_kept_is_known_beforehand(store: KeyringStore, memory: Memory) -> None:
    """The probe leaves everything as it was; a keyring that refuses, or forgets, is reported with the keyring's own hint."""
    before = dict(memory.held)
    store.prove_writable()
    assert memory.held == before
    memory.refuse_after = 0
    with pytest.raises(CredentialError, match="cannot be kept: the OS keyring cannot be written") as caught:
        store.prove_writable()
    assert caught.value.problem == "keyring"
    assert "auth.store" in caught.value.hint


def test_a_keyring_that_forgets_is_found(store: KeyringStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package's null backend takes everything and keeps nothing."""
    monkeypatch.setattr(Memory, "set_password", lambda *_: None)
    with pytest.raises(CredentialError, match="forgets what it is given"):
        store.prove_writable()


def test_a_missing_package_is_one_line_with_the_command(store: KeyringStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading, probing and writing all name the package that is missing and how to install it."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    for act in (store.load, store.prove_writable, store.unfinished, store.remove):
        with pytest.raises(CredentialError, match="the package keyring is not installed") as caught:
            act()
        assert caught.value.hint == "Install keybearer with its extra: 'keybearer[keyring]'"
