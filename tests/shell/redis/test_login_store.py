"""A login in a real Redis: its script, a replica, an ACL user, and what is seen of it on the way."""

from __future__ import annotations

import json
import logging
import signal
import socket
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keybearer.config.auth_schema import AuthConfig
from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.oauth.refresh import refresh
from keybearer.credentials.stores.register import RegisterError
from keybearer.credentials.stores.register_store import RegisterStore
from keybearer.errors import ConfigError, CredentialError, LoginRequired, RefreshFailed
from keybearer.shell.redis.login_store import RedisRegister, login_server, login_store
from keybearer.types.secret import Secret
from support.logins import ACCESS, NOW, REFRESH, Endpoint, HandClock, bundle, cut_off, granted, run
from support.redis_servers import free_port, needs_redis, redis_server
from support.registers import KEY

pytest.importorskip("cryptography")
pytest.importorskip("redis")
CANARIES = (ACCESS, REFRESH, KEY.reveal(), "sk-ant-oat01-access-2", "sk-ant-ort01-refresh-2", "canary-password")
"""What must be seen nowhere."""


def auth_of(url: str, **changes: Any) -> AuthConfig:
    """Return a configuration with a login in Redis."""
    return AuthConfig(store="redis", store_url=Secret(url), store_key=KEY, **changes)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis for the tests of this file."""
    folder = tmp_path_factory.mktemp("redis")
    with redis_server(folder):
        yield f"unix://{folder}/redis.sock"


@pytest.fixture
def store(url: str, request: pytest.FixtureRequest) -> RegisterStore:
    """A login that has expired, of a name of its own."""
    name = f"t{abs(hash(request.node.name))}"
    made = login_store(auth_of(url, store_name=name), BUNDLE)
    made.replace(Secret(json.dumps(bundle(expires_at=NOW - 1))))
    return made


def spend(store: RegisterStore, *replies: Any, **changes: Any) -> Any:
    """Refresh it."""
    clock = HandClock()
    return run(refresh(store, store.load().token_id, clock.rules(), **changes), Endpoint(*replies), clock)


@pytest.mark.parametrize(
    ("auth", "words"),
    [
        (AuthConfig(store="redis"), "neither auth.store_url nor a section redis says which Redis"),
        (auth_of("http://canary-password@host/"), "auth.store_url: The Redis server is not a URL of the form"),
        (auth_of("redis://:canary-password@host/x"), "auth.store_url: The Redis server has a database"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_being_shown(auth: AuthConfig, words: str) -> None:
    """The error names the key of the configuration."""
    with pytest.raises(ConfigError, match=words) as caught:
        login_server(auth)
    assert caught.value.key == "auth.store_url"
    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_a_key_is_needed() -> None:
    """Without one, nothing is put into Redis."""
    with pytest.raises(CredentialError, match="There is no key for logins in Redis"):
        login_store(AuthConfig(store="redis", store_url=Secret("redis://127.0.0.1:1")), BUNDLE)


@needs_redis
def test_a_process_has_one_store_for_a_login(url: str) -> None:
    """Its clients share what was read last; another login has another store."""
    assert login_store(auth_of(url), BUNDLE) is login_store(auth_of(url), BUNDLE)
    assert login_store(auth_of(url), BUNDLE) is not login_store(auth_of(url, store_name="other"), BUNDLE)


@needs_redis
def test_a_text_is_replaced_only_if_it_is_what_was_read(url: str) -> None:
    """The script compares and sets, and says the same when it is sent again."""
    register = RedisRegister(login_server(auth_of(url)), "cas")
    assert register.read().text is None
    assert abs(register.read().now - time.time()) < 60
    assert len(register.read().history) == 40
    assert [
        register.compare_and_set(old, new, confirmed=True)
        for old, new in ((None, "a"), (None, "a"), (None, "b"), ("a", "c"))
    ] == [
        True,
        True,
        False,
        True,
    ]
    assert register.read().text == "c"


@needs_redis
def test_no_token_and_no_key_is_seen_on_the_way(
    url: str, store: RegisterStore, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither MONITOR, nor what Redis keeps, nor a log, a repr or an error has one."""
    seen = bytearray()
    with socket.socket(socket.AF_UNIX) as watch:
        watch.connect(url.removeprefix("unix://"))
        watch.sendall(b"MONITOR\r\n")
        assert watch.recv(100).startswith(b"+OK")
        with caplog.at_level(logging.DEBUG):
            spend(store, granted())
            with pytest.raises(LoginRequired) as caught:
                spend(store, cut_off(), force=True)
        watch.settimeout(5)
        login_store(auth_of(url, store_name="end"), BUNDLE).version()
        while b"login-end" not in seen:
            seen += watch.recv(1 << 16)
    assert b"spending" in seen
    texts = [
        seen.decode(),
        caplog.text,
        repr(store),
        repr(store.load()),
        repr(vars(store)),
        "".join(traceback.format_exception(caught.value)),
    ]
    for canary in CANARIES:
        assert all(canary not in text for text in texts)


@needs_redis
def test_a_replica_confirms_the_mark_or_nothing_is_sent(tmp_path: Path) -> None:
    """With a replica that hangs, the request is not made, and the mark is taken back; without one, or with a live one, it is."""
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    port = free_port()
    with (
        redis_server(first, "--repl-diskless-sync-delay", "0", port=port),
        redis_server(second, "--replicaof", "127.0.0.1", str(port)) as replica,
    ):
        made = login_store(auth_of(f"unix://{first}/redis.sock"), BUNDLE)
        made.replace(Secret(json.dumps(bundle(expires_at=NOW - 1))))
        register = RedisRegister(login_server(auth_of(f"unix://{first}/redis.sock")), "other")
        end = time.monotonic() + 30
        while True:  # the replica takes a moment to be one
            register.read()
            try:
                if register.facts().get("connected_slaves"):
                    register.compare_and_set(register.read().text, str(time.monotonic()), confirmed=True)
                    break
            except RegisterError:
                assert time.monotonic() < end
            time.sleep(0.01)
        assert spend(made, granted(expires_in=1)).requests == 1
        replica.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(RefreshFailed, match="No request was made"):
                spend(made, force=True)  # an endpoint without a reply would be another error
        finally:
            replica.send_signal(signal.SIGCONT)
        assert spend(made, granted(3), force=True).requests == 1


@needs_redis
def test_an_acl_user_needs_little(tmp_path: Path) -> None:
    """The commands that the page on credentials names are enough, and keys under another prefix are refused in words."""
    rules = "fleet on >canary-password ~kb:* resetchannels -@all +get +set +eval +evalsha +time +wait +info"
    with redis_server(tmp_path, "--user", *rules.split()):
        url = f"unix://fleet:canary-password@{tmp_path}/redis.sock"
        made = login_store(auth_of(f"{url}?prefix=kb"), BUNDLE)
        made.replace(Secret(json.dumps(bundle(expires_at=NOW - 1))))
        assert spend(made, granted()).requests == 1
        with pytest.raises(CredentialError, match="cannot be read: the server refused the login") as caught:
            login_store(auth_of(f"{url}?prefix=other"), BUNDLE).load()
        assert "canary" not in "".join(traceback.format_exception(caught.value))
    for gone in (made, login_store(auth_of("redis://127.0.0.1:1"), BUNDLE)):  # stopped, and never there
        with pytest.raises(CredentialError, match="cannot be read: the server cannot be reached"):
            gone.load()
