"""Types used as an application's library uses them: unions in match statements, casts, subclasses, protocol checks, get_args."""
import typing
from typing import Literal, Union, get_args

from anthropic import types
from anthropic._models import BaseModel
from anthropic.types import (
    CacheControlEphemeralParam,
    Message,
    MessageStreamEvent,
    Model,
    ModelParam,
    RawMessageStreamEvent,
    StopReason,
    TextBlock,
    ThinkingBlock,
    RedactedThinkingBlock,
    ToolBash20250124Param,
    ToolChoiceAutoParam,
    ToolChoiceToolParam,
    ToolUnionParam,
    ToolUseBlock,
)
from anthropic.types.beta import BetaContentBlock, BetaMessage, BetaRawMessageStreamEvent
from anthropic.types.beta.beta_thinking_config_param import BetaThinkingConfigParam
from anthropic.types.message import Message as SameMessage
from anthropic.types.text_block import TextBlock as SameTextBlock

assert SameMessage is Message and SameTextBlock is TextBlock
choice = ToolChoiceToolParam(type="tool", name="f")
assert choice == {"type": "tool", "name": "f"}
assert issubclass(Message, BaseModel) and issubclass(TextBlock, BaseModel)
assert "name" in ToolChoiceToolParam.__annotations__


def text_of(block) -> str:
    match block:
        case TextBlock(text=text):
            return text
        case ToolUseBlock(name=name, input=given):
            return f"{name}({given})"
        case ThinkingBlock() | RedactedThinkingBlock():
            return ""
    return "?"


assert text_of(TextBlock(type="text", text="x")) == "x"
assert text_of(ToolUseBlock(type="tool_use", id="1", name="f", input={})) == "f({})"
assert isinstance(TextBlock(type="text", text="x"), get_args(typing.get_args(types.ContentBlock)[0]) or types.TextBlock)


class Answer(TextBlock):
    score: float = 0.5


assert Answer(type="text", text="x").score == 0.5
