"""The shapes of the blocks that the service's own tools make, as a client sends them back, made with `grammar`.

Source: the `anthropic` 2.12.0 wheel, `types/*_block_param.py` and `types/beta`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from keybearer.simulator.rules.grammar import (
    Checker,
    anything,
    boolean,
    either,
    integer,
    list_of,
    nullable,
    one_of,
    record,
    string,
    tagged,
)

__all__ = ["CACHED", "OPEN", "TYPE", "cache_control", "served_blocks", "tool_reference"]

TYPE: Final = {"type": anything}
OPEN: Final = record(is_open=True)
NAMES: Final = (
    "web_search", "web_fetch", "code_execution", "bash_code_execution", "text_editor_code_execution",
    "tool_search_tool_regex", "tool_search_tool_bm25",
)  # fmt: skip
EVERY: Final = ("invalid_tool_input", "unavailable", "too_many_requests")
"""The error codes of every tool."""
TIMED: Final = (*EVERY, "execution_time_exceeded")

cache_control = nullable(record({"type": one_of("ephemeral")}, {"ttl": one_of("5m", "1h")}))
CACHED: Final[Mapping[str, Checker]] = {"cache_control": cache_control}
caller = tagged(
    {
        "direct": record(TYPE),
        "code_execution_20250825": record({**TYPE, "tool_id": string()}),
        "code_execution_20260120": record({**TYPE, "tool_id": string()}),
    }
)
tool_reference = record({**TYPE, "tool_name": string()}, CACHED)


def _use(**more: Checker) -> Checker:
    return record({**TYPE, "id": string(), "input": OPEN, **more}, {**CACHED, "caller": caller})


def _result(content: Checker) -> Checker:
    return record({**TYPE, "tool_use_id": string(), "content": content}, {**CACHED, "caller": caller})


def _error(*codes: str) -> Checker:
    return record({**TYPE, "error_code": one_of(*codes)}, {"error_message": nullable(string())})


def _output(kind: str, **more: Checker) -> Checker:
    files = list_of(tagged({kind: record({**TYPE, "file_id": string()})}))
    return record({**TYPE, "content": files, "return_code": integer(), "stderr": string(), "stdout": string(), **more})


def _list_or_object(items: Checker, otherwise: Checker) -> Checker:
    def check(value: Any, path: str) -> Any:
        yield from (items if isinstance(value, list) else otherwise)(value, path)

    return check


search_result = record(
    {**TYPE, "encrypted_content": string(), "title": string(), "url": string()}, {"page_age": nullable(string())}
)
web_search = _list_or_object(
    list_of(tagged({"web_search_result": search_result})),
    tagged(
        {"web_search_tool_result_error": _error(*EVERY, "max_uses_exceeded", "query_too_long", "request_too_large")}
    ),
)
code_execution = tagged(
    {
        "code_execution_result": _output("code_execution_output"),
        "encrypted_code_execution_result": record(
            {
                **TYPE,
                "content": list_of(tagged({"code_execution_output": record({**TYPE, "file_id": string()})})),
                "encrypted_stdout": string(),
                "return_code": integer(),
                "stderr": string(),
            }
        ),
        "code_execution_tool_result_error": _error(*TIMED),
    }
)
bash = tagged(
    {
        "bash_code_execution_result": _output("bash_code_execution_output"),
        "bash_code_execution_tool_result_error": _error(*TIMED, "output_file_too_large"),
    }
)
whole = nullable(integer())
text_editor = tagged(
    {
        "text_editor_code_execution_view_result": record(
            {**TYPE, "content": string(), "file_type": one_of("text", "image", "pdf")},
            {"num_lines": whole, "start_line": whole, "total_lines": whole},
        ),
        "text_editor_code_execution_create_result": record({**TYPE, "is_file_update": boolean}),
        "text_editor_code_execution_str_replace_result": record(
            TYPE,
            {
                "lines": nullable(list_of(string())),
                **dict.fromkeys(("new_lines", "new_start", "old_lines", "old_start"), whole),
            },
        ),
        "text_editor_code_execution_tool_result_error": _error(*TIMED, "file_not_found"),
    }
)
tool_search = tagged(
    {
        "tool_search_tool_search_result": record(
            {**TYPE, "tool_references": list_of(tagged({"tool_reference": tool_reference}))}
        ),
        "tool_search_tool_result_error": _error(*TIMED),
    }
)
FETCH_ERRORS: Final = (
    *EVERY, "url_too_long", "url_not_allowed", "url_not_in_prior_context", "url_not_accessible",
    "unsupported_content_type", "max_uses_exceeded", "content_too_large",
)  # fmt: skip


def served_blocks(text: Checker, document: Checker) -> dict[str, Checker]:
    """Return the table of block types and their shapes.

    Args:
        text: The shape of a text block.
        document: The shape of a document block.
    """
    fetched = record(
        {**TYPE, "content": tagged({"document": document}), "url": string()}, {"retrieved_at": nullable(string())}
    )
    fetch = tagged({"web_fetch_result": fetched, "web_fetch_tool_result_error": _error(*FETCH_ERRORS)})
    return {
        "server_tool_use": _use(name=one_of(*NAMES)),
        "web_search_tool_result": _result(web_search),
        "web_fetch_tool_result": _result(fetch),
        "code_execution_tool_result": _result(code_execution),
        "bash_code_execution_tool_result": _result(bash),
        "text_editor_code_execution_tool_result": _result(text_editor),
        "tool_search_tool_result": _result(tool_search),
        "container_upload": record({**TYPE, "file_id": string()}, CACHED),
        "mcp_tool_use": _use(name=string(), server_name=string()),
        "mcp_tool_result": record(
            {**TYPE, "tool_use_id": string()},
            {**CACHED, "content": either(string(), list_of(tagged({"text": text}))), "is_error": boolean},
        ),
        "compaction": record(
            TYPE,
            {
                **CACHED,
                **dict.fromkeys(("content", "encrypted_content", "signature"), nullable(string())),
                "tool_changes": nullable(list_of(OPEN)),
            },
        ),
    }
