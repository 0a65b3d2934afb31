"""What was said, as attributes: when, and in which form."""

from __future__ import annotations

import json

import pytest

from keybearer.observe.content import MOST, message_content, tool_content, wanted

VARIABLE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"


@pytest.mark.parametrize(
    ("value", "is_wanted"),
    [
        (None, False),
        ("", False),
        ("NO_CONTENT", False),
        ("EVENT_ONLY", False),
        ("false", False),
        ("SPAN_ONLY", True),
        ("span_and_event", True),
        ("true", True),
    ],
)
def test_the_standard_variable_decides(monkeypatch: pytest.MonkeyPatch, value: str | None, is_wanted: bool) -> None:
    """Its values are those of opentelemetry-util-genai, in any case; `true` is what older instrumentations take."""
    monkeypatch.delenv(VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    assert wanted() is is_wanted


def test_a_conversation_in_the_conventions_form() -> None:
    """Text, thinking, calls and results have their parts; the data of an image is left out."""
    body = {
        "system": "Be kind.",
        "messages": [
            {
                "role": "user",
                "content": [{"type": "image", "source": {"data": "AAAA"}}, {"type": "text", "text": "Hi"}],
            },
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "add", "input": {"a": 1}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "2"}]},
        ],
    }
    said = message_content(
        body, [{"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": "2"}]
    )
    assert json.loads(said["gen_ai.system_instructions"]) == [{"type": "text", "content": "Be kind."}]
    assert [turn["parts"] for turn in json.loads(said["gen_ai.input.messages"])] == [
        [{"type": "anthropic_image"}, {"type": "text", "content": "Hi"}],
        [{"type": "tool_call", "id": "t1", "name": "add", "arguments": {"a": 1}}],
        [{"type": "tool_call_response", "id": "t1", "response": [{"type": "text", "content": "2"}]}],
    ]
    assert json.loads(said["gen_ai.output.messages"])[0]["parts"] == [
        {"type": "reasoning", "content": "hm"},
        {"type": "text", "content": "2"},
    ]


def test_what_is_too_long_is_left_out() -> None:
    """An attribute has a maximum; the span says that something is missing."""
    said = message_content({"messages": [{"role": "user", "content": "x" * MOST}]}, [{"type": "text", "text": "ok"}])
    assert set(said) == {"gen_ai.output.messages", "anthropic.content.truncated"}


def test_odd_bodies_and_odd_results() -> None:
    """What is no conversation gives nothing, and raises nothing."""
    assert message_content(None, None) == {"gen_ai.input.messages": "[]"}
    assert message_content({"messages": [5, {"content": 7}]}, None) == {
        "gen_ai.input.messages": '[{"role": "user", "parts": []}]'
    }
    assert tool_content({"a": {1, 2} - {2}}, [5])["gen_ai.tool.call.result"] == '[{"type": "anthropic_unknown"}]'
