"""What the simulator bills over the wire: once for each reply that was carried out, by test, with batches and cut streams."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import anthropic
import pytest

from keybearer.simulator import Simulator
from keybearer.simulator.control.bill_book import BillBook

ASKED: Any = {"model": "claude-haiku-4-5", "max_tokens": 50, "messages": [{"role": "user", "content": "Count to 9"}]}
REPLY = {"text": "four" * 10, "usage": {"input_tokens": 1000, "output_tokens": 10}}
WHOLE = Decimal("0.00105")
"""A thousand tokens at a dollar for a million, and ten at five."""


def test_each_reply_is_billed_once(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """Plain and streamed replies, and half for a batch; counts, refusals and what a fault replaced cost nothing."""
    sim.script(REPLY, times=None)
    sdk.messages.create(**ASKED)
    with sdk.messages.stream(**ASKED) as stream:
        stream.until_done()
    assert [entry.billed.usd if entry.billed else None for entry in sim.requests] == [WHOLE, WHOLE]
    sdk.messages.count_tokens(model=ASKED["model"], messages=ASKED["messages"])
    sim.fail("529")
    for wrong in (ASKED, {**ASKED, "model": "claude-nope"}):
        with pytest.raises(anthropic.APIStatusError):
            sdk.messages.create(**wrong)
    assert (sim.billed.calls, sim.billed.usd) == (2, 2 * WHOLE)
    sdk.messages.batches.create(requests=[{"custom_id": "a", "params": ASKED}])
    sim.clock.advance(61)
    for _ in range(2):  # reading twice bills once
        assert sdk.messages.batches.list().data[0].processing_status == "ended"
    assert (sim.billed.calls, sim.billed.usd) == (3, 2 * WHOLE + WHOLE / 2)


@pytest.mark.parametrize(
    ("fault", "dollars"),
    [
        ("cut; after_events=0", "0.001"),
        ("cut; after_events=4", "0.00102"),  # one delta of three words
        ("stream_error; after_events=4", "0.00102"),
        ("drop_after", "0.00105"),
        ("missing_event; name=message_delta", "0.00105"),
    ],
)
def test_a_cut_stream_is_billed_by_what_was_produced(
    sim: Simulator, sdk: anthropic.Anthropic, fault: str, dollars: str
) -> None:
    """The prompt is paid whole, the output as far as it was written; a reply that was carried out and lost is paid whole."""
    text = {"text": "four five six seven", "usage": REPLY["usage"]}
    sim.script(text, fault=fault)
    with pytest.raises(Exception, match=r".*"), sdk.messages.stream(**ASKED) as stream:  # noqa: PT012 - of many kinds
        stream.until_done()
        raise ConnectionError
    assert sim.billed.usd == Decimal(dollars)


def test_a_stream_that_the_client_leaves_is_billed_by_what_was_written(sdk: anthropic.Anthropic) -> None:
    """While it is sent it is billed whole; when the client has left, what it had got remains."""
    with Simulator(frozen=True, tokens_per_second=1, chunking="event") as sim:
        sim.script({"text": "four five six seven eight nine", "usage": REPLY["usage"]})
        with sdk.with_options(base_url=sim.base_url).messages.stream(**ASKED) as stream:
            assert next(iter(stream)).type == "message_start"
            assert sim.billed.usd == WHOLE
    assert sim.billed.usd == Decimal("0.001")
    assert [entry.billed and entry.billed.usd for entry in sim.requests] == [Decimal("0.001")]


def test_bills_are_by_test_and_by_model() -> None:
    """A test's bills are its own, the total has all, and a reset forgets them."""
    book, usage = BillBook(), {"input_tokens": 1_000_000, "output_tokens": 0}
    book.add(usage, "claude-haiku-4-5", 1.79e9, "one")
    book.add(usage, "claude-opus-5-5", 1.79e9, "one")
    book.add(usage, "claude-opus-5-5", 1.79e9, None)
    assert {test: each.usd for test, each in book.by_test().items()} == {"one": Decimal(5)}
    assert {model: each.calls for model, each in book.by_model().items()} == {
        "claude-haiku-4-5": 1,
        "claude-opus-5-5": 2,
    }
    assert book.total("one").as_dict()["input_tokens"] == 2_000_000
    assert book.total().usd == Decimal(9)
    book.clear("one")
    assert book.total().usd == Decimal(4)
