"""Parameters written as calls of their classes."""
from typing import Optional, Union, cast

from anthropic import NOT_GIVEN, Anthropic, NotGiven, Omit, omit
from anthropic.types import (
    CacheControlEphemeralParam,
    ContentBlockParam,
    ImageBlockParam,
    MessageParam,
    ModelParam,
    TextBlockParam,
    ThinkingConfigParam,
    ToolChoiceParam,
    ToolParam,
    ToolUnionParam,
)
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from anthropic.types.text_block_param import TextBlockParam as Text


def ask(client: Anthropic, text: str, system: Union[str, NotGiven, Omit] = NOT_GIVEN, tools: Optional[list[ToolParam]] = None):
    content = [TextBlockParam(type="text", text=text, cache_control=CacheControlEphemeralParam(type="ephemeral"))]
    return client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=100,
        system=system,
        tools=tools or omit,
        stop_sequences=NOT_GIVEN,
        thinking=omit,
        messages=cast(list[MessageParam], [{"role": "user", "content": content}]),
    )


assert ask(Anthropic(), "Say hello").content
assert ask(Anthropic(), "Say hello", system="Be brief").content
params = MessageCreateParamsNonStreaming(
    model="claude-sonnet-5-5", max_tokens=10, messages=[{"role": "user", "content": "Hello"}]
)
assert Anthropic().messages.create(**params).content
assert Text is TextBlockParam or Text(type="text", text="x")["text"] == "x"
