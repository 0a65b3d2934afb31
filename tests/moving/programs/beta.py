"""The beta's messages: types, tags and counts."""
from anthropic import Anthropic
from anthropic.types.beta import BetaMessage, BetaMessageParam, BetaTextBlock, BetaTextBlockParam, BetaToolUnionParam

client = Anthropic()
messages: list[BetaMessageParam] = [
    {"role": "user", "content": [BetaTextBlockParam(type="text", text="Say hello")]},
]
response: BetaMessage = client.beta.messages.create(
    model="claude-sonnet-4-5", max_tokens=100, messages=messages, betas=["interleaved-thinking-2025-05-14"]
)
assert isinstance(response, BetaMessage)
assert isinstance(response.content[0], BetaTextBlock)
assert client.beta.messages.count_tokens(model="claude-sonnet-5-5", messages=messages).input_tokens > 0
with client.beta.messages.stream(model="claude-sonnet-5-5", max_tokens=100, messages=messages) as stream:
    assert "".join(stream.text_stream)
