"""The official SDK's names of types that keybearer has a class, a TypedDict or a union of its own for.

Strategy: a row a module of ours, with the names that are the same, and a table of those that are not. The names of the beta API are
the same with `Beta` before them, and are found without it.

Contract: `X#tag` is those values of `X` whose `type` is `tag`: the SDK has a class for each.
"""

from __future__ import annotations

from typing import Final

__all__ = ["own"]

SAME: Final[dict[str, str]] = {
    "keybearer.types.blocks_param": (
        "Base64ImageSourceParam Base64PDFSourceParam CitationsConfigParam ContainerUploadBlockParam ContentBlockParam "
        "DocumentBlockParam ImageBlockParam ImageTransformationsParam PlainTextSourceParam RedactedThinkingBlockParam "
        "SearchResultBlockParam ServerToolUseBlockParam TextBlockParam ThinkingBlockParam ToolReferenceBlockParam "
        "ToolResultBlockParam ToolUseBlockParam"
    ),
    "keybearer.types.batches": "MessageBatch",
    "keybearer.types.content": (
        "CompactionBlock ContainerUploadBlock ContentBlock MCPToolResultBlock MCPToolUseBlock RedactedThinkingBlock "
        "ServerToolUseBlock TextBlock ThinkingBlock ToolUseBlock"
    ),
    "keybearer.types.events": (
        "CitationsDelta ContentBlockDeltaEvent ContentBlockStartEvent InputJSONDelta InputJsonEvent MessageDeltaEvent "
        "MessageStartEvent SignatureDelta TextDelta TextEvent ThinkingDelta CitationEvent SignatureEvent ThinkingEvent"
    ),
    "keybearer.types.files": "FileMetadata",
    "keybearer.types.messages": "Container Message StopReason",
    "keybearer.types.models": "ModelInfo",
    "keybearer.types.skills": "Skill SkillVersion",
    "keybearer.types.requests": "JSONOutputFormatParam MetadataParam OutputConfigParam ThinkingConfigParam",
    "keybearer.types.tools_param": "ToolChoiceNoneParam ToolChoiceParam ToolChoiceToolParam ToolParam ToolUnionParam",
    "keybearer.types.usage": "CacheCreation OutputTokensDetails ServerToolUsage Usage",
}
"""Module to the names in it that are the SDK's."""

OTHER: Final[dict[str, dict[str, str]]] = {
    "keybearer.types.blocks_param": {
        "CacheControlEphemeralParam": "CacheControlParam",
        "ContentBlockSourceParam": "ContentSourceParam",
        "FileDocumentSourceParam": "FileSourceParam",
        "FileImageSourceParam": "FileSourceParam",
        "URLImageSourceParam": "URLSourceParam",
        "URLPDFSourceParam": "URLSourceParam",
        "WebFetchToolResultBlockParam": "ServerToolResultBlockParam",
        "WebSearchToolResultBlockParam": "ServerToolResultBlockParam",
    },
    "keybearer.types.batches": {
        "MessageBatchCanceledResult": "BatchResult#canceled",
        "MessageBatchErroredResult": "BatchResult#errored",
        "MessageBatchExpiredResult": "BatchResult#expired",
        "MessageBatchIndividualResponse": "BatchRow",
        "MessageBatchRequestCounts": "BatchCounts",
        "MessageBatchResult": "BatchResult",
        "MessageBatchSucceededResult": "BatchResult#succeeded",
        "Request": "BatchRequest",
    },
    "keybearer.types.content": {
        "BashCodeExecutionToolResultBlock": "ServerToolResultBlock#bash_code_execution_tool_result",
        "CitationCharLocation": "CharLocation",
        "CitationContentBlockLocation": "ContentBlockLocation",
        "CitationPageLocation": "PageLocation",
        "CitationsSearchResultLocation": "SearchResultLocation",
        "CitationsWebSearchResultLocation": "WebSearchResultLocation",
        "CodeExecutionToolResultBlock": "ServerToolResultBlock#code_execution_tool_result",
        "ParsedContentBlock": "ContentBlock",
        "ParsedTextBlock": "TextBlock",
        "TextCitation": "Citation",
        "TextEditorCodeExecutionToolResultBlock": "ServerToolResultBlock#text_editor_code_execution_tool_result",
        "ToolSearchToolResultBlock": "ServerToolResultBlock#tool_search_tool_result",
        "WebFetchToolResultBlock": "ServerToolResultBlock#web_fetch_tool_result",
        "WebSearchToolResultBlock": "ServerToolResultBlock#web_search_tool_result",
    },
    "keybearer.types.events": {
        "ParsedContentBlockStopEvent": "ContentBlockStopEvent",
        "ParsedMessageStopEvent": "MessageStopEvent",
        "ParsedMessageStreamEvent": "Event",
        "ParsedTextEvent": "TextEvent",
        "RawContentBlockDelta": "ContentDelta",
        "RawContentBlockDeltaEvent": "ContentBlockDeltaEvent",
        "RawContentBlockStartEvent": "ContentBlockStartEvent",
        "RawMessageDeltaEvent": "MessageDeltaEvent",
        "RawMessageStartEvent": "MessageStartEvent",
        "RawMessageStreamEvent": "RawEvent",
    },
    "keybearer.compat.types.stops": {
        "ContentBlockStopEvent": "BlockStop",
        "MessageStopEvent": "MessageStop",
        "RawContentBlockStopEvent": "BlockStop",
        "RawMessageStopEvent": "MessageStop",
    },
    "keybearer.types.files": {
        "DeletedFile": "DeletedObject",
        "DeletedSkill": "DeletedObject",
        "DeletedSkillVersion": "DeletedObject",
        "DeletedMessageBatch": "DeletedObject",
    },
    "keybearer.types.messages": {
        "MessageTokensCount": "TokenCount",
        "ParsedMessage": "Message",
        "RefusalStopDetails": "StopDetails",
    },
    "keybearer.types.requests": {
        "MessageCountTokensParams": "CountParams",
        "MessageCreateParams": "CreateParams",
        "MessageCreateParamsBase": "CreateParams",
        "MessageCreateParamsNonStreaming": "CreateParams",
        "MessageCreateParamsStreaming": "CreateParams",
        "AssistantMessageParam": "RoleMessageParam",
        "MessageParam": "RoleMessageParam",
        "SystemMessageParam": "RoleMessageParam",
        "UserMessageParam": "RoleMessageParam",
        "Metadata": "MetadataParam",
        "Model": "ModelName",
        "ModelParam": "ModelName",
        "ThinkingConfigAdaptiveParam": "ThinkingOtherParam",
        "ThinkingConfigDisabledParam": "ThinkingOtherParam",
        "ThinkingConfigEnabledParam": "ThinkingEnabledParam",
    },
    "keybearer.types.tools_param": {
        "MessageCountTokensToolParam": "ToolUnionParam",
        "ToolBash20250124Param": "BashToolParam",
        "ToolChoiceAnyParam": "ToolChoiceAutoParam",
        "ToolChoiceAutoParam": "ToolChoiceAutoParam",
        "ToolTextEditor20250124Param": "TextEditorToolParam",
        "ToolTextEditor20250429Param": "TextEditorToolParam",
        "ToolTextEditor20250728Param": "TextEditorToolParam",
        "WebFetchTool20250910Param": "WebFetchToolParam",
        "WebSearchTool20250305Param": "WebSearchToolParam",
    },
    "keybearer.types.usage": {"MessageDeltaUsage": "Usage"},
}
"""Module to the SDK's names and ours in it."""

_OWN: Final[dict[str, tuple[str, str]]] = {
    **{name: (module, name) for module, names in SAME.items() for name in names.split()},
    **{theirs: (module, ours) for module, names in OTHER.items() for theirs, ours in names.items()},
}


def own(name: str) -> tuple[str, str] | None:
    """Return the module and the name there of a type that is ours, with its tag; None for any other.

    Args:
        name: The SDK's name of it.
    """
    return _OWN.get(name) or _OWN.get(name.removeprefix("Beta"))
