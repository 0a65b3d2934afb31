"""A canary: secrets that must appear in no repr, log, error, traceback local, argument list or open file, on any path."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import keybearer
from keybearer import Client
from keybearer.cli import main
from keybearer.config.auth_schema import AuthConfig
from keybearer.credentials.chain import CredentialChain
from keybearer.credentials.oauth.authorization import LoginAttempt, exchange
from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.oauth.login import OAuthLogin
from keybearer.credentials.oauth.refresh import refresh
from keybearer.credentials.sources.setup_token import parse_setup_token
from keybearer.credentials.sources.table import SOURCES, look
from keybearer.credentials.stores.file import FileStore
from keybearer.errors import KeybearerError
from keybearer.shell.drivers import SyncDriver
from keybearer.shell.refresher import Refresher, ThreadScheduler
from keybearer.shell.transports.base import TransportOptions
from keybearer.shell.transports.default import DefaultTransport
from keybearer.simulator import Simulator
from keybearer.types.secret import Secret
from support.canary import CANARY
from support.disks import failing
from support.logins import Endpoint, HandClock, bundle, cut_off, granted, reply, run, search, write_private

ACCESS, REFRESH = f"sk-ant-oat01-{CANARY}-access-{'x' * 50}", f"sk-ant-ort01-{CANARY}-refresh-{'x' * 50}"
SOURCE = Path(keybearer.__file__).parent


def shown(error: BaseException) -> Iterator[str]:
    """Everything that an error shows: its text, its attributes, its chain, and the locals of our frames."""
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield from (str(one), repr(one), repr(getattr(one, "__dict__", "")))
        for frame, _ in traceback.walk_tb(one.__traceback__):
            if SOURCE in Path(frame.f_code.co_filename).parents:
                for name, value in frame.f_locals.items():
                    yield f"{frame.f_code.co_qualname}: {name} = {value!r}"
        todo += [one.__cause__, one.__context__]


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[None]:
    """Check, after a test, that no log, no output and no open file has the canary."""
    with caplog.at_level(logging.DEBUG):
        yield
    assert CANARY not in caplog.text + "".join(repr(vars(record)) for record in caplog.records)
    assert CANARY not in "".join(capfd.readouterr())
    for path in tmp_path.rglob("*"):
        if path.is_file() and CANARY.encode() in path.read_bytes():
            assert path.stat().st_mode & 0o077 == 0, path


def caught(act: Callable[[], Any]) -> KeybearerError:
    """Return the error of an act, which shows no canary."""
    try:
        act()
    except KeybearerError as error:
        for text in shown(error):
            assert CANARY not in text
        return error
    raise AssertionError("no error")


REPLIES = {
    "invalid_grant": lambda: reply(400, {"error": "invalid_grant", "error_description": f"{REFRESH} is spent"}),
    "echo": lambda: reply(400, {"error": REFRESH, "error_description": ACCESS}),
    "api echo": lambda: reply(403, {"type": "error", "error": {"type": REFRESH, "message": ACCESS}}),
    "html": lambda: reply(200, f"<html>{ACCESS}".encode(), content_type="text/html"),
    "cut": lambda: reply(200, f'{{"access_token": "{ACCESS}'.encode()),
    "wrong type": lambda: reply(200, granted(access_token=ACCESS, token_type="mac")),
    "no token": lambda: reply(200, granted(access_token=None, refresh_token=REFRESH)),
    "list": lambda: reply(200, [ACCESS]),
    "redirect": lambda: reply(302, b"", location=f"https://evil.example/?t={ACCESS}"),
    "429": lambda: reply(429, {"error": ACCESS}, retry_after=ACCESS),
    "500": lambda: reply(500, ACCESS.encode()),
    "404": lambda: reply(404, ACCESS.encode()),
    "no reply": cut_off,
}


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("name", REPLIES)
def test_a_refresh_that_fails(tmp_path: Path, name: str) -> None:
    """Whatever an endpoint says, even the tokens themselves, nothing of it is shown."""
    document = bundle(access_token=ACCESS, refresh_token=REFRESH, expires_at=1, token_endpoint="https://x.claude.com")
    store = FileStore(write_private(tmp_path / "b.json", document), BUNDLE)
    clock = HandClock()
    caught(lambda: run(refresh(store, None, clock.rules(), force=True), Endpoint(REPLIES[name]), clock))


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("step", range(4))
def test_a_refresh_on_a_full_disk(tmp_path: Path, step: int) -> None:
    """A failing disk's error has no token either."""
    document = bundle(access_token=ACCESS, refresh_token=REFRESH, expires_at=1)
    store = FileStore(write_private(tmp_path / "b.json", document), BUNDLE, disk=failing(step, 28))
    clock = HandClock()
    caught(lambda: run(refresh(store, None, clock.rules()), Endpoint(granted()), clock))


@pytest.mark.usefixtures("quiet")
def test_a_refresh_that_works(tmp_path: Path) -> None:
    """No repr of anything that took part shows a token."""
    document = bundle(access_token=ACCESS, refresh_token=REFRESH, expires_at=1)
    store = FileStore(write_private(tmp_path / "b.json", document), BUNDLE)
    clock = HandClock()
    endpoint = Endpoint(reply(200, granted(access_token=ACCESS + "2", refresh_token=REFRESH + "2")))
    done = run(refresh(store, None, clock.rules()), endpoint, clock)
    login = OAuthLogin(store, ThreadScheduler(lambda: endpoint, refresher=Refresher()), clock.rules())
    credential = run(login.current(), endpoint, clock)
    parts = [done, done.bundle, store, login, vars(login), credential, *endpoint.requests, store.load()]
    assert CANARY not in repr(parts) + str(parts)
    login.close()


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("name", REPLIES)
def test_a_login_that_fails(name: str) -> None:
    """Code, verifier and state are secrets as well."""
    attempt = LoginAttempt.begin("http://localhost:1/callback", lambda size: CANARY.encode()[:size].ljust(size, b"x"))
    clock = HandClock()
    code = Secret(f"code-{CANARY}")
    caught(lambda: run(exchange(attempt, code, clock.rules()), Endpoint(*[REPLIES[name]] * 2), clock))
    assert CANARY not in repr(attempt)


BROKEN = {
    "cut": f'{{"access_token": "{ACCESS}",'.encode(),
    "list": json.dumps([ACCESS]).encode(),
    "text": ACCESS.encode(),
    "expiry": json.dumps({"access_token": ACCESS, "expires_at": ACCESS}).encode(),
    "spaces": json.dumps({"access_token": ACCESS + " x " + ACCESS}).encode(),
    "binary": ACCESS.encode() + b"\xff",
    "claude": json.dumps({"claudeAiOauth": {"accessToken": ACCESS, "expiresAt": ACCESS}}).encode(),
    "claude expired": json.dumps({"claudeAiOauth": {"accessToken": ACCESS, "expiresAt": 1}}).encode(),
    "claude split": json.dumps({"claudeAiOauth": [ACCESS], "mcpOAuth": ACCESS}).encode(),
}


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("name", BROKEN)
def test_files_that_cannot_be_used(tmp_path: Path, name: str) -> None:
    """Every source, given the same bad content, says what is wrong and nothing of what it holds."""
    write_private(tmp_path / ".claude" / ".credentials.json", BROKEN[name])
    for own in ("oauth.json", "setup_token"):
        write_private(tmp_path / ".config" / "keybearer" / own, BROKEN[name])
    folder = tmp_path / ".config" / "anthropic"
    write_private(folder / "configs" / "default.json", {"authentication": {"type": "user_oauth"}})
    write_private(folder / "credentials" / "default.json", BROKEN[name])
    for source in SOURCES:
        if source.mode != "static":
            found = look(source, search(tmp_path))
            assert CANARY not in repr(found) + str(found.error)
            if found.error is not None:
                caught(lambda source=source: source.open(search(tmp_path)))  # type: ignore[misc] # bound now


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("paste", [ACCESS[:70], f"sk-ant-api03-{CANARY}", CANARY, ACCESS + "é"])
def test_a_bad_setup_token(paste: str) -> None:
    """A refused paste is not repeated."""
    caught(lambda: parse_setup_token(Secret(paste), "a paste"))


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("key", [f"two words {CANARY}", f"sk-ant-oat01-{CANARY}", f"é{CANARY}"])
def test_a_bad_key(tmp_path: Path, key: str) -> None:
    """A key that cannot be one is not repeated, wherever it came from."""
    caught(lambda: CredentialChain(search(tmp_path, key=key)).resolve())
    caught(lambda: Client(api_key=key))
    caught(lambda: CredentialChain(search(tmp_path, key=key, auth=AuthConfig(mode="static"))).resolve())


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("fault", ["oauth_before_rotation", "oauth_after_rotation", "oauth_truncated", "overloaded"])
def test_the_real_transport(sim: Simulator, tmp_path: Path, fault: str) -> None:
    """Over real sockets: a cut connection, half a reply, an overloaded server; nothing of the request is shown."""
    document = bundle(
        access_token=ACCESS, refresh_token=REFRESH, expires_at=1, token_endpoint=sim.base_url + "/v1/oauth/token"
    )
    store = FileStore(write_private(tmp_path / "b.json", document), BUNDLE)
    sim.fail(fault, path="/v1/oauth/token")
    transport = DefaultTransport(TransportOptions())
    caught(lambda: SyncDriver(transport).run(refresh(store, None, HandClock().rules())))
    transport.close()


@pytest.mark.usefixtures("quiet")
def test_a_client_whose_token_is_refused(sim: Simulator, tmp_path: Path) -> None:
    """The service's 401 comes with its context and without the token."""
    document = bundle(
        access_token=ACCESS,
        refresh_token=REFRESH,
        expires_at=time.time() + 3600,
        token_endpoint=sim.base_url + "/v1/oauth/token",
    )
    path = write_private(tmp_path / "b.json", document)
    config = tmp_path / "llm.yaml"
    config.write_text(
        f"providers:\n  anthropic:\n    base_url: {sim.base_url}\n    auth: {{mode: oauth_bundle, bundle: {path}}}\n"
    )
    with Client.from_config(config) as client:
        ask: Any = {"model": "claude-haiku-4-5", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
        first = caught(lambda: client.messages.create(**ask))
        assert str(path) in str(first)
        caught(lambda: client.messages.create(**ask))  # the refresh, which the service refuses as well
        assert CANARY not in repr(client) + repr(vars(client))


@pytest.mark.usefixtures("quiet")
def test_the_command_line(tmp_path: Path) -> None:
    """No subcommand but `token` prints a secret, and none is in an argument list."""
    path = write_private(
        tmp_path / "b.json", bundle(access_token=ACCESS, refresh_token=REFRESH, token_endpoint="http://127.0.0.1:9/x")
    )
    for words in (["status"], ["status", "--json"], ["refresh"], ["logout"]):
        main(["auth", *words, "--bundle", str(path)])
    assert CANARY not in " ".join(sys.argv)
