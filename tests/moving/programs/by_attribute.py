"""Everything by attribute of the module."""
import anthropic
import anthropic.types
import anthropic.types.beta as beta


def text(block: anthropic.types.ContentBlock) -> str:
    return block.text if isinstance(block, anthropic.types.TextBlock) else ""


def fits(error: Exception) -> bool:
    return isinstance(error, (anthropic.APIConnectionError, anthropic.APITimeoutError, anthropic.InternalServerError))


client: anthropic.Client = anthropic.Client()
message: anthropic.types.Message = client.messages.create(
    model="claude-sonnet-5-5",
    max_tokens=5,
    messages=[anthropic.types.TextBlockParam and {"role": "user", "content": "Hello"}],
    tools=anthropic.NOT_GIVEN,
    system=anthropic.omit,
)
assert "".join(map(text, message.content)) and not fits(ValueError())
assert anthropic.types.beta.BetaMessage is beta.BetaMessage
assert anthropic.AsyncClient is anthropic.AsyncAnthropic
