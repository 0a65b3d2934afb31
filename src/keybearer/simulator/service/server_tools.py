"""The service's own tools: what a call and its result look like, and the canned results that they get here.

One row for each tool that runs at the service. No web page is fetched and no code is run: a scenario gives the results, and
without one the canned ones are used, in the wheel's exact shapes. A result that is `{error_code: ...}` becomes the tool's
error block.

Source: the wheel's `types/beta/beta_*_tool_result_block.py` and the types they refer to; the API's "Server tools" page for the
flow. The arguments that the tools take are those of the public examples.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.service.tokens import cut_text

__all__ = [
    "CANNED",
    "MCP",
    "SERVER_TOOLS",
    "ServerTool",
    "allowed_result",
    "is_call",
    "is_call_list",
    "mcp_result",
    "server_tool_of",
    "value_of",
]

Block = dict[str, Any]

CALL_KEYS: Final = ("input", "result")
"""The keys of a call in a scenario; either may be left out."""
CANNED: Final[Mapping[str, Any]] = {
    "web_search": [
        {
            "title": "The simulator's search result",
            "url": "https://example.com/simulated-result",
            "text": "Nothing was searched: this is the keybearer simulator's canned result.",
            "page_age": "1 day ago",
        },
        {
            "title": "Another result",
            "url": "https://example.org/another-result",
            "text": "A scenario can set other results.",
            "page_age": None,
        },
    ],
    "web_fetch": {"title": "The simulator's page", "text": "Nothing was fetched: this is the simulator's canned page."},
    "code_execution": {"stdout": "Nothing was run: this is the simulator's canned output.\n"},
    "bash_code_execution": {"stdout": "Nothing was run: this is the simulator's canned output.\n"},
    "text_editor_code_execution": {"content": "Nothing was read: this is the simulator's canned file.\n"},
    "advisor": {"text": "This is the simulator's canned advice: go on step by step, and check each result."},
    "mcp": {"text": "No server was asked: this is the simulator's canned result."},
}
"""The name of a tool to the result that it gets unless a scenario sets another; a tool search finds what the prompt asks for."""


def _opaque(text: str) -> str:
    return base64.b64encode(f"keybearer simulator: {text}".encode()).decode()


def _opened(text: object) -> str:
    """Return the text of encrypted content that was made here; nothing for any other."""
    try:
        return base64.b64decode(str(text), validate=True).decode().removeprefix("keybearer simulator: ")
    except ValueError:
        return ""


def _search_inputs(text: str) -> list[Block]:
    return [{"query": " ".join(text.split())[:200]}]


def _search_result(value: Any, _given: Block) -> list[Block]:
    return [
        {
            "type": "web_search_result",
            "title": str(each.get("title", "")),
            "url": str(each.get("url", "")),
            "encrypted_content": _opaque(str(each.get("text", ""))),
            "page_age": each.get("page_age"),
        }
        for each in value
    ]


MOST_PAGES: Final = 10
"""The most pages that one answer fetches."""
URL: Final = lazy(r"https?://[^\s\"'<>)]*[^\s\"'<>).,;?!]")


def _fetch_inputs(text: str) -> list[Block]:
    return [{"url": url} for url in dict.fromkeys(URL.findall(text) or ["https://example.com/"])][:MOST_PAGES]


def _fetch_result(value: Any, given: Block) -> Block:
    source = {"type": "text", "media_type": "text/plain", "data": str(value.get("text", ""))}
    if "pdf" in value:
        source = {"type": "base64", "media_type": "application/pdf", "data": str(value["pdf"])}
    return {
        "type": "web_fetch_result",
        "url": str(value.get("url") or given.get("url", "")),
        "content": {"type": "document", "source": source, "title": value.get("title"), "citations": None},
        "retrieved_at": value.get("retrieved_at"),
    }


CODE: Final = lazy(r"```(?:\w+\n)?(.*?)```|`([^`\n]+)`", re.DOTALL)


def _code(text: str, otherwise: str) -> str:
    found = CODE.search(text)
    return (found[1] or found[2]).strip() if found else otherwise


def _output(kind: str) -> Callable[[Any, Block], Block]:
    def make(value: Any, _given: Block) -> Block:
        return {
            "type": f"{kind}_result",
            "stdout": str(value.get("stdout", "")),
            "stderr": str(value.get("stderr", "")),
            "return_code": int(value.get("return_code", 0)),
            "content": [{"type": f"{kind}_output", "file_id": str(name)} for name in value.get("files") or ()],
        }

    return make


EDITED: Final[dict[str, tuple[str, Block]]] = {
    "create": ("create", {"is_file_update": False}),
    "str_replace": (
        "str_replace", {"lines": None, "new_lines": None, "new_start": None, "old_lines": None, "old_start": None},
    ),
    "view": ("view", {"content": "", "file_type": "text", "num_lines": None, "start_line": None, "total_lines": None}),
}  # fmt: skip
"""The editor's command to the kind of its result, and the fields that it has."""


def _edited(value: Any, given: Block) -> Block:
    kind, fields = EDITED.get(str(given.get("command")), EDITED["view"])
    own = {name: item for name, item in value.items() if name in fields}
    return {"type": f"text_editor_code_execution_{kind}_result", **fields, **own}


def _found(value: Any, _given: Block) -> Block:
    references = [{"type": "tool_reference", "tool_name": str(name)} for name in value]
    return {"type": "tool_search_tool_search_result", "tool_references": references}


def _advice(value: Any, _given: Block) -> Block:
    if "encrypted_content" in value:
        hidden = {"type": "advisor_redacted_result", "encrypted_content": str(value["encrypted_content"])}
        return {**hidden, "stop_reason": value.get("stop_reason", "end_turn")}
    reason = value.get("stop_reason", "end_turn")
    return {"type": "advisor_result", "text": str(value.get("text", "")), "stop_reason": reason}


class ServerTool(Struct, frozen=True, kw_only=True):
    """One tool that runs at the service.

    Args:
        name: Its name in a `server_tool_use` block, and in a scenario.
        kinds: How the `type` of its definition begins.
        result: The type of its result block.
        asked: The words of a prompt that ask for it.
        make_inputs: Makes the arguments of each call from the prompt.
        make_content: Makes the content of the result block from a scenario's or the canned result and the arguments.
        error: The type of the error in its result block.
        runs_code: Whether it runs in a container.
    """

    name: str
    kinds: tuple[str, ...]
    result: str
    asked: re.Pattern[str]
    make_inputs: Callable[[str], list[Block]]
    make_content: Callable[[Any, Block], Any]
    error: str
    runs_code: bool = False

    def content(self, value: Any, given: Block) -> Any:
        """Make the content of the result block, or its error."""
        if isinstance(value, dict) and "error_code" in value:
            worded = {"error_message": value["error_message"]} if "error_message" in value else {}
            worded = (
                {"error_message": None, **worded} if self.name.startswith(("tool_search", "text_editor")) else worded
            )
            return {"type": self.error, "error_code": str(value["error_code"]), **worded}
        return self.make_content(value, given)


def _words(*words: str) -> re.Pattern[str]:
    return lazy(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


_RUN: Final = _words("run", "execute", "compute", "python", "script", "code", "bash", "shell")
_NEWER: Final = ("code_execution_20250825", "code_execution_20260120", "code_execution_20260521")

SERVER_TOOLS: Final[tuple[ServerTool, ...]] = (
    ServerTool(
        name="web_search",
        kinds=("web_search_",),
        result="web_search_tool_result",
        asked=_words("search", "web", "internet", "online", "latest", "news", "current", "today", "weather", "recent"),
        make_inputs=_search_inputs,
        make_content=_search_result,
        error="web_search_tool_result_error",
    ),
    ServerTool(
        name="web_fetch",
        kinds=("web_fetch_",),
        result="web_fetch_tool_result",
        asked=lazy(r"https?://|\bfetch\b", re.IGNORECASE),
        make_inputs=_fetch_inputs,
        make_content=_fetch_result,
        error="web_fetch_tool_result_error",
    ),
    ServerTool(
        name="code_execution",
        kinds=("code_execution_20250522",),
        result="code_execution_tool_result",
        asked=_RUN,
        make_inputs=lambda text: [{"code": _code(text, "print('hello')")}],
        make_content=_output("code_execution"),
        error="code_execution_tool_result_error",
        runs_code=True,
    ),
    ServerTool(
        name="text_editor_code_execution",
        kinds=_NEWER,
        result="text_editor_code_execution_tool_result",
        asked=_words("edit the file", "view the file", "create the file", "create a file", "write a file"),
        make_inputs=lambda text: [{"command": "view" if "view" in text.lower() else "create", "path": "notes.txt"}],
        make_content=_edited,
        error="text_editor_code_execution_tool_result_error",
        runs_code=True,
    ),
    ServerTool(
        name="bash_code_execution",
        kinds=_NEWER,
        result="bash_code_execution_tool_result",
        asked=_RUN,
        make_inputs=lambda text: [{"command": _code(text, "echo hello")}],
        make_content=_output("bash_code_execution"),
        error="bash_code_execution_tool_result_error",
        runs_code=True,
    ),
    *(
        ServerTool(
            name=f"tool_search_tool_{kind}",
            kinds=(f"tool_search_tool_{kind}",),
            result="tool_search_tool_result",
            asked=_words("tool search", "find a tool", "search for a tool"),
            make_inputs=_search_inputs,
            make_content=_found,
            error="tool_search_tool_result_error",
        )
        for kind in ("regex", "bm25")
    ),
    ServerTool(
        name="advisor",
        kinds=("advisor_",),
        result="advisor_tool_result",
        asked=_words("advice", "advise", "advisor", "second opinion"),
        make_inputs=lambda _text: [{}],
        make_content=_advice,
        error="advisor_tool_result_error",
    ),
)
"""The tools, in the order in which one answer calls them."""
MCP: Final = "mcp"
"""The name under which a scenario has the results of MCP tools."""


def server_tool_of(definition: Mapping[str, Any], text: str, named: Mapping[str, Any]) -> ServerTool | None:
    """Find the tool of a definition, of several the one that a scenario has a result for, or that the prompt asks for.

    Args:
        definition: A tool of the request.
        text: The prompt.
        named: A scenario's results by name.

    Returns:
        The tool; None for a tool that the client runs.
    """
    fitting = [tool for tool in SERVER_TOOLS if str(definition.get("type", "")).startswith(tool.kinds)]
    chosen = [tool for tool in fitting if tool.name in named] or [tool for tool in fitting if tool.asked.search(text)]
    return next(iter(chosen or fitting[-1:]), None)


def allowed_result(definition: Mapping[str, Any], tool: ServerTool, value: Any, given: Block) -> Any:
    """Leave out what a definition's `allowed_domains`, `blocked_domains` and `max_content_tokens` forbid.

    Args:
        definition: The tool of the request.
        tool: Its row.
        value: The result, as a scenario writes it.
        given: The arguments of the call.

    Returns:
        The results of a search that are allowed; the error of a page that may not be fetched; as much of its text as may
        come, which does not hold for a PDF.
    """

    def is_allowed(url: object) -> bool:
        host = urlsplit(str(url)).hostname or ""
        inside = [host == domain or host.endswith(f".{domain}") for domain in definition.get("allowed_domains") or ()]
        outside = [host == domain or host.endswith(f".{domain}") for domain in definition.get("blocked_domains") or ()]
        return (not inside or any(inside)) and not any(outside)

    if tool.name == "web_search" and isinstance(value, list):
        return [each for each in value if is_allowed(each.get("url"))]
    if tool.name == "web_fetch" and not is_allowed(given.get("url")):
        return {"error_code": "url_not_allowed"}
    most = definition.get("max_content_tokens") if tool.name == "web_fetch" else None
    if most is not None and isinstance(value, dict) and "text" in value:
        return {**value, "text": cut_text(str(value["text"]), most)}
    return value


def is_call(value: Any) -> bool:
    """Return whether a scenario's value is a call, `{input, result}`, and not a result alone."""
    return isinstance(value, dict) and bool(value) and set(value) <= set(CALL_KEYS)


def is_call_list(value: Any) -> bool:
    """Return whether a scenario's value is a list of calls."""
    return isinstance(value, list) and bool(value) and all(map(is_call, value))


def mcp_result(value: Any, tool_use_id: str) -> Block:
    """Make the result block of an MCP tool from `{text, is_error}` or a text."""
    text = value if isinstance(value, str) else str(value.get("text", ""))
    failed = bool(isinstance(value, dict) and value.get("is_error"))
    content = [{"type": "text", "text": text, "citations": None}]
    return {"type": "mcp_tool_result", "tool_use_id": tool_use_id, "is_error": failed, "content": content}


def value_of(content: Any) -> Any:
    """Turn the content of a result block back into a result as a scenario writes it."""
    if isinstance(content, list):
        if content and content[0].get("type") == "text":  # of an MCP tool
            return {"text": "\n".join(str(each.get("text", "")) for each in content)}
        return [{**each, "text": each.get("text") or _opened(each.get("encrypted_content"))} for each in content]
    fetched = ((content or {}).get("content") if isinstance(content, dict) else None) or {}
    if isinstance(fetched, dict) and "source" in fetched:
        return {"text": fetched["source"].get("data", ""), "title": fetched.get("title")}
    return content if isinstance(content, dict) else {"text": str(content or "")}
