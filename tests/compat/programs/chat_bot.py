"""A chat: a history of typed turns, a system prompt, token counts."""

import anthropic
from anthropic import NOT_GIVEN, Anthropic
from anthropic.types import Message, MessageParam, TextBlock


def ask(client: Anthropic, history: list[MessageParam], text: str, system: str | None = None) -> Message:
    """Send one more turn."""
    history.append({"role": "user", "content": text})
    answer = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=200,
        system=system if system is not None else NOT_GIVEN,  # type: ignore[arg-type] # of SDK 0.x
        messages=history,
    )
    history.append({"role": "assistant", "content": answer.content})
    return answer


client = anthropic.Anthropic(timeout=anthropic.Timeout(20.0, connect=5.0), max_retries=1)
history: list[MessageParam] = []
for question in ("Hello!", "And what is your name?"):
    message = ask(client, history, question, "Be brief.")
    block = message.content[0]
    assert isinstance(block, TextBlock)
    print(message.role, message.stop_reason, message.usage.input_tokens, message.usage.output_tokens, block.text)
    print(type(message).__name__, message.to_dict() == message.model_dump(mode="json", exclude_unset=True))
count = client.messages.count_tokens(model="claude-haiku-4-5", messages=history)
print(count.input_tokens, len(history), [turn["role"] for turn in history])
print(client.base_url == client.with_options(timeout=3).base_url, client.max_retries, client.timeout)
client.close()
