"""Thinking, plain and streamed, sent back unchanged."""

import anthropic
from anthropic.types import MessageParam, RedactedThinkingBlock, TextBlock, ThinkingBlock
from anthropic.types.thinking_config_param import ThinkingConfigParam

client = anthropic.Anthropic()
config: ThinkingConfigParam = {"type": "enabled", "budget_tokens": 1024}
turns: list[MessageParam] = [{"role": "user", "content": "What is 27 * 453?"}]
answer = client.messages.create(model="claude-sonnet-4-6", max_tokens=3000, thinking=config, messages=turns)
for block in answer.content:
    if isinstance(block, ThinkingBlock):
        print("thinking", len(block.thinking) > 0, len(block.signature) > 0)
    elif isinstance(block, RedactedThinkingBlock):
        print("redacted", len(block.data))
    elif isinstance(block, TextBlock):
        print("text", block.citations, len(block.text) > 0)
turns += [{"role": "assistant", "content": answer.content}, {"role": "user", "content": "And by 2?"}]
with client.messages.stream(model="claude-sonnet-4-6", max_tokens=3000, thinking=config, messages=turns) as stream:
    kinds = []
    for event in stream:
        if event.type == "thinking":
            kinds.append("thinking")
        elif event.type == "signature":
            kinds.append("signature")
        elif event.type == "content_block_stop":
            kinds.append(event.content_block.type)
    final = stream.get_final_message()
print(sorted(set(kinds)), [block.type for block in final.content], final.stop_reason)
