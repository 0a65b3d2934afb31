"""`message.cache_report`: what was written to the cache and not read, why, and what it cost."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from keybearer.conversation.cache_report import MOST_CONVERSATIONS, CacheReport, KeptRequests, key_of
from keybearer.types.messages import Message
from keybearer.wire.request.caching import add_breakpoints
from support.mutations import conversation, grown


def answer(read: int, written: int, *, model: str = "claude-haiku-4-5", **more: Any) -> Message:
    """Return an answer with this use of the cache."""
    usage = {
        "input_tokens": 10,
        "output_tokens": 5,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
        "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
    }
    return Message.of({"model": model, "content": [], "stop_reason": "end_turn", "usage": usage, **more})


def said(kept: KeptRequests, params: dict[str, Any], message: Message, at: float = 0.0) -> CacheReport | None:
    """Report a request that is sent with its breakpoints."""
    body = add_breakpoints({name: value for name, value in params.items() if name != "cache"}, "auto")
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return kept.report(text, key_of(params["messages"]), message, at)


BASE = conversation("one", turns=10)


def test_a_prefix_that_is_read_is_no_miss() -> None:
    """Neither the first request of a conversation, nor one that reads just what the last one had, nor one that reads more."""
    kept = KeptRequests()
    assert said(kept, BASE, answer(0, 5000)) is None
    assert said(kept, grown(BASE, 1), answer(5000, 100), 60.0) is None
    assert said(kept, grown(BASE, 2), answer(5150, 100), 120.0) is None
    assert said(kept, conversation("two", turns=10), answer(2000, 3000)) is None


def test_what_differs_is_blamed_with_tokens_and_dollars() -> None:
    """The path, the tokens that the earlier request had in the cache, and what writing them again cost more than reading."""
    kept = KeptRequests()
    said(kept, BASE, answer(0, 1_000_000))
    changed = grown(BASE, 1)
    changed["tools"][3]["input_schema"]["properties"]["x"]["description"] = "A word of yours."
    found = said(kept, changed, answer(0, 1_000_100), 60.0)
    assert found is not None
    assert (found.reason, found.path) == ("tools_changed", "tools[3].input_schema.properties.x.description")
    assert (found.tokens, found.usd, found.seconds) == (
        1_000_000,
        Decimal("1.15"),
        60.0,
    )  # 1.25 - 0.1 dollars a million
    assert found.difference is not None
    assert str(found).startswith("1,000,000 tokens were not read from the cache, which cost $1.15")
    assert "was 'A word.', is 'A word of yours.'" in str(found)


@pytest.mark.parametrize(("seconds", "reason"), [(299.0, "unexplained"), (300.0, "expired")])
def test_where_nothing_differs_the_time_is_looked_at(seconds: float, reason: str) -> None:
    """Entries that had lived their five minutes are said to have expired."""
    kept = KeptRequests()
    said(kept, BASE, answer(0, 5000))
    found = said(kept, grown(BASE, 1), answer(0, 5100), seconds)
    assert found is not None
    assert (found.reason, found.path, found.tokens) == (reason, "", 5000)
    assert str(found).count("Nothing differs") == 1


def test_a_changed_first_turn_does_not_hide_the_conversation() -> None:
    """It is found by its other turns, among others that share tools and system prompt."""
    kept = KeptRequests()
    for name in ("one", "two", "three"):
        said(kept, conversation(name, turns=10), answer(0, 5000))
    changed = grown(conversation("two", turns=10), 1)
    changed["messages"][0]["content"] = "Another task."
    found = said(kept, changed, answer(0, 5100))
    assert found is not None
    assert found.path == "messages[0].content[0].text"


def test_a_conversation_that_shares_a_first_turn_is_not_mistaken() -> None:
    """Of two with one beginning, the one with most of the turns is compared."""
    kept = KeptRequests()
    one, two = conversation("one", turns=10), conversation("two", turns=10)
    two["messages"][0] = one["messages"][0]
    said(kept, one, answer(0, 5000))
    said(kept, two, answer(0, 5000))
    changed = grown(one, 1)
    changed["system"][1]["text"] += " It is 10:05."
    found = said(kept, changed, answer(0, 5100))
    assert found is not None
    assert found.path == "system[1].text"


def test_a_shorter_prompt_lost_only_what_it_has() -> None:
    """A request that goes on from an earlier turn did not need the rest."""
    kept = KeptRequests()
    said(kept, BASE, answer(0, 9000))
    shorter = {**BASE, "messages": BASE["messages"][:5]}
    found = said(kept, shorter, answer(0, 2990))
    assert found is not None
    assert found.tokens == 3000
    assert said(kept, shorter, answer(2990, 0)) is None


def test_the_services_own_diagnosis_stands_beside() -> None:
    """It is in the report, and a report by itself where nothing is known of an earlier request."""
    kept = KeptRequests()
    own = {"cache_miss_reason": {"type": "tools_changed", "cache_missed_input_tokens": 700}}
    alone = said(kept, BASE, answer(0, 5000, diagnostics=own))
    assert alone is not None
    assert (alone.reason, alone.tokens, alone.path, alone.usd) == ("tools_changed", 700, "", None)
    assert "The service says tools_changed." in str(alone)
    changed = grown(BASE, 1)
    changed["tools"].pop()
    both = said(kept, changed, answer(0, 5100, diagnostics=own))
    assert both is not None
    assert (both.path, both.diagnostics) == ("tools[5]", own)
    pending = {"cache_miss_reason": None}
    assert said(kept, changed, answer(5100, 0, diagnostics=pending)) is None


def test_another_model_has_a_cache_of_its_own() -> None:
    """Also where it answered in place of the one that was asked; a price that is not known is not made up."""
    kept = KeptRequests()
    said(kept, BASE, answer(0, 5000))
    found = said(kept, grown(BASE, 1), answer(0, 5100, model="a-model"))
    assert found is not None
    assert (found.path, found.usd) == ("model", None)


def test_only_so_many_conversations_are_kept() -> None:
    """The oldest is forgotten, and then nothing is said of it."""
    kept = KeptRequests()
    for number in range(MOST_CONVERSATIONS + 1):
        said(kept, conversation(f"c{number}", turns=2), answer(0, 5000 + number))
    assert said(kept, conversation("c0", turns=2), answer(0, 5000)) is None
    assert said(kept, conversation("c9", turns=2), answer(0, 5009), 301.0) is not None


def test_a_request_without_a_breakpoint_misses_what_was_written_before_it() -> None:
    """It is said to have none; what the earlier one has written is still known to the next one with breakpoints."""
    kept = KeptRequests()
    assert not kept.knows(BASE["messages"])
    said(kept, BASE, answer(0, 5000))
    assert kept.knows(BASE["messages"])
    assert not kept.knows(conversation("two", turns=10)["messages"])
    bare = grown(BASE, 1)
    usage = {"input_tokens": 5100, "output_tokens": 5, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}
    plain = Message.of({"model": "claude-haiku-4-5", "content": [], "stop_reason": "end_turn", "usage": usage})
    found = kept.report(json.dumps(bare).encode(), key_of(bare["messages"]), plain, 60.0)
    assert found is not None
    assert (found.reason, found.tokens) == ("no_breakpoint", 5000)
    assert said(kept, grown(BASE, 2), answer(5000, 200), 120.0) is None
