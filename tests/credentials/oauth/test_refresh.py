"""One refresh: its request, its endpoint, every reply, and what is on the disk afterwards."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.oauth.refresh import LOCK_TIMEOUT, Refreshed, refresh
from keybearer.credentials.stores.file import FileStore
from keybearer.credentials.stores.lock import FileLock
from keybearer.credentials.stores.notes import Refusal
from keybearer.credentials.tokens import TokenState
from keybearer.errors import ConnectionFailed, CredentialError, LoginRequired, RefreshFailed, TimedOut
from keybearer.types.secret import Secret
from support.logins import (
    ACCESS,
    NOW,
    REFRESH,
    Endpoint,
    HandClock,
    bundle,
    cut_off,
    granted,
    reply,
    run,
    write_private,
)
from support.odd import ODD, with_odd

OLD = "https://console.anthropic.com/v1/oauth/token"
PLATFORM = "https://platform.claude.com/v1/oauth/token"


def spend(path: Path, endpoint: Endpoint, clock: HandClock | None = None, **changes: Any) -> Refreshed:
    """Refresh the bundle of a file."""
    clock = clock or HandClock()
    store = FileStore(path, BUNDLE)
    rules = clock.rules(**changes.pop("rules", {}))
    return run(refresh(store, store.load().token_id, rules, **changes), endpoint, clock)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An expired bundle in a folder of its own."""
    return write_private(tmp_path / "logins" / "oauth.json", bundle(expires_at=NOW - 1, mine={"a": 1}))


def leftovers(path: Path) -> list[str]:
    """What lies beside the bundle; the lock file and the note of a rest belong there."""
    mine = {path.name, f".{path.name}.lock", f".{path.name}.rest"}
    return sorted(p.name for p in path.parent.iterdir() if p.name not in mine)


def test_the_request_is_honest_json(path: Path) -> None:
    """It is a JSON POST with the three parameters, and a User-Agent that says who asks."""
    endpoint = Endpoint(granted())
    spend(path, endpoint)
    (request,) = endpoint.requests
    assert request.method == "POST"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("keybearer/")
    assert "claude-c" not in str(request.headers)
    assert endpoint.bodies == [
        {
            "grant_type": "refresh_token",
            "refresh_token": REFRESH,
            "client_id": "9d1c250a-e61b-44d9-88ed-5944d1962f5e",
        }
    ]


def test_a_grant_replaces_the_tokens_and_nothing_else(path: Path) -> None:
    """The file holds the new tokens, its endpoint and every other key, is private, and nothing lies beside it."""
    done = spend(path, Endpoint(granted()))
    assert done.requests == 1
    assert done.bundle.access_token == Secret("sk-ant-oat01-access-2")
    after = json.loads(path.read_text())
    assert after == {
        "access_token": "sk-ant-oat01-access-2",
        "refresh_token": "sk-ant-ort01-refresh-2",
        "expires_at": "2027-01-15T16:00:00.000Z",
        "refreshed_at": "2027-01-15T08:00:00.000Z",
        "mine": {"a": 1},
        "scope": "user:inference",
        "token_endpoint": OLD,
    }
    assert path.stat().st_mode & 0o777 == 0o600
    assert leftovers(path) == []


# ── the endpoint ─────────────────────────────────────────────────────────────


def test_without_a_record_the_old_endpoint_is_asked_then_on_404_the_platform(path: Path) -> None:
    """Only an explicit 404 leads to the other endpoint, which is then recorded."""
    endpoint = Endpoint(reply(404, {"error": "not_found"}), granted())
    spend(path, endpoint)
    assert [request.url for request in endpoint.requests] == [OLD, PLATFORM]
    assert json.loads(path.read_text())["token_endpoint"] == PLATFORM


@pytest.mark.parametrize("status", [400, 403, 405, 410, 500, 503])
def test_nothing_but_a_404_leads_to_another_endpoint(path: Path, status: int) -> None:
    """Any other refusal is the answer: the refresh token goes to one place."""
    endpoint = Endpoint(reply(status, {}))
    with pytest.raises(RefreshFailed):
        spend(path, endpoint)
    assert len(endpoint.requests) == 1


def test_a_recorded_endpoint_is_the_only_one(tmp_path: Path) -> None:
    """A bundle that says who issued it is refreshed there, and nowhere else on a 404."""
    path = write_private(tmp_path / "b.json", bundle(token_endpoint=PLATFORM))
    endpoint = Endpoint(reply(404, {}))
    with pytest.raises(RefreshFailed, match="HTTP 404"):
        spend(path, endpoint)
    assert [request.url for request in endpoint.requests] == [PLATFORM]


def test_the_configured_endpoint_wins(path: Path) -> None:
    """`auth.token_endpoint` stands above the record, and is not followed by another."""
    endpoint = Endpoint(granted())
    spend(path, endpoint, rules={"token_endpoint": "http://127.0.0.1:9/token"})
    assert endpoint.requests[0].url == "http://127.0.0.1:9/token"


@pytest.mark.parametrize("where", ["https://evil.example.com/token", "http://platform.claude.com/token", "nonsense"])
def test_a_refresh_token_goes_to_no_other_host(tmp_path: Path, where: str) -> None:
    """An endpoint that a bundle names is asked only if a token may go there."""
    path = write_private(tmp_path / "b.json", bundle(token_endpoint=where))
    endpoint = Endpoint()
    with pytest.raises(CredentialError, match="is not sent"):
        spend(path, endpoint)
    assert endpoint.requests == []


@pytest.mark.parametrize(
    "refusal",
    [
        reply(415, {}),
        reply(400, {"error": "invalid_request", "error_description": "could not parse JSON body"}),
        reply(
            400,
            {
                "error": "invalid_request",
                "error_description": "only application/x-www-form-urlencoded content-type bodies are supported",
            },
        ),
    ],
)
def test_a_parse_error_leads_to_form_encoding_once(path: Path, refusal: Any) -> None:
    """An endpoint that says it cannot read JSON is asked once more, with a form."""
    endpoint = Endpoint(refusal, granted())
    assert spend(path, endpoint).requests == 2
    assert endpoint.requests[1].headers["content-type"] == "application/x-www-form-urlencoded"
    assert endpoint.requests[1].body.startswith(b"grant_type=refresh_token&refresh_token=sk-ant-ort01-")
    again = Endpoint(refusal, refusal)
    with pytest.raises(RefreshFailed):
        spend(path, again, force=True)
    assert len(again.requests) == 2


def test_a_format_that_worked_is_remembered(path: Path) -> None:
    """The next refresh takes one request, in the format of the last one, and back again if the endpoint changes its mind."""
    refusal = reply(415, {})
    spend(path, Endpoint(refusal, granted(2)))
    again = Endpoint(granted(3))
    assert spend(path, again, force=True).requests == 1
    assert again.requests[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert json.loads(path.read_text())["token_format"] == "form"
    back = Endpoint(refusal, granted(4))
    assert spend(path, back, force=True).requests == 2
    assert back.requests[1].headers["content-type"] == "application/json"
    assert "token_format" not in json.loads(path.read_text())


@pytest.mark.parametrize(
    ("token_format", "kind"), [("form", "application/x-www-form-urlencoded"), ("json", "application/json")]
)
def test_a_configured_format_is_the_only_one(path: Path, token_format: Any, kind: str) -> None:
    """`auth.token_format` is how the endpoint is asked, and no other is tried."""
    endpoint = Endpoint(reply(415, {}))
    with pytest.raises(RefreshFailed):
        spend(path, endpoint, rules={"token_format": token_format})
    assert [request.headers["content-type"] for request in endpoint.requests] == [kind]


def test_an_unknown_client_is_told_of_the_form(path: Path) -> None:
    """An endpoint that reads forms only finds no client in JSON: the error names the setting."""
    with pytest.raises(RefreshFailed, match="invalid_client") as caught:
        spend(path, Endpoint(reply(401, {"error": "invalid_client"})))
    assert "auth.token_format" in caught.value.hint


def test_an_unclear_refusal_does_not_lead_to_form_encoding(path: Path) -> None:
    """A refusal that does not speak of parsing is not answered with a second request."""
    endpoint = Endpoint(reply(400, {"error": "invalid_request", "error_description": "client_id is required"}))
    with pytest.raises(RefreshFailed, match="invalid_request"):
        spend(path, endpoint)
    assert len(endpoint.requests) == 1


# ── replies ──────────────────────────────────────────────────────────────────


def test_a_reply_that_tells_little_keeps_the_rest(path: Path) -> None:
    """Without a refresh token, scope or expiry the old ones stay, and the token is used until it is refused."""
    done = spend(path, Endpoint(granted(refresh_token=None, scope=None, expires_in=None)))
    after = json.loads(path.read_text())
    assert after["refresh_token"] == REFRESH
    assert after["expires_at"] == NOW - 1
    assert "scope" not in after
    for later in (0.0, 86_400.0):
        assert done.bundle.state(NOW + later) is TokenState.FRESH
        assert FileStore(path, BUNDLE).load().state(NOW + later) is TokenState.FRESH


@pytest.mark.parametrize("expires_in", [0, -1, "abc", None, 1e30, True, [], "NaN"])
def test_a_strange_expires_in_makes_no_loop(path: Path, expires_in: Any) -> None:
    """A lifetime that cannot be true is as none: the token is kept and used, not refreshed over and over."""
    done = spend(path, Endpoint(granted(expires_in=expires_in)))
    assert done.bundle.access_token == Secret("sk-ant-oat01-access-2")
    assert done.bundle.state(NOW) is TokenState.FRESH


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_field_costs_no_login(path: Path, odd: bytes) -> None:
    """A grant with good tokens is kept, whatever else is in the reply, and the next process reads it."""
    text = with_odd(odd, **granted()).reveal().encode(errors="surrogatepass")
    done = spend(path, Endpoint(reply(200, b"\xef\xbb\xbf" + text)))
    for held in (done.bundle, FileStore(path, BUNDLE).load()):
        assert held.access_token == Secret("sk-ant-oat01-access-2")
        assert held.refresh_token == Secret("sk-ant-ort01-refresh-2")
        assert held.expires_at == NOW + 28_800
    assert json.loads(path.read_text())["mine"] == {"a": 1}
    assert path.stat().st_size < 2000
    assert path.stat().st_mode & 0o777 == 0o600
    assert leftovers(path) == []


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_field_of_the_file_is_kept_over_a_refresh(path: Path, odd: bytes) -> None:
    """A bundle with an odd key of another program's is read, refreshed, and read again, and the key is still there."""
    text = with_odd(odd, **bundle(expires_at=NOW - 1)).reveal()
    write_private(path, text.encode())
    spend(path, Endpoint(granted()))
    assert FileStore(path, BUNDLE).load().access_token == Secret("sk-ant-oat01-access-2")
    assert odd.decode(errors="replace").partition(", ")[0].replace("\0", "\\u0000") in path.read_text()


@pytest.mark.parametrize("around", ["\ufeff", "\0", " ", "\u200b"])
def test_what_stands_around_a_token_is_no_part_of_it(path: Path, around: str) -> None:
    """White space, a NUL or a byte order mark in the fields themselves is taken off."""
    grant = granted()
    tokens = {name: around + grant[name] + around for name in ("access_token", "refresh_token")}
    done = spend(path, Endpoint(grant | tokens))
    assert done.bundle.access_token == Secret("sk-ant-oat01-access-2")
    assert done.bundle.refresh_token == Secret("sk-ant-ort01-refresh-2")


@pytest.mark.parametrize("wall", [7_258_118_400.0, 4e11, -5e9, 1e15], ids=["2200", "14645", "1811", "no date"])
def test_a_wall_clock_that_cannot_be_true_costs_no_login(path: Path, wall: float) -> None:
    """What was granted is kept without times that could not be read back, and works when the clock is right again."""
    clock = HandClock()
    clock.wall = wall
    done = spend(path, Endpoint(granted()), clock, force=True)
    assert done.bundle.access_token == Secret("sk-ant-oat01-access-2")
    held = FileStore(path, BUNDLE).load()
    assert held.refresh_token == Secret("sk-ant-ort01-refresh-2")
    assert held.state(NOW) is TokenState.FRESH


def test_the_journal_is_written_before_anything_is_asked_of_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that fails over what it reads after the reply has the new tokens on the disk by then."""
    store = FileStore(path, BUNDLE)

    def fail(*_: object) -> Any:
        raise ZeroDivisionError

    def answer() -> Any:
        monkeypatch.setattr(store, "load", fail)
        return granted()

    clock = HandClock()
    with pytest.raises(ZeroDivisionError):
        run(refresh(store, None, clock.rules(), force=True), Endpoint(answer), clock)
    assert FileStore(path, BUNDLE).load().access_token == Secret("sk-ant-oat01-access-2")


STRANGE = [
    reply(200, b"<html>Log in to the hotel's network</html>", content_type="text/html"),
    reply(200, b'{"access_token": "sk-ant-oat01-cut', content_type="application/json"),
    reply(200, b""),
    reply(200, b"x" * (2 << 20)),
    reply(200, json.dumps(granted(filler="x" * (2 << 20))).encode()),
    reply(200, []),
    reply(200, {}),
    reply(200, granted(access_token="")),
    reply(200, granted(access_token="two words")),
    reply(200, granted(access_token=["x"])),
    reply(200, granted(token_type="mac")),
    reply(302, b"", location="https://example.com"),
    reply(204, b""),
]


@pytest.mark.parametrize("answer", STRANGE, ids=range(len(STRANGE)))
def test_a_strange_reply_changes_nothing(path: Path, answer: Any) -> None:
    """HTML, a cut body, 2 MiB, no token, a redirect: one request, an error, and the file as it was."""
    before = path.read_bytes()
    endpoint = Endpoint(answer)
    with pytest.raises(RefreshFailed) as caught:
        spend(path, endpoint)
    assert len(endpoint.requests) == 1
    assert path.read_bytes() == before
    assert leftovers(path) == []
    assert "sk-ant" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (reply(429, {"error": "rate_limited"}, retry_after="7"), 7.0),
        (reply(429, {"type": "error", "error": {"type": "rate_limit_error"}}), 0.0),
        (reply(503, b"<html>", content_type="text/html", retry_after="51811"), 3600.0),
        (reply(500, {}, retry_after="Fri, 15 Jan 2027 08:00:30 GMT"), 30.0),
        (cut_off(), 0.0),
    ],
    ids=range(5),
)
def test_a_busy_endpoint_says_when_to_come_back(path: Path, answer: Any, wait: float) -> None:
    """429, 5xx and a broken connection leave the file as it was; Retry-After is honoured up to an hour."""
    before = path.read_bytes()
    with pytest.raises(RefreshFailed) as caught:
        spend(path, Endpoint(answer))
    assert caught.value.retryable
    assert caught.value.retry_after == wait
    assert path.read_bytes() == before
    assert leftovers(path) == []


@pytest.mark.parametrize(
    ("failed", "words", "advice"),
    [
        (
            ConnectionFailed(
                "TLS with console.anthropic.com failed: unknown CA.", phase="tls", hint="Name it in ca_file."
            ),
            "TLS with console.anthropic.com failed: unknown CA.",
            "Name it in ca_file.",
        ),
        (
            ConnectionFailed(
                "The proxy failed: 407.", phase="proxy", hint="Check its address and its login: proxy=..."
            ),
            "console.anthropic.com: the proxy failed: 407.",
            "Check its address and its login: proxy=...",
        ),
        (
            ConnectionFailed(
                "The address of console.anthropic.com was not found.", phase="dns", hint="Check base_url."
            ),
            "the address of console.anthropic.com was not found.",
            "Check the network, and auth.token_endpoint if it is set.",
        ),
        (
            TimedOut("No reply began within 30 s (timeouts.first_byte).", phase="first_byte"),
            "console.anthropic.com did not answer within 30 s.",
            "Check the network, and the proxy if one is needed.",
        ),
    ],
    ids=["tls", "proxy", "dns", "time"],
)
def test_a_request_without_an_answer_says_why(path: Path, failed: Exception, words: str, advice: str) -> None:
    """The cause, the host and the remedy are those that any request gets, and nothing is said to happen by itself."""
    with pytest.raises(RefreshFailed) as caught:
        spend(path, Endpoint(failed))
    assert caught.value.message.endswith(f"was not refreshed: {words} It is kept as it was.")
    assert caught.value.hint == advice
    assert caught.value.problem == "unanswered"


def test_a_rest_holds_for_every_process(path: Path) -> None:
    """What one process was told, the next ones keep to, without a request, until it is over."""
    with pytest.raises(RefreshFailed):
        spend(path, Endpoint(reply(429, {"error": "rate_limited"}, retry_after="30")))
    clock, endpoint = HandClock(), Endpoint(granted())
    clock.sleep(10)
    with pytest.raises(RefreshFailed, match="HTTP 429 rate_limited") as caught:
        spend(path, endpoint, clock)
    assert endpoint.requests == []
    assert caught.value.retry_after == pytest.approx(20.0)
    assert caught.value.hint == "It is not asked again for 20 s; a call after that tries again."
    clock.sleep(20)
    assert spend(path, endpoint, clock).requests == 1
    assert leftovers(path) == []
    assert not path.with_name(f".{path.name}.rest").exists()


INVALID_GRANT = [
    {"error": "invalid_grant", "error_description": "Refresh token not found or invalid"},
    {"type": "error", "error": {"type": "invalid_grant", "message": "x"}},
    {"type": "error", "error": {"type": "invalid_request_error", "message": "Refresh token not found or invalid"}},
]


@pytest.mark.parametrize("body", INVALID_GRANT, ids=range(3))
def test_invalid_grant_means_log_in_again(path: Path, body: Any) -> None:
    """Both shapes of the error mean that the login is over; the file stays as it was."""
    before = path.read_bytes()
    endpoint = Endpoint(reply(400, body))
    with pytest.raises(LoginRequired, match="keybearer auth login") as caught:
        spend(path, endpoint)
    assert caught.value.problem == "invalid_grant"
    assert len(endpoint.requests) == 1
    assert path.read_bytes() == before


def test_invalid_grant_reads_the_file_once_more(path: Path) -> None:
    """If somebody who takes no lock refreshed meanwhile, what he wrote is used, without another request."""

    def lose_the_race() -> Any:
        write_private(path, bundle(access_token="theirs", refresh_token="theirs-too"))
        return reply(400, INVALID_GRANT[0])

    endpoint = Endpoint(lose_the_race)
    done = spend(path, endpoint)
    assert done.bundle.access_token == Secret("theirs")
    assert len(endpoint.requests) == 1


def test_invalid_grant_with_another_expired_login_is_tried_once(path: Path) -> None:
    """What the second reading finds is refreshed if it has expired, and that is the last attempt."""

    def lose_the_race() -> Any:
        write_private(path, bundle(access_token="theirs", refresh_token="theirs-too", expires_at=NOW - 9))
        return reply(400, INVALID_GRANT[0])

    endpoint = Endpoint(lose_the_race, lambda: reply(400, INVALID_GRANT[0]))
    with pytest.raises(LoginRequired):
        spend(path, endpoint)
    assert [body["refresh_token"] for body in endpoint.bodies] == [REFRESH, "theirs-too"]


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
    """Another program's keys in the same generation survive: the file is read again after the request."""

    def add() -> Any:
        write_private(path, bundle(expires_at=NOW - 1, mine={"a": 1}, theirs="new"))
        return reply(200, granted())

    spend(path, Endpoint(add))
    assert json.loads(path.read_text())["theirs"] == "new"


# ── who else is there ────────────────────────────────────────────────────────


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
    """A file system without locks is not told to be made writable."""
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


def test_nothing_to_refresh_with_means_log_in(tmp_path: Path) -> None:
    """A bundle without a refresh token that has expired needs a person."""
    path = write_private(tmp_path / "b.json", bundle(refresh_token=None, expires_at=NOW - 1))
    with pytest.raises(LoginRequired, match="no refresh token"):
        spend(path, Endpoint())
    assert ACCESS not in path.name
