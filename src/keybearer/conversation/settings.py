"""The settings of a conversation: parameters of the calls that go on with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

from keybearer.wire.json import detached

if TYPE_CHECKING:
    from keybearer.tools.toolset import ChangingTools
    from keybearer.types.blocks_param import CacheControlParam, TextBlockParam
    from keybearer.types.requests import ModelName, OutputConfigParam, ThinkingConfigParam
    from keybearer.types.tools_param import ToolChoiceParam, ToolUnionParam

__all__ = ["ConversationDefaults", "checked_settings"]


class ConversationDefaults(TypedDict, total=False):
    """What a conversation gives a call that names none: parameters of `messages.create`, and its option `cache`."""

    model: ModelName | None
    max_tokens: int | None
    system: str | Iterable[TextBlockParam | Mapping[str, Any]] | None
    tools: Iterable[ToolUnionParam | ChangingTools] | None
    tool_choice: ToolChoiceParam | None
    thinking: ThinkingConfigParam | None
    output_config: OutputConfigParam | Mapping[str, Any] | None
    context_management: Mapping[str, Any] | None
    cache_control: CacheControlParam | None
    cache: Literal["auto", "auto-1h", "adaptive"] | None
    betas: Iterable[str] | None


_KNOWN: Final = frozenset(ConversationDefaults.__annotations__)
_LISTS: Final = frozenset({"system", "tools", "betas"})


def checked_settings(defaults: Mapping[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """Return the settings that are given, copied; and the tools as they are given, where a run can call functions of theirs."""
    for name in defaults:
        if name not in _KNOWN:
            raise TypeError(
                f"A conversation has no setting {name!r}: it takes {', '.join(sorted(_KNOWN))}. Give others to each call."
            )
    given = {name: value for name, value in defaults.items() if value is not None}
    for name in _LISTS & given.keys():
        if not isinstance(given[name], str):
            given[name] = list(given[name])  # an iterator can be read only once
    runnable: list[Any] = []
    if isinstance(tools := given.get("tools"), list):
        from keybearer.tools.toolset import expanded

        given["tools"] = expanded(tools)
        runnable = tools if any(hasattr(each, "to_param") for each in given["tools"]) else []
    return {name: detached(value) for name, value in given.items()}, runnable
