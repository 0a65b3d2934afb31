"""What nobody knows yet: accepted with a note, or refused; and never a finding about the client."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from keybearer.simulator import Simulator

SAY: dict[str, Any] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 50,
    "messages": [{"role": "user", "content": "Say hi"}],
}
FUTURE = {"anthropic-beta": "holograms-2027-01-01"}


def client(sim: Simulator) -> anthropic.Anthropic:
    """Return the official SDK without retries."""
    return anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key, max_retries=0)


def test_a_field_a_block_and_a_tag_of_the_future_are_noted() -> None:
    """Under a tag they pass; the journal and the gaps name them, and the verdict is empty."""
    block: Any = {"type": "hologram", "depth": 3}
    said = [{"role": "user", "content": [{"type": "text", "text": "Say hi"}, block]}]
    with Simulator() as sim, client(sim) as sdk:
        sdk.messages.create(**SAY | {"messages": said}, extra_headers=FUTURE, extra_body={"colour": "red"})
        (entry,) = sim.requests
        assert entry.notes == [
            "anthropic-beta: holograms-2027-01-01: this tag is not known",
            "messages.0.content.1: accepted, not known and not carried out",
            "colour: accepted, not known and not carried out",
        ]
        assert [(gap.kind, gap.request_ids) for gap in sim.gaps] == [("simulator-gap", [entry.request_id])] * 3
        assert sim.verdict == []


def test_the_strict_refuse_the_future() -> None:
    """With `future="refuse"` each of them is a 400 in the service's words, also under a tag that is known."""
    known = {"anthropic-beta": "files-api-2025-04-14"}
    with Simulator(future="refuse") as sim, client(sim) as sdk:
        with pytest.raises(anthropic.BadRequestError, match=r"Unexpected value\(s\) `holograms-2027-01-01`"):
            sdk.messages.create(**SAY, extra_headers=FUTURE)
        with pytest.raises(anthropic.BadRequestError, match="colour: Extra inputs are not permitted"):
            sdk.messages.create(**SAY, extra_headers=known, extra_body={"colour": "red"})
        assert sim.gaps == []


def test_without_a_tag_a_field_that_nobody_knows_is_refused() -> None:
    """A field without any beta tag is a mistake, by default too; a count of tokens is no different."""
    with Simulator() as sim, client(sim) as sdk:
        for call in (sdk.messages.create, sdk.messages.count_tokens):
            body = {name: value for name, value in SAY.items() if name != "max_tokens" or call == sdk.messages.create}
            with pytest.raises(anthropic.BadRequestError, match="colour: Extra inputs are not permitted"):
                call(**body, extra_body={"colour": "red"})


def test_what_claude_code_sends_in_every_session_is_taken() -> None:
    """Thinking updates, a system message's effort and end, and edits of the context pass with their tags."""
    tags = [
        "claude-code-20250219", "interleaved-thinking-2025-05-14", "context-management-2025-06-27",
        "thinking-display-updates-2026-08-18", "mid-conversation-output-config-2026-07-01",
        "mid-conversation-system-clear-at-2026-08-21", "dangerous-tool-use-2026-09-03",
    ]  # fmt: skip
    reminder = {"role": "system", "content": "Be brief.", "clear_at": "next_user_message"}
    low = {"role": "system", "output_config": {"effort": "low"}}
    body: dict[str, Any] = {
        "model": "claude-opus-5-5",
        "max_tokens": 2000,
        "messages": [*SAY["messages"], reminder, low],
        "thinking": {"type": "adaptive", "display": "updates"},
    }
    with Simulator() as sim, client(sim) as sdk:
        sdk.messages.create(
            **body,
            extra_headers={"anthropic-beta": ",".join(tags)},
            extra_body={
                "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
                "safeguards": [{"type": "dangerous_tool_use"}],
            },
        )
        assert sim.verdict == []


def test_a_tool_loop_begun_without_thinking_goes_on_without_it() -> None:
    """The service turns thinking off for such a request, and refuses nothing; begun with thinking, it thinks."""
    tool = {"name": "ls", "input_schema": {"type": "object"}}
    body: dict[str, Any] = {
        "model": "claude-haiku-4-5",
        "max_tokens": 2000,
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "tools": [tool],
        "extra_headers": {"anthropic-beta": "interleaved-thinking-2025-05-14"},
    }
    asked: Any = {"role": "user", "content": "use ls"}
    with Simulator() as sim, client(sim) as sdk:
        first = sdk.messages.create(**body, messages=[asked]).to_dict()["content"]
        assert isinstance(first, list)
        assert [block["type"] for block in first] == ["thinking", "tool_use"]
        result = {"type": "tool_result", "tool_use_id": first[1]["id"], "content": "a.txt"}
        seen = []
        for content in (first, first[1:]):
            loop: Any = [asked, {"role": "assistant", "content": content}, {"role": "user", "content": [result]}]
            seen.append([block.type for block in sdk.messages.create(**body, messages=loop).content])
        assert seen == [["thinking", "text"], ["text"]]
