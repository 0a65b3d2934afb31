"""A process's share of a fleet's limits: its line, its leases, its reports, and how it goes on without Redis."""

from __future__ import annotations

import contextlib
import json
from concurrent.futures import Future
from typing import Any

import pytest

from keybearer.policy.fleet_share import LONGEST_LEASE, SHORTEST, TARGET, FleetShare, FleetTicket
from keybearer.types.fleet import FleetGrant, FleetReport, LimitGrant
from keybearer.types.http import Draft
from keybearer.types.rate_limits import Limit, RateLimits
from keybearer.types.usage import Usage


def draft(size: int = 400, max_tokens: int | None = None) -> Draft:
    """Return a request of so many bytes."""
    body: dict[str, Any] = {"model": "m"} | ({} if max_tokens is None else {"max_tokens": max_tokens})
    head = json.dumps(body)[:-1] + ', "x": "'
    return Draft(
        method="POST", url="http://h/v1/messages", headers={}, body=(head.ljust(size - 2, "w") + '"}').encode()
    )


def share_of(**changed: Any) -> FleetShare:
    """Return the share of a process that has not reported yet."""
    return FleetShare(name="p", tenant="t", weight=1.0, future=Future, lock=contextlib.nullcontext(), **changed)


def lease(share: FleetShare, now: float, rate: float = 1.0, at_once: float = 0.0, **more: Any) -> FleetReport:
    """Answer a report with a lease of requests."""
    report = share.report(now)
    grant = LimitGrant(rate=rate, steady=more.pop("steady", rate), at_once=at_once, wanted=more.pop("wanted", True))
    share.apply(report, FleetGrant(members=4, limits={"requests": grant}, **more), now)
    return report


def enter(share: FleetShare, **of: Any) -> FleetTicket:
    """Let a request join the line."""
    return share.enter(draft(**of))


def test_requests_start_in_the_order_in_which_they_came() -> None:
    """Each waits until the rate has covered those before it and itself."""
    share = share_of()
    tickets = [enter(share) for _ in range(3)]
    lease(share, 100.0, rate=2.0, at_once=1.0)
    assert [share.wait(each, 100.0)[0] for each in tickets] == [0.0, 0.5, 1.0]
    share.start(tickets[0], 100.0)
    assert [share.wait(each, 100.0)[0] for each in tickets[1:]] == [0.5, 1.0]
    share.leave(tickets[1])
    assert share.wait(tickets[2], 100.0)[0] == 0.5


def test_nothing_starts_before_the_first_lease_and_a_lease_wakes_those_who_wait() -> None:
    """What they wait on is set by it."""
    share = share_of()
    ticket = enter(share)
    wait, changed = share.wait(ticket, 1.0)
    assert wait > 0
    assert not changed.done()
    lease(share, 1.0, at_once=1.0)
    assert changed.done()
    assert share.wait(ticket, 1.0)[0] == 0.0


def test_what_a_request_took_replaces_what_it_was_taken_to_need() -> None:
    """An answer teaches how many tokens a byte is, and how long answers are."""
    share = share_of()
    ticket = enter(share, size=400)
    assert ticket.costs == {"requests": 1.0, "input-tokens": 100.0, "output-tokens": 300.0, "tokens": 400.0}
    lease(share, 10.0, at_once=1.0)
    share.start(ticket, 10.0)
    report = share.report(11.0)
    assert report.limits["input-tokens"].held == 100.0
    assert (report.limits["requests"].used, report.limits["input-tokens"].used) == (1.0, 0.0)
    share.ended(ticket)
    share.on_usage(
        Usage(input_tokens=50, cache_creation_input_tokens=150, cache_read_input_tokens=9000, output_tokens=100)
    )
    report = share.report(12.0)
    assert (report.limits["input-tokens"].used, report.limits["input-tokens"].held) == (200.0, 0.0)
    assert report.limits["output-tokens"].used == 100.0
    assert enter(share, size=400).costs["input-tokens"] == 200.0


def test_an_answer_is_not_taken_to_be_longer_than_max_tokens() -> None:
    """A request that names few may start sooner."""
    assert enter(share_of(), max_tokens=20).costs["output-tokens"] == 20.0


def test_no_request_is_taken_to_need_more_than_a_bucket_has() -> None:
    """One whose size misleads, as that of a picture does, would wait for ever."""
    share = share_of()
    stated = RateLimits(limits={"input-tokens": Limit(limit=1000, remaining=900, reset=0.0)})
    share.on_reply(stated, 1.0, 1.0)
    assert enter(share, size=1_000_000).costs["input-tokens"] == 500.0


def test_a_report_is_counted_once_it_is_answered() -> None:
    """What no answer confirmed is reported again, with the number of the last one that was heard."""
    share = share_of()
    lease(share, 10.0, at_once=5.0)
    for _ in range(3):
        share.start(enter(share), 10.0)
    unheard, again = share.report(11.0), share.report(12.0)
    assert [each.limits["requests"].used for each in (unheard, again)] == [3.0, 3.0]
    assert (unheard.heard, again.heard, again.seq) == (1, 1, unheard.seq + 1)
    share.start(enter(share), 12.0)
    share.apply(again, FleetGrant(members=1), 12.0)
    after = share.report(13.0)
    assert (after.limits["requests"].used, after.heard) == (1.0, again.seq)


def test_a_429_makes_everybody_wait() -> None:
    """It is passed on at once; and so is the wait that another process was asked for."""
    share = share_of()
    lease(share, 10.0, at_once=9.0)
    ticket = enter(share)
    share.on_rate_limited(7.0, 10.0)
    assert 6.0 <= share.wait(ticket, 11.0)[0] <= 7.0
    due = share.due()
    assert due is not None
    assert due < 10.1
    assert share.report(11.0).hold == 6.0
    other = share_of()
    waiting = enter(other)
    lease(other, 20.0, at_once=9.0, hold=4.0)
    assert 3.0 <= other.wait(waiting, 21.0)[0] <= 4.0


def test_without_redis_it_goes_on_at_its_share() -> None:
    """At the rate that it would have if all processes did so; without a first lease nothing is known that could limit it."""
    share = share_of()
    lease(share, 10.0, rate=50.0, steady=2.0)
    assert share.lost(10.0, again=0.7)
    assert not share.lost(10.0, again=0.7)
    tickets = [enter(share) for _ in range(2)]
    assert [share.wait(each, 10.0)[0] for each in tickets] == [0.5, 1.0]
    assert share.due() == 10.7
    new = share_of()
    ticket = enter(new)
    new.lost(1.0, again=1.0)
    assert new.wait(ticket, 1.0)[0] == 0.0


def test_when_redis_is_back_it_says_what_it_had() -> None:
    """Others may not have joined yet, so it is leased no more than its part."""
    share = share_of()
    assert lease(share, 10.0, rate=50.0, steady=2.0).limits["requests"].steady is None
    share.lost(10.0, again=1.0)
    report = share.report(11.0)
    assert (report.limits["requests"].steady, report.members, report.alone) == (2.0, 4, True)
    assert share.apply(report, FleetGrant(members=1), 11.0)
    assert not share.report(12.0).alone


def test_after_a_429_requests_start_at_the_rate_and_not_all_at_once() -> None:
    """The bucket was empty, so what was left of the lease is nothing; what fills meanwhile fills what the service is owed."""
    share = share_of()
    tickets = [enter(share) for _ in range(2)]
    lease(share, 10.0, rate=2.0, at_once=9.0)
    share.on_rate_limited(7.0, 10.0)
    assert [share.wait(each, 12.0)[0] for each in tickets] == [5.5, 6.0]
    assert share.report(16.0).limits["requests"].held == 0.0
    assert [share.wait(each, 18.0)[0] == 0 for each in tickets] == [True, True]
    other = share_of()
    waiting = enter(other)
    lease(other, 20.0, rate=2.0, at_once=9.0, hold=4.0)
    assert other.wait(waiting, 20.0)[0] == 4.5


def test_what_is_left_of_a_lease_is_kept_for_what_waits_and_a_little_more() -> None:
    """The rest is the others' again."""
    share = share_of()
    lease(share, 10.0, rate=4.0, at_once=100.0)
    assert lease(share, 10.0, rate=4.0).limits["requests"].held == 2.0
    for _ in range(3):
        enter(share)
    assert lease(share, 11.0, rate=4.0).limits["requests"].held == 3.0


def test_a_lease_lasts_for_some_requests() -> None:
    """So many that reports are few; a slow process has a long one, and a fast one a short one."""
    for rate, period in ((1.0, LONGEST_LEASE), (20.0, TARGET / 20.0), (1000.0, SHORTEST)):
        share = share_of()
        now, wanted = 10.0, 0.0
        for _ in range(20):
            report = lease(share, now, at_once=1e6)
            wanted = report.period
            for _ in range(int(rate * (now + wanted)) - int(rate * now)):
                ticket = enter(share)
                share.start(ticket, now)
                share.ended(ticket)
            now += wanted
        assert wanted == pytest.approx(period, rel=0.2)


def test_a_request_that_waits_is_reported_soon_unless_the_pool_is_empty() -> None:
    """Asking again is of no use where the last lease was less than was wanted."""
    share = share_of()
    for now in (1.0, 7.0):
        share.start(enter(share), now)
        lease(share, now, rate=0.001)
    assert share.due() == 7.0 + LONGEST_LEASE
    enter(share)
    assert share.due() == 7.0 + SHORTEST
    lease(share, 8.0, rate=0.001, wanted=False)
    due = share.due()
    assert due is not None
    assert due > 8.0 + SHORTEST


def test_an_idle_process_leaves() -> None:
    """What it was leased is the others' again; then there is nothing to report."""
    share = share_of()
    ticket = enter(share)
    lease(share, 1.0, at_once=1.0)
    share.start(ticket, 1.0)
    share.ended(ticket)
    lease(share, 2.0)
    report = lease(share, 8.0)
    assert report.leaving
    assert not share.joined
    assert share.due() is None


def test_while_nothing_is_known_a_few_requests_find_out() -> None:
    """They are let through one by one; a reply that states no limits lets everything through."""
    share = share_of()
    tickets = [enter(share) for _ in range(3)]
    share.apply(share.report(1.0), FleetGrant(members=1, known=False, asked=1.0), 1.0)
    assert [share.wait(each, 1.0)[0] == 0 for each in tickets] == [True, False, False]
    share.start(tickets[0], 1.0)
    share.on_reply(None, 1.1, 1.1)
    due = share.due()
    assert due is not None
    assert due < 1.1
    report = share.report(1.2)
    assert report.known
    share.apply(report, FleetGrant(members=1), 1.2)
    assert [share.wait(each, 1.2)[0] for each in tickets[1:]] == [0.0, 0.0]


def test_limits_on_all_tokens_count_only_where_the_others_are_not_stated() -> None:
    """The service repeats the tighter of the two in them."""
    limit = Limit(limit=100, remaining=50, reset=70.0)
    both, alone = share_of(), share_of()
    both.on_reply(RateLimits(limits={"tokens": limit, "input-tokens": limit}), 10.0, 40.0)
    alone.on_reply(RateLimits(limits={"tokens": limit}), 10.0, 40.0)
    report = both.report(10.5).limits
    assert report["tokens"].remaining is None
    assert (report["input-tokens"].remaining, report["input-tokens"].fill, report["input-tokens"].age) == (
        50.0,
        50 / 30,
        0.5,
    )
    assert alone.report(10.5).limits["tokens"].limit == 100.0
