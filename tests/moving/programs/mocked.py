"""An application's tests: its client mocked, its methods patched, answers made by hand, and a fake of a stream."""
import asyncio
import unittest
from types import SimpleNamespace
from unittest.mock import AsyncMock, MagicMock, Mock, create_autospec, patch

import anthropic
import httpx
from anthropic import Anthropic, AsyncAnthropic
from anthropic.types import (
    ContentBlockStopEvent,
    Message,
    MessageDeltaUsage,
    RawContentBlockDeltaEvent,
    RawContentBlockStartEvent,
    RawContentBlockStopEvent,
    RawMessageDeltaEvent,
    RawMessageStartEvent,
    RawMessageStopEvent,
    TextBlock,
    TextDelta,
    ToolUseBlock,
    Usage,
)
from anthropic.types.raw_message_delta_event import Delta


class Service:
    def __init__(self, client=None):
        self.client = client or Anthropic(api_key="test")

    def ask(self, text):
        response = self.client.messages.create(
            model="claude-sonnet-4-5", max_tokens=10, messages=[{"role": "user", "content": text}]
        )
        return response.content[0].text

    def stream(self, text):
        with self.client.messages.create(
            model="claude-sonnet-4-5", max_tokens=10, messages=[{"role": "user", "content": text}], stream=True
        ) as events:
            return "".join(e.delta.text for e in events if e.type == "content_block_delta")


def answer(text="Hello", **other):
    given = dict(
        id="msg_1", type="message", role="assistant", model="claude-sonnet-4-5",
        content=[TextBlock(type="text", text=text)], stop_reason="end_turn", stop_sequence=None,
        usage=Usage(input_tokens=1, output_tokens=1),
    )
    return Message(**{**given, **other})


EVENTS = [
    RawMessageStartEvent(type="message_start", message=answer(content=[], stop_reason=None)),
    RawContentBlockStartEvent(type="content_block_start", index=0, content_block=TextBlock(type="text", text="")),
    RawContentBlockDeltaEvent(type="content_block_delta", index=0, delta=TextDelta(type="text_delta", text="Hel")),
    RawContentBlockDeltaEvent(type="content_block_delta", index=0, delta=TextDelta(type="text_delta", text="lo")),
    RawContentBlockStopEvent(type="content_block_stop", index=0),
    RawMessageDeltaEvent(
        type="message_delta", delta=Delta(stop_reason="end_turn", stop_sequence=None), usage=MessageDeltaUsage(output_tokens=2)
    ),
    RawMessageStopEvent(type="message_stop"),
]


class Tests(unittest.TestCase):
    def test_mock(self):
        client = MagicMock(spec=Anthropic)
        client.messages = MagicMock()
        client.messages.create.return_value = answer()
        self.assertEqual(Service(client).ask("Hi"), "Hello")

    def test_class_patched(self):
        with patch("__main__.Anthropic") as cls:
            cls.return_value.messages.create.return_value = answer("patched")
            self.assertEqual(Service().ask("Hi"), "patched")

    def test_method_patched(self):
        service = Service()
        with patch.object(service.client.messages, "create", side_effect=[answer("a"), answer("b")]) as create:
            self.assertEqual([service.ask("1"), service.ask("2")], ["a", "b"])
            self.assertEqual(create.call_args.kwargs["max_tokens"], 10)

    def test_resource_class_patched(self):
        with patch.object(anthropic.resources.messages.Messages, "create", return_value=answer("c")):
            self.assertEqual(Service().ask("1"), "c")

    def test_error(self):
        request = httpx.Request("POST", "http://127.0.0.1/v1/messages")
        error = anthropic.RateLimitError("slow", response=httpx.Response(429, request=request), body=None)
        service = Service()
        with patch.object(service.client.messages, "create", side_effect=error):
            with self.assertRaises(anthropic.RateLimitError) as caught:
                service.ask("1")
        self.assertEqual(caught.exception.status_code, 429)
        with patch.object(service.client.messages, "create", side_effect=anthropic.APIConnectionError(request=request)):
            self.assertRaises(anthropic.APIConnectionError, service.ask, "1")

    def test_stream(self):
        service = Service()
        events = MagicMock()
        events.__enter__.return_value = iter(EVENTS)
        with patch.object(service.client.messages, "create", return_value=events):
            self.assertEqual(service.stream("x"), "Hello")

    def test_async(self):
        client = AsyncMock(spec=AsyncAnthropic)
        client.messages = Mock(create=AsyncMock(return_value=answer()))
        self.assertEqual(asyncio.run(client.messages.create()).id, "msg_1")

    def test_tool_use(self):
        made = answer(content=[ToolUseBlock(id="toolu_1", input={"a": 1}, name="f", type="tool_use")], stop_reason="tool_use")
        self.assertEqual(made.content[0].input, {"a": 1})
        self.assertEqual(made.model_dump()["content"][0]["name"], "f")

    def test_real(self):
        self.assertTrue(Service(Anthropic()).ask("Hello"))
        self.assertTrue(Service(Anthropic()).stream("Hello"))


unittest.main()
