"""Calls of the service's own tools within an answer: each call, its result at once, and the words built on it.

A tool is called when a scenario has a result for it, when `tool_choice` forces it, or when the prompt has words that ask for it;
once in a turn. MCP tools are called by their names. A tool search loads the deferred tools whose names the prompt has words of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, structs

from keybearer.simulator.core.ids import Ids
from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.engine.prompt import Prompt, blocks_of
from keybearer.simulator.service.server_tools import (
    CANNED,
    MCP,
    ServerTool,
    allowed_result,
    is_call,
    is_call_list,
    mcp_result,
    server_tool_of,
    value_of,
)

__all__ = ["ServedTools", "serve_tools"]

Block = dict[str, Any]

SEARCH: Final = "tool_search_tool_"
LISTING_TAG: Final = "mcp-client-2026-09-15"
UNNAMED: Final = {"name": "ask", "description": "Ask the server.", "input_schema": {"type": "object", "properties": {}}}
"""The tool of an MCP server whose tools neither the request nor a scenario names."""
NAME_WORDS: Final = lazy(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
PLAIN: Final = frozenset(("get", "set", "find", "look", "up", "the", "a", "list", "search", "tool", "run", "make"))


class ServedTools(Struct, frozen=True):
    """What the service's tools did in an answer.

    Args:
        blocks: The calls and their results, in order.
        words: The text blocks about the last result; empty if nothing was called, or nothing is to be said.
        prompt: The prompt, with the tools that a search has loaded.
        is_forced: Whether `tool_choice` forced one of them.
    """

    blocks: list[Block]
    words: list[Block]
    prompt: Prompt
    is_forced: bool


def serve_tools(
    prompt: Prompt, ids: Ids, *, results: Mapping[str, Any] | None = None, betas: frozenset[str] = frozenset()
) -> ServedTools:
    """Call the service's tools that a turn needs.

    Args:
        prompt: The prompt.
        ids: The source of ids for the calls.
        results: A scenario's results by the tool's name; each a result, `{input, result}`, or a list of those.
        betas: The request's beta tags.

    Returns:
        The blocks, and how the answer goes on.
    """
    given = results or {}
    choice = prompt.tool_choice
    forced = choice.get("name") if choice.get("type") == "tool" else None
    served = ServedTools([], [], prompt, is_forced=False)
    if choice.get("type") == "none":
        return served
    called = _called(prompt)
    if called:
        served = structs.replace(served, words=_words_of_paused(prompt))
    has_own = any("input_schema" in tool for tool in prompt.tools)
    for definition in prompt.tools:
        tool = server_tool_of(definition, prompt.text, given)
        if tool is None or tool.name in called:
            continue
        is_forced = definition.get("name") == forced
        wanted = is_forced or tool.name in given or (choice.get("type") == "any" and not has_own and not served.blocks)
        if tool.name.startswith(SEARCH):
            wanted = wanted or bool(_deferred(prompt))
        elif forced is None:
            wanted = wanted or tool.asked.search(prompt.text) is not None
        if wanted:
            served = _call(served, tool, definition, given, ids)
            served = structs.replace(served, is_forced=served.is_forced or is_forced)
    return served if forced else _call_mcp(served, given, ids, betas, called)


def _called(prompt: Prompt) -> set[str]:
    """Name the service's tools that were called since the user last spoke."""
    names: set[str] = set()
    for message in reversed(prompt.body.get("messages") or []):
        blocks = blocks_of(message.get("content"))
        names |= {
            str(block.get("name")) for block in blocks if block.get("type") in {"server_tool_use", "mcp_tool_use"}
        }
        if message.get("role") == "user" and any(block.get("type") != "tool_result" for block in blocks):
            break
    return names


def _words_of_paused(prompt: Prompt) -> list[Block]:
    """Say what the last result of a turn is that the service had paused, when the client sends the turn back."""
    last = (prompt.body.get("messages") or [{}])[-1]
    blocks = blocks_of(last.get("content")) if last.get("role") == "assistant" else []
    if not blocks or not str(blocks[-1].get("type")).endswith("_tool_result"):
        return []
    name = next(
        (str(each.get("name")) for each in blocks if each.get("id") == blocks[-1].get("tool_use_id")), "the tool"
    )
    content = blocks[-1].get("content")
    return _words(name, value_of(content), content)


def _value(given: Mapping[str, Any], name: str, otherwise: Any) -> tuple[Any, Block | None]:
    """Return the result of a tool, and the arguments if the scenario sets them."""
    value = given.get(name, otherwise)
    if is_call(value):
        return value.get("result", otherwise), value.get("input")
    return value, None


def _uses(tool: ServerTool, given: Mapping[str, Any], prompt: Prompt) -> list[tuple[Any, Block]]:
    """List the calls of a tool, each a result and arguments: those of a scenario, or those that the prompt asks for."""
    otherwise = _deferred(prompt) if tool.name.startswith(SEARCH) else CANNED.get(tool.name)
    value = given.get(tool.name)
    if is_call_list(value):
        found = [_value({tool.name: each}, tool.name, otherwise) for each in value or ()]
    else:
        found = [_value(given, tool.name, otherwise)]
    usual = tool.make_inputs(prompt.text)
    if len(found) == 1 and found[0][1] is None:
        return [(found[0][0], dict(each)) for each in usual]
    return [(result, dict(usual[0] if arguments is None else arguments)) for result, arguments in found]


def _call(served: ServedTools, tool: ServerTool, definition: Block, given: Mapping[str, Any], ids: Ids) -> ServedTools:
    """Add the calls of a tool and their results; those above its `max_uses` get the error that the service gives them."""
    served = structs.replace(served, words=[])
    for index, (value, arguments) in enumerate(_uses(tool, given, served.prompt)):
        most = definition.get("max_uses")
        over = most is not None and index >= most
        allowed = {"error_code": "max_uses_exceeded"} if over else allowed_result(definition, tool, value, arguments)
        served = _call_once(served, tool, arguments, allowed, ids)
    return served


def _call_once(served: ServedTools, tool: ServerTool, arguments: Block, value: Any, ids: Ids) -> ServedTools:
    """Add one call of a tool and its result."""
    prompt = served.prompt
    is_search = tool.name.startswith(SEARCH)
    name = ids.new("srvtoolu_")
    content = tool.content(value, arguments)
    caller = {"caller": {"type": "direct"}} if tool.name in {"web_search", "web_fetch"} else {}
    use = {"type": "server_tool_use", "id": name, "name": tool.name, "input": arguments, "caller": {"type": "direct"}}
    if tool.name == "advisor":
        use.pop("caller")
    result = {"type": tool.result, "tool_use_id": name, "content": content, **caller}
    if is_search:
        loaded = {each["tool_name"] for each in content.get("tool_references", ())}
        tools = [
            {key: item for key, item in each.items() if key != "defer_loading"} if each.get("name") in loaded else each
            for each in prompt.tools
        ]
        prompt = structs.replace(prompt, tools=tools)
    words = [] if is_search and "error_code" not in content else _words(tool.name, value, content)
    return ServedTools([*served.blocks, use, result], [*served.words, *words], prompt, is_forced=served.is_forced)


def _words(name: str, value: Any, content: Any) -> list[Block]:
    """Say what a result is; a search's first result is cited."""
    if isinstance(content, dict) and "error_code" in content:
        return [{"type": "text", "text": f"{name} failed: {content['error_code']}."}]
    if name == "web_search":
        if not content:
            return [{"type": "text", "text": "The search found nothing."}]
        first, text = content[0], str(value[0].get("text", ""))
        place = {
            "type": "web_search_result_location",
            "url": first["url"],
            "title": first["title"],
            "encrypted_index": first["encrypted_content"],
            "cited_text": text[:150],
        }
        return [{"type": "text", "text": f"{first['title']}: {text}", "citations": [place]}]
    said = next((str(value[key]) for key in ("stdout", "text", "content", "stderr") if value.get(key)), "nothing")
    return [{"type": "text", "text": f"{name} says: {' '.join(said.split())[:500]}"}]


def _deferred(prompt: Prompt) -> list[str]:
    """Name the deferred tools for whose names the prompt has the words."""
    spoken = set(re.findall(r"[a-z0-9]+", prompt.text.lower()))
    return [
        str(tool.get("name"))
        for tool in prompt.tools
        if tool.get("defer_loading")
        and "input_schema" in tool
        and (about := {word.lower() for word in NAME_WORDS.findall(str(tool.get("name")))} - PLAIN)
        and about <= spoken
    ]


def _call_mcp(
    served: ServedTools, given: Mapping[str, Any], ids: Ids, betas: frozenset[str], called: set[str]
) -> ServedTools:
    """Call the MCP tools that the prompt names, or that a scenario has results for."""
    prompt, blocks, words = served.prompt, list(served.blocks), served.words
    values = given.get(MCP) or {}
    for server in prompt.body.get("mcp_servers") or []:
        tools = _mcp_tools(prompt, server, values)
        wanted = [
            tool
            for tool in tools
            if tool["name"] not in called
            and (tool["name"] in values or re.search(rf"\b{re.escape(tool['name'])}\b", prompt.text))
        ]
        if wanted and LISTING_TAG in betas:
            blocks.append({"type": "mcp_tool_listing", "mcp_server_name": server["name"], "tools": tools})
        for tool in wanted:
            value, arguments = _value(values, tool["name"], CANNED[MCP])
            name = ids.new("mcptoolu_")
            use = {"type": "mcp_tool_use", "id": name, "name": tool["name"], "server_name": server["name"]}
            blocks += [{**use, "input": dict(arguments or {})}, mcp_result(value, name)]
            words = _words(str(tool["name"]), value if isinstance(value, dict) else {"text": value}, {})
    return structs.replace(served, blocks=blocks, words=words)


def _mcp_tools(prompt: Prompt, server: Block, values: Mapping[str, Any]) -> list[Block]:
    """List a server's tools: those that the request pins or allows, else those that a scenario has results for."""
    toolset: Block = next((tool for tool in prompt.tools if tool.get("mcp_server_name") == server.get("name")), {})
    if toolset.get("tools"):
        tools = list(toolset["tools"])
    else:
        allowed = (server.get("tool_configuration") or {}).get("allowed_tools")
        names = list(allowed or dict.fromkeys([*(toolset.get("configs") or {}), *values]))
        tools = [{**UNNAMED, "name": name} for name in names] or [dict(UNNAMED)]
    default = (toolset.get("default_config") or {}).get("enabled", True)
    configs = toolset.get("configs") or {}
    return [tool for tool in tools if (configs.get(tool["name"]) or {}).get("enabled", default)]
