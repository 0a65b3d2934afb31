"""Names imported from everywhere that programs import them from."""
import anthropic
import anthropic.types.beta as beta_types
from anthropic import __version__, types
from anthropic._client import Anthropic, AsyncAnthropic
from anthropic._constants import DEFAULT_TIMEOUT
from anthropic._exceptions import APIStatusError, OverloadedError
from anthropic._models import BaseModel
from anthropic._streaming import AsyncStream, Stream
from anthropic._types import NOT_GIVEN, Body, Headers, NotGiven, Omit, Query, omit
from anthropic.lib.bedrock import AnthropicBedrock, AsyncAnthropicBedrock
from anthropic.lib.streaming import AsyncMessageStream, MessageStream, MessageStreamEvent
from anthropic.lib.streaming._beta_types import BetaRawContentBlockStartEvent, ParsedBetaMessageStopEvent
from anthropic.lib.streaming._messages import MessageStream as Same
from anthropic.lib.streaming._types import ContentBlockStopEvent, InputJsonEvent, MessageStopEvent, TextEvent
from anthropic.lib.vertex import AnthropicVertex, AsyncAnthropicVertex
from anthropic.pagination import AsyncPage, SyncPage
from anthropic.resources import AsyncMessages, Messages
from anthropic.resources.beta import Beta
from anthropic.resources.beta.messages import Messages as BetaMessages
from anthropic.resources.messages.messages import Message, RawMessageStreamEvent
from anthropic.types.beta import BetaMessage, BetaToolUseBlock, BetaUsage
from anthropic.types.beta.beta_message import BetaMessage as SameBeta
from anthropic.types.content_block import ContentBlock
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from anthropic.types.message_param import MessageParam
from anthropic.types.message_stream_event import MessageStreamEvent as Events
from anthropic.types.tool_result_block_param import Content
from anthropic.types.tool_use_block_param import ToolUseBlockParam

assert BetaMessage is SameBeta and Same is MessageStream
assert anthropic.types.Message is Message and anthropic.AsyncAnthropic is AsyncAnthropic
assert anthropic.resources.messages.Messages is Messages
assert anthropic.lib.streaming.MessageStream is MessageStream
assert isinstance(__version__, str)
assert Anthropic().messages.create(model="claude-sonnet-4-5", max_tokens=5, messages=[MessageParam(role="user", content="x")]).id
