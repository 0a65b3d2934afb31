"""Generated from the official SDK's sources by `make methods`: do not edit."""

from typing import Any, TypeAlias

from keybearer.compat._exceptions import BadRequestError as _BadRequestError
from keybearer.compat._exceptions import ConflictError as _ConflictError
from keybearer.compat._exceptions import ContentTooLargeError as _ContentTooLargeError
from keybearer.compat._exceptions import NotFoundError as _NotFoundError
from keybearer.compat._exceptions import OverloadedError as _OverloadedError
from keybearer.compat._exceptions import PaymentRequiredError as _PaymentRequiredError
from keybearer.compat._exceptions import PermissionDeniedError as _PermissionDeniedError
from keybearer.compat._exceptions import RateLimitError as _RateLimitError
from keybearer.compat._exceptions import ServiceUnavailableError as _ServiceUnavailableError
from keybearer.compat.types.stops import BlockStop as ContentBlockStopEvent
from keybearer.compat.types.stops import BlockStop as RawContentBlockStopEvent
from keybearer.compat.types.stops import MessageStop as MessageStopEvent
from keybearer.compat.types.stops import MessageStop as RawMessageStopEvent
from keybearer.types.blocks_param import Base64ImageSourceParam as Base64ImageSourceParam
from keybearer.types.blocks_param import Base64PDFSourceParam as Base64PDFSourceParam
from keybearer.types.blocks_param import CacheControlParam as CacheControlEphemeralParam
from keybearer.types.blocks_param import CitationsConfigParam as CitationsConfigParam
from keybearer.types.blocks_param import ContainerUploadBlockParam as ContainerUploadBlockParam
from keybearer.types.blocks_param import ContentBlockParam as ContentBlockParam
from keybearer.types.blocks_param import ContentSourceParam as ContentBlockSourceParam
from keybearer.types.blocks_param import DocumentBlockParam as DocumentBlockParam
from keybearer.types.blocks_param import FileSourceParam as FileDocumentSourceParam
from keybearer.types.blocks_param import FileSourceParam as FileImageSourceParam
from keybearer.types.blocks_param import ImageBlockParam as ImageBlockParam
from keybearer.types.blocks_param import ImageTransformationsParam as ImageTransformationsParam
from keybearer.types.blocks_param import PlainTextSourceParam as PlainTextSourceParam
from keybearer.types.blocks_param import RedactedThinkingBlockParam as RedactedThinkingBlockParam
from keybearer.types.blocks_param import SearchResultBlockParam as SearchResultBlockParam
from keybearer.types.blocks_param import ServerToolResultBlockParam as WebFetchToolResultBlockParam
from keybearer.types.blocks_param import ServerToolResultBlockParam as WebSearchToolResultBlockParam
from keybearer.types.blocks_param import ServerToolUseBlockParam as ServerToolUseBlockParam
from keybearer.types.blocks_param import TextBlockParam as TextBlockParam
from keybearer.types.blocks_param import ThinkingBlockParam as ThinkingBlockParam
from keybearer.types.blocks_param import ToolReferenceBlockParam as ToolReferenceBlockParam
from keybearer.types.blocks_param import ToolResultBlockParam as ToolResultBlockParam
from keybearer.types.blocks_param import ToolUseBlockParam as ToolUseBlockParam
from keybearer.types.blocks_param import URLSourceParam as URLImageSourceParam
from keybearer.types.blocks_param import URLSourceParam as URLPDFSourceParam
from keybearer.types.content import CharLocation as CitationCharLocation
from keybearer.types.content import Citation as TextCitation
from keybearer.types.content import ContainerUploadBlock as ContainerUploadBlock
from keybearer.types.content import ContentBlock as ContentBlock
from keybearer.types.content import ContentBlock as ParsedContentBlock
from keybearer.types.content import ContentBlockLocation as CitationContentBlockLocation
from keybearer.types.content import PageLocation as CitationPageLocation
from keybearer.types.content import RedactedThinkingBlock as RedactedThinkingBlock
from keybearer.types.content import SearchResultLocation as CitationsSearchResultLocation
from keybearer.types.content import ServerToolResultBlock as _ServerToolResultBlock
from keybearer.types.content import ServerToolUseBlock as ServerToolUseBlock
from keybearer.types.content import TextBlock as ParsedTextBlock
from keybearer.types.content import TextBlock as TextBlock
from keybearer.types.content import ThinkingBlock as ThinkingBlock
from keybearer.types.content import ToolUseBlock as ToolUseBlock
from keybearer.types.content import WebSearchResultLocation as CitationsWebSearchResultLocation
from keybearer.types.events import CitationsDelta as CitationsDelta
from keybearer.types.events import ContentBlockDeltaEvent as ContentBlockDeltaEvent
from keybearer.types.events import ContentBlockDeltaEvent as RawContentBlockDeltaEvent
from keybearer.types.events import ContentBlockStartEvent as ContentBlockStartEvent
from keybearer.types.events import ContentBlockStartEvent as RawContentBlockStartEvent
from keybearer.types.events import ContentDelta as RawContentBlockDelta
from keybearer.types.events import InputJSONDelta as InputJSONDelta
from keybearer.types.events import MessageDeltaEvent as MessageDeltaEvent
from keybearer.types.events import MessageDeltaEvent as RawMessageDeltaEvent
from keybearer.types.events import MessageStartEvent as MessageStartEvent
from keybearer.types.events import MessageStartEvent as RawMessageStartEvent
from keybearer.types.events import RawEvent as RawMessageStreamEvent
from keybearer.types.events import SignatureDelta as SignatureDelta
from keybearer.types.events import TextDelta as TextDelta
from keybearer.types.events import ThinkingDelta as ThinkingDelta
from keybearer.types.files import DeletedObject as DeletedFile
from keybearer.types.files import DeletedObject as DeletedSkill
from keybearer.types.files import FileMetadata as FileMetadata
from keybearer.types.messages import Container as Container
from keybearer.types.messages import Message as Message
from keybearer.types.messages import Message as ParsedMessage
from keybearer.types.messages import StopDetails as RefusalStopDetails
from keybearer.types.messages import StopReason as StopReason
from keybearer.types.messages import TokenCount as MessageTokensCount
from keybearer.types.models import ModelInfo as ModelInfo
from keybearer.types.record import Record as _Record
from keybearer.types.requests import CountParams as MessageCountTokensParams
from keybearer.types.requests import CreateParams as MessageCreateParams
from keybearer.types.requests import JSONOutputFormatParam as JSONOutputFormatParam
from keybearer.types.requests import MetadataParam as MetadataParam
from keybearer.types.requests import ModelName as Model
from keybearer.types.requests import ModelName as ModelParam
from keybearer.types.requests import OutputConfigParam as OutputConfigParam
from keybearer.types.requests import RoleMessageParam as AssistantMessageParam
from keybearer.types.requests import RoleMessageParam as MessageParam
from keybearer.types.requests import RoleMessageParam as SystemMessageParam
from keybearer.types.requests import RoleMessageParam as UserMessageParam
from keybearer.types.requests import ThinkingConfigParam as ThinkingConfigParam
from keybearer.types.requests import ThinkingEnabledParam as ThinkingConfigEnabledParam
from keybearer.types.requests import ThinkingOtherParam as ThinkingConfigAdaptiveParam
from keybearer.types.requests import ThinkingOtherParam as ThinkingConfigDisabledParam
from keybearer.types.skills import Skill as Skill
from keybearer.types.tools_param import BashToolParam as ToolBash20250124Param
from keybearer.types.tools_param import TextEditorToolParam as ToolTextEditor20250124Param
from keybearer.types.tools_param import TextEditorToolParam as ToolTextEditor20250429Param
from keybearer.types.tools_param import TextEditorToolParam as ToolTextEditor20250728Param
from keybearer.types.tools_param import ToolChoiceAutoParam as ToolChoiceAnyParam
from keybearer.types.tools_param import ToolChoiceAutoParam as ToolChoiceAutoParam
from keybearer.types.tools_param import ToolChoiceNoneParam as ToolChoiceNoneParam
from keybearer.types.tools_param import ToolChoiceParam as ToolChoiceParam
from keybearer.types.tools_param import ToolChoiceToolParam as ToolChoiceToolParam
from keybearer.types.tools_param import ToolParam as ToolParam
from keybearer.types.tools_param import ToolUnionParam as MessageCountTokensToolParam
from keybearer.types.tools_param import ToolUnionParam as ToolUnionParam
from keybearer.types.tools_param import WebFetchToolParam as WebFetchTool20250910Param
from keybearer.types.tools_param import WebSearchToolParam as WebSearchTool20250305Param
from keybearer.types.usage import CacheCreation as CacheCreation
from keybearer.types.usage import OutputTokensDetails as OutputTokensDetails
from keybearer.types.usage import ServerToolUsage as ServerToolUsage
from keybearer.types.usage import Usage as MessageDeltaUsage
from keybearer.types.usage import Usage as Usage

__all__ = [
    "APIErrorObject",
    "AnthropicBetaParam",
    "AssistantMessageParam",
    "AuthenticationError",
    "AuthenticationErrorObject",
    "AvailableToolsLimitExceededError",
    "AvailableToolsLimitExceededErrorDetails",
    "BROWSER_MEMBER_NAME_VALUES",
    "Base64ImageSourceParam",
    "Base64PDFSource",
    "Base64PDFSourceParam",
    "BashCodeExecutionOutputBlock",
    "BashCodeExecutionOutputBlockParam",
    "BashCodeExecutionResultBlock",
    "BashCodeExecutionResultBlockParam",
    "BashCodeExecutionToolResultBlock",
    "BashCodeExecutionToolResultBlockParam",
    "BashCodeExecutionToolResultError",
    "BashCodeExecutionToolResultErrorCode",
    "BashCodeExecutionToolResultErrorObject",
    "BashCodeExecutionToolResultErrorParam",
    "BetaAPIError",
    "BetaAPIErrorObject",
    "BetaAuthenticationError",
    "BetaAuthenticationErrorObject",
    "BetaBillingError",
    "BetaBillingErrorObject",
    "BetaCMEKNotApprovedError",
    "BetaCMEKNotApprovedErrorDetails",
    "BetaCurrency",
    "BetaError",
    "BetaErrorObject",
    "BetaErrorResponse",
    "BetaExternalKeyNotFoundError",
    "BetaExternalKeyNotFoundErrorDetails",
    "BetaExternalKeyProviderMismatchError",
    "BetaExternalKeyProviderMismatchErrorDetails",
    "BetaGCPProjectControlledByAnotherOrganizationError",
    "BetaGCPProjectControlledByAnotherOrganizationErrorDetails",
    "BetaGCPProjectNotVerifiedError",
    "BetaGCPProjectNotVerifiedErrorDetails",
    "BetaGatewayTimeoutError",
    "BetaGatewayTimeoutErrorObject",
    "BetaInvalidRequestError",
    "BetaInvalidRequestErrorObject",
    "BetaMonetaryAmount",
    "BetaMonetaryAmountParam",
    "BetaNotFoundError",
    "BetaNotFoundErrorObject",
    "BetaOrganizationNotEnrolledInBetaError",
    "BetaOrganizationNotEnrolledInBetaErrorDetails",
    "BetaOverloadedError",
    "BetaOverloadedErrorObject",
    "BetaPermissionError",
    "BetaPermissionErrorObject",
    "BetaRateLimitError",
    "BetaRateLimitErrorObject",
    "BetaRegionNotSupportedError",
    "BetaRegionNotSupportedErrorDetails",
    "BetaRequestBodyTimeoutError",
    "BetaRequestBodyTimeoutErrorDetails",
    "BetaStorageInUseError",
    "BetaStorageInUseErrorDetails",
    "BetaStorageNotApprovedError",
    "BetaStorageNotApprovedErrorDetails",
    "BetaUnsupportedCharsetError",
    "BetaUnsupportedCharsetErrorDetails",
    "BillingError",
    "BillingErrorObject",
    "BrowserClickTarget",
    "BrowserCloseTabConfigParam",
    "BrowserCloseTabInput",
    "BrowserCloseTabToolUseBlock",
    "BrowserCoordinateTarget",
    "BrowserDoubleClickConfigParam",
    "BrowserDoubleClickInput",
    "BrowserDoubleClickToolUseBlock",
    "BrowserFileUploadConfigParam",
    "BrowserFileUploadInput",
    "BrowserFileUploadToolUseBlock",
    "BrowserFindConfigParam",
    "BrowserFindInput",
    "BrowserFindToolUseBlock",
    "BrowserFormInputConfigParam",
    "BrowserFormInputInput",
    "BrowserFormInputToolUseBlock",
    "BrowserFormInputValue",
    "BrowserGetPageTextConfigParam",
    "BrowserGetPageTextInput",
    "BrowserGetPageTextToolUseBlock",
    "BrowserHoldKeyConfigParam",
    "BrowserHoldKeyInput",
    "BrowserHoldKeyToolUseBlock",
    "BrowserHoverConfigParam",
    "BrowserHoverInput",
    "BrowserHoverToolUseBlock",
    "BrowserJavascriptExecConfigParam",
    "BrowserJavascriptExecInput",
    "BrowserJavascriptExecToolUseBlock",
    "BrowserKeyConfigParam",
    "BrowserKeyInput",
    "BrowserKeyToolUseBlock",
    "BrowserLeftClickConfigParam",
    "BrowserLeftClickDragConfigParam",
    "BrowserLeftClickDragInput",
    "BrowserLeftClickDragToolUseBlock",
    "BrowserLeftClickInput",
    "BrowserLeftClickToolUseBlock",
    "BrowserLeftMouseDownConfigParam",
    "BrowserLeftMouseDownInput",
    "BrowserLeftMouseDownToolUseBlock",
    "BrowserLeftMouseUpConfigParam",
    "BrowserLeftMouseUpInput",
    "BrowserLeftMouseUpToolUseBlock",
    "BrowserListTabsConfigParam",
    "BrowserListTabsInput",
    "BrowserListTabsToolUseBlock",
    "BrowserMemberInput",
    "BrowserMemberName",
    "BrowserMiddleClickConfigParam",
    "BrowserMiddleClickInput",
    "BrowserMiddleClickToolUseBlock",
    "BrowserMouseMoveConfigParam",
    "BrowserMouseMoveInput",
    "BrowserMouseMoveToolUseBlock",
    "BrowserNavigateConfigParam",
    "BrowserNavigateInput",
    "BrowserNavigateToolUseBlock",
    "BrowserNewTabConfigParam",
    "BrowserNewTabInput",
    "BrowserNewTabToolUseBlock",
    "BrowserReadConsoleConfigParam",
    "BrowserReadConsoleInput",
    "BrowserReadConsoleToolUseBlock",
    "BrowserReadNetworkConfigParam",
    "BrowserReadNetworkInput",
    "BrowserReadNetworkToolUseBlock",
    "BrowserReadPageConfigParam",
    "BrowserReadPageFilter",
    "BrowserReadPageInput",
    "BrowserReadPageToolUseBlock",
    "BrowserRefTarget",
    "BrowserRightClickConfigParam",
    "BrowserRightClickInput",
    "BrowserRightClickToolUseBlock",
    "BrowserScreenshotConfigParam",
    "BrowserScreenshotInput",
    "BrowserScreenshotToolUseBlock",
    "BrowserScrollConfigParam",
    "BrowserScrollDirection",
    "BrowserScrollInput",
    "BrowserScrollToConfigParam",
    "BrowserScrollToInput",
    "BrowserScrollToToolUseBlock",
    "BrowserScrollToolUseBlock",
    "BrowserStateBlockParam",
    "BrowserStateChangeDownloadCompletedParam",
    "BrowserStateChangeDownloadFailedParam",
    "BrowserStateChangeDownloadStartedParam",
    "BrowserStateChangeParam",
    "BrowserStateChangeTabOpenedParam",
    "BrowserStateTabEntryParam",
    "BrowserSwitchTabConfigParam",
    "BrowserSwitchTabInput",
    "BrowserSwitchTabToolUseBlock",
    "BrowserToolUseBlock",
    "BrowserToolset20260801Param",
    "BrowserToolsetConfigsParam",
    "BrowserTripleClickConfigParam",
    "BrowserTripleClickInput",
    "BrowserTripleClickToolUseBlock",
    "BrowserTypeConfigParam",
    "BrowserTypeInput",
    "BrowserTypeToolUseBlock",
    "BrowserWaitConfigParam",
    "BrowserWaitInput",
    "BrowserWaitToolUseBlock",
    "BrowserZoomConfigParam",
    "BrowserZoomInput",
    "BrowserZoomToolUseBlock",
    "CMEKContextUnavailableError",
    "CMEKContextUnavailableErrorDetails",
    "CMEKKeyDisabledError",
    "CMEKKeyDisabledErrorDetails",
    "CMEKKeyNetworkBlockedError",
    "CMEKKeyNetworkBlockedErrorDetails",
    "CMEKKeyUnreachableError",
    "CMEKKeyUnreachableErrorDetails",
    "COMPUTER_MEMBER_NAME_VALUES",
    "CacheControlEphemeralParam",
    "CacheCreation",
    "CacheMissMessagesChanged",
    "CacheMissModelChanged",
    "CacheMissPreviousMessageNotFound",
    "CacheMissReason",
    "CacheMissSystemChanged",
    "CacheMissToolsChanged",
    "CacheMissUnavailable",
    "CapabilitySupport",
    "ChangeOutcomeUnknownError",
    "ChangeOutcomeUnknownErrorDetails",
    "CitationCharLocation",
    "CitationCharLocationParam",
    "CitationContentBlockLocation",
    "CitationContentBlockLocationParam",
    "CitationPageLocation",
    "CitationPageLocationParam",
    "CitationSearchResultLocationParam",
    "CitationWebSearchResultLocationParam",
    "CitationsConfig",
    "CitationsConfigParam",
    "CitationsDelta",
    "CitationsSearchResultLocation",
    "CitationsWebSearchResultLocation",
    "ClaudeCodeKeyCreatorNotMemberError",
    "ClaudeCodeKeyCreatorNotMemberErrorDetails",
    "ClaudeCodeVersionTooOldError",
    "ClaudeCodeVersionTooOldErrorDetails",
    "CodeExecutionOutputBlock",
    "CodeExecutionOutputBlockParam",
    "CodeExecutionResultBlock",
    "CodeExecutionResultBlockParam",
    "CodeExecutionTool20250522Param",
    "CodeExecutionTool20250825Param",
    "CodeExecutionTool20260120Param",
    "CodeExecutionTool20260521Param",
    "CodeExecutionToolResultBlock",
    "CodeExecutionToolResultBlockContent",
    "CodeExecutionToolResultBlockParam",
    "CodeExecutionToolResultBlockParamContentParam",
    "CodeExecutionToolResultError",
    "CodeExecutionToolResultErrorCode",
    "CodeExecutionToolResultErrorObject",
    "CodeExecutionToolResultErrorParam",
    "CompactionBlockAmbiguousError",
    "CompactionBlockAmbiguousErrorDetails",
    "CompactionBlockMisplacedError",
    "CompactionBlockMisplacedErrorDetails",
    "CompactionContentMismatchError",
    "CompactionContentMismatchErrorDetails",
    "CompactionIncompleteTurnError",
    "CompactionIncompleteTurnErrorDetails",
    "CompactionNothingToSummarizeError",
    "CompactionNothingToSummarizeErrorDetails",
    "CompactionSignatureInvalidError",
    "CompactionSignatureInvalidErrorDetails",
    "CompactionTooManyToolReferencesError",
    "CompactionTooManyToolReferencesErrorDetails",
    "CompactionToolChangesMismatchError",
    "CompactionToolChangesMismatchErrorDetails",
    "CompactionUnavailableError",
    "CompactionUnavailableErrorDetails",
    "ComputerCursorPositionConfigParam",
    "ComputerCursorPositionInput",
    "ComputerCursorPositionToolUseBlock",
    "ComputerDoubleClickConfigParam",
    "ComputerDoubleClickInput",
    "ComputerDoubleClickToolUseBlock",
    "ComputerHoldKeyConfigParam",
    "ComputerHoldKeyInput",
    "ComputerHoldKeyToolUseBlock",
    "ComputerKeyConfigParam",
    "ComputerKeyInput",
    "ComputerKeyToolUseBlock",
    "ComputerLeftClickConfigParam",
    "ComputerLeftClickDragConfigParam",
    "ComputerLeftClickDragInput",
    "ComputerLeftClickDragToolUseBlock",
    "ComputerLeftClickInput",
    "ComputerLeftClickToolUseBlock",
    "ComputerLeftMouseDownConfigParam",
    "ComputerLeftMouseDownInput",
    "ComputerLeftMouseDownToolUseBlock",
    "ComputerLeftMouseUpConfigParam",
    "ComputerLeftMouseUpInput",
    "ComputerLeftMouseUpToolUseBlock",
    "ComputerMemberInput",
    "ComputerMemberName",
    "ComputerMiddleClickConfigParam",
    "ComputerMiddleClickInput",
    "ComputerMiddleClickToolUseBlock",
    "ComputerMouseMoveConfigParam",
    "ComputerMouseMoveInput",
    "ComputerMouseMoveToolUseBlock",
    "ComputerRightClickConfigParam",
    "ComputerRightClickInput",
    "ComputerRightClickToolUseBlock",
    "ComputerScreenshotConfigParam",
    "ComputerScreenshotInput",
    "ComputerScreenshotToolUseBlock",
    "ComputerScrollConfigParam",
    "ComputerScrollDirection",
    "ComputerScrollInput",
    "ComputerScrollToolUseBlock",
    "ComputerToolUseBlock",
    "ComputerToolset20260801Param",
    "ComputerToolsetConfigsParam",
    "ComputerTripleClickConfigParam",
    "ComputerTripleClickInput",
    "ComputerTripleClickToolUseBlock",
    "ComputerTypeConfigParam",
    "ComputerTypeInput",
    "ComputerTypeToolUseBlock",
    "ComputerWaitConfigParam",
    "ComputerWaitInput",
    "ComputerWaitToolUseBlock",
    "ComputerZoomConfigParam",
    "ComputerZoomInput",
    "ComputerZoomToolUseBlock",
    "ConcurrentMembershipChangeError",
    "ConcurrentMembershipChangeErrorDetails",
    "Container",
    "ContainerParams",
    "ContainerSkill",
    "ContainerUploadBlock",
    "ContainerUploadBlockParam",
    "ContentBlock",
    "ContentBlockDeltaEvent",
    "ContentBlockParam",
    "ContentBlockSourceContentParam",
    "ContentBlockSourceParam",
    "ContentBlockStartEvent",
    "ContentBlockStopEvent",
    "ContextManagementCapability",
    "ContractSpendLimitReachedError",
    "ContractSpendLimitReachedErrorDetails",
    "DeletedFile",
    "DeletedSkill",
    "DeletedUserProfile",
    "Diagnostics",
    "DiagnosticsParam",
    "DirectCaller",
    "DirectCallerParam",
    "DocumentBlock",
    "DocumentBlockParam",
    "EffortCapability",
    "EncryptedCodeExecutionResultBlock",
    "EncryptedCodeExecutionResultBlockParam",
    "EnforcedSpendLimitReachedError",
    "EnforcedSpendLimitReachedErrorDetails",
    "ErrorDetails",
    "ErrorObject",
    "ErrorResponse",
    "ErrorType",
    "FileDocumentSourceParam",
    "FileExpiredError",
    "FileExpiredErrorDetails",
    "FileImageSourceParam",
    "FileListParams",
    "FileMetadata",
    "FileNotDownloadableError",
    "FileNotDownloadableErrorDetails",
    "FileUploadParams",
    "GatewayTimeoutError",
    "GatewayTimeoutErrorObject",
    "ImageBlockParam",
    "ImageDimensionsTooLargeError",
    "ImageDimensionsTooLargeErrorDetails",
    "ImageTransformationsParam",
    "InputJSONDelta",
    "InvalidRequestError",
    "InvalidRequestErrorObject",
    "JSONOutputFormatParam",
    "LinkedOrganizationBillingUnavailableError",
    "LinkedOrganizationBillingUnavailableErrorDetails",
    "LinkedOrganizationSpendLimitReachedError",
    "LinkedOrganizationSpendLimitReachedErrorDetails",
    "MemoryTool20250818Param",
    "Message",
    "MessageContentParam",
    "MessageCountTokensParams",
    "MessageCountTokensToolParam",
    "MessageCreateParams",
    "MessageCreateParamsContainerParam",
    "MessageDeltaEvent",
    "MessageDeltaUsage",
    "MessageParam",
    "MessageStartEvent",
    "MessageStopEvent",
    "MessageStreamEvent",
    "MessageTokensCount",
    "MetadataParam",
    "Model",
    "ModelCapabilities",
    "ModelInfo",
    "ModelLine",
    "ModelListParams",
    "ModelParam",
    "NotFoundError",
    "NotFoundErrorObject",
    "OrgMemberLimitExceededError",
    "OrgMemberLimitExceededErrorDetails",
    "OrganizationInfo",
    "OrganizationOnHoldError",
    "OrganizationOnHoldErrorDetails",
    "OrganizationRole",
    "OrganizationTypeNotSupportedError",
    "OrganizationTypeNotSupportedErrorDetails",
    "OutputConfigParam",
    "OutputTokensDetails",
    "OverloadedError",
    "OverloadedErrorObject",
    "ParentOrganizationRequiredError",
    "ParentOrganizationRequiredErrorDetails",
    "ParsedContentBlock",
    "ParsedMessage",
    "ParsedTextBlock",
    "PermissionError",
    "PermissionErrorObject",
    "PlainTextSource",
    "PlainTextSourceParam",
    "RBACRoleNotFoundError",
    "RBACRoleNotFoundErrorDetails",
    "RampLimitExceededError",
    "RampLimitExceededErrorDetails",
    "RateLimitError",
    "RateLimitErrorObject",
    "RawContentBlockDelta",
    "RawContentBlockDeltaEvent",
    "RawContentBlockStartEvent",
    "RawContentBlockStopEvent",
    "RawMessageDeltaEvent",
    "RawMessageStartEvent",
    "RawMessageStopEvent",
    "RawMessageStreamEvent",
    "RedactedThinkingBlock",
    "RedactedThinkingBlockParam",
    "RefusalStopDetails",
    "RequestBodyEncodingInvalidError",
    "RequestBodyEncodingInvalidErrorDetails",
    "RequestBodyEncodingUnsupportedError",
    "RequestBodyEncodingUnsupportedErrorDetails",
    "RequestBodyTooLargeAfterDecodingError",
    "RequestBodyTooLargeAfterDecodingErrorDetails",
    "ResponseBrowserCloseTabToolUseBlock",
    "ResponseBrowserDoubleClickToolUseBlock",
    "ResponseBrowserFileUploadToolUseBlock",
    "ResponseBrowserFindToolUseBlock",
    "ResponseBrowserFormInputToolUseBlock",
    "ResponseBrowserGetPageTextToolUseBlock",
    "ResponseBrowserHoldKeyToolUseBlock",
    "ResponseBrowserHoverToolUseBlock",
    "ResponseBrowserJavascriptExecToolUseBlock",
    "ResponseBrowserKeyToolUseBlock",
    "ResponseBrowserLeftClickDragToolUseBlock",
    "ResponseBrowserLeftClickToolUseBlock",
    "ResponseBrowserLeftMouseDownToolUseBlock",
    "ResponseBrowserLeftMouseUpToolUseBlock",
    "ResponseBrowserListTabsToolUseBlock",
    "ResponseBrowserMiddleClickToolUseBlock",
    "ResponseBrowserMouseMoveToolUseBlock",
    "ResponseBrowserNavigateToolUseBlock",
    "ResponseBrowserNewTabToolUseBlock",
    "ResponseBrowserReadConsoleToolUseBlock",
    "ResponseBrowserReadNetworkToolUseBlock",
    "ResponseBrowserReadPageToolUseBlock",
    "ResponseBrowserRightClickToolUseBlock",
    "ResponseBrowserScreenshotToolUseBlock",
    "ResponseBrowserScrollToToolUseBlock",
    "ResponseBrowserScrollToolUseBlock",
    "ResponseBrowserSwitchTabToolUseBlock",
    "ResponseBrowserToolUseBlock",
    "ResponseBrowserTripleClickToolUseBlock",
    "ResponseBrowserTypeToolUseBlock",
    "ResponseBrowserWaitToolUseBlock",
    "ResponseBrowserZoomToolUseBlock",
    "ResponseComputerCursorPositionToolUseBlock",
    "ResponseComputerDoubleClickToolUseBlock",
    "ResponseComputerHoldKeyToolUseBlock",
    "ResponseComputerKeyToolUseBlock",
    "ResponseComputerLeftClickDragToolUseBlock",
    "ResponseComputerLeftClickToolUseBlock",
    "ResponseComputerLeftMouseDownToolUseBlock",
    "ResponseComputerLeftMouseUpToolUseBlock",
    "ResponseComputerMiddleClickToolUseBlock",
    "ResponseComputerMouseMoveToolUseBlock",
    "ResponseComputerRightClickToolUseBlock",
    "ResponseComputerScreenshotToolUseBlock",
    "ResponseComputerScrollToolUseBlock",
    "ResponseComputerToolUseBlock",
    "ResponseComputerTripleClickToolUseBlock",
    "ResponseComputerTypeToolUseBlock",
    "ResponseComputerWaitToolUseBlock",
    "ResponseComputerZoomToolUseBlock",
    "ResponseToolUseBlockUnion",
    "SandboxEgressRestrictedError",
    "SandboxEgressRestrictedErrorDetails",
    "SearchResultBlockParam",
    "ServerToolCaller",
    "ServerToolCaller20260120",
    "ServerToolCaller20260120Param",
    "ServerToolCallerParam",
    "ServerToolUsage",
    "ServerToolUseBlock",
    "ServerToolUseBlockParam",
    "ServerToolsCapability",
    "SignatureDelta",
    "Skill",
    "SkillCreateParams",
    "SkillListParams",
    "SkillParams",
    "SkillReadBlockedUndecryptableError",
    "SkillReadBlockedUndecryptableErrorDetails",
    "SkillSource",
    "StopReason",
    "StorageQuotaExceededError",
    "StorageQuotaExceededErrorDetails",
    "SystemMessageParam",
    "TextBlock",
    "TextBlockParam",
    "TextCitation",
    "TextCitationParam",
    "TextDelta",
    "TextEditorCodeExecutionCreateResultBlock",
    "TextEditorCodeExecutionCreateResultBlockParam",
    "TextEditorCodeExecutionStrReplaceResultBlock",
    "TextEditorCodeExecutionStrReplaceResultBlockParam",
    "TextEditorCodeExecutionToolResultBlock",
    "TextEditorCodeExecutionToolResultBlockParam",
    "TextEditorCodeExecutionToolResultError",
    "TextEditorCodeExecutionToolResultErrorCode",
    "TextEditorCodeExecutionToolResultErrorObject",
    "TextEditorCodeExecutionToolResultErrorParam",
    "TextEditorCodeExecutionViewResultBlock",
    "TextEditorCodeExecutionViewResultBlockParam",
    "ThinkingBlock",
    "ThinkingBlockParam",
    "ThinkingCapability",
    "ThinkingConfigAdaptiveParam",
    "ThinkingConfigBetweenToolsParam",
    "ThinkingConfigDisabledParam",
    "ThinkingConfigEnabledParam",
    "ThinkingConfigParam",
    "ThinkingDelta",
    "ThinkingTypes",
    "ThreadAlreadyContinuedError",
    "ThreadAlreadyContinuedErrorDetails",
    "ThreadContinueInFlightError",
    "ThreadContinueInFlightErrorDetails",
    "ThreadFingerprintMismatchError",
    "ThreadFingerprintMismatchErrorDetails",
    "ThreadNotFoundError",
    "ThreadNotFoundErrorDetails",
    "ThreadUnsupportedFeatureName",
    "ThreadUnsupportedRequestError",
    "ThreadUnsupportedRequestErrorDetails",
    "ToolBash20250124Param",
    "ToolChoiceAnyParam",
    "ToolChoiceAutoParam",
    "ToolChoiceNoneParam",
    "ToolChoiceParam",
    "ToolChoiceToolParam",
    "ToolNameConflictError",
    "ToolNameConflictErrorDetails",
    "ToolParam",
    "ToolReferenceBlock",
    "ToolReferenceBlockParam",
    "ToolReferenceUnresolvedError",
    "ToolReferenceUnresolvedErrorDetails",
    "ToolResultBlockParam",
    "ToolSearchToolBm25_20251119Param",
    "ToolSearchToolRegex20251119Param",
    "ToolSearchToolResultBlock",
    "ToolSearchToolResultBlockParam",
    "ToolSearchToolResultError",
    "ToolSearchToolResultErrorCode",
    "ToolSearchToolResultErrorObject",
    "ToolSearchToolResultErrorParam",
    "ToolSearchToolSearchResultBlock",
    "ToolSearchToolSearchResultBlockParam",
    "ToolTextEditor20250124Param",
    "ToolTextEditor20250429Param",
    "ToolTextEditor20250728Param",
    "ToolUnionParam",
    "ToolUseBlock",
    "ToolUseBlockParam",
    "ToolUseCaller",
    "ToolsetToolUseBlock",
    "URLImageSourceParam",
    "URLPDFSourceParam",
    "Usage",
    "UserLocationParam",
    "UserMessageParam",
    "UserProfile",
    "UserProfileAccessType",
    "UserProfileBillingNotAuthorizedError",
    "UserProfileBillingNotAuthorizedErrorDetails",
    "UserProfileCreateParams",
    "UserProfileCyberProgram",
    "UserProfileCyberRequirements",
    "UserProfileCyberTier",
    "UserProfileEfsFeature",
    "UserProfileEfsProgram",
    "UserProfileEnforcementAction",
    "UserProfileEnforcementActionBan",
    "UserProfileEnforcementActionNextStep",
    "UserProfileEnforcementActionReason",
    "UserProfileEnforcementActionRestriction",
    "UserProfileEnforcementStatus",
    "UserProfileExternalUserAccountStatus",
    "UserProfileExternalUserDetails",
    "UserProfileExternalUserDetailsParams",
    "UserProfileExternalUserEntityType",
    "UserProfileListOrder",
    "UserProfileListOrderBy",
    "UserProfileListParams",
    "UserProfileNotBillableError",
    "UserProfileNotBillableErrorDetails",
    "UserProfileNotFoundError",
    "UserProfileNotFoundErrorDetails",
    "UserProfileProgramStatus",
    "UserProfilePrograms",
    "UserProfileRequiredError",
    "UserProfileRequiredErrorDetails",
    "UserProfileUpdateParams",
    "WebFetchBlock",
    "WebFetchBlockParam",
    "WebFetchTool20250910Param",
    "WebFetchTool20260209Param",
    "WebFetchTool20260309Param",
    "WebFetchTool20260318Param",
    "WebFetchToolResultBlock",
    "WebFetchToolResultBlockParam",
    "WebFetchToolResultErrorBlock",
    "WebFetchToolResultErrorBlockParam",
    "WebFetchToolResultErrorCode",
    "WebFetchURLSourceAllParam",
    "WebFetchURLSourceExceptParam",
    "WebFetchURLSourceNoneParam",
    "WebFetchURLSourceOnlyParam",
    "WebFetchURLSourceToolReferenceParam",
    "WebFetchURLSourcesParam",
    "WebSearchResultBlock",
    "WebSearchResultBlockParam",
    "WebSearchTool20250305Param",
    "WebSearchTool20260209Param",
    "WebSearchTool20260318Param",
    "WebSearchToolRequestErrorObjectParam",
    "WebSearchToolRequestErrorParam",
    "WebSearchToolResultBlock",
    "WebSearchToolResultBlockContent",
    "WebSearchToolResultBlockParam",
    "WebSearchToolResultBlockParamContentParam",
    "WebSearchToolResultError",
    "WebSearchToolResultErrorCode",
    "WebSearchToolResultErrorObject",
    "WorkspaceHumanReviewDisabledError",
    "WorkspaceHumanReviewDisabledErrorDetails",
]

APIErrorObject: TypeAlias = _Record
AnthropicBetaParam: TypeAlias = str
AuthenticationError: TypeAlias = _Record
AuthenticationErrorObject: TypeAlias = _Record
AvailableToolsLimitExceededErrorDetails: TypeAlias = _Record
BROWSER_MEMBER_NAME_VALUES: tuple[str, ...]
Base64PDFSource: TypeAlias = _Record
BashCodeExecutionOutputBlock: TypeAlias = _Record
BashCodeExecutionOutputBlockParam: TypeAlias = dict[str, Any]
BashCodeExecutionResultBlock: TypeAlias = _Record
BashCodeExecutionResultBlockParam: TypeAlias = dict[str, Any]
BashCodeExecutionToolResultBlock: TypeAlias = _ServerToolResultBlock
BashCodeExecutionToolResultBlockParam: TypeAlias = dict[str, Any]
BashCodeExecutionToolResultError: TypeAlias = _Record
BashCodeExecutionToolResultErrorCode: TypeAlias = str
BashCodeExecutionToolResultErrorObject: TypeAlias = _Record
BashCodeExecutionToolResultErrorParam: TypeAlias = dict[str, Any]
BetaAPIError: TypeAlias = _Record
BetaAPIErrorObject: TypeAlias = _Record
BetaAuthenticationError: TypeAlias = _Record
BetaAuthenticationErrorObject: TypeAlias = _Record
BetaBillingError: TypeAlias = _Record
BetaBillingErrorObject: TypeAlias = _Record
BetaCMEKNotApprovedErrorDetails: TypeAlias = _Record
BetaCurrency: TypeAlias = str
BetaError: TypeAlias = _Record
BetaErrorObject: TypeAlias = _Record
BetaErrorResponse: TypeAlias = _Record
BetaExternalKeyNotFoundErrorDetails: TypeAlias = _Record
BetaExternalKeyProviderMismatchErrorDetails: TypeAlias = _Record
BetaGCPProjectControlledByAnotherOrganizationErrorDetails: TypeAlias = _Record
BetaGCPProjectNotVerifiedErrorDetails: TypeAlias = _Record
BetaGatewayTimeoutError: TypeAlias = _Record
BetaGatewayTimeoutErrorObject: TypeAlias = _Record
BetaInvalidRequestError: TypeAlias = _Record
BetaInvalidRequestErrorObject: TypeAlias = _Record
BetaMonetaryAmount: TypeAlias = _Record
BetaMonetaryAmountParam: TypeAlias = dict[str, Any]
BetaNotFoundError: TypeAlias = _Record
BetaNotFoundErrorObject: TypeAlias = _Record
BetaOrganizationNotEnrolledInBetaErrorDetails: TypeAlias = _Record
BetaOverloadedError: TypeAlias = _Record
BetaOverloadedErrorObject: TypeAlias = _Record
BetaPermissionError: TypeAlias = _Record
BetaPermissionErrorObject: TypeAlias = _Record
BetaRateLimitError: TypeAlias = _Record
BetaRateLimitErrorObject: TypeAlias = _Record
BetaRegionNotSupportedErrorDetails: TypeAlias = _Record
BetaRequestBodyTimeoutErrorDetails: TypeAlias = _Record
BetaStorageInUseErrorDetails: TypeAlias = _Record
BetaStorageNotApprovedErrorDetails: TypeAlias = _Record
BetaUnsupportedCharsetErrorDetails: TypeAlias = _Record
BillingError: TypeAlias = _Record
BillingErrorObject: TypeAlias = _Record
BrowserClickTarget: TypeAlias = _Record
BrowserCloseTabConfigParam: TypeAlias = dict[str, Any]
BrowserCloseTabInput: TypeAlias = _Record
BrowserCloseTabToolUseBlock: TypeAlias = _Record
BrowserCoordinateTarget: TypeAlias = _Record
BrowserDoubleClickConfigParam: TypeAlias = dict[str, Any]
BrowserDoubleClickInput: TypeAlias = _Record
BrowserDoubleClickToolUseBlock: TypeAlias = _Record
BrowserFileUploadConfigParam: TypeAlias = dict[str, Any]
BrowserFileUploadInput: TypeAlias = _Record
BrowserFileUploadToolUseBlock: TypeAlias = _Record
BrowserFindConfigParam: TypeAlias = dict[str, Any]
BrowserFindInput: TypeAlias = _Record
BrowserFindToolUseBlock: TypeAlias = _Record
BrowserFormInputConfigParam: TypeAlias = dict[str, Any]
BrowserFormInputInput: TypeAlias = _Record
BrowserFormInputToolUseBlock: TypeAlias = _Record
BrowserFormInputValue: TypeAlias = Any
BrowserGetPageTextConfigParam: TypeAlias = dict[str, Any]
BrowserGetPageTextInput: TypeAlias = _Record
BrowserGetPageTextToolUseBlock: TypeAlias = _Record
BrowserHoldKeyConfigParam: TypeAlias = dict[str, Any]
BrowserHoldKeyInput: TypeAlias = _Record
BrowserHoldKeyToolUseBlock: TypeAlias = _Record
BrowserHoverConfigParam: TypeAlias = dict[str, Any]
BrowserHoverInput: TypeAlias = _Record
BrowserHoverToolUseBlock: TypeAlias = _Record
BrowserJavascriptExecConfigParam: TypeAlias = dict[str, Any]
BrowserJavascriptExecInput: TypeAlias = _Record
BrowserJavascriptExecToolUseBlock: TypeAlias = _Record
BrowserKeyConfigParam: TypeAlias = dict[str, Any]
BrowserKeyInput: TypeAlias = _Record
BrowserKeyToolUseBlock: TypeAlias = _Record
BrowserLeftClickConfigParam: TypeAlias = dict[str, Any]
BrowserLeftClickDragConfigParam: TypeAlias = dict[str, Any]
BrowserLeftClickDragInput: TypeAlias = _Record
BrowserLeftClickDragToolUseBlock: TypeAlias = _Record
BrowserLeftClickInput: TypeAlias = _Record
BrowserLeftClickToolUseBlock: TypeAlias = _Record
BrowserLeftMouseDownConfigParam: TypeAlias = dict[str, Any]
BrowserLeftMouseDownInput: TypeAlias = _Record
BrowserLeftMouseDownToolUseBlock: TypeAlias = _Record
BrowserLeftMouseUpConfigParam: TypeAlias = dict[str, Any]
BrowserLeftMouseUpInput: TypeAlias = _Record
BrowserLeftMouseUpToolUseBlock: TypeAlias = _Record
BrowserListTabsConfigParam: TypeAlias = dict[str, Any]
BrowserListTabsInput: TypeAlias = _Record
BrowserListTabsToolUseBlock: TypeAlias = _Record
BrowserMemberInput: TypeAlias = _Record
BrowserMemberName: TypeAlias = str
BrowserMiddleClickConfigParam: TypeAlias = dict[str, Any]
BrowserMiddleClickInput: TypeAlias = _Record
BrowserMiddleClickToolUseBlock: TypeAlias = _Record
BrowserMouseMoveConfigParam: TypeAlias = dict[str, Any]
BrowserMouseMoveInput: TypeAlias = _Record
BrowserMouseMoveToolUseBlock: TypeAlias = _Record
BrowserNavigateConfigParam: TypeAlias = dict[str, Any]
BrowserNavigateInput: TypeAlias = _Record
BrowserNavigateToolUseBlock: TypeAlias = _Record
BrowserNewTabConfigParam: TypeAlias = dict[str, Any]
BrowserNewTabInput: TypeAlias = _Record
BrowserNewTabToolUseBlock: TypeAlias = _Record
BrowserReadConsoleConfigParam: TypeAlias = dict[str, Any]
BrowserReadConsoleInput: TypeAlias = _Record
BrowserReadConsoleToolUseBlock: TypeAlias = _Record
BrowserReadNetworkConfigParam: TypeAlias = dict[str, Any]
BrowserReadNetworkInput: TypeAlias = _Record
BrowserReadNetworkToolUseBlock: TypeAlias = _Record
BrowserReadPageConfigParam: TypeAlias = dict[str, Any]
BrowserReadPageFilter: TypeAlias = str
BrowserReadPageInput: TypeAlias = _Record
BrowserReadPageToolUseBlock: TypeAlias = _Record
BrowserRefTarget: TypeAlias = _Record
BrowserRightClickConfigParam: TypeAlias = dict[str, Any]
BrowserRightClickInput: TypeAlias = _Record
BrowserRightClickToolUseBlock: TypeAlias = _Record
BrowserScreenshotConfigParam: TypeAlias = dict[str, Any]
BrowserScreenshotInput: TypeAlias = _Record
BrowserScreenshotToolUseBlock: TypeAlias = _Record
BrowserScrollConfigParam: TypeAlias = dict[str, Any]
BrowserScrollDirection: TypeAlias = str
BrowserScrollInput: TypeAlias = _Record
BrowserScrollToConfigParam: TypeAlias = dict[str, Any]
BrowserScrollToInput: TypeAlias = _Record
BrowserScrollToToolUseBlock: TypeAlias = _Record
BrowserScrollToolUseBlock: TypeAlias = _Record
BrowserStateBlockParam: TypeAlias = dict[str, Any]
BrowserStateChangeDownloadCompletedParam: TypeAlias = dict[str, Any]
BrowserStateChangeDownloadFailedParam: TypeAlias = dict[str, Any]
BrowserStateChangeDownloadStartedParam: TypeAlias = dict[str, Any]
BrowserStateChangeParam: TypeAlias = dict[str, Any]
BrowserStateChangeTabOpenedParam: TypeAlias = dict[str, Any]
BrowserStateTabEntryParam: TypeAlias = dict[str, Any]
BrowserSwitchTabConfigParam: TypeAlias = dict[str, Any]
BrowserSwitchTabInput: TypeAlias = _Record
BrowserSwitchTabToolUseBlock: TypeAlias = _Record
BrowserToolUseBlock: TypeAlias = _Record
BrowserToolset20260801Param: TypeAlias = dict[str, Any]
BrowserToolsetConfigsParam: TypeAlias = dict[str, Any]
BrowserTripleClickConfigParam: TypeAlias = dict[str, Any]
BrowserTripleClickInput: TypeAlias = _Record
BrowserTripleClickToolUseBlock: TypeAlias = _Record
BrowserTypeConfigParam: TypeAlias = dict[str, Any]
BrowserTypeInput: TypeAlias = _Record
BrowserTypeToolUseBlock: TypeAlias = _Record
BrowserWaitConfigParam: TypeAlias = dict[str, Any]
BrowserWaitInput: TypeAlias = _Record
BrowserWaitToolUseBlock: TypeAlias = _Record
BrowserZoomConfigParam: TypeAlias = dict[str, Any]
BrowserZoomInput: TypeAlias = _Record
BrowserZoomToolUseBlock: TypeAlias = _Record
CMEKContextUnavailableErrorDetails: TypeAlias = _Record
CMEKKeyDisabledErrorDetails: TypeAlias = _Record
CMEKKeyNetworkBlockedErrorDetails: TypeAlias = _Record
CMEKKeyUnreachableErrorDetails: TypeAlias = _Record
COMPUTER_MEMBER_NAME_VALUES: tuple[str, ...]
CacheMissMessagesChanged: TypeAlias = _Record
CacheMissModelChanged: TypeAlias = _Record
CacheMissPreviousMessageNotFound: TypeAlias = _Record
CacheMissReason: TypeAlias = _Record
CacheMissSystemChanged: TypeAlias = _Record
CacheMissToolsChanged: TypeAlias = _Record
CacheMissUnavailable: TypeAlias = _Record
CapabilitySupport: TypeAlias = _Record
ChangeOutcomeUnknownErrorDetails: TypeAlias = _Record
CitationCharLocationParam: TypeAlias = dict[str, Any]
CitationContentBlockLocationParam: TypeAlias = dict[str, Any]
CitationPageLocationParam: TypeAlias = dict[str, Any]
CitationSearchResultLocationParam: TypeAlias = dict[str, Any]
CitationWebSearchResultLocationParam: TypeAlias = dict[str, Any]
CitationsConfig: TypeAlias = _Record
ClaudeCodeKeyCreatorNotMemberErrorDetails: TypeAlias = _Record
ClaudeCodeVersionTooOldErrorDetails: TypeAlias = _Record
CodeExecutionOutputBlock: TypeAlias = _Record
CodeExecutionOutputBlockParam: TypeAlias = dict[str, Any]
CodeExecutionResultBlock: TypeAlias = _Record
CodeExecutionResultBlockParam: TypeAlias = dict[str, Any]
CodeExecutionTool20250522Param: TypeAlias = dict[str, Any]
CodeExecutionTool20250825Param: TypeAlias = dict[str, Any]
CodeExecutionTool20260120Param: TypeAlias = dict[str, Any]
CodeExecutionTool20260521Param: TypeAlias = dict[str, Any]
CodeExecutionToolResultBlock: TypeAlias = _ServerToolResultBlock
CodeExecutionToolResultBlockContent: TypeAlias = _Record
CodeExecutionToolResultBlockParam: TypeAlias = dict[str, Any]
CodeExecutionToolResultBlockParamContentParam: TypeAlias = dict[str, Any]
CodeExecutionToolResultError: TypeAlias = _Record
CodeExecutionToolResultErrorCode: TypeAlias = str
CodeExecutionToolResultErrorObject: TypeAlias = _Record
CodeExecutionToolResultErrorParam: TypeAlias = dict[str, Any]
CompactionBlockAmbiguousErrorDetails: TypeAlias = _Record
CompactionBlockMisplacedErrorDetails: TypeAlias = _Record
CompactionContentMismatchErrorDetails: TypeAlias = _Record
CompactionIncompleteTurnErrorDetails: TypeAlias = _Record
CompactionNothingToSummarizeErrorDetails: TypeAlias = _Record
CompactionSignatureInvalidErrorDetails: TypeAlias = _Record
CompactionTooManyToolReferencesErrorDetails: TypeAlias = _Record
CompactionToolChangesMismatchErrorDetails: TypeAlias = _Record
CompactionUnavailableErrorDetails: TypeAlias = _Record
ComputerCursorPositionConfigParam: TypeAlias = dict[str, Any]
ComputerCursorPositionInput: TypeAlias = _Record
ComputerCursorPositionToolUseBlock: TypeAlias = _Record
ComputerDoubleClickConfigParam: TypeAlias = dict[str, Any]
ComputerDoubleClickInput: TypeAlias = _Record
ComputerDoubleClickToolUseBlock: TypeAlias = _Record
ComputerHoldKeyConfigParam: TypeAlias = dict[str, Any]
ComputerHoldKeyInput: TypeAlias = _Record
ComputerHoldKeyToolUseBlock: TypeAlias = _Record
ComputerKeyConfigParam: TypeAlias = dict[str, Any]
ComputerKeyInput: TypeAlias = _Record
ComputerKeyToolUseBlock: TypeAlias = _Record
ComputerLeftClickConfigParam: TypeAlias = dict[str, Any]
ComputerLeftClickDragConfigParam: TypeAlias = dict[str, Any]
ComputerLeftClickDragInput: TypeAlias = _Record
ComputerLeftClickDragToolUseBlock: TypeAlias = _Record
ComputerLeftClickInput: TypeAlias = _Record
ComputerLeftClickToolUseBlock: TypeAlias = _Record
ComputerLeftMouseDownConfigParam: TypeAlias = dict[str, Any]
ComputerLeftMouseDownInput: TypeAlias = _Record
ComputerLeftMouseDownToolUseBlock: TypeAlias = _Record
ComputerLeftMouseUpConfigParam: TypeAlias = dict[str, Any]
ComputerLeftMouseUpInput: TypeAlias = _Record
ComputerLeftMouseUpToolUseBlock: TypeAlias = _Record
ComputerMemberInput: TypeAlias = _Record
ComputerMemberName: TypeAlias = str
ComputerMiddleClickConfigParam: TypeAlias = dict[str, Any]
ComputerMiddleClickInput: TypeAlias = _Record
ComputerMiddleClickToolUseBlock: TypeAlias = _Record
ComputerMouseMoveConfigParam: TypeAlias = dict[str, Any]
ComputerMouseMoveInput: TypeAlias = _Record
ComputerMouseMoveToolUseBlock: TypeAlias = _Record
ComputerRightClickConfigParam: TypeAlias = dict[str, Any]
ComputerRightClickInput: TypeAlias = _Record
ComputerRightClickToolUseBlock: TypeAlias = _Record
ComputerScreenshotConfigParam: TypeAlias = dict[str, Any]
ComputerScreenshotInput: TypeAlias = _Record
ComputerScreenshotToolUseBlock: TypeAlias = _Record
ComputerScrollConfigParam: TypeAlias = dict[str, Any]
ComputerScrollDirection: TypeAlias = str
ComputerScrollInput: TypeAlias = _Record
ComputerScrollToolUseBlock: TypeAlias = _Record
ComputerToolUseBlock: TypeAlias = _Record
ComputerToolset20260801Param: TypeAlias = dict[str, Any]
ComputerToolsetConfigsParam: TypeAlias = dict[str, Any]
ComputerTripleClickConfigParam: TypeAlias = dict[str, Any]
ComputerTripleClickInput: TypeAlias = _Record
ComputerTripleClickToolUseBlock: TypeAlias = _Record
ComputerTypeConfigParam: TypeAlias = dict[str, Any]
ComputerTypeInput: TypeAlias = _Record
ComputerTypeToolUseBlock: TypeAlias = _Record
ComputerWaitConfigParam: TypeAlias = dict[str, Any]
ComputerWaitInput: TypeAlias = _Record
ComputerWaitToolUseBlock: TypeAlias = _Record
ComputerZoomConfigParam: TypeAlias = dict[str, Any]
ComputerZoomInput: TypeAlias = _Record
ComputerZoomToolUseBlock: TypeAlias = _Record
ConcurrentMembershipChangeErrorDetails: TypeAlias = _Record
ContainerParams: TypeAlias = dict[str, Any]
ContainerSkill: TypeAlias = _Record
ContentBlockSourceContentParam: TypeAlias = dict[str, Any]
ContextManagementCapability: TypeAlias = _Record
ContractSpendLimitReachedErrorDetails: TypeAlias = _Record
DeletedUserProfile: TypeAlias = _Record
Diagnostics: TypeAlias = _Record
DiagnosticsParam: TypeAlias = dict[str, Any]
DirectCaller: TypeAlias = _Record
DirectCallerParam: TypeAlias = dict[str, Any]
DocumentBlock: TypeAlias = _Record
EffortCapability: TypeAlias = _Record
EncryptedCodeExecutionResultBlock: TypeAlias = _Record
EncryptedCodeExecutionResultBlockParam: TypeAlias = dict[str, Any]
EnforcedSpendLimitReachedErrorDetails: TypeAlias = _Record
ErrorDetails: TypeAlias = _Record
ErrorObject: TypeAlias = _Record
ErrorResponse: TypeAlias = _Record
ErrorType: TypeAlias = str
FileExpiredErrorDetails: TypeAlias = _Record
FileListParams: TypeAlias = dict[str, Any]
FileNotDownloadableErrorDetails: TypeAlias = _Record
FileUploadParams: TypeAlias = dict[str, Any]
GatewayTimeoutError: TypeAlias = _Record
GatewayTimeoutErrorObject: TypeAlias = _Record
ImageDimensionsTooLargeErrorDetails: TypeAlias = _Record
InvalidRequestError: TypeAlias = _Record
InvalidRequestErrorObject: TypeAlias = _Record
LinkedOrganizationBillingUnavailableErrorDetails: TypeAlias = _Record
LinkedOrganizationSpendLimitReachedErrorDetails: TypeAlias = _Record
MemoryTool20250818Param: TypeAlias = dict[str, Any]
MessageContentParam: TypeAlias = Any
MessageCreateParamsContainerParam: TypeAlias = Any
MessageStreamEvent: TypeAlias = _Record
ModelCapabilities: TypeAlias = _Record
ModelLine: TypeAlias = str
ModelListParams: TypeAlias = dict[str, Any]
NotFoundError: TypeAlias = _Record
NotFoundErrorObject: TypeAlias = _Record
OrgMemberLimitExceededErrorDetails: TypeAlias = _Record
OrganizationInfo: TypeAlias = _Record
OrganizationOnHoldErrorDetails: TypeAlias = _Record
OrganizationRole: TypeAlias = str
OrganizationTypeNotSupportedErrorDetails: TypeAlias = _Record
OverloadedError: TypeAlias = _Record
OverloadedErrorObject: TypeAlias = _Record
ParentOrganizationRequiredErrorDetails: TypeAlias = _Record
PermissionError: TypeAlias = _Record
PermissionErrorObject: TypeAlias = _Record
PlainTextSource: TypeAlias = _Record
RBACRoleNotFoundErrorDetails: TypeAlias = _Record
RampLimitExceededErrorDetails: TypeAlias = _Record
RateLimitError: TypeAlias = _Record
RateLimitErrorObject: TypeAlias = _Record
RequestBodyEncodingInvalidErrorDetails: TypeAlias = _Record
RequestBodyEncodingUnsupportedErrorDetails: TypeAlias = _Record
RequestBodyTooLargeAfterDecodingErrorDetails: TypeAlias = _Record
ResponseBrowserCloseTabToolUseBlock: TypeAlias = _Record
ResponseBrowserDoubleClickToolUseBlock: TypeAlias = _Record
ResponseBrowserFileUploadToolUseBlock: TypeAlias = _Record
ResponseBrowserFindToolUseBlock: TypeAlias = _Record
ResponseBrowserFormInputToolUseBlock: TypeAlias = _Record
ResponseBrowserGetPageTextToolUseBlock: TypeAlias = _Record
ResponseBrowserHoldKeyToolUseBlock: TypeAlias = _Record
ResponseBrowserHoverToolUseBlock: TypeAlias = _Record
ResponseBrowserJavascriptExecToolUseBlock: TypeAlias = _Record
ResponseBrowserKeyToolUseBlock: TypeAlias = _Record
ResponseBrowserLeftClickDragToolUseBlock: TypeAlias = _Record
ResponseBrowserLeftClickToolUseBlock: TypeAlias = _Record
ResponseBrowserLeftMouseDownToolUseBlock: TypeAlias = _Record
ResponseBrowserLeftMouseUpToolUseBlock: TypeAlias = _Record
ResponseBrowserListTabsToolUseBlock: TypeAlias = _Record
ResponseBrowserMiddleClickToolUseBlock: TypeAlias = _Record
ResponseBrowserMouseMoveToolUseBlock: TypeAlias = _Record
ResponseBrowserNavigateToolUseBlock: TypeAlias = _Record
ResponseBrowserNewTabToolUseBlock: TypeAlias = _Record
ResponseBrowserReadConsoleToolUseBlock: TypeAlias = _Record
ResponseBrowserReadNetworkToolUseBlock: TypeAlias = _Record
ResponseBrowserReadPageToolUseBlock: TypeAlias = _Record
ResponseBrowserRightClickToolUseBlock: TypeAlias = _Record
ResponseBrowserScreenshotToolUseBlock: TypeAlias = _Record
ResponseBrowserScrollToToolUseBlock: TypeAlias = _Record
ResponseBrowserScrollToolUseBlock: TypeAlias = _Record
ResponseBrowserSwitchTabToolUseBlock: TypeAlias = _Record
ResponseBrowserToolUseBlock: TypeAlias = _Record
ResponseBrowserTripleClickToolUseBlock: TypeAlias = _Record
ResponseBrowserTypeToolUseBlock: TypeAlias = _Record
ResponseBrowserWaitToolUseBlock: TypeAlias = _Record
ResponseBrowserZoomToolUseBlock: TypeAlias = _Record
ResponseComputerCursorPositionToolUseBlock: TypeAlias = _Record
ResponseComputerDoubleClickToolUseBlock: TypeAlias = _Record
ResponseComputerHoldKeyToolUseBlock: TypeAlias = _Record
ResponseComputerKeyToolUseBlock: TypeAlias = _Record
ResponseComputerLeftClickDragToolUseBlock: TypeAlias = _Record
ResponseComputerLeftClickToolUseBlock: TypeAlias = _Record
ResponseComputerLeftMouseDownToolUseBlock: TypeAlias = _Record
ResponseComputerLeftMouseUpToolUseBlock: TypeAlias = _Record
ResponseComputerMiddleClickToolUseBlock: TypeAlias = _Record
ResponseComputerMouseMoveToolUseBlock: TypeAlias = _Record
ResponseComputerRightClickToolUseBlock: TypeAlias = _Record
ResponseComputerScreenshotToolUseBlock: TypeAlias = _Record
ResponseComputerScrollToolUseBlock: TypeAlias = _Record
ResponseComputerToolUseBlock: TypeAlias = _Record
ResponseComputerTripleClickToolUseBlock: TypeAlias = _Record
ResponseComputerTypeToolUseBlock: TypeAlias = _Record
ResponseComputerWaitToolUseBlock: TypeAlias = _Record
ResponseComputerZoomToolUseBlock: TypeAlias = _Record
ResponseToolUseBlockUnion: TypeAlias = _Record
SandboxEgressRestrictedErrorDetails: TypeAlias = _Record
ServerToolCaller: TypeAlias = _Record
ServerToolCaller20260120: TypeAlias = _Record
ServerToolCaller20260120Param: TypeAlias = dict[str, Any]
ServerToolCallerParam: TypeAlias = dict[str, Any]
ServerToolsCapability: TypeAlias = _Record
SkillCreateParams: TypeAlias = dict[str, Any]
SkillListParams: TypeAlias = dict[str, Any]
SkillParams: TypeAlias = dict[str, Any]
SkillReadBlockedUndecryptableErrorDetails: TypeAlias = _Record
SkillSource: TypeAlias = _Record
StorageQuotaExceededErrorDetails: TypeAlias = _Record
TextCitationParam: TypeAlias = dict[str, Any]
TextEditorCodeExecutionCreateResultBlock: TypeAlias = _Record
TextEditorCodeExecutionCreateResultBlockParam: TypeAlias = dict[str, Any]
TextEditorCodeExecutionStrReplaceResultBlock: TypeAlias = _Record
TextEditorCodeExecutionStrReplaceResultBlockParam: TypeAlias = dict[str, Any]
TextEditorCodeExecutionToolResultBlock: TypeAlias = _ServerToolResultBlock
TextEditorCodeExecutionToolResultBlockParam: TypeAlias = dict[str, Any]
TextEditorCodeExecutionToolResultError: TypeAlias = _Record
TextEditorCodeExecutionToolResultErrorCode: TypeAlias = str
TextEditorCodeExecutionToolResultErrorObject: TypeAlias = _Record
TextEditorCodeExecutionToolResultErrorParam: TypeAlias = dict[str, Any]
TextEditorCodeExecutionViewResultBlock: TypeAlias = _Record
TextEditorCodeExecutionViewResultBlockParam: TypeAlias = dict[str, Any]
ThinkingCapability: TypeAlias = _Record
ThinkingConfigBetweenToolsParam: TypeAlias = dict[str, Any]
ThinkingTypes: TypeAlias = _Record
ThreadAlreadyContinuedErrorDetails: TypeAlias = _Record
ThreadContinueInFlightErrorDetails: TypeAlias = _Record
ThreadFingerprintMismatchErrorDetails: TypeAlias = _Record
ThreadNotFoundErrorDetails: TypeAlias = _Record
ThreadUnsupportedFeatureName: TypeAlias = str
ThreadUnsupportedRequestErrorDetails: TypeAlias = _Record
ToolNameConflictErrorDetails: TypeAlias = _Record
ToolReferenceBlock: TypeAlias = _Record
ToolReferenceUnresolvedErrorDetails: TypeAlias = _Record
ToolSearchToolBm25_20251119Param: TypeAlias = dict[str, Any]
ToolSearchToolRegex20251119Param: TypeAlias = dict[str, Any]
ToolSearchToolResultBlock: TypeAlias = _ServerToolResultBlock
ToolSearchToolResultBlockParam: TypeAlias = dict[str, Any]
ToolSearchToolResultError: TypeAlias = _Record
ToolSearchToolResultErrorCode: TypeAlias = str
ToolSearchToolResultErrorObject: TypeAlias = _Record
ToolSearchToolResultErrorParam: TypeAlias = dict[str, Any]
ToolSearchToolSearchResultBlock: TypeAlias = _Record
ToolSearchToolSearchResultBlockParam: TypeAlias = dict[str, Any]
ToolUseCaller: TypeAlias = _Record
ToolsetToolUseBlock: TypeAlias = _Record
UserLocationParam: TypeAlias = dict[str, Any]
UserProfile: TypeAlias = _Record
UserProfileAccessType: TypeAlias = str
UserProfileBillingNotAuthorizedErrorDetails: TypeAlias = _Record
UserProfileCreateParams: TypeAlias = dict[str, Any]
UserProfileCyberProgram: TypeAlias = _Record
UserProfileCyberRequirements: TypeAlias = _Record
UserProfileCyberTier: TypeAlias = _Record
UserProfileEfsFeature: TypeAlias = _Record
UserProfileEfsProgram: TypeAlias = _Record
UserProfileEnforcementAction: TypeAlias = _Record
UserProfileEnforcementActionBan: TypeAlias = _Record
UserProfileEnforcementActionNextStep: TypeAlias = str
UserProfileEnforcementActionReason: TypeAlias = str
UserProfileEnforcementActionRestriction: TypeAlias = _Record
UserProfileEnforcementStatus: TypeAlias = str
UserProfileExternalUserAccountStatus: TypeAlias = str
UserProfileExternalUserDetails: TypeAlias = _Record
UserProfileExternalUserDetailsParams: TypeAlias = dict[str, Any]
UserProfileExternalUserEntityType: TypeAlias = str
UserProfileListOrder: TypeAlias = str
UserProfileListOrderBy: TypeAlias = str
UserProfileListParams: TypeAlias = dict[str, Any]
UserProfileNotBillableErrorDetails: TypeAlias = _Record
UserProfileNotFoundErrorDetails: TypeAlias = _Record
UserProfileProgramStatus: TypeAlias = str
UserProfilePrograms: TypeAlias = _Record
UserProfileRequiredErrorDetails: TypeAlias = _Record
UserProfileUpdateParams: TypeAlias = dict[str, Any]
WebFetchBlock: TypeAlias = _Record
WebFetchBlockParam: TypeAlias = dict[str, Any]
WebFetchTool20260209Param: TypeAlias = dict[str, Any]
WebFetchTool20260309Param: TypeAlias = dict[str, Any]
WebFetchTool20260318Param: TypeAlias = dict[str, Any]
WebFetchToolResultBlock: TypeAlias = _ServerToolResultBlock
WebFetchToolResultErrorBlock: TypeAlias = _Record
WebFetchToolResultErrorBlockParam: TypeAlias = dict[str, Any]
WebFetchToolResultErrorCode: TypeAlias = str
WebFetchURLSourceAllParam: TypeAlias = dict[str, Any]
WebFetchURLSourceExceptParam: TypeAlias = dict[str, Any]
WebFetchURLSourceNoneParam: TypeAlias = dict[str, Any]
WebFetchURLSourceOnlyParam: TypeAlias = dict[str, Any]
WebFetchURLSourceToolReferenceParam: TypeAlias = dict[str, Any]
WebFetchURLSourcesParam: TypeAlias = dict[str, Any]
WebSearchResultBlock: TypeAlias = _Record
WebSearchResultBlockParam: TypeAlias = dict[str, Any]
WebSearchTool20260209Param: TypeAlias = dict[str, Any]
WebSearchTool20260318Param: TypeAlias = dict[str, Any]
WebSearchToolRequestErrorObjectParam: TypeAlias = dict[str, Any]
WebSearchToolRequestErrorParam: TypeAlias = dict[str, Any]
WebSearchToolResultBlock: TypeAlias = _ServerToolResultBlock
WebSearchToolResultBlockContent: TypeAlias = Any
WebSearchToolResultBlockParamContentParam: TypeAlias = Any
WebSearchToolResultError: TypeAlias = _Record
WebSearchToolResultErrorCode: TypeAlias = str
WebSearchToolResultErrorObject: TypeAlias = _Record
WorkspaceHumanReviewDisabledErrorDetails: TypeAlias = _Record

class AvailableToolsLimitExceededError(_BadRequestError):
    """The error code `available_tools_limit_exceeded`."""

class BetaCMEKNotApprovedError(_BadRequestError):
    """The error code `cmek_not_approved`."""

class BetaExternalKeyNotFoundError(_BadRequestError):
    """The error code `external_key_not_found`."""

class BetaExternalKeyProviderMismatchError(_BadRequestError):
    """The error code `external_key_provider_mismatch`."""

class BetaGCPProjectControlledByAnotherOrganizationError(_ConflictError):
    """The error code `gcp_project_controlled_by_another_organization`."""

class BetaGCPProjectNotVerifiedError(_BadRequestError):
    """The error code `gcp_project_not_verified`."""

class BetaOrganizationNotEnrolledInBetaError(_BadRequestError):
    """The error code `organization_not_enrolled_in_beta`."""

class BetaRegionNotSupportedError(_BadRequestError):
    """The error code `region_not_supported`."""

class BetaRequestBodyTimeoutError(_BadRequestError):
    """The error code `request_body_timeout`."""

class BetaStorageInUseError(_ConflictError):
    """The error code `storage_in_use`."""

class BetaStorageNotApprovedError(_BadRequestError):
    """The error code `storage_not_approved`."""

class BetaUnsupportedCharsetError(_BadRequestError):
    """The error code `unsupported_charset`."""

class CMEKContextUnavailableError(_ServiceUnavailableError):
    """The error code `cmek_context_unavailable`."""

class CMEKKeyDisabledError(_BadRequestError):
    """The error code `cmek_key_disabled`."""

class CMEKKeyNetworkBlockedError(_BadRequestError):
    """The error code `cmek_key_network_blocked`."""

class CMEKKeyUnreachableError(_ServiceUnavailableError):
    """The error code `cmek_key_unreachable`."""

class ChangeOutcomeUnknownError(_ServiceUnavailableError):
    """The error code `change_outcome_unknown`."""

class ClaudeCodeKeyCreatorNotMemberError(_BadRequestError):
    """The error code `claude_code_key_creator_not_member`."""

class ClaudeCodeVersionTooOldError(_BadRequestError):
    """The error code `claude_code_version_too_old`."""

class CompactionBlockAmbiguousError(_BadRequestError):
    """The error code `compaction_block_ambiguous`."""

class CompactionBlockMisplacedError(_BadRequestError):
    """The error code `compaction_block_misplaced`."""

class CompactionContentMismatchError(_BadRequestError):
    """The error code `compaction_content_mismatch`."""

class CompactionIncompleteTurnError(_BadRequestError):
    """The error code `compaction_incomplete_turn`."""

class CompactionNothingToSummarizeError(_BadRequestError):
    """The error code `compaction_nothing_to_summarize`."""

class CompactionSignatureInvalidError(_BadRequestError):
    """The error code `compaction_signature_invalid`."""

class CompactionTooManyToolReferencesError(_BadRequestError):
    """The error code `compaction_too_many_tool_references`."""

class CompactionToolChangesMismatchError(_BadRequestError):
    """The error code `compaction_tool_changes_mismatch`."""

class CompactionUnavailableError(_OverloadedError):
    """The error code `compaction_unavailable`."""

class ConcurrentMembershipChangeError(_ConflictError):
    """The error code `concurrent_membership_change`."""

class ContractSpendLimitReachedError(_RateLimitError):
    """The error code `contract_spend_limit_reached`."""

class EnforcedSpendLimitReachedError(_RateLimitError):
    """The error code `enforced_spend_limit_reached`."""

class FileExpiredError(_NotFoundError):
    """The error code `file_expired`."""

class FileNotDownloadableError(_BadRequestError):
    """The error code `file_not_downloadable`."""

class ImageDimensionsTooLargeError(_BadRequestError):
    """The error code `image_dimensions_too_large`."""

class LinkedOrganizationBillingUnavailableError(_PaymentRequiredError):
    """The error code `linked_organization_billing_unavailable`."""

class LinkedOrganizationSpendLimitReachedError(_PaymentRequiredError):
    """The error code `linked_organization_spend_limit_reached`."""

class OrgMemberLimitExceededError(_BadRequestError):
    """The error code `org_member_limit_exceeded`."""

class OrganizationOnHoldError(_BadRequestError):
    """The error code `organization_on_hold`."""

class OrganizationTypeNotSupportedError(_BadRequestError):
    """The error code `organization_type_not_supported`."""

class ParentOrganizationRequiredError(_BadRequestError):
    """The error code `parent_organization_required`."""

class RBACRoleNotFoundError(_NotFoundError):
    """The error code `rbac_role_not_found`."""

class RampLimitExceededError(_RateLimitError):
    """The error code `ramp_limit_exceeded`."""

class RequestBodyEncodingInvalidError(_BadRequestError):
    """The error code `request_body_encoding_invalid`."""

class RequestBodyEncodingUnsupportedError(_BadRequestError):
    """The error code `request_body_encoding_unsupported`."""

class RequestBodyTooLargeAfterDecodingError(_ContentTooLargeError):
    """The error code `request_body_too_large_after_decoding`."""

class SandboxEgressRestrictedError(_PermissionDeniedError):
    """The error code `sandbox_egress_restricted`."""

class SkillReadBlockedUndecryptableError(_ConflictError):
    """The error code `skill_read_blocked_undecryptable`."""

class StorageQuotaExceededError(_BadRequestError):
    """The error code `storage_quota_exceeded`."""

class ThreadAlreadyContinuedError(_BadRequestError):
    """The error code `thread_already_continued`."""

class ThreadContinueInFlightError(_BadRequestError):
    """The error code `thread_continue_in_flight`."""

class ThreadFingerprintMismatchError(_BadRequestError):
    """The error code `thread_fingerprint_mismatch`."""

class ThreadNotFoundError(_NotFoundError):
    """The error code `thread_not_found`."""

class ThreadUnsupportedRequestError(_BadRequestError):
    """The error code `thread_unsupported_request`."""

class ToolNameConflictError(_BadRequestError):
    """The error code `tool_name_conflict`."""

class ToolReferenceUnresolvedError(_BadRequestError):
    """The error code `tool_reference_unresolved`."""

class UserProfileBillingNotAuthorizedError(_PermissionDeniedError):
    """The error code `user_profile_billing_not_authorized`."""

class UserProfileNotBillableError(_PermissionDeniedError):
    """The error code `user_profile_not_billable`."""

class UserProfileNotFoundError(_BadRequestError):
    """The error code `user_profile_not_found`."""

class UserProfileRequiredError(_BadRequestError):
    """The error code `user_profile_required`."""

class WorkspaceHumanReviewDisabledError(_BadRequestError):
    """The error code `workspace_human_review_disabled`."""

