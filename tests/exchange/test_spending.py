"""A reservation in a request's life: made before it is sent, settled once however it ends, and nothing is sent without one."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from concurrent.futures import Future
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from keybearer import SpendLimit
from keybearer import errors as e
from keybearer.exchange.spending import Hold, reserve
from keybearer.flow import Flow, Send, Wait
from keybearer.policy.deadline import Deadline
from keybearer.policy.spend_amounts import Amount
from keybearer.types.hooks import LimitCrossed
from support.world import DRAFT, World, refused, reply

BODY = {"model": "claude-opus-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
CALL = msgspec.structs.replace(DRAFT, body=json.dumps(BODY).encode())
USAGE = {"input_tokens": 10, "output_tokens": 7}
MESSAGE = reply(200, {"type": "message", "model": "claude-opus-5-5", "usage": USAGE})
COST = Decimal("0.00018")
WORST = Decimal("0.0070356")


def send(world: World, *limits: SpendLimit, draft: Any = CALL, **options: Any) -> Any:
    """Send a call under limits."""
    return world.run(world.exchange(**options).send(draft, limits=limits))


def spent(limit: SpendLimit) -> tuple[Any, Any]:
    """Return what is spent and reserved."""
    state = limit.state()
    return state.spent, state.reserved


def test_a_reply_is_booked_with_what_it_cost() -> None:
    """While the request is under way its worst case is reserved under every limit; then what it cost is spent."""
    limits, seen = (SpendLimit(usd=1), SpendLimit(tokens=10_000)), []
    flow = World().exchange().send(CALL, limits=limits)
    effect: Any = next(flow)
    while not isinstance(effect, Send):
        effect = flow.send(None)
    seen = [spent(limit) for limit in limits]
    with pytest.raises(StopIteration):
        flow.send(MESSAGE)
    assert seen == [(0, WORST)] * 2
    assert [spent(limit) for limit in limits] == [(COST, 0)] * 2
    assert limits[1].state().left_tokens == 10_000 - 17


def test_what_does_not_fit_is_not_sent() -> None:
    """The error says what was asked for, spent, reserved and left; under the limits that had room nothing stays reserved."""
    wide, narrow, world = SpendLimit(usd=1), SpendLimit(usd="0.001", name=None), World()
    with pytest.raises(e.SpendLimitExceeded) as caught:
        send(world, wide, narrow)
    error = caught.value
    assert (error.asked, error.spent, error.reserved, error.left) == (WORST, 0, 0, Decimal("0.001"))
    assert error.limit is narrow
    assert str(error).startswith(
        "Nothing was sent: the spend limit is full. The call may cost up to $0.0070356, and $0.001 is left"
    )
    assert world.sent == []
    assert spent(wide) == (0, 0)


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        (refused(400, "invalid_request_error"), False),
        (refused(529, "overloaded_error"), False),
        (e.ConnectionFailed("x", phase="connect", delivered=False), False),
        (e.ConnectionFailed("x", phase="read", delivered=True), True),
        (refused(500, "api_error"), True),
        (reply(200, {"no": "message"}), True),
    ],
)
def test_an_attempt_that_may_have_been_billed_counts(outcome: Any, counts: bool) -> None:
    """A refusal gives its reservation back; after anything else it is spent, for nobody knows."""
    limit = SpendLimit(usd=1)
    world = World(outcome)
    with contextlib.suppress(e.KeybearerError):
        world.run(world.exchange().send(CALL, limits=[limit], max_retries=0))
    assert spent(limit) == (WORST if counts else 0, 0)


def test_each_attempt_reserves_anew() -> None:
    """Two attempts that may have been billed and one that was answered count together; a retry that does not fit is not made."""
    limit, failed = SpendLimit(usd=1), refused(500, "api_error")
    send(World(failed, failed, MESSAGE), limit)
    assert spent(limit) == (2 * WORST + COST, 0)
    narrow, world = SpendLimit(usd="0.01"), World(failed, MESSAGE)
    with pytest.raises(e.ServerError, match="Not tried again: nothing was sent: the spend limit is full"):
        send(world, narrow)
    assert len(world.sent) == 1
    assert spent(narrow) == (WORST, 0)


def effects_of(flow: Flow[Any]) -> Iterator[Any]:
    """Give a flow's effects, each answered with a message or nothing."""
    effect = next(flow)
    while True:
        yield effect
        try:
            effect = flow.send(MESSAGE if isinstance(effect, Send) else None)
        except StopIteration:
            return


@pytest.mark.parametrize("how", [GeneratorExit, KeyboardInterrupt, SystemExit])
def test_a_cancellation_at_each_wait_leaks_nothing(how: type[BaseException]) -> None:
    """Cancelled before it is sent a call costs nothing; from then on its worst case is spent; nothing stays reserved."""

    class Slow:
        def current(self) -> Flow[Any]:
            from keybearer.flow import Sleep

            yield from Sleep(1)
            return (yield from World().exchange().credentials.current())

        def rejected(self, credential: Any) -> None:
            raise AssertionError(credential)

    def flow(limit: SpendLimit) -> Any:
        return World().exchange(credentials=Slow()).send(CALL, limits=[limit])

    kinds = [type(effect).__name__ for effect in effects_of(flow(SpendLimit(usd=1)))]
    assert kinds == ["Sleep", "Send"]
    for number, kind in enumerate(kinds):
        limit = SpendLimit(usd=1)
        running = flow(limit)
        steps = effects_of(running)
        for _ in range(number + 1):
            next(steps)
        with pytest.raises(how):
            running.throw(how)
        assert spent(limit) == (WORST if kind == "Send" else 0, 0)


def test_an_unknown_price_is_refused_under_dollars_alone() -> None:
    """A model without a price is not sent under a limit of dollars, and is under one of tokens."""
    body = CALL.body.replace(b"claude-opus-5-5", b"my-own")
    draft, world = msgspec.structs.replace(CALL, body=body), World(MESSAGE)
    with pytest.raises(
        e.UsageError, match="Under a spend limit in dollars nothing was sent: there is no price of my-own"
    ):
        send(world, SpendLimit(usd=1, tokens=9000), draft=draft)
    send(world, SpendLimit(tokens=9000), draft=draft)
    assert len(world.sent) == 1


def test_what_costs_nothing_needs_no_room() -> None:
    """A request that asks no model is sent although the limit is used up."""
    draft = msgspec.structs.replace(DRAFT, url=f"{DRAFT.url}/count_tokens")
    assert send(World(reply(200)), SpendLimit(usd=0), draft=draft).status == 200


def test_a_batch_stays_reserved_until_its_results_were_read() -> None:
    """What its rows cost is known to nobody when it is made. An answer that names no batch is spent; a refused one costs nothing."""
    rows = {"requests": [{"custom_id": "a", "params": BODY | {"model": "claude-mythos-5-2"}}]}
    draft = msgspec.structs.replace(CALL, url=f"{DRAFT.url}/batches", body=json.dumps(rows).encode())
    limit = SpendLimit(usd=1)
    send(World(reply(200, {"type": "message_batch", "id": "msgbatch_1"})), limit, draft=draft)
    assert spent(limit) == (0, Decimal("0.007128"))
    for _ in range(2):
        limit.settle_batch("msgbatch_1", Amount(1_000_000, 5))
        assert spent(limit) == (Decimal("0.001"), 0)
    for unknown in ({"id": "msgbatch_2"}, {"type": "message_batch", "id": "two\nlines"}):
        limit = SpendLimit(usd=1)
        send(World(reply(200, unknown)), limit, draft=draft)
        assert spent(limit) == (Decimal("0.007128"), 0)
    with pytest.raises(e.InvalidRequest):
        send(World(refused(400, "invalid_request_error")), limit, draft=draft)
    assert spent(limit) == (Decimal("0.007128"), 0)


def test_the_alarm_is_raised_once() -> None:
    """When a share of the limit is spent, the client's `on_limit` is called, before the next request is sent."""
    from keybearer.types.hooks import Hooks

    limit, seen = SpendLimit(usd="0.1", alert_at=0.0018), list[LimitCrossed]()
    world = World(*[MESSAGE] * 3)
    for _ in range(3):
        send(world, limit, hooks=Hooks(on_limit=seen.append))
    assert [(each.name, round(each.used, 4)) for each in seen] == [("the spend limit", 0.0018)]


def test_a_call_waits_until_its_deadline_alone() -> None:
    """A limit that waits raises at once what no one can give back in time, and says so."""
    limit, world = SpendLimit(usd="0.001", on_full="wait"), World()
    deadline = Deadline.start(world.now, 60)
    with pytest.raises(e.SpendLimitExceeded):
        world.run(reserve([limit], CALL, None, deadline, world.clocks))
    assert world.slept == []


def test_a_limit_that_does_not_answer_ends_the_call_at_its_deadline() -> None:
    """What other limits hold is given back then; the wait itself is given up."""
    given_up: list[str] = []

    class Silent(SpendLimit):
        def reserve(self, asked: Any, place: Any) -> Flow[Any]:
            del asked, place
            try:
                return (yield from Wait(Future()))
            finally:
                given_up.append("yes")

    world, limit = World(), SpendLimit(usd=1)
    flow = reserve([limit, Silent(usd=1)], CALL, None, Deadline.start(world.now, 5), world.clocks)
    effect: Any = next(flow)
    assert (type(effect), effect.timeout, spent(limit)) == (Wait, 5, (0, WORST))
    with pytest.raises(e.DeadlineExceeded, match="did not answer within the call's 5 s, so nothing was sent"):
        flow.throw(TimeoutError)
    assert (given_up, spent(limit)) == (["yes"], (0, 0))


def test_a_hold_is_settled_once() -> None:
    """An outcome after the first changes nothing."""
    world, limit = World(), SpendLimit(usd=1)
    hold = world.run(reserve([limit], CALL, None, Deadline.start(0, None), world.clocks))
    assert isinstance(hold, Hold)
    hold.settle(None)
    hold.settle_message(None, complete=False)
    assert spent(limit) == (0, 0)  # it was never sent
