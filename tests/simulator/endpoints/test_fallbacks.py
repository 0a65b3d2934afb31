"""Server-side fallback: which model answers, what the content and the usage say of each attempt, plain and streamed."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from keybearer.simulator import Simulator

TAGS = ["server-side-fallback-2026-07-01"]
FABLE, OPUS, HAIKU = "claude-fable-5-1", "claude-opus-4-8", "claude-haiku-4-5"


def fields(prompt: str = "[sim:refusal] Reply with exactly: yes", **more: Any) -> dict[str, Any]:
    """Make a request that the requested model refuses."""
    return {
        "model": FABLE, "max_tokens": 300, "messages": [{"role": "user", "content": prompt}], "betas": TAGS,
        "fallbacks": [{"model": OPUS}, {"model": HAIKU}], **more,
    }  # fmt: skip


def ask(sdk: anthropic.Anthropic, *prompt: str, **more: Any) -> Any:
    """Ask, through the SDK's beta client."""
    return sdk.beta.messages.create(**fields(*prompt, **more))


def hops(message: Any) -> list[tuple[str, str]]:
    """List the models at each `fallback` block."""
    return [(block.from_.model, block.to.model) for block in message.content if block.type == "fallback"]


def rows(message: Any) -> list[tuple[str, str | None]]:
    """List the type and the model of each attempt in the usage."""
    return [(row.type, getattr(row, "model", None)) for row in message.usage.iterations]


def test_the_first_fallback_answers(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """The block stands before its content, the message names it, its row is the last, and the sums are at the top."""
    message = ask(sdk)
    assert [block.type for block in message.content] == ["fallback", "text"]
    assert (message.model, message.stop_reason, hops(message)) == (OPUS, "end_turn", [(FABLE, OPUS)])
    assert rows(message) == [("message", None), ("fallback_message", OPUS)]
    assert message.usage.input_tokens == sum(row.input_tokens for row in message.usage.iterations)
    assert message.usage.output_tokens == sum(row.output_tokens for row in message.usage.iterations)
    assert [entry.notes for entry in sim.requests] == [[]]


def test_a_stream_opens_with_the_model_that_was_asked(sdk: anthropic.Anthropic) -> None:
    """The block comes whole and without deltas, and the SDK's stream takes the model from it."""
    with sdk.beta.messages.stream(**fields()) as stream:
        events: list[Any] = list(stream)
        message = stream.get_final_message()
    assert events[0].message.model == FABLE
    assert (message.model, hops(message)) == (OPUS, [(FABLE, OPUS)])
    assert rows(message)[-1] == ("fallback_message", OPUS)


def test_every_model_refuses(sdk: anthropic.Anthropic) -> None:
    """Each hop has its block, the turn is refused, and no row says that a fallback served it."""
    message = ask(sdk, "[sim:refusal_all] hello")
    assert (message.stop_reason, hops(message)) == ("refusal", [(FABLE, OPUS), (OPUS, f"{HAIKU}-20251001")])
    assert rows(message) == [("message", None)] * 3
    assert message.stop_details.type == "refusal"


def test_what_was_said_before_a_refusal_stays(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A scenario's refusal keeps its words before the block, and the turn can be sent back."""
    sim.script({"text": "Well,", "stop_reason": "refusal"})
    message = ask(sdk, "Reply with exactly: yes")
    assert [block.type for block in message.content] == ["text", "fallback", "text"]
    following = [*fields()["messages"], {"role": "assistant", "content": message.to_dict()["content"]}]
    again = ask(sdk, messages=[*following, {"role": "user", "content": "Reply with exactly: on"}])
    assert (again.model, again.content[-1].text, hops(again)) == (FABLE, "on", [])


@pytest.mark.parametrize(
    ("override", "stop", "kinds"),
    [
        ({"max_tokens": 5}, "max_tokens", ["fallback", "text"]),
        ({"thinking": {"type": "adaptive"}}, "end_turn", ["fallback", "thinking", "text"]),
        ({"thinking": None, "max_tokens": None, "output_config": None}, "end_turn", ["fallback", "text"]),
    ],
)
def test_an_entry_overrides_the_request(
    sdk: anthropic.Anthropic, override: dict[str, Any], stop: str, kinds: list[str]
) -> None:
    """For its attempt alone; a null takes a field away, but for `max_tokens`."""
    message = ask(sdk, "[sim:refusal] Count to 99", fallbacks=[{"model": OPUS, **override}])
    assert (message.stop_reason, [block.type for block in message.content]) == (stop, kinds)


def test_without_a_refusal_or_models_nothing_changes(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """No block and no rows; the server's default models are not known, which is noted."""
    message = ask(sdk, "Hello")
    assert (message.model, hops(message), message.usage.iterations) == (FABLE, [], None)
    assert ask(sdk, fallbacks="default").stop_reason == "refusal"
    assert [note for entry in sim.requests for note in entry.notes] == [
        "fallbacks: which models are the default ones is not known; a refusal stays a refusal"
    ]
