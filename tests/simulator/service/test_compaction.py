"""Compaction in its two forms: the block, the stop reason, the usage, the stream, and the requests that follow."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from keybearer.simulator import Simulator
from keybearer.simulator.service.compaction import after_compaction, compaction_block, digest, signature_fault

EDIT_TAG = "compact-2026-01-12"
TAG = "compact-2026-09-04"
COMPACT = {"type": "compact_20260112"}
LONG: list[Any] = [
    {"role": "user", "content": "word " * 150_000},
    {"role": "assistant", "content": "Noted."},
    {"role": "user", "content": "Reply with exactly: yes"},
]
SHORT: list[Any] = [*LONG[1:2], {"role": "user", "content": "Reply with exactly: no"}]


def ask(sdk: anthropic.Anthropic, messages: list[Any], *, edit: Any = None, **more: Any) -> Any:
    """Send messages, with the edit if there is one."""
    fields: dict[str, Any] = {
        "model": "claude-opus-4-8", "max_tokens": 300, "messages": messages, "betas": [EDIT_TAG, TAG], **more,
    }  # fmt: skip
    if edit:
        fields["context_management"] = {"edits": [edit]}
    return sdk.beta.messages.create(**fields)


def kinds(message: Any) -> list[str]:
    """List the types of a message's blocks."""
    return [block.type for block in message.content]


def test_a_long_conversation_is_compacted_and_answered(sdk: anthropic.Anthropic) -> None:
    """The block comes first, the answer after it, and the compaction has its own entry in the usage, outside the totals."""
    message = ask(sdk, LONG, edit=COMPACT)
    assert kinds(message) == ["compaction", "text"]
    assert (message.content[1].text, message.stop_reason) == ("yes", "end_turn")
    compaction, sampling = message.usage.iterations
    assert (compaction.type, sampling.type) == ("compaction", "message")
    assert compaction.input_tokens > 150_000
    assert sampling.input_tokens < 1_000
    assert message.usage.input_tokens == sampling.input_tokens
    assert message.usage.output_tokens == sampling.output_tokens


def test_a_short_conversation_is_not(sdk: anthropic.Anthropic) -> None:
    """Below the trigger nothing happens."""
    message = ask(sdk, LONG[2:], edit=COMPACT)
    assert (kinds(message), message.usage.iterations) == (["text"], None)


def test_the_next_request_drops_what_came_before_the_block(sdk: anthropic.Anthropic) -> None:
    """The client sends everything again, and only the summary and what follows counts."""
    first = ask(sdk, LONG, edit=COMPACT)
    following = [
        *LONG,
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": "Reply with exactly: no"},
    ]
    second = ask(sdk, following, edit=COMPACT)
    assert (kinds(second), second.content[0].text) == (["text"], "no")
    assert second.usage.input_tokens < 1_000


def test_a_pause_hands_the_block_over_alone(sdk: anthropic.Anthropic) -> None:
    """The stop reason is `compaction`, nothing is sampled, and the same turn sent back is answered."""
    first = ask(sdk, LONG, edit={**COMPACT, "pause_after_compaction": True})
    assert (kinds(first), first.stop_reason) == (["compaction"], "compaction")
    assert (first.usage.input_tokens, first.usage.output_tokens) == (0, 0)
    assert [each.type for each in first.usage.iterations] == ["compaction"]
    second = ask(sdk, [*LONG, {"role": "assistant", "content": first.content}], edit=COMPACT)
    assert (second.content[0].text, second.stop_reason) == ("yes", "end_turn")


def test_a_stream_sends_the_summary_in_one_delta(sdk: anthropic.Anthropic) -> None:
    """The block opens empty, and the SDK's stream puts it together; the iterations are at the end."""
    fields: Any = {
        "model": "claude-opus-4-8", "max_tokens": 300, "messages": LONG, "betas": [EDIT_TAG],
        "context_management": {"edits": [COMPACT]},
    }  # fmt: skip
    with sdk.beta.messages.stream(**fields) as stream:
        events = list(stream)
        message = stream.get_final_message()
    start: Any = next(event for event in events if event.type == "content_block_start")
    assert (start.content_block.content, start.content_block.encrypted_content) == (None, None)
    deltas: Any = [event for event in events if event.type == "content_block_delta"]
    assert [event.delta.type for event in deltas[:1]] == ["compaction_delta"]
    block: Any = message.content[0]
    assert block.content.startswith("Summary of the conversation so far.")
    assert message.usage.iterations is not None
    assert [each.type for each in message.usage.iterations] == ["compaction", "message"]


def test_a_compaction_request(sdk: anthropic.Anthropic) -> None:
    """`compaction` gives the signed block alone, which stands first in later requests."""
    first = ask(sdk, LONG, compaction={"type": "summarize", "instructions": "Be brief."})
    assert (kinds(first), first.stop_reason) == (["compaction"], "compaction")
    block = first.content[0]
    assert "Made by these instructions: Be brief." in block.content
    assert (block.signature is None, block.tool_changes) == (False, [])
    second = ask(
        sdk, [{"role": "assistant", "content": first.content}, {"role": "user", "content": "Reply with exactly: no"}]
    )
    assert (second.content[0].text, second.usage.input_tokens < 1_000) == ("no", True)
    changed = {**block.to_dict(), "content": "Nothing happened."}
    with pytest.raises(anthropic.BadRequestError) as caught:
        ask(sdk, [{"role": "assistant", "content": [changed]}, *LONG[2:]])
    body: Any = caught.value.body
    assert body["error"]["details"] == {"error_code": "compaction_content_mismatch"}


def test_a_script_writes_the_summary(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """The scripted text of a compaction request is the summary."""
    sim.script("They talked about words.")
    assert ask(sdk, LONG, compaction={"type": "summarize"}).content[0].content == "They talked about words."


def test_count_tokens_ignores_a_compaction_request(sdk: anthropic.Anthropic) -> None:
    """The count is that of the conversation as sent."""
    count: Any = sdk.beta.messages.count_tokens
    fields: dict[str, Any] = {"model": "claude-opus-4-8", "messages": LONG, "betas": [TAG]}
    assert count(**fields, compaction={"type": "summarize"}).input_tokens == count(**fields).input_tokens


def test_the_tool_runner_compacts(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """The SDK's tool runner, asked to compact between two turns, goes on with the block and ends."""

    @anthropic.beta_tool
    def get_weather(location: str) -> str:
        """Tell the weather of a city.

        Args:
            location: The city.
        """
        return f"Sunny in {location}"

    runner: Any = sdk.beta.messages.tool_runner(
        model="claude-opus-4-8", max_tokens=500, tools=[get_weather],
        messages=[{"role": "user", "content": "What is the weather in SF?"}], betas=[TAG],
    )  # fmt: skip
    reasons = []
    for message in runner:
        reasons.append(message.stop_reason)
        if message.stop_reason == "tool_use" and "compaction" not in reasons:
            runner.compact_before_next_turn()
        assert len(reasons) < 8
    assert "compaction" in reasons
    assert [entry.status for entry in sim.requests] == [200] * len(sim.requests)


def test_the_summary_names_who_said_what() -> None:
    """One line a message, long ones cut, tools named, and the latest request at the end."""
    call = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "snow"}
    text = digest(
        [
            {"role": "user", "content": "What is outside? " + "x" * 400},
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [result]},
        ]
    )
    lines = text.split("\n")
    assert lines[1].startswith("user: What is outside? xxx")
    assert lines[1].endswith("…")
    assert lines[2:4] == ["assistant: [called look]", "user: [result: snow]"]
    assert lines[-1].startswith("Latest request: What is outside?")


def test_a_failed_compaction_is_nothing() -> None:
    """A block without content is left out, and what came before it stays."""
    failed = {"type": "compaction", "content": None}
    messages = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": [failed, {"type": "text", "text": "Hi"}]},
    ]
    seen = after_compaction([*messages, {"role": "user", "content": "Bye"}])
    assert [message["content"] for message in seen] == ["Hello", [{"type": "text", "text": "Hi"}], "Bye"]


@pytest.mark.parametrize("signature", ["", "???", "bm9uZQ=="])
def test_a_signature_that_is_none(signature: str) -> None:
    """Any other text in place of the signature does not verify."""
    block = compaction_block("They met.", signed=True)
    assert signature_fault(block) is None
    assert signature_fault({**block, "signature": signature}) == "compaction_signature_invalid"
