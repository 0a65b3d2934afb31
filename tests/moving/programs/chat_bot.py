"""A chat bot in a class: a history of its own, a system prompt, costs by token, and a summary when it grows."""
import json
import logging
import os
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Dict, List, Optional

import anthropic
from anthropic import Anthropic, APIConnectionError, APIError, APIStatusError, RateLimitError
from anthropic.types import Message, MessageParam, TextBlock

logger = logging.getLogger(__name__)


@dataclass
class Turn:
    role: str
    content: Any
    at: str = field(default_factory=lambda: datetime.now().isoformat())


@dataclass
class ChatBot:
    model: str = "claude-3-5-sonnet-20241022"
    system: str = "You are a helpful assistant."
    turns: List[Turn] = field(default_factory=list)
    input_tokens: int = 0
    output_tokens: int = 0

    def __post_init__(self):
        self.client = Anthropic(api_key=os.environ.get("ANTHROPIC_API_KEY"), max_retries=2)

    def messages(self) -> List[MessageParam]:
        return [{"role": turn.role, "content": turn.content} for turn in self.turns]

    def ask(self, text: str, temperature: float = 0.7) -> Optional[str]:
        self.turns.append(Turn("user", text))
        try:
            response: Message = self.client.messages.create(
                model=self.model,
                max_tokens=1024,
                temperature=temperature,
                system=self.system,
                messages=self.messages(),
                stop_sequences=["\n\nHuman:"],
                metadata={"user_id": "user-1"},
            )
        except RateLimitError as e:
            logger.error("rate limited: %s", e)
            return None
        except (APIConnectionError, APIStatusError) as e:
            logger.error("failed: %s", e)
            raise
        block = response.content[0]
        assert isinstance(block, TextBlock)
        self.input_tokens += response.usage.input_tokens
        self.output_tokens += response.usage.output_tokens
        self.turns.append(Turn(response.role, block.text))
        return block.text


bot = ChatBot()
assert bot.ask("Hello!")
assert bot.ask("And who are you?", temperature=0)
assert len(bot.turns) == 4 and bot.output_tokens > 0
print(json.dumps([asdict(turn) for turn in bot.turns]))
