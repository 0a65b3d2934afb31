"""The shape of a message request, made with `grammar`.

Source: the `anthropic` 2.12.0 wheel, `types/message_create_params.py` and the types it refers to (and `types/beta` for the beta
parameters). Tools that the service defines are in `defined`, the blocks that they make in `served`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from keybearer.simulator.rules.defined import defined_tool, is_defined
from keybearer.simulator.rules.grammar import (
    Checker,
    ShapeProblem,
    anything,
    boolean,
    either,
    integer,
    list_of,
    nullable,
    number,
    one_of,
    record,
    string,
    tagged,
)
from keybearer.simulator.rules.served import CACHED, OPEN, TYPE, cache_control, served_blocks, tool_reference

__all__ = ["BETA_PARAMETERS", "BLOCKS", "COUNT_TOKENS", "MESSAGES"]

MAX_MESSAGES: Final = 100_000

citations_config = nullable(record(optional={"enabled": boolean}))
text_block = record({**TYPE, "text": string()}, {**CACHED, "citations": nullable(list_of(OPEN))})
image_source = tagged(
    {
        "base64": record(
            {**TYPE, "data": string(), "media_type": one_of("image/jpeg", "image/png", "image/gif", "image/webp")}
        ),
        "url": record({**TYPE, "url": string(shortest=1)}),
        "file": record({**TYPE, "file_id": string(shortest=1)}),
    }
)
image_block = record(
    {**TYPE, "source": image_source},
    {**CACHED, "transformations": nullable(record(optional={"oversized_image": one_of("downsize", "error")}))},
)
document_source = tagged(
    {
        "base64": record({**TYPE, "data": string(), "media_type": one_of("application/pdf")}),
        "text": record({**TYPE, "data": string(), "media_type": one_of("text/plain")}),
        "content": record({**TYPE, "content": either(string(), list_of(OPEN))}),
        "url": record({**TYPE, "url": string(shortest=1)}),
        "file": record({**TYPE, "file_id": string(shortest=1)}),
    }
)
document_block = record(
    {**TYPE, "source": document_source},
    {
        **CACHED,
        "citations": citations_config,
        "context": nullable(string(shortest=1)),
        "title": nullable(string(shortest=1, longest=500)),
    },
)
search_result_block = record(
    {**TYPE, "content": list_of(text_block), "source": string(), "title": string()},
    {**CACHED, "citations": citations_config},
)
result_content = tagged(
    {
        "text": text_block,
        "image": image_block,
        "document": document_block,
        "search_result": search_result_block,
        "tool_reference": tool_reference,
        "browser_state": OPEN,
    }
)
TOOL_NAME: Final = r"^[a-zA-Z0-9_-]{1,128}$"
TOOL_USE_ID: Final = r"^[a-zA-Z0-9_-]+$"

BLOCKS: Final[dict[str, Checker]] = {
    "text": text_block,
    "image": image_block,
    "document": document_block,
    "search_result": search_result_block,
    "thinking": record({**TYPE, "thinking": string(), "signature": string()}),
    "redacted_thinking": record({**TYPE, "data": string()}),
    "tool_use": record(
        {**TYPE, "id": string(pattern=TOOL_USE_ID), "name": string(shortest=1, longest=200), "input": OPEN},
        {**CACHED, "caller": OPEN, "toolset_name": nullable(string())},
    ),
    "tool_result": record(
        {**TYPE, "tool_use_id": string(pattern=TOOL_USE_ID)},
        {
            **CACHED,
            "content": either(string(), list_of(result_content)),
            "is_error": boolean,
            "toolset_name": nullable(string()),
        },
    ),
    **served_blocks(text_block, document_block),
}
"""Content block type to its shape."""

custom_tool = record(
    {"name": string(pattern=TOOL_NAME), "input_schema": OPEN},
    {
        **TYPE,
        **CACHED,
        "description": string(),
        "strict": boolean,
        "eager_input_streaming": nullable(boolean),
        "defer_loading": boolean,
        "allowed_callers": list_of(string()),
        "input_examples": list_of(OPEN),
    },
)


def tool(value: Any, path: str) -> Iterator[ShapeProblem]:
    """Check one tool: the caller's own or one that the service defines."""
    if isinstance(value, dict) and is_defined(value.get("type")):
        return defined_tool(value, path)
    return tagged({"custom": custom_tool}, default="custom")(value, path)


parallel = {"disable_parallel_tool_use": boolean}
tool_choice = tagged(
    {
        "auto": record(TYPE, parallel),
        "any": record(TYPE, parallel),
        "tool": record({**TYPE, "name": string(shortest=1)}, parallel),
        "none": record(TYPE),
    }
)
display = {"display": nullable(one_of("summarized", "omitted"))}
thinking = tagged(
    {
        "enabled": record({**TYPE, "budget_tokens": integer(low=1024)}, display),
        "adaptive": record(TYPE, display),
        "between_tools": record(TYPE),
        "disabled": record(TYPE),
    }
)
json_format = record({"type": one_of("json_schema"), "schema": OPEN}, {"name": string()})


def by_role(value: Any, path: str) -> Iterator[ShapeProblem]:
    """Check one message by its role."""
    if isinstance(value, dict):
        role = value.get("role")
        if not isinstance(role, str) or role not in {"user", "assistant", "system"}:
            return one_of("user", "assistant", "system")(role, f"{path}.role")
        content = list_of(tagged({"text": text_block} if role == "system" else BLOCKS))
        return record({"role": anything, "content": either(string(), content)})(value, path)
    return record()(value, path)


BETA_PARAMETERS: Final[dict[str, tuple[str, ...]]] = {
    "billing_policy": ("user-profiles-billing-",),
    "compaction": ("compact-",),
    "context_management": ("context-management-", "compact-"),
    "fallback_credit_token": ("fallback-credit-",),
    "fallbacks": ("server-side-fallback-",),
    "mcp_servers": ("mcp-client-",),
    "output_format": ("structured-outputs-",),
    "thread": ("message-threads-",),
}
"""Beta parameter to the prefixes of the tags that allow it (the wheel's `types/beta/message_create_params.py`)."""

_COMMON: Final[dict[str, Checker]] = {
    "cache_control": cache_control,
    "output_config": record(
        optional={
            "effort": nullable(one_of("low", "medium", "high", "xhigh", "max")),
            "format": nullable(json_format),
            "task_budget": OPEN,
        }
    ),
    "speed": nullable(one_of("standard", "fast")),
    "system": either(string(), list_of(tagged({"text": text_block}))),
    "thinking": thinking,
    "tool_choice": tool_choice,
    "tools": list_of(tool),
    **dict.fromkeys(BETA_PARAMETERS, anything),
    "thread": nullable(
        tagged({"create": record(TYPE), "continue": record({**TYPE, "previous_message_id": string(shortest=1)})})
    ),
}
_REQUIRED: Final[dict[str, Checker]] = {
    "model": string(shortest=1, longest=256),
    "messages": list_of(by_role, longest=MAX_MESSAGES),
}

COUNT_TOKENS: Final = record(_REQUIRED, _COMMON)
"""The body of `/v1/messages/count_tokens`."""

MESSAGES: Final = record(
    {**_REQUIRED, "max_tokens": integer(low=0)},
    {
        **_COMMON,
        "container": nullable(
            either(string(), record(optional={"id": nullable(string()), "skills": nullable(list_of(OPEN))}))
        ),
        "diagnostics": nullable(record(optional={"previous_message_id": nullable(string())})),
        "inference_geo": nullable(string()),
        "metadata": record(optional={"user_id": nullable(string(longest=256))}),
        "service_tier": one_of("auto", "standard_only"),
        "stop_sequences": list_of(string()),
        "stream": boolean,
        "temperature": number(low=0, high=1),
        "top_k": integer(low=0),
        "top_p": number(low=0, high=1),
    },
)
"""The body of `/v1/messages`, and of one request of a batch."""
