"""A login that machines share: one request a rotation, and never a token twice, wherever a process ends."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from keybearer.credentials.oauth.keeping import save_later
from keybearer.credentials.oauth.login import OAuthLogin
from keybearer.credentials.oauth.refresh import Refreshed, refresh
from keybearer.credentials.stores.register_store import RegisterStore
from keybearer.credentials.stores.shared_login import HOLD_LIMIT, SPEND_LIMIT
from keybearer.errors import ConnectionFailed, CredentialError, LoginRequired, RefreshFailed
from keybearer.types.secret import Secret
from support.logins import (
    ACCESS,
    NOW,
    REFRESH,
    Endpoint,
    HandClock,
    InlineScheduler,
    bundle,
    cut_off,
    granted,
    reply,
    run,
    token_in,
)
from support.registers import OTHER_KEY, Server, server_with, shared_store

pytest.importorskip("cryptography")

NEW = Secret("sk-ant-oat01-access-2")


class Ended(BaseException):
    """A process that is killed."""


@pytest.fixture
def server() -> Server:
    """A server with a login that has expired."""
    return server_with(HandClock(), expires_at=NOW - 1)


def spend(server: Server, *replies: Any, store: RegisterStore | None = None, **changes: Any) -> Refreshed:
    """Refresh the login as a process of its own."""
    store = store or shared_store(server)
    endpoint = replies[0] if len(replies) == 1 and isinstance(replies[0], Endpoint) else Endpoint(*replies)
    known = changes.pop("known", None) or store.load().token_id
    return run(refresh(store, known, server.clock.rules(), **changes), endpoint, server.clock)


def killed(number: int) -> Callable[[str, bool], None]:
    """Return what ends a process at one of its operations, before it is done or after."""
    left = [number]

    def at(_what: str, _done: bool) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Ended

    return at


def test_a_refresh_is_one_request_and_the_next_generation(server: Server) -> None:
    """The record says so before and after, and holds no token in clear."""
    before, seen = server.record, []

    def answer() -> Any:
        seen.append(server.record)
        return granted()

    done = spend(server, answer)
    assert (done.bundle.access_token, done.requests) == (NEW, 1)
    assert seen[0]["spending"]["by"] == "host-1 (process 1)"
    after = server.record
    assert after["generation"] == [before["generation"][0], 1]
    assert "spending" not in after
    assert "holder" not in after
    for text in (json.dumps(before), json.dumps(seen[0]), json.dumps(after)):
        assert not re.search("sk-ant|refresh-2", text)


def test_other_machines_adopt_it(server: Server) -> None:
    """Who comes second sends nothing."""
    other = shared_store(server, by="host-2 (process 9)")
    known = other.load().token_id
    spend(server, granted())
    done = run(refresh(other, known, server.clock.rules()), Endpoint(), server.clock)
    assert (done.bundle.access_token, done.requests) == (NEW, 0)


@pytest.mark.parametrize("number", range(40))
def test_a_process_that_is_killed_anywhere_spends_no_token_twice(server: Server, number: int) -> None:
    """At each of its operations: the next process refreshes, adopts, or says that the outcome is unknown."""
    endpoint, known = Endpoint(granted(2), granted(3)), server.record["token_id"]
    try:
        spend(server, endpoint, store=shared_store(server, killed(number)), known=known)
    except Ended:
        pass
    else:
        assert number >= 14  # a whole refresh has more operations, each begun and done
        return
    sent, marked = len(endpoint.requests), "spending" in server.record
    server.clock.sleep(SPEND_LIMIT)
    if marked:
        with pytest.raises(
            LoginRequired, match=r"host-1 \(process 1\) began to send its refresh token at 2027-01-15"
        ) as caught:
            spend(server, endpoint, known=known)
        assert caught.value.problem == "outcome_unknown"
        assert len(endpoint.requests) == sent
    else:
        done = spend(server, endpoint, known=known)
        assert (done.bundle.access_token, done.requests) == (NEW, 1 - sent)  # sent now, or adopted


@pytest.mark.parametrize(
    ("answer", "doubt"),
    [
        (ConnectionFailed("No route.", phase="connect"), False),
        (reply(429, {"error": "slow_down"}), False),
        (reply(503, {"error": "down"}), False),
        (reply(400, {"error": "invalid_client"}), False),
        (cut_off(), True),
        (reply(504, {"error": "gateway"}), True),
        (reply(524, b"<html>", content_type="text/html"), True),
        (reply(200, b"<html>", content_type="text/html"), True),
        (reply(200, {"access_token": None}), True),
    ],
)
def test_only_an_answer_that_says_nothing_leaves_a_doubt(server: Server, answer: Any, doubt: bool) -> None:
    """A refusal leaves the token as it was; a request without a usable answer may have spent it."""
    with pytest.raises(LoginRequired if doubt else RefreshFailed) as caught:
        spend(server, answer)
    assert (caught.value.problem == "outcome_unknown") is doubt
    assert ("spending" in server.record) is doubt
    server.clock.sleep(10)
    endpoint = Endpoint(granted())
    if doubt:
        with pytest.raises(LoginRequired, match="outcome of the last refresh"):
            spend(server, endpoint)
        assert endpoint.requests == []
    else:
        assert spend(server, endpoint).bundle.access_token == NEW


def test_a_person_may_send_a_token_in_doubt_once_more(server: Server) -> None:
    """`keybearer auth refresh` does; when it works, the doubt is over."""
    with pytest.raises(LoginRequired):
        spend(server, cut_off())
    assert spend(server, granted(), force=True).bundle.access_token == NEW
    assert "spending" not in server.record


def test_a_new_login_ends_the_doubt(server: Server) -> None:
    """And a late result of the old one does not replace it."""
    journal = []

    def login_meanwhile() -> Any:
        journal.append(server.record["spending"])
        shared_store(server).replace(Secret(json.dumps(bundle(access_token="anew", refresh_token="anew-too"))))
        return granted()

    done = spend(server, login_meanwhile)
    assert journal
    assert done.bundle.access_token == Secret("anew")
    assert shared_store(server).load().access_token == Secret("anew")
    assert "spending" not in server.record


def test_a_late_result_heals_the_doubt(server: Server) -> None:
    """A process that slept through its time still puts its result in place, and everybody else goes on with it."""
    other = shared_store(server, by="host-2 (process 9)")
    held = other.load()

    def asleep() -> Any:
        server.clock.sleep(SPEND_LIMIT + 1)
        other.look()
        assert other.doubt(held) is not None
        return granted()

    assert spend(server, asleep).bundle.access_token == NEW
    assert other.load().access_token == NEW
    assert other.doubt(other.load()) is None


def test_without_the_server_nothing_is_sent(server: Server) -> None:
    """Neither a lock nor a mark can be had, so no request is made; the words say that."""
    store = shared_store(server)
    known = store.load().token_id
    server.down = True
    endpoint = Endpoint()
    with pytest.raises(RefreshFailed, match=r"cannot be taken: it cannot be reached. No request was made") as caught:
        run(refresh(store, known, server.clock.rules()), endpoint, server.clock)
    assert caught.value.hint == "Check the network."
    assert endpoint.requests == []


def test_a_mark_that_no_replica_confirms_is_taken_back(server: Server) -> None:
    """The request is not made: after a fail-over nobody would know of it."""
    server.replica = False
    endpoint = Endpoint(granted())
    with pytest.raises(RefreshFailed, match="no replica has confirmed it. No request was made"):
        spend(server, endpoint)
    assert (endpoint.requests, "spending" in server.record) == ([], False)
    server.replica = True
    assert spend(server, endpoint).bundle.access_token == NEW


def test_a_result_that_cannot_be_saved_is_kept_and_saved_later(server: Server) -> None:
    """The token is in use at once; other machines wait, and adopt it once it is saved."""

    def gone() -> Any:
        server.down = True
        return granted()

    done = spend(server, gone)
    assert done.bundle.access_token == NEW
    assert done.unsaved is not None
    assert not save_later(done.unsaved)
    server.down = False
    assert save_later(done.unsaved)
    assert shared_store(server).load().access_token == NEW


def test_a_server_that_lost_data_is_not_believed(server: Server) -> None:
    """An older generation than one that was seen is not used; a new login is."""
    store, old = shared_store(server), server.text
    spend(server, granted(), store=store)
    server.text = old
    for act in (store.load, lambda: spend(server, Endpoint(), store=store)):
        with pytest.raises(LoginRequired, match=r"has lost data: generation \d+\.1 of the login was there") as caught:
            act()
        assert caught.value.problem == "gone_back"
    server.text = None
    server.clock.sleep(1)
    shared_store(server).replace(Secret(json.dumps(bundle(access_token="anew"))))
    server.clock.sleep(1)
    assert store.load().access_token == Secret("anew")


def test_a_new_process_does_not_believe_a_restarted_server_when_the_token_was_due(server: Server) -> None:
    """It has seen no newer generation itself, so it goes by the server's history."""
    server.history = "restarted"
    with pytest.raises(LoginRequired, match="the server was restarted or replaced after its token was due"):
        spend(server, Endpoint())
    assert spend(server, granted(), force=True).bundle.access_token == NEW
    assert server.record["history"] == "restarted"


def test_removing_a_login_leaves_its_number(server: Server) -> None:
    """A login that comes back with an old replica is known by it; nothing else stays."""
    store, old = shared_store(server), server.text
    assert store.removable()
    assert store.remove()
    assert "sealed" not in server.record
    assert store.version() is None
    with pytest.raises(CredentialError, match="There is no login in Redis at") as caught:
        store.load()
    assert caught.value.problem == "missing"
    assert not store.remove()
    server.text = old
    with pytest.raises(LoginRequired, match="has lost data"):
        store.load()


def test_another_key_or_a_swapped_entry_is_an_error_in_words(server: Server) -> None:
    """The record of another generation, or one sealed with another key, is not opened."""
    with pytest.raises(CredentialError, match="another key"):
        shared_store(server, key=OTHER_KEY).load()
    record = server.record
    record["generation"][1] += 1
    server.text = json.dumps(record)
    with pytest.raises(CredentialError, match="was changed, or put there from another entry"):
        shared_store(server).load()


def test_a_holder_that_died_is_waited_for(server: Server) -> None:
    """A process that ended before it sent anything holds the others up for `HOLD_LIMIT` at the most."""
    assert shared_store(server, by="host-2 (process 9)").lock().acquire()
    spend(server, granted())
    assert HOLD_LIMIT <= sum(server.clock.slept) < HOLD_LIMIT + 1


def test_who_waits_adopts_a_result_without_the_lock(server: Server) -> None:
    """While the others take turns with the lock, a process that only wants the new token is not kept waiting for it."""
    busy, store = shared_store(server, by="host-2 (process 9)"), shared_store(server)
    known = store.load().token_id
    assert busy.lock().acquire()
    shared_store(server).replace(Secret(json.dumps(bundle(access_token="anew"))))
    done = run(refresh(store, known, server.clock.rules()), Endpoint(), server.clock)
    assert (done.bundle.access_token, done.requests) == (Secret("anew"), 0)
    assert sum(server.clock.slept) < 1


# ── in a client ─────────────────────────────────────────────────────────────


def login_of(server: Server, *replies: Any) -> OAuthLogin:
    """Return a client's login."""
    scheduler = InlineScheduler(Endpoint(*replies), server.clock)
    return OAuthLogin(shared_store(server), scheduler, server.clock.rules())


def test_a_token_that_is_still_good_goes_on_without_the_server() -> None:
    """The server goes: calls are signed as before, also in the last minute, and no call waits for it."""
    server = server_with(HandClock(), expires_at=NOW + 3600)
    login = login_of(server)
    run(login.current(), clock=server.clock)
    server.down = True
    for after in (10, 3500, 50):
        server.clock.sleep(after)
        assert token_in(run(login.current(), clock=server.clock)) == ACCESS
    server.clock.sleep(60)
    with pytest.raises(RefreshFailed, match="No request was made"):
        run(login.current(), clock=server.clock)
    server.down = False
    server.clock.sleep(400)
    shared_store(server).replace(Secret(json.dumps(bundle(access_token="anew", expires_at=NOW + 9e4))))
    assert token_in(run(login.current(), clock=server.clock)) == "anew"


def test_a_login_in_doubt_is_said_by_every_client_until_somebody_logs_in(server: Server) -> None:
    """No client sends the token; a new login is found by itself, with the next call."""
    first, second = login_of(server, cut_off()), login_of(server)
    for login in (first, second, first):
        with pytest.raises(LoginRequired, match="outcome of the last refresh") as caught:
            run(login.current(), clock=server.clock)
        assert "keybearer auth login" in caught.value.hint
    shared_store(server).replace(Secret(json.dumps(bundle(access_token="anew"))))
    server.clock.sleep(1)
    for login in (first, second):
        assert token_in(run(login.current(), clock=server.clock)) == "anew"


def test_a_refusal_is_heard_by_the_others(server: Server) -> None:
    """A 401 is noted without waiting, and written with the next look; the other machine's client refreshes as well."""
    server = server_with(HandClock())
    first, second = login_of(server), login_of(server, granted())
    credential = run(first.current(), clock=server.clock)
    run(second.current(), clock=server.clock)
    server.down = True
    first.rejected(credential)
    server.down = False
    server.clock.sleep(2)
    first.store.look()
    second.store.look()
    assert token_in(run(second.current(), clock=server.clock)) == NEW.reveal()
    assert REFRESH not in (server.text or "")
