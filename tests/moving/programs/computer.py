"""The loop of a computer-using agent: beta tools, a picture in a result, blocks to parameters."""
from typing import Any, cast

from anthropic import Anthropic, APIError, APIResponseValidationError, APIStatusError
from anthropic.types.beta import (
    BetaCacheControlEphemeralParam,
    BetaContentBlockParam,
    BetaImageBlockParam,
    BetaMessage,
    BetaMessageParam,
    BetaTextBlock,
    BetaTextBlockParam,
    BetaToolResultBlockParam,
    BetaToolUseBlockParam,
)

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def params(response: BetaMessage) -> list[BetaContentBlockParam]:
    made: list[BetaContentBlockParam] = []
    for block in response.content:
        if isinstance(block, BetaTextBlock):
            if block.text:
                made.append(BetaTextBlockParam(type="text", text=block.text))
        else:
            made.append(cast(BetaToolUseBlockParam, block.model_dump()))
    return made


client = Anthropic(max_retries=4)
system = BetaTextBlockParam(type="text", text="You use a computer.")
system["cache_control"] = {"type": "ephemeral"}
tools: Any = [
    {"type": "computer_20250124", "name": "computer", "display_width_px": 1024, "display_height_px": 768},
    {"type": "bash_20250124", "name": "bash"},
]
messages: list[BetaMessageParam] = [{"role": "user", "content": [BetaTextBlockParam(type="text", text="Call computer to take a screenshot")]}]
for _ in range(3):
    try:
        raw = client.beta.messages.with_raw_response.create(
            max_tokens=1000, messages=messages, model="claude-sonnet-4-5", system=[system], tools=tools,
            betas=["computer-use-2025-01-24"],
        )
    except (APIStatusError, APIResponseValidationError) as error:
        raise SystemExit(f"{error.request} {error.response} {error.body}")
    except APIError as error:
        raise SystemExit(f"{error.request} {error.body}")
    print(raw.http_response.request.url, raw.http_response.status_code)
    response = raw.parse()
    blocks = params(response)
    messages.append({"role": "assistant", "content": blocks})
    results: list[BetaToolResultBlockParam] = []
    for block in blocks:
        if block["type"] == "tool_use":
            picture: BetaImageBlockParam = {
                "type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}
            }
            results.append({"type": "tool_result", "tool_use_id": block["id"], "content": [picture], "is_error": False})
    if not results:
        break
    messages.append({"content": results, "role": "user"})
