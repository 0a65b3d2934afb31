"""Read lines of `--output-format stream-json` with the parser of claude-agent-sdk, and print what it made of them."""

import json
import sys

from claude_agent_sdk import AssistantMessage, ResultMessage, SystemMessage, UserMessage
from claude_agent_sdk._internal.message_parser import parse_message  # it has no public reader of lines
from claude_agent_sdk.types import StreamEvent

messages = [parse_message(json.loads(line)) for line in sys.stdin if line.strip()]
kinds = {
    SystemMessage: "system",
    AssistantMessage: "assistant",
    UserMessage: "user",
    ResultMessage: "result",
    StreamEvent: "event",
}
last = messages[-1]
assert isinstance(last, ResultMessage)
print(
    json.dumps(
        {
            "kinds": [kinds[type(each)] for each in messages],
            "result": last.result,
            "turns": last.num_turns,
            "cost": last.total_cost_usd,
            "denied": len(last.permission_denials or ()),
            "blocks": [
                type(block).__name__
                for each in messages
                if isinstance(each, AssistantMessage)
                for block in each.content
            ],
        }
    )
)
