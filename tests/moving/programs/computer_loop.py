"""The loop of the computer-use demo: beta tools, raw responses, images filtered out of the history, cached prompts."""
import asyncio
from collections.abc import Callable
from typing import Any, cast

import httpx
from anthropic import Anthropic, APIError, APIResponseValidationError, APIStatusError
from anthropic.types.beta import (
    BetaCacheControlEphemeralParam,
    BetaContentBlockParam,
    BetaImageBlockParam,
    BetaMessage,
    BetaMessageParam,
    BetaTextBlock,
    BetaTextBlockParam,
    BetaToolComputerUse20241022Param,
    BetaToolResultBlockParam,
    BetaToolUnionParam,
    BetaToolUseBlockParam,
)

COMPUTER_USE_BETA_FLAG = "computer-use-2025-01-24"


def _response_to_params(response: BetaMessage) -> list[BetaContentBlockParam]:
    res: list[BetaContentBlockParam] = []
    for block in response.content:
        if isinstance(block, BetaTextBlock):
            if block.text:
                res.append(BetaTextBlockParam(type="text", text=block.text))
            elif getattr(block, "type", None) == "thinking":
                res.append(cast(Any, {"type": "thinking", "thinking": block.thinking, "signature": block.signature}))
        else:
            res.append(cast(BetaToolUseBlockParam, block.model_dump()))
    return res


def _inject_prompt_caching(messages: list[BetaMessageParam]):
    remaining = 3
    for message in reversed(messages):
        if message["role"] == "user" and isinstance(content := message["content"], list):
            if remaining:
                remaining -= 1
                content[-1]["cache_control"] = BetaCacheControlEphemeralParam({"type": "ephemeral"})
            else:
                content[-1].pop("cache_control", None)
                break


async def sampling_loop(messages: list[BetaMessageParam], output: Callable[[Any], None], seen: Callable[..., None]):
    system = BetaTextBlockParam(type="text", text="Use the computer.")
    system["cache_control"] = {"type": "ephemeral"}
    tools = [
        {"name": "computer", "type": "computer_20250124", "display_width_px": 1024, "display_height_px": 768, "display_number": None},
        {"type": "bash_20250124", "name": "bash"},
        {"type": "text_editor_20250124", "name": "str_replace_editor"},
    ]
    client = Anthropic(max_retries=4)
    for _ in range(5):
        _inject_prompt_caching(messages)
        try:
            raw_response = client.beta.messages.with_raw_response.create(
                max_tokens=4096, messages=messages, model="claude-3-7-sonnet-20250219", system=[system], tools=tools,
                betas=[COMPUTER_USE_BETA_FLAG, "prompt-caching-2024-07-31"], extra_body={},
            )
        except (APIStatusError, APIResponseValidationError) as e:
            seen(e.request, e.response, e)
            return messages
        except APIError as e:
            seen(e.request, e.body, e)
            return messages
        seen(raw_response.http_response.request, raw_response.http_response, None)
        response = raw_response.parse()
        params = _response_to_params(response)
        messages.append({"role": "assistant", "content": params})
        results = []
        for block in params:
            output(block)
            if block["type"] == "tool_use":
                tool_input = cast(dict[str, Any], block["input"])
                print(block["name"], tool_input)
                results.append(
                    {"type": "tool_result", "content": [{"type": "text", "text": "done"}], "tool_use_id": block["id"], "is_error": False}
                )
        if not results:
            return messages
        messages.append({"content": results, "role": "user"})
    return messages


def seen(request: httpx.Request, response, error):
    if error:
        raise error
    assert request.method == "POST" and response.headers and response.status_code == 200
    assert request.headers and response.text and str(request.url).startswith("http")


done = asyncio.run(
    sampling_loop([{"role": "user", "content": [BetaTextBlockParam(type="text", text='Call bash for "ls"')]}], print, seen)
)
assert len(done) >= 2
