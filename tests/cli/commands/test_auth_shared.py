"""`keybearer auth` and `doctor` with a login that machines share in Redis."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from keybearer import Client
from keybearer.cli import main
from keybearer.config.loader import load_config
from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.stores.register_store import RegisterStore
from keybearer.shell.redis.login_store import login_store
from keybearer.types.secret import Secret
from support.browsing import browse, follow
from support.logins import Home
from support.redis_servers import needs_redis, redis_server
from support.registers import KEY, OTHER_KEY

pytest.importorskip("cryptography")
pytest.importorskip("redis")
pytestmark = needs_redis

SECRETS = (KEY.reveal(), OTHER_KEY.reveal(), "sk-ant-o", "canary-password")


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Redis with a password."""
    folder = tmp_path_factory.mktemp("redis")
    with redis_server(folder, "--requirepass", "canary-password"):
        yield folder / "redis.sock"


@pytest.fixture
def shared(home: Home, socket: Path, tmp_path: Path) -> Home:
    """A configuration whose login is in that Redis, encrypted with a key from a file."""
    (tmp_path / "store.key").write_text(f"{KEY.reveal()}\n{OTHER_KEY.reveal()}\n")
    url = f"unix://:canary-password@{socket}?prefix={tmp_path.name}"
    text = home.config.read_text().replace("mode: oauth_bundle", "mode: oauth_bundle\n      store: redis")
    text = text.replace(
        "      authorize_url", f"      store_url: {url}\n      store_key: ${{file:store.key}}\n      authorize_url"
    )
    home.config.write_text(text)
    home.config.chmod(0o600)
    return home


def with_section(shared: Home, socket: Path, tmp_path: Path, *, named: str) -> None:
    """Name the server by the provider's section `redis`, and not, or by that word, by `auth.store_url`."""
    (tmp_path / "redis.password").write_text("canary-password\n")
    lines = shared.config.read_text().splitlines()
    kept = [f"      store_url: {named}" if "store_url" in each else each for each in lines]
    kept = [each for each in kept if named or "store_url" not in each]
    section = f"""
    redis:
      url: unix://{socket}
      prefix: {tmp_path.name}
      password: ${{file:redis.password}}
    auth:"""
    shared.config.write_text("\n".join(kept).replace("\n    auth:", section))


def store_of(home: Home) -> RegisterStore:
    """Return the store that the commands use."""
    return login_store(load_config(home.config).providers["anthropic"].login, BUNDLE)


def test_from_a_login_to_a_logout(
    shared: Home, typed: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A login is saved in Redis, used by a client, refreshed, listed, checked, and removed; nothing is on the disk or shown."""
    typed("y\n")
    browse(monkeypatch, follow)
    assert shared.run("login") == 0
    assert "Logged in. Saved: the OAuth bundle in Redis at" in capsys.readouterr().out
    with Client.from_config(shared.config) as client:
        client.messages.create(model="claude-haiku-4-5", max_tokens=9, messages=[{"role": "user", "content": "Hi"}])
    assert shared.run("refresh") == 0
    assert shared.run("list") == 0
    assert shared.run("status") == 0
    assert main(["doctor", "--config", str(shared.config), "--no-call"]) == 0
    shown = capsys.readouterr()
    words = " ".join(shown.out.split())
    assert "login main (mode oauth_bundle)" in words
    assert "keybearer refreshes it by itself" in words
    assert "refreshed 1 times since" in words
    assert "may hold an older login after a restart (appendonly no)" in words
    assert not any(secret in shown.out + shown.err for secret in SECRETS)
    assert not shared.bundle.exists()
    assert shared.run("logout") == 0
    assert shared.run("logout") == 0
    out = capsys.readouterr().out
    assert "Removed: the OAuth bundle in Redis at" in out
    assert "There was no login: the OAuth bundle in Redis at" in out
    assert shared.run("status") == 4


@pytest.mark.parametrize("named", ["", "redis"])
def test_the_server_may_be_that_of_the_section(
    shared: Home,
    socket: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    named: str,
) -> None:
    """A provider's section `redis` says where its login is too; it is the same one that the URL names."""
    granted = shared.sim.login()
    kept = {name: granted[name] for name in ("access_token", "refresh_token")}
    store_of(shared).replace(Secret(json.dumps(kept | {"expires_at": 4e9})))
    with_section(shared, socket, tmp_path, named=named)
    assert shared.run("status") == 0
    assert "the OAuth bundle in Redis at" in " ".join(capsys.readouterr().out.split())
    with Client.from_config(shared.config) as client:
        client.messages.create(model="claude-haiku-4-5", max_tokens=9, messages=[{"role": "user", "content": "Hi"}])
    assert main(["config", "show", "--config", str(shared.config)]) == 0
    shown = capsys.readouterr()
    assert not any(secret in shown.out + shown.err for secret in SECRETS)
    shared.config.write_text(
        shared.config.read_text().replace(f"unix://{socket}", f"unix://{socket}\n      timeout: 90")
    )
    assert shared.run("status") != 0
    assert "redis: The Redis server has a timeout" in capsys.readouterr().err


def test_a_login_in_doubt_is_said_in_words(shared: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """`status` and `doctor` say whose request had no result, also while the token is good; `refresh` sends it once more."""
    granted = shared.sim.login()
    kept = {name: granted[name] for name in ("access_token", "refresh_token")}
    endpoint = shared.sim.base_url + "/v1/oauth/token"
    store = store_of(shared)
    store.replace(Secret(json.dumps(kept | {"token_endpoint": endpoint, "expires_at": 4e9})))
    lock = store.lock()
    assert lock.acquire()
    store.reserve(store.load(), lock).discard(unspent=False)
    assert shared.run("status") == 0
    assert "what came of its last refresh is unknown: log in again before it expires" in capsys.readouterr().out
    assert main(["doctor", "--config", str(shared.config), "--offline"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "began to send its refresh token at" in words
    assert "keybearer auth refresh" in words
    assert shared.run("refresh") == 0
    assert shared.run("status") == 0
    assert "keybearer refreshes it by itself" in capsys.readouterr().out


def test_an_older_key_is_found(shared: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the keys in another order, the doctor says what to do before the old one is taken away."""
    store_of(shared).replace(Secret(json.dumps({"access_token": "sk-ant-oat01-x", "expires_at": 4e9})))
    (tmp_path / "store.key").write_text(f"{OTHER_KEY.reveal()}\n{KEY.reveal()}\n")
    assert main(["doctor", "--config", str(shared.config), "--offline"]) == 0
    assert "still encrypted with an older key" in " ".join(capsys.readouterr().out.split())
    (tmp_path / "store.key").write_text(OTHER_KEY.reveal())
    assert main(["doctor", "--config", str(shared.config), "--offline"]) == 4
    shown = capsys.readouterr()
    assert "encrypted with another key than the 1 of auth.store_key" in " ".join(shown.out.split())
    assert not any(secret in shown.out + shown.err for secret in SECRETS)


def test_the_store_may_be_named_by_a_flag(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """`--store redis` without a URL in the configuration says which key is missing."""
    assert home.run("login", "--store", "redis", "--accept-terms") != 0
    assert "neither auth.store_url nor a section redis says which Redis" in capsys.readouterr().err
