"""Providers in one interface: clients kept by class, headers of a gateway, a cached property, a copy with a key, usage summed."""
import abc
import functools
import os
from functools import cached_property, lru_cache
from typing import Any, Generator, Iterable, Optional, Protocol, Union

import anthropic
from anthropic import NOT_GIVEN, Anthropic, AsyncAnthropic, NotGiven, Stream
from anthropic._types import Body, Headers, Query
from anthropic.types import Message, MessageParam, RawMessageStreamEvent, ToolChoiceParam, ToolParam
from anthropic.types.message_create_params import MessageCreateParams, MessageCreateParamsBase
from anthropic.types.model_param import ModelParam


class Provider(abc.ABC):
    @abc.abstractmethod
    def complete(self, messages: Iterable[MessageParam], **kwargs: Any) -> Message: ...


class Claude(Provider):
    def __init__(self, api_key: Optional[str] = None, base_url: Optional[str] = None, timeout: Union[float, None, NotGiven] = NOT_GIVEN):
        self.api_key, self.base_url, self.timeout = api_key, base_url, timeout

    @cached_property
    def client(self) -> Anthropic:
        return Anthropic(
            api_key=self.api_key,
            base_url=self.base_url,
            timeout=self.timeout,
            default_headers={"X-Team": "search", "anthropic-beta": "prompt-caching-2024-07-31"},
            default_query={"source": "test"},
        )

    def complete(
        self,
        messages: Iterable[MessageParam],
        *,
        model: ModelParam = "claude-3-5-haiku-latest",
        system: Union[str, NotGiven] = NOT_GIVEN,
        tools: Union[Iterable[ToolParam], NotGiven] = NOT_GIVEN,
        temperature: Union[float, NotGiven] = NOT_GIVEN,
        extra_headers: Headers | None = None,
        extra_query: Query | None = None,
        extra_body: Body | None = None,
    ) -> Message:
        return self.client.messages.create(
            model=model, max_tokens=64, messages=messages, system=system, tools=tools, temperature=temperature,
            extra_headers=extra_headers, extra_query=extra_query, extra_body=extra_body,
        )

    def stream(self, **params: Any) -> Stream[RawMessageStreamEvent]:
        stream = self.client.messages.create(stream=True, **params)
        assert isinstance(stream, Stream)
        return stream


@lru_cache(maxsize=None)
def provider() -> Claude:
    return Claude()


claude = provider()
asked: list[MessageParam] = [{"role": "user", "content": "Hello"}]
assert claude.complete(asked, extra_headers={"X-Trace": "1"}, extra_body={"metadata": {"user_id": "1"}}).content
assert claude.complete(asked, system="Short", temperature=0.2).usage.input_tokens
params: MessageCreateParams = {"model": "claude-sonnet-4-0", "max_tokens": 20, "messages": asked}
with claude.stream(**params) as events:
    assert any(event.type == "message_stop" for event in events)
assert claude.client.base_url and str(claude.client.base_url).startswith("http")
assert claude.client.api_key == os.environ["ANTHROPIC_API_KEY"]
assert claude.client.max_retries == 2 and claude.client.timeout
other = claude.client.copy(api_key=os.environ["ANTHROPIC_API_KEY"], default_headers={"X-Other": "1"})
assert other.messages.create(**params).model
assert claude.client.with_options(max_retries=5).max_retries == 5
assert "X-Team" in claude.client.default_headers
assert claude.client.platform_headers() is not None
assert anthropic.AI_PROMPT.strip() == "Assistant:" if hasattr(anthropic, "AI_PROMPT") else True
assert client.is_closed() is False if (client := claude.client) else True
claude.client.close()
assert claude.client.is_closed()
