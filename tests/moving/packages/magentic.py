"""magentic: a prompt function with text, a stream and a structured answer."""

from magentic import StreamedStr, prompt
from magentic.chat_model.anthropic_chat_model import AnthropicChatModel

model = AnthropicChatModel("claude-sonnet-4-5", max_tokens=300)


@prompt("Say hello to {name}", model=model)
def greet(name: str) -> str: ...


@prompt("Say hello to {name}", model=model)
def spell(name: str) -> StreamedStr: ...


assert greet("Ada")
assert "".join(spell("Ada"))
