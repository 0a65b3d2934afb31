"""Budgets in Redis: one account for all processes that name it, and nothing sent when that cannot be kept."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from keybearer import Client, RedisUnavailable, SpendLimit, SpendLimitExceeded, UsageError
from keybearer.config.redis_server import RedisServer
from keybearer.flow import Blocking
from keybearer.policy.spend_amounts import Amount, Ceiling, Full, Periods, Reservation
from keybearer.shell.redis.link import RedisLink
from keybearer.shell.redis.spending import ACCOUNT, SpendRedis
from keybearer.simulator import Simulator
from support.redis_servers import as_documented_user, needs_redis, redis_server

RUN = Periods(per="run")
HELLO: Any = [{"role": "user", "content": "Hello."}]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A running server, used as the page on fleets says."""
    folder = tmp_path_factory.mktemp("redis")
    with redis_server(folder):
        yield as_documented_user(folder)


def reserve(accounts: SpendRedis, name: str, nano: int, most: int | None) -> Reservation | Full:
    """Reserve an amount under a limit, as a driver that blocks does."""
    flow = accounts.reserve(name, RUN, Ceiling(most, None), Amount(nano, 1))
    effect = next(flow)
    assert isinstance(effect, Blocking)
    try:
        flow.send(effect.function())
    except StopIteration as end:
        answer: Reservation | Full = end.value
        return answer
    raise AssertionError


def settled(accounts: SpendRedis, name: str) -> tuple[int, int]:
    """Return what is spent and reserved, in nanodollars."""
    _, balance = accounts.balance(name, RUN)
    return balance.spent.nano, balance.reserved.nano


@needs_redis
def test_two_processes_share_a_budget(server: RedisServer) -> None:
    """What one has reserved or spent, the other cannot; what was not needed is there for all."""
    one, two = SpendRedis(server), SpendRedis(server)
    held = reserve(one, "shared", 70, 100)
    assert isinstance(held, Reservation)
    full = reserve(two, "shared", 40, 100)
    assert isinstance(full, Full)
    assert (full.balance.reserved.nano, full.hopeless) == (70, False)
    one.settle(held, Amount(20, 1))
    assert settled(one, "shared") == (20, 0)
    assert isinstance(reserve(two, "shared", 80, 100), Reservation)
    full = reserve(one, "shared", 81, 100)
    assert isinstance(full, Full)
    assert full.hopeless


@needs_redis
def test_it_is_never_overspent_by_many_at_once(server: RedisServer) -> None:
    """Each of eight threads of as many processes reserves until it is full; the sum is the limit."""
    made: list[int] = []

    def work() -> None:
        accounts = SpendRedis(server)
        while isinstance(reserve(accounts, "many", 7, 700), Reservation):
            made.append(7)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(made) == 700


@needs_redis
def test_settling_twice_or_reserving_twice_counts_once(server: RedisServer) -> None:
    """A script whose connection broke is sent again."""
    link, key = RedisLink(server), server.key("twice", "budget")
    common = {
        "period": "", "latest_seen": "", "owner": "p", "id": "a", "id_seen": "", "changes_seen": 0,
        "number": "1", "nano": 5, "tokens": 1, "most_nano": 9, "most_tokens": -1,
        "settled": [{"number": "1", "nano": 3, "tokens": 1, "period": ""}],
    }  # fmt: skip
    answers = [
        json.loads(link.run(ACCOUNT, [key], [json.dumps({**common, "what": what})]))
        for what in ("reserve", "reserve", "settle", "settle")
    ]
    assert [(each["outcome"], each["spent"][0], each["reserved"][0]) for each in answers] == [
        ("done", 0, 5),
        ("done", 0, 5),
        ("done", 3, 0),
        ("done", 3, 0),
    ]


@needs_redis
def test_what_a_dead_process_held_counts_as_spent_and_a_late_one_corrects_it(server: RedisServer) -> None:
    """Nobody knows what it sent; one that was only cut off says what it took."""
    dead, other = SpendRedis(server), SpendRedis(server)
    held = reserve(dead, "dead", 60, 100)
    assert isinstance(held, Reservation)
    raw = RedisLink(RedisServer(path=server.path))  # as an operator
    key = next(each for each in raw.command("KEYS", "*:budget") if raw.command("HEXISTS", each, f"o:{held.owner}"))
    raw.command("HSET", key, f"o:{held.owner}", int(time.time()) - 1)
    assert isinstance(reserve(other, "dead", 50, 100), Full)
    assert settled(other, "dead") == (60, 0)
    dead.settle(held, Amount(10, 1))
    assert settled(dead, "dead") == (10, 0)
    assert isinstance(reserve(other, "dead", 90, 100), Reservation)


@needs_redis
def test_an_account_that_has_lost_something_refuses_everybody(server: RedisServer) -> None:
    """Who has seen it notices; then nobody spends until somebody has said what is spent."""
    one, two = SpendRedis(server), SpendRedis(server)
    held = reserve(one, "gone", 60, 100)
    assert isinstance(held, Reservation)
    raw = RedisLink(RedisServer(path=server.path))  # as an operator
    raw.command(
        "DEL", *[each for each in raw.command("KEYS", "*:budget") if raw.command("HEXISTS", each, f"o:{held.owner}")]
    )
    with pytest.raises(
        RedisUnavailable, match="Nothing was sent: the spend limit 'gone' in .* has lost bookings"
    ) as lost:
        reserve(one, "gone", 1, 100)
    assert "SpendLimit.restore" in lost.value.hint
    with pytest.raises(RedisUnavailable, match="has lost bookings"):
        reserve(two, "gone", 1, 100)
    one.restore("gone", RUN, Amount(95, 0))
    assert isinstance(reserve(two, "gone", 6, 100), Full)
    assert isinstance(reserve(one, "gone", 5, 100), Reservation)


@needs_redis
def test_a_server_that_went_back_is_noticed(server: RedisServer) -> None:
    """A failover may lose what the old primary had confirmed: there are fewer changes than were seen."""
    one = SpendRedis(server)
    first = reserve(one, "back", 10, 100)
    assert isinstance(first, Reservation)
    raw = RedisLink(RedisServer(path=server.path))  # as an operator
    key = next(each for each in raw.command("KEYS", "*:budget") if raw.command("HEXISTS", each, f"o:{first.owner}"))
    reserve(one, "back", 10, 100)
    raw.command("HSET", key, "changes", 1)
    with pytest.raises(RedisUnavailable, match="has lost bookings"):
        reserve(one, "back", 10, 100)


@needs_redis
def test_who_is_gone_when_the_answer_comes_gets_it_given_back(server: RedisServer) -> None:
    """A task that is cancelled while its thread waits for Redis leaves nothing reserved."""
    accounts = SpendRedis(server)
    flow = accounts.reserve("gone task", RUN, Ceiling(100, None), Amount(60, 1))
    effect = next(flow)
    assert isinstance(effect, Blocking)
    flow.close()
    effect.function()
    assert settled(accounts, "gone task") == (0, 0)


def test_without_redis_nothing_is_sent(tmp_path: Path) -> None:
    """It fails closed, in words that say what could not be kept and where."""
    with Simulator() as sim:
        limit = SpendLimit(usd=1, name="team", store=f"unix://{tmp_path}/redis.sock")
        with Client(api_key=sim.api_key, base_url=sim.base_url, spend_limit=limit) as client:
            with pytest.raises(
                RedisUnavailable, match=r"Nothing was sent: the spend limit 'team per run' .*redis.sock"
            ):
                client.messages.create(model="claude-haiku-4-5", max_tokens=9, messages=HELLO)
        assert sim.requests == []


@needs_redis
def test_a_client_books_what_the_service_bills(server: RedisServer) -> None:
    """And the call that does not fit is refused before it is sent, in another client as well."""
    store = f"unix://{server.path}?prefix=books"
    with Simulator() as sim:
        for _ in range(2):
            limit = SpendLimit(usd="0.01", per="day", name="books", store=store)
            with Client(api_key=sim.api_key, base_url=sim.base_url, spend_limit=limit) as client:
                client.messages.create(model="claude-haiku-4-5", max_tokens=50, messages=HELLO)
                with pytest.raises(SpendLimitExceeded, match="the spend limit 'books' is full"):
                    client.messages.create(model="claude-haiku-4-5", max_tokens=3000, messages=HELLO)
        state = limit.state()
        assert (state.spent, state.reserved) == (sim.billed.usd, Decimal(0))
        assert sim.billed.calls == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"store": "redis://h"}, "takes a name"),
        ({"store": "h:6379", "name": "a"}, "is not a URL of the form redis://"),
        ({"store": "redis://h", "name": "a", "ledger": "x.db"}, "leave one of them out"),
        ({"store": "redis://h", "name": "a", "usd": 5_000_000}, "4,000,000 dollars at the most"),
    ],
)
def test_a_store_that_cannot_keep_it_is_refused(arguments: dict[str, Any], words: str) -> None:
    """Before anything is sent."""
    with pytest.raises(UsageError, match=words):
        SpendLimit(**({"usd": 1} | arguments))


def test_only_a_limit_in_redis_can_be_restored() -> None:
    """Another one has lost nothing."""
    with pytest.raises(UsageError, match="is not kept in Redis"):
        SpendLimit(usd=1).restore(usd=1)
