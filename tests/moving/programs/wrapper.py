"""A service class around both clients, as applications have one."""
from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Iterator, Optional

import anthropic
from anthropic import Anthropic, AsyncAnthropic
from anthropic._exceptions import OverloadedError
from anthropic.types import Message
from anthropic.types.beta.messages import BetaMessageBatch

log = logging.getLogger(__name__)


@dataclass
class Claude:
    model: str = "claude-sonnet-5-5"
    client: Optional[anthropic.Anthropic] = None
    history: list[anthropic.types.MessageParam] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = self.client or Anthropic(max_retries=2)

    @cached_property
    def other(self) -> AsyncAnthropic:
        return AsyncAnthropic()

    def ask(self, text: str, **more: Any) -> str:
        self.history.append({"role": "user", "content": text})
        for _ in range(3):
            try:
                message = self.client.messages.create(model=self.model, max_tokens=200, messages=self.history, **more)
            except (anthropic.RateLimitError, anthropic.InternalServerError, OverloadedError) as error:
                log.warning("again: %s", error)
                continue
            except anthropic.APIStatusError as error:
                raise RuntimeError(f"{error.status_code}: {error.message}") from error
            self.history.append({"role": message.role, "content": message.content})
            return self.text(message)
        raise RuntimeError("gave up")

    @staticmethod
    def text(message: Message) -> str:
        return "".join(block.text for block in message.content if block.type == "text")

    def stream(self, text: str) -> Iterator[str]:
        asked = [*self.history, {"role": "user", "content": text}]
        with self.client.messages.stream(model=self.model, max_tokens=200, messages=asked) as stream:
            yield from stream.text_stream


claude = Claude()
assert claude.ask("Hello") and claude.ask("And again", system="Be brief")
assert len(claude.history) == 4 and "".join(claude.stream("Once more"))
