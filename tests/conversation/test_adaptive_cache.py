"""`cache="adaptive"`: what is chosen at which pauses, and what is said to be saved."""

from __future__ import annotations

from decimal import Decimal

import pytest

from keybearer.conversation.adaptive_cache import MOST_CONVERSATIONS, AdaptiveCache, CacheChoice, PauseCounts
from keybearer.types.messages import Message

MODEL = "claude-haiku-4-5"


def answer(tokens: int, read: int, *, lifetime: str | None = "5m", model: str = MODEL) -> Message:
    """Return an answer to a prompt of so many tokens, of which some were read and the others written."""
    written = tokens - read if lifetime else 0
    usage = {
        "input_tokens": tokens - read - written,
        "output_tokens": 100,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
        "cache_creation": {
            "ephemeral_5m_input_tokens": written if lifetime == "5m" else 0,
            "ephemeral_1h_input_tokens": written if lifetime == "1h" else 0,
        },
    }
    return Message.of({"model": model, "content": [], "stop_reason": "end_turn", "usage": usage})


def talk(adaptive: AdaptiveCache, pauses: list[float], *, key: int = 1, model: str = MODEL) -> list[CacheChoice]:
    """Hold a conversation that grows by a tenth of its beginning, with a service that keeps what it is asked to."""
    now, choices, lives, before = 1000.0, [], 0.0, 0
    for turn, pause in enumerate([0.0, *pauses]):
        now += pause
        choice = adaptive.choose(key, model, now)
        tokens = 10_000 + 1000 * turn
        read = before if choice.lifetime and pause <= lives else 0
        lives = {"5m": 300.0, "1h": 3600.0, None: 0.0}[choice.lifetime]
        choices.append(adaptive.learn(key, choice, answer(tokens, read, lifetime=choice.lifetime, model=model), now))
        before = tokens
    return choices


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(2, ["5m"] * 12), (20, ["5m"] + ["1h"] * 11), (50, ["5m"] + ["1h"] * 11), (90, ["5m"] + [None] * 11)],
)
def test_steady_pauses(minutes: int, expected: list[str | None]) -> None:
    """Five minutes for pauses below that, an hour from the first longer pause on, and nothing where every pause is longer."""
    assert [each.lifetime for each in talk(AdaptiveCache(), [60.0 * minutes] * 11)] == expected


def test_a_new_conversation_begins_with_what_the_others_were() -> None:
    """The pauses of a client's other conversations are the first guess."""
    adaptive = AdaptiveCache()
    talk(adaptive, [1200.0] * 10)
    assert talk(adaptive, [1200.0], key=2)[0].lifetime == "1h"
    assert talk(adaptive, [60.0] * 20, key=3)[-1].lifetime == "5m"


def test_one_long_pause_is_remembered_while_it_pays() -> None:
    """One pause of twenty minutes in sixty would cost more than all writes for an hour do, so it stays with an hour."""
    choices = [each.lifetime for each in talk(AdaptiveCache(), [60.0, 1200.0, *[60.0] * 60])]
    assert choices == ["5m", "5m", *["1h"] * 61]


def test_what_is_saved_is_counted_beside_auto() -> None:
    """At five minutes nothing is saved; at twenty, all that `auto` would have written again."""
    assert talk(AdaptiveCache(), [60.0] * 5)[-1].saved_usd == 0
    first, second, third = talk(AdaptiveCache(), [1200.0] * 2)
    assert first.saved_usd == 0
    assert second.saved_usd == Decimal("-0.00825")  # 11,000 tokens at 2 dollars a million in place of 1.25
    assert third.saved_usd == Decimal("-0.00825") + Decimal("0.015") - Decimal("0.0031")
    assert (
        str(third)
        == "cached for 1h: 0% of the pauses up to 5 minutes, 100% up to an hour; $0.00365 saved so far beside cache='auto'"
    )


def test_what_cannot_be_priced_is_not_said_to_be_saved() -> None:
    """An unknown model has the usual rates for the choice, and no dollars."""
    choices = talk(AdaptiveCache(), [1200.0] * 2, model="a-model")
    assert [each.lifetime for each in choices] == ["5m", "1h", "1h"]
    assert choices[-1].saved_usd is None
    assert "saved" not in str(choices[-1])


def test_a_prompt_too_short_for_the_cache_saves_nothing() -> None:
    """Whatever is chosen, the service caches none of it."""
    adaptive = AdaptiveCache()
    choice = adaptive.choose(1, MODEL, 0.0)
    assert adaptive.learn(1, choice, answer(500, 0, lifetime=None), 0.0).saved_usd == 0


def test_only_so_many_conversations_are_remembered() -> None:
    """The oldest is forgotten first."""
    adaptive = AdaptiveCache()
    for key in range(MOST_CONVERSATIONS + 1):
        adaptive.learn(key, adaptive.choose(key, MODEL, 0.0), answer(5000, 0), 0.0)
    assert sorted(adaptive._seen) == [*range(1, MOST_CONVERSATIONS + 1)]


def test_pauses_are_counted_by_what_they_end_within() -> None:
    """The limits belong to the shorter kind."""
    counts = PauseCounts()
    for seconds in (1.0, 300.0, 300.5, 3600.0, 3601.0):
        counts = counts.with_pause(seconds)
    assert tuple(counts) == (2, 2, 1)
    assert counts.shares(weight=0) == (0.4, 0.8)
