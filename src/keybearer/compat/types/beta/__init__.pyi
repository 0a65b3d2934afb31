"""Generated from the official SDK's sources by `make methods`: do not edit."""

from typing import Any, TypeAlias

from keybearer.compat._exceptions import BadRequestError as _BadRequestError
from keybearer.compat._exceptions import NotFoundError as _NotFoundError
from keybearer.compat._exceptions import PermissionDeniedError as _PermissionDeniedError
from keybearer.compat._exceptions import ServiceUnavailableError as _ServiceUnavailableError
from keybearer.compat.types.stops import BlockStop as BetaRawContentBlockStopEvent
from keybearer.compat.types.stops import MessageStop as BetaRawMessageStopEvent
from keybearer.types.blocks_param import Base64ImageSourceParam as BetaBase64ImageSourceParam
from keybearer.types.blocks_param import Base64PDFSourceParam as BetaBase64PDFSourceParam
from keybearer.types.blocks_param import CacheControlParam as BetaCacheControlEphemeralParam
from keybearer.types.blocks_param import CitationsConfigParam as BetaCitationsConfigParam
from keybearer.types.blocks_param import ContainerUploadBlockParam as BetaContainerUploadBlockParam
from keybearer.types.blocks_param import ContentBlockParam as BetaContentBlockParam
from keybearer.types.blocks_param import ContentSourceParam as BetaContentBlockSourceParam
from keybearer.types.blocks_param import FileSourceParam as BetaFileDocumentSourceParam
from keybearer.types.blocks_param import FileSourceParam as BetaFileImageSourceParam
from keybearer.types.blocks_param import ImageBlockParam as BetaImageBlockParam
from keybearer.types.blocks_param import ImageTransformationsParam as BetaImageTransformationsParam
from keybearer.types.blocks_param import PlainTextSourceParam as BetaPlainTextSourceParam
from keybearer.types.blocks_param import RedactedThinkingBlockParam as BetaRedactedThinkingBlockParam
from keybearer.types.blocks_param import SearchResultBlockParam as BetaSearchResultBlockParam
from keybearer.types.blocks_param import ServerToolResultBlockParam as BetaWebFetchToolResultBlockParam
from keybearer.types.blocks_param import ServerToolResultBlockParam as BetaWebSearchToolResultBlockParam
from keybearer.types.blocks_param import ServerToolUseBlockParam as BetaServerToolUseBlockParam
from keybearer.types.blocks_param import TextBlockParam as BetaTextBlockParam
from keybearer.types.blocks_param import ThinkingBlockParam as BetaThinkingBlockParam
from keybearer.types.blocks_param import ToolReferenceBlockParam as BetaToolReferenceBlockParam
from keybearer.types.blocks_param import ToolResultBlockParam as BetaToolResultBlockParam
from keybearer.types.blocks_param import ToolUseBlockParam as BetaToolUseBlockParam
from keybearer.types.blocks_param import URLSourceParam as BetaURLImageSourceParam
from keybearer.types.blocks_param import URLSourceParam as BetaURLPDFSourceParam
from keybearer.types.content import CharLocation as BetaCitationCharLocation
from keybearer.types.content import Citation as BetaTextCitation
from keybearer.types.content import CompactionBlock as BetaCompactionBlock
from keybearer.types.content import ContainerUploadBlock as BetaContainerUploadBlock
from keybearer.types.content import ContentBlock as BetaContentBlock
from keybearer.types.content import ContentBlockLocation as BetaCitationContentBlockLocation
from keybearer.types.content import MCPToolResultBlock as BetaMCPToolResultBlock
from keybearer.types.content import MCPToolUseBlock as BetaMCPToolUseBlock
from keybearer.types.content import PageLocation as BetaCitationPageLocation
from keybearer.types.content import RedactedThinkingBlock as BetaRedactedThinkingBlock
from keybearer.types.content import ServerToolResultBlock as _ServerToolResultBlock
from keybearer.types.content import ServerToolUseBlock as BetaServerToolUseBlock
from keybearer.types.content import TextBlock as BetaTextBlock
from keybearer.types.content import ThinkingBlock as BetaThinkingBlock
from keybearer.types.content import ToolUseBlock as BetaToolUseBlock
from keybearer.types.content import WebSearchResultLocation as BetaCitationsWebSearchResultLocation
from keybearer.types.events import CitationsDelta as BetaCitationsDelta
from keybearer.types.events import ContentBlockDeltaEvent as BetaRawContentBlockDeltaEvent
from keybearer.types.events import ContentBlockStartEvent as BetaRawContentBlockStartEvent
from keybearer.types.events import ContentDelta as BetaRawContentBlockDelta
from keybearer.types.events import InputJSONDelta as BetaInputJSONDelta
from keybearer.types.events import MessageDeltaEvent as BetaRawMessageDeltaEvent
from keybearer.types.events import MessageStartEvent as BetaRawMessageStartEvent
from keybearer.types.events import RawEvent as BetaRawMessageStreamEvent
from keybearer.types.events import SignatureDelta as BetaSignatureDelta
from keybearer.types.events import TextDelta as BetaTextDelta
from keybearer.types.events import ThinkingDelta as BetaThinkingDelta
from keybearer.types.files import DeletedObject as BetaDeletedFile
from keybearer.types.files import DeletedObject as BetaDeletedSkill
from keybearer.types.files import FileMetadata as BetaFileMetadata
from keybearer.types.messages import Container as BetaContainer
from keybearer.types.messages import Message as BetaMessage
from keybearer.types.messages import StopDetails as BetaRefusalStopDetails
from keybearer.types.messages import StopReason as BetaStopReason
from keybearer.types.messages import TokenCount as BetaMessageTokensCount
from keybearer.types.models import ModelInfo as BetaModelInfo
from keybearer.types.record import Record as _Record
from keybearer.types.requests import CountParams as MessageCountTokensParams
from keybearer.types.requests import CreateParams as MessageCreateParams
from keybearer.types.requests import JSONOutputFormatParam as BetaJSONOutputFormatParam
from keybearer.types.requests import MetadataParam as BetaMetadataParam
from keybearer.types.requests import OutputConfigParam as BetaOutputConfigParam
from keybearer.types.requests import RoleMessageParam as BetaAssistantMessageParam
from keybearer.types.requests import RoleMessageParam as BetaMessageParam
from keybearer.types.requests import RoleMessageParam as BetaSystemMessageParam
from keybearer.types.requests import RoleMessageParam as BetaUserMessageParam
from keybearer.types.requests import ThinkingConfigParam as BetaThinkingConfigParam
from keybearer.types.requests import ThinkingEnabledParam as BetaThinkingConfigEnabledParam
from keybearer.types.requests import ThinkingOtherParam as BetaThinkingConfigAdaptiveParam
from keybearer.types.requests import ThinkingOtherParam as BetaThinkingConfigDisabledParam
from keybearer.types.skills import Skill as BetaSkill
from keybearer.types.tools_param import BashToolParam as BetaToolBash20250124Param
from keybearer.types.tools_param import TextEditorToolParam as BetaToolTextEditor20250124Param
from keybearer.types.tools_param import TextEditorToolParam as BetaToolTextEditor20250429Param
from keybearer.types.tools_param import TextEditorToolParam as BetaToolTextEditor20250728Param
from keybearer.types.tools_param import ToolChoiceAutoParam as BetaToolChoiceAnyParam
from keybearer.types.tools_param import ToolChoiceAutoParam as BetaToolChoiceAutoParam
from keybearer.types.tools_param import ToolChoiceNoneParam as BetaToolChoiceNoneParam
from keybearer.types.tools_param import ToolChoiceParam as BetaToolChoiceParam
from keybearer.types.tools_param import ToolChoiceToolParam as BetaToolChoiceToolParam
from keybearer.types.tools_param import ToolParam as BetaToolParam
from keybearer.types.tools_param import ToolUnionParam as BetaToolUnionParam
from keybearer.types.tools_param import WebFetchToolParam as BetaWebFetchTool20250910Param
from keybearer.types.tools_param import WebSearchToolParam as BetaWebSearchTool20250305Param
from keybearer.types.usage import CacheCreation as BetaCacheCreation
from keybearer.types.usage import OutputTokensDetails as BetaOutputTokensDetails
from keybearer.types.usage import ServerToolUsage as BetaServerToolUsage
from keybearer.types.usage import Usage as BetaMessageDeltaUsage
from keybearer.types.usage import Usage as BetaUsage

__all__ = [
    "AgentCreateParams",
    "AgentListParams",
    "AgentRetrieveParams",
    "AgentUpdateParams",
    "BETA_BROWSER_MEMBER_NAME_VALUES",
    "BETA_COMPUTER_MEMBER_NAME_VALUES",
    "BetaAdvisorMessageIterationUsage",
    "BetaAdvisorRedactedResultBlock",
    "BetaAdvisorRedactedResultBlockParam",
    "BetaAdvisorResultBlock",
    "BetaAdvisorResultBlockParam",
    "BetaAdvisorTool20260301",
    "BetaAdvisorTool20260301Param",
    "BetaAdvisorToolResultBlock",
    "BetaAdvisorToolResultBlockParam",
    "BetaAdvisorToolResultError",
    "BetaAdvisorToolResultErrorObject",
    "BetaAdvisorToolResultErrorParam",
    "BetaAllThinkingTurnsParam",
    "BetaApprovalRequiredError",
    "BetaApprovalRequiredErrorDetails",
    "BetaAssistantMessageParam",
    "BetaAuthorizationCheckUnavailableError",
    "BetaAuthorizationCheckUnavailableErrorDetails",
    "BetaBase64ImageSourceParam",
    "BetaBase64PDFSource",
    "BetaBase64PDFSourceParam",
    "BetaBashCodeExecutionOutputBlock",
    "BetaBashCodeExecutionOutputBlockParam",
    "BetaBashCodeExecutionResultBlock",
    "BetaBashCodeExecutionResultBlockParam",
    "BetaBashCodeExecutionToolResultBlock",
    "BetaBashCodeExecutionToolResultBlockParam",
    "BetaBashCodeExecutionToolResultError",
    "BetaBashCodeExecutionToolResultErrorObject",
    "BetaBashCodeExecutionToolResultErrorParam",
    "BetaBillTo",
    "BetaBillingPolicyParam",
    "BetaBrowserClickTarget",
    "BetaBrowserCloseTabConfig",
    "BetaBrowserCloseTabConfigParam",
    "BetaBrowserCloseTabInput",
    "BetaBrowserCloseTabToolUseBlock",
    "BetaBrowserCoordinateTarget",
    "BetaBrowserDoubleClickConfig",
    "BetaBrowserDoubleClickConfigParam",
    "BetaBrowserDoubleClickInput",
    "BetaBrowserDoubleClickToolUseBlock",
    "BetaBrowserFileUploadConfig",
    "BetaBrowserFileUploadConfigParam",
    "BetaBrowserFileUploadInput",
    "BetaBrowserFileUploadToolUseBlock",
    "BetaBrowserFindConfig",
    "BetaBrowserFindConfigParam",
    "BetaBrowserFindInput",
    "BetaBrowserFindToolUseBlock",
    "BetaBrowserFormInputConfig",
    "BetaBrowserFormInputConfigParam",
    "BetaBrowserFormInputInput",
    "BetaBrowserFormInputToolUseBlock",
    "BetaBrowserFormInputValue",
    "BetaBrowserGetPageTextConfig",
    "BetaBrowserGetPageTextConfigParam",
    "BetaBrowserGetPageTextInput",
    "BetaBrowserGetPageTextToolUseBlock",
    "BetaBrowserHoldKeyConfig",
    "BetaBrowserHoldKeyConfigParam",
    "BetaBrowserHoldKeyInput",
    "BetaBrowserHoldKeyToolUseBlock",
    "BetaBrowserHoverConfig",
    "BetaBrowserHoverConfigParam",
    "BetaBrowserHoverInput",
    "BetaBrowserHoverToolUseBlock",
    "BetaBrowserJavascriptExecConfig",
    "BetaBrowserJavascriptExecConfigParam",
    "BetaBrowserJavascriptExecInput",
    "BetaBrowserJavascriptExecToolUseBlock",
    "BetaBrowserKeyConfig",
    "BetaBrowserKeyConfigParam",
    "BetaBrowserKeyInput",
    "BetaBrowserKeyToolUseBlock",
    "BetaBrowserLeftClickConfig",
    "BetaBrowserLeftClickConfigParam",
    "BetaBrowserLeftClickDragConfig",
    "BetaBrowserLeftClickDragConfigParam",
    "BetaBrowserLeftClickDragInput",
    "BetaBrowserLeftClickDragToolUseBlock",
    "BetaBrowserLeftClickInput",
    "BetaBrowserLeftClickToolUseBlock",
    "BetaBrowserLeftMouseDownConfig",
    "BetaBrowserLeftMouseDownConfigParam",
    "BetaBrowserLeftMouseDownInput",
    "BetaBrowserLeftMouseDownToolUseBlock",
    "BetaBrowserLeftMouseUpConfig",
    "BetaBrowserLeftMouseUpConfigParam",
    "BetaBrowserLeftMouseUpInput",
    "BetaBrowserLeftMouseUpToolUseBlock",
    "BetaBrowserListTabsConfig",
    "BetaBrowserListTabsConfigParam",
    "BetaBrowserListTabsInput",
    "BetaBrowserListTabsToolUseBlock",
    "BetaBrowserMemberInput",
    "BetaBrowserMemberName",
    "BetaBrowserMiddleClickConfig",
    "BetaBrowserMiddleClickConfigParam",
    "BetaBrowserMiddleClickInput",
    "BetaBrowserMiddleClickToolUseBlock",
    "BetaBrowserMouseMoveConfig",
    "BetaBrowserMouseMoveConfigParam",
    "BetaBrowserMouseMoveInput",
    "BetaBrowserMouseMoveToolUseBlock",
    "BetaBrowserNavigateConfig",
    "BetaBrowserNavigateConfigParam",
    "BetaBrowserNavigateInput",
    "BetaBrowserNavigateToolUseBlock",
    "BetaBrowserNewTabConfig",
    "BetaBrowserNewTabConfigParam",
    "BetaBrowserNewTabInput",
    "BetaBrowserNewTabToolUseBlock",
    "BetaBrowserReadConsoleConfig",
    "BetaBrowserReadConsoleConfigParam",
    "BetaBrowserReadConsoleInput",
    "BetaBrowserReadConsoleToolUseBlock",
    "BetaBrowserReadNetworkConfig",
    "BetaBrowserReadNetworkConfigParam",
    "BetaBrowserReadNetworkInput",
    "BetaBrowserReadNetworkToolUseBlock",
    "BetaBrowserReadPageConfig",
    "BetaBrowserReadPageConfigParam",
    "BetaBrowserReadPageFilter",
    "BetaBrowserReadPageInput",
    "BetaBrowserReadPageToolUseBlock",
    "BetaBrowserRefTarget",
    "BetaBrowserRightClickConfig",
    "BetaBrowserRightClickConfigParam",
    "BetaBrowserRightClickInput",
    "BetaBrowserRightClickToolUseBlock",
    "BetaBrowserScreenshotConfig",
    "BetaBrowserScreenshotConfigParam",
    "BetaBrowserScreenshotInput",
    "BetaBrowserScreenshotToolUseBlock",
    "BetaBrowserScrollConfig",
    "BetaBrowserScrollConfigParam",
    "BetaBrowserScrollDirection",
    "BetaBrowserScrollInput",
    "BetaBrowserScrollToConfig",
    "BetaBrowserScrollToConfigParam",
    "BetaBrowserScrollToInput",
    "BetaBrowserScrollToToolUseBlock",
    "BetaBrowserScrollToolUseBlock",
    "BetaBrowserStateBlockParam",
    "BetaBrowserStateChangeDownloadCompletedParam",
    "BetaBrowserStateChangeDownloadFailedParam",
    "BetaBrowserStateChangeDownloadStartedParam",
    "BetaBrowserStateChangeParam",
    "BetaBrowserStateChangeTabOpenedParam",
    "BetaBrowserStateTabEntryParam",
    "BetaBrowserSwitchTabConfig",
    "BetaBrowserSwitchTabConfigParam",
    "BetaBrowserSwitchTabInput",
    "BetaBrowserSwitchTabToolUseBlock",
    "BetaBrowserToolUseBlock",
    "BetaBrowserToolset20260801",
    "BetaBrowserToolset20260801Param",
    "BetaBrowserToolsetConfigs",
    "BetaBrowserToolsetConfigsParam",
    "BetaBrowserTripleClickConfig",
    "BetaBrowserTripleClickConfigParam",
    "BetaBrowserTripleClickInput",
    "BetaBrowserTripleClickToolUseBlock",
    "BetaBrowserTypeConfig",
    "BetaBrowserTypeConfigParam",
    "BetaBrowserTypeInput",
    "BetaBrowserTypeToolUseBlock",
    "BetaBrowserWaitConfig",
    "BetaBrowserWaitConfigParam",
    "BetaBrowserWaitInput",
    "BetaBrowserWaitToolUseBlock",
    "BetaBrowserZoomConfig",
    "BetaBrowserZoomConfigParam",
    "BetaBrowserZoomInput",
    "BetaBrowserZoomToolUseBlock",
    "BetaCacheControlEphemeral",
    "BetaCacheControlEphemeralParam",
    "BetaCacheCreation",
    "BetaCacheMissMessagesChanged",
    "BetaCacheMissModelChanged",
    "BetaCacheMissPreviousMessageNotFound",
    "BetaCacheMissReason",
    "BetaCacheMissSystemChanged",
    "BetaCacheMissToolsChanged",
    "BetaCacheMissUnavailable",
    "BetaCapabilitySupport",
    "BetaCitationCharLocation",
    "BetaCitationCharLocationParam",
    "BetaCitationConfig",
    "BetaCitationContentBlockLocation",
    "BetaCitationContentBlockLocationParam",
    "BetaCitationPageLocation",
    "BetaCitationPageLocationParam",
    "BetaCitationSearchResultLocation",
    "BetaCitationSearchResultLocationParam",
    "BetaCitationWebSearchResultLocationParam",
    "BetaCitationsConfigParam",
    "BetaCitationsConfigParamParam",
    "BetaCitationsDelta",
    "BetaCitationsWebSearchResultLocation",
    "BetaClearThinking20251015EditParam",
    "BetaClearThinking20251015EditResponse",
    "BetaClearToolUses20250919EditParam",
    "BetaClearToolUses20250919EditResponse",
    "BetaCloudConfig",
    "BetaCloudConfigParams",
    "BetaCodeExecutionOutputBlock",
    "BetaCodeExecutionOutputBlockParam",
    "BetaCodeExecutionResultBlock",
    "BetaCodeExecutionResultBlockParam",
    "BetaCodeExecutionTool20250522",
    "BetaCodeExecutionTool20250522Param",
    "BetaCodeExecutionTool20250825",
    "BetaCodeExecutionTool20250825Param",
    "BetaCodeExecutionTool20260120",
    "BetaCodeExecutionTool20260120Param",
    "BetaCodeExecutionTool20260521",
    "BetaCodeExecutionTool20260521Param",
    "BetaCodeExecutionToolResultBlock",
    "BetaCodeExecutionToolResultBlockContent",
    "BetaCodeExecutionToolResultBlockParam",
    "BetaCodeExecutionToolResultBlockParamContentParam",
    "BetaCodeExecutionToolResultError",
    "BetaCodeExecutionToolResultErrorCode",
    "BetaCodeExecutionToolResultErrorObject",
    "BetaCodeExecutionToolResultErrorParam",
    "BetaCompact20260112EditParam",
    "BetaCompactionBlock",
    "BetaCompactionBlockParam",
    "BetaCompactionCapability",
    "BetaCompactionConfigParam",
    "BetaCompactionContentBlockDelta",
    "BetaCompactionIterationUsage",
    "BetaComputerCursorPositionConfig",
    "BetaComputerCursorPositionConfigParam",
    "BetaComputerCursorPositionInput",
    "BetaComputerCursorPositionToolUseBlock",
    "BetaComputerDoubleClickConfig",
    "BetaComputerDoubleClickConfigParam",
    "BetaComputerDoubleClickInput",
    "BetaComputerDoubleClickToolUseBlock",
    "BetaComputerHoldKeyConfig",
    "BetaComputerHoldKeyConfigParam",
    "BetaComputerHoldKeyInput",
    "BetaComputerHoldKeyToolUseBlock",
    "BetaComputerKeyConfig",
    "BetaComputerKeyConfigParam",
    "BetaComputerKeyInput",
    "BetaComputerKeyToolUseBlock",
    "BetaComputerLeftClickConfig",
    "BetaComputerLeftClickConfigParam",
    "BetaComputerLeftClickDragConfig",
    "BetaComputerLeftClickDragConfigParam",
    "BetaComputerLeftClickDragInput",
    "BetaComputerLeftClickDragToolUseBlock",
    "BetaComputerLeftClickInput",
    "BetaComputerLeftClickToolUseBlock",
    "BetaComputerLeftMouseDownConfig",
    "BetaComputerLeftMouseDownConfigParam",
    "BetaComputerLeftMouseDownInput",
    "BetaComputerLeftMouseDownToolUseBlock",
    "BetaComputerLeftMouseUpConfig",
    "BetaComputerLeftMouseUpConfigParam",
    "BetaComputerLeftMouseUpInput",
    "BetaComputerLeftMouseUpToolUseBlock",
    "BetaComputerMemberInput",
    "BetaComputerMemberName",
    "BetaComputerMiddleClickConfig",
    "BetaComputerMiddleClickConfigParam",
    "BetaComputerMiddleClickInput",
    "BetaComputerMiddleClickToolUseBlock",
    "BetaComputerMouseMoveConfig",
    "BetaComputerMouseMoveConfigParam",
    "BetaComputerMouseMoveInput",
    "BetaComputerMouseMoveToolUseBlock",
    "BetaComputerRightClickConfig",
    "BetaComputerRightClickConfigParam",
    "BetaComputerRightClickInput",
    "BetaComputerRightClickToolUseBlock",
    "BetaComputerScreenshotConfig",
    "BetaComputerScreenshotConfigParam",
    "BetaComputerScreenshotInput",
    "BetaComputerScreenshotToolUseBlock",
    "BetaComputerScrollConfig",
    "BetaComputerScrollConfigParam",
    "BetaComputerScrollDirection",
    "BetaComputerScrollInput",
    "BetaComputerScrollToolUseBlock",
    "BetaComputerToolUseBlock",
    "BetaComputerToolset20260801",
    "BetaComputerToolset20260801Param",
    "BetaComputerToolsetConfigs",
    "BetaComputerToolsetConfigsParam",
    "BetaComputerTripleClickConfig",
    "BetaComputerTripleClickConfigParam",
    "BetaComputerTripleClickInput",
    "BetaComputerTripleClickToolUseBlock",
    "BetaComputerTypeConfig",
    "BetaComputerTypeConfigParam",
    "BetaComputerTypeInput",
    "BetaComputerTypeToolUseBlock",
    "BetaComputerWaitConfig",
    "BetaComputerWaitConfigParam",
    "BetaComputerWaitInput",
    "BetaComputerWaitToolUseBlock",
    "BetaComputerZoomConfig",
    "BetaComputerZoomConfigParam",
    "BetaComputerZoomInput",
    "BetaComputerZoomToolUseBlock",
    "BetaContainer",
    "BetaContainerParams",
    "BetaContainerSkill",
    "BetaContainerUploadBlock",
    "BetaContainerUploadBlockParam",
    "BetaContentBlock",
    "BetaContentBlockParam",
    "BetaContentBlockSourceContentParam",
    "BetaContentBlockSourceParam",
    "BetaContextManagementCapability",
    "BetaContextManagementConfigParam",
    "BetaContextManagementResponse",
    "BetaCountTokensContextManagementResponse",
    "BetaDeletedFile",
    "BetaDeletedSkill",
    "BetaDeletedUserProfile",
    "BetaDiagnostics",
    "BetaDiagnosticsParam",
    "BetaDirectCaller",
    "BetaDirectCallerParam",
    "BetaDocumentBlock",
    "BetaDream",
    "BetaDreamError",
    "BetaDreamErrorObject",
    "BetaDreamInput",
    "BetaDreamInputParam",
    "BetaDreamMemoryStoreInput",
    "BetaDreamMemoryStoreInputParam",
    "BetaDreamModelConfig",
    "BetaDreamModelConfigParam",
    "BetaDreamOutput",
    "BetaDreamSessionsInput",
    "BetaDreamSessionsInputParam",
    "BetaDreamStatus",
    "BetaDreamUsage",
    "BetaEffortCapability",
    "BetaEncryptedCodeExecutionResultBlock",
    "BetaEncryptedCodeExecutionResultBlockParam",
    "BetaEnvironment",
    "BetaEnvironmentArchivedError",
    "BetaEnvironmentArchivedErrorDetails",
    "BetaEnvironmentCreateDisabledError",
    "BetaEnvironmentCreateDisabledErrorDetails",
    "BetaEnvironmentDeleteResponse",
    "BetaEnvironmentNotFoundError",
    "BetaEnvironmentNotFoundErrorDetails",
    "BetaEnvironmentUpdateDisabledError",
    "BetaEnvironmentUpdateDisabledErrorDetails",
    "BetaFallbackBlock",
    "BetaFallbackBlockParam",
    "BetaFallbackCreditNotApplied",
    "BetaFallbackCreditRedeemed",
    "BetaFallbackCreditTokenParam",
    "BetaFallbackCreditUsage",
    "BetaFallbackInfo",
    "BetaFallbackInfoParam",
    "BetaFallbackMessageIterationUsage",
    "BetaFallbackParam",
    "BetaFallbackRefusalTrigger",
    "BetaFallbacksParam",
    "BetaFileDocumentSourceParam",
    "BetaFileImageSourceParam",
    "BetaFileMetadata",
    "BetaFileScope",
    "BetaHumanReviewNotAvailableError",
    "BetaHumanReviewNotAvailableErrorDetails",
    "BetaImageBlockParam",
    "BetaImageTransformationsParam",
    "BetaInputJSONDelta",
    "BetaInputTokensClearAtLeastParam",
    "BetaInputTokensTriggerParam",
    "BetaInputTransformation",
    "BetaInvalidConfigTypeChangeError",
    "BetaInvalidConfigTypeChangeErrorDetails",
    "BetaInvalidMetadataError",
    "BetaInvalidMetadataErrorDetails",
    "BetaIterationsUsage",
    "BetaJSONOutputFormatParam",
    "BetaLimitedNetwork",
    "BetaLimitedNetworkParams",
    "BetaMCPTool",
    "BetaMCPToolConfig",
    "BetaMCPToolConfigParam",
    "BetaMCPToolDefaultConfig",
    "BetaMCPToolDefaultConfigParam",
    "BetaMCPToolListingBlock",
    "BetaMCPToolListingBlockParam",
    "BetaMCPToolParam",
    "BetaMCPToolParamParam",
    "BetaMCPToolResultBlock",
    "BetaMCPToolUseBlock",
    "BetaMCPToolUseBlockParam",
    "BetaMCPToolset",
    "BetaMCPToolsetParam",
    "BetaManagedAgentsAWSRoleExecutionIdentity",
    "BetaManagedAgentsAWSRoleExecutionIdentityParams",
    "BetaManagedAgentsAdvisor",
    "BetaManagedAgentsAdvisorParams",
    "BetaManagedAgentsAgent",
    "BetaManagedAgentsAgentArchivedDeploymentPausedReasonError",
    "BetaManagedAgentsAgentArchivedDeploymentPausedReasonErrorObject",
    "BetaManagedAgentsAgentArchivedRunError",
    "BetaManagedAgentsAgentArchivedRunErrorObject",
    "BetaManagedAgentsAgentMessagePreview",
    "BetaManagedAgentsAgentParams",
    "BetaManagedAgentsAgentReference",
    "BetaManagedAgentsAgentThinkingPreview",
    "BetaManagedAgentsAgentToolConfig",
    "BetaManagedAgentsAgentToolConfigParams",
    "BetaManagedAgentsAgentToolset20260401",
    "BetaManagedAgentsAgentToolset20260401BashInput",
    "BetaManagedAgentsAgentToolset20260401EditInput",
    "BetaManagedAgentsAgentToolset20260401GlobInput",
    "BetaManagedAgentsAgentToolset20260401GrepInput",
    "BetaManagedAgentsAgentToolset20260401Params",
    "BetaManagedAgentsAgentToolset20260401ReadInput",
    "BetaManagedAgentsAgentToolset20260401WriteInput",
    "BetaManagedAgentsAgentToolsetDefaultConfig",
    "BetaManagedAgentsAgentToolsetDefaultConfigParams",
    "BetaManagedAgentsAgentWithOverridesParams",
    "BetaManagedAgentsAlwaysAllowPolicy",
    "BetaManagedAgentsAlwaysAllowPolicyParam",
    "BetaManagedAgentsAlwaysAskPolicy",
    "BetaManagedAgentsAlwaysAskPolicyParam",
    "BetaManagedAgentsAnthropicSkill",
    "BetaManagedAgentsAnthropicSkillParams",
    "BetaManagedAgentsAutoPolicy",
    "BetaManagedAgentsAutoPolicyParam",
    "BetaManagedAgentsBashToolConfig",
    "BetaManagedAgentsBashToolConfigParams",
    "BetaManagedAgentsBranchCheckout",
    "BetaManagedAgentsBranchCheckoutParam",
    "BetaManagedAgentsBudgetLimit",
    "BetaManagedAgentsBudgetLimitParam",
    "BetaManagedAgentsCacheCreationUsage",
    "BetaManagedAgentsCommitCheckout",
    "BetaManagedAgentsCommitCheckoutParam",
    "BetaManagedAgentsCustomSkill",
    "BetaManagedAgentsCustomSkillParams",
    "BetaManagedAgentsCustomTool",
    "BetaManagedAgentsCustomToolInputSchema",
    "BetaManagedAgentsCustomToolInputSchemaParam",
    "BetaManagedAgentsCustomToolParams",
    "BetaManagedAgentsDeletedMemoryStore",
    "BetaManagedAgentsDeletedSession",
    "BetaManagedAgentsDeletedVault",
    "BetaManagedAgentsDeltaContent",
    "BetaManagedAgentsDeltaEvent",
    "BetaManagedAgentsDeltaType",
    "BetaManagedAgentsDeployment",
    "BetaManagedAgentsDeploymentInitialEvent",
    "BetaManagedAgentsDeploymentInitialEventParams",
    "BetaManagedAgentsDeploymentPausedReason",
    "BetaManagedAgentsDeploymentPausedReasonError",
    "BetaManagedAgentsDeploymentPausedReasonErrorObject",
    "BetaManagedAgentsDeploymentRun",
    "BetaManagedAgentsDeploymentStatus",
    "BetaManagedAgentsDeploymentSystemMessageEvent",
    "BetaManagedAgentsDeploymentUserDefineOutcomeEvent",
    "BetaManagedAgentsDeploymentUserMessageEvent",
    "BetaManagedAgentsEditToolConfig",
    "BetaManagedAgentsEditToolConfigParams",
    "BetaManagedAgentsEffortHigh",
    "BetaManagedAgentsEffortHighParam",
    "BetaManagedAgentsEffortLow",
    "BetaManagedAgentsEffortLowParam",
    "BetaManagedAgentsEffortMax",
    "BetaManagedAgentsEffortMaxParam",
    "BetaManagedAgentsEffortMedium",
    "BetaManagedAgentsEffortMediumParam",
    "BetaManagedAgentsEffortXhigh",
    "BetaManagedAgentsEffortXhighParam",
    "BetaManagedAgentsEnvironmentArchivedDeploymentPausedReasonError",
    "BetaManagedAgentsEnvironmentArchivedDeploymentPausedReasonErrorObject",
    "BetaManagedAgentsEnvironmentArchivedRunError",
    "BetaManagedAgentsEnvironmentArchivedRunErrorObject",
    "BetaManagedAgentsEnvironmentNotFoundDeploymentPausedReasonError",
    "BetaManagedAgentsEnvironmentNotFoundDeploymentPausedReasonErrorObject",
    "BetaManagedAgentsEnvironmentNotFoundRunError",
    "BetaManagedAgentsEnvironmentNotFoundRunErrorObject",
    "BetaManagedAgentsErrorDeploymentPausedReason",
    "BetaManagedAgentsExecutionIdentity",
    "BetaManagedAgentsExecutionIdentityParams",
    "BetaManagedAgentsFileNotFoundDeploymentPausedReasonError",
    "BetaManagedAgentsFileNotFoundDeploymentPausedReasonErrorObject",
    "BetaManagedAgentsFileNotFoundRunError",
    "BetaManagedAgentsFileNotFoundRunErrorObject",
    "BetaManagedAgentsFileResourceConfig",
    "BetaManagedAgentsFileResourceParams",
    "BetaManagedAgentsGitHubRepositoryResourceConfig",
    "BetaManagedAgentsGitHubRepositoryResourceParams",
    "BetaManagedAgentsGlobToolConfig",
    "BetaManagedAgentsGlobToolConfigParams",
    "BetaManagedAgentsGrepToolConfig",
    "BetaManagedAgentsGrepToolConfigParams",
    "BetaManagedAgentsMCPEgressBlockedDeploymentPausedReasonError",
    "BetaManagedAgentsMCPEgressBlockedDeploymentPausedReasonErrorObject",
    "BetaManagedAgentsMCPEgressBlockedRunError",
    "BetaManagedAgentsMCPEgressBlockedRunErrorObject",
    "BetaManagedAgentsMCPServerURLDefinition",
    "BetaManagedAgentsMCPToolConfig",
    "BetaManagedAgentsMCPToolConfigParams",
    "BetaManagedAgentsMCPToolset",
    "BetaManagedAgentsMCPToolsetDefaultConfig",
    "BetaManagedAgentsMCPToolsetDefaultConfigParams",
    "BetaManagedAgentsMCPToolsetParams",
    "BetaManagedAgentsManualDeploymentPausedReason",
    "BetaManagedAgentsManualTriggerContext",
    "BetaManagedAgentsMemoryStore",
    "BetaManagedAgentsMemoryStoreArchivedDeploymentPausedReasonError",
    "BetaManagedAgentsMemoryStoreArchivedDeploymentPausedReasonErrorObject",
    "BetaManagedAgentsMemoryStoreArchivedRunError",
    "BetaManagedAgentsMemoryStoreArchivedRunErrorObject",
    "BetaManagedAgentsMemoryStoreResourceConfig",
    "BetaManagedAgentsMemoryStoreResourceParam",
    "BetaManagedAgentsModel",
    "BetaManagedAgentsModelConfig",
    "BetaManagedAgentsModelConfigParams",
    "BetaManagedAgentsModelParam",
    "BetaManagedAgentsMultiagent",
    "BetaManagedAgentsMultiagent20261001",
    "BetaManagedAgentsMultiagent20261001Params",
    "BetaManagedAgentsMultiagentAdvisor",
    "BetaManagedAgentsMultiagentAdvisorDisabled",
    "BetaManagedAgentsMultiagentAdvisorDisabledParams",
    "BetaManagedAgentsMultiagentAdvisorEnabled",
    "BetaManagedAgentsMultiagentAdvisorEnabledParams",
    "BetaManagedAgentsMultiagentAdvisorParams",
    "BetaManagedAgentsMultiagentCoordinator",
    "BetaManagedAgentsMultiagentCoordinatorParams",
    "BetaManagedAgentsMultiagentInlineAgents",
    "BetaManagedAgentsMultiagentInlineAgentsDisabled",
    "BetaManagedAgentsMultiagentInlineAgentsDisabledParams",
    "BetaManagedAgentsMultiagentInlineAgentsEnabled",
    "BetaManagedAgentsMultiagentInlineAgentsEnabledParams",
    "BetaManagedAgentsMultiagentInlineAgentsParams",
    "BetaManagedAgentsMultiagentParams",
    "BetaManagedAgentsMultiagentPredefinedAgentParams",
    "BetaManagedAgentsMultiagentRosterEntryParams",
    "BetaManagedAgentsMultiagentSelfParams",
    "BetaManagedAgentsMultiagentSubagents",
    "BetaManagedAgentsMultiagentSubagentsDisabled",
    "BetaManagedAgentsMultiagentSubagentsDisabledParams",
    "BetaManagedAgentsMultiagentSubagentsEnabled",
    "BetaManagedAgentsMultiagentSubagentsEnabledParams",
    "BetaManagedAgentsMultiagentSubagentsParams",
    "BetaManagedAgentsMultiagentWorkflows",
    "BetaManagedAgentsMultiagentWorkflowsDisabled",
    "BetaManagedAgentsMultiagentWorkflowsDisabledParams",
    "BetaManagedAgentsMultiagentWorkflowsEnabled",
    "BetaManagedAgentsMultiagentWorkflowsEnabledParams",
    "BetaManagedAgentsMultiagentWorkflowsParams",
    "BetaManagedAgentsOrganizationDisabledDeploymentPausedReasonError",
    "BetaManagedAgentsOrganizationDisabledDeploymentPausedReasonErrorObject",
    "BetaManagedAgentsOrganizationDisabledRunError",
    "BetaManagedAgentsOrganizationDisabledRunErrorObject",
    "BetaManagedAgentsOutcomeEvaluationResource",
    "BetaManagedAgentsReadToolConfig",
    "BetaManagedAgentsReadToolConfigParams",
    "BetaManagedAgentsSchedule",
    "BetaManagedAgentsScheduleParams",
    "BetaManagedAgentsScheduleTriggerContext",
    "BetaManagedAgentsSelfHostedResourcesUnsupportedDeploymentPausedReasonError",
    "BetaManagedAgentsSelfHostedResourcesUnsupportedDeploymentPausedReasonErrorObject",
    "BetaManagedAgentsSelfHostedResourcesUnsupportedRunError",
    "BetaManagedAgentsSelfHostedResourcesUnsupportedRunErrorObject",
    "BetaManagedAgentsServerToolUsage",
    "BetaManagedAgentsServiceAccountExecutionIdentity",
    "BetaManagedAgentsServiceAccountExecutionIdentityParams",
    "BetaManagedAgentsSession",
    "BetaManagedAgentsSessionAgent",
    "BetaManagedAgentsSessionAgentUpdateParam",
    "BetaManagedAgentsSessionCreationRejectedRunError",
    "BetaManagedAgentsSessionCreationRejectedRunErrorObject",
    "BetaManagedAgentsSessionMultiagent",
    "BetaManagedAgentsSessionMultiagent20261001",
    "BetaManagedAgentsSessionMultiagentCoordinator",
    "BetaManagedAgentsSessionMultiagentSubagents",
    "BetaManagedAgentsSessionMultiagentSubagentsEnabled",
    "BetaManagedAgentsSessionMultiagentWorkflows",
    "BetaManagedAgentsSessionMultiagentWorkflowsEnabled",
    "BetaManagedAgentsSessionRateLimitedRunError",
    "BetaManagedAgentsSessionRateLimitedRunErrorObject",
    "BetaManagedAgentsSessionResourceConfig",
    "BetaManagedAgentsSessionResourceNotFoundDeploymentPausedReasonError",
    "BetaManagedAgentsSessionResourceNotFoundDeploymentPausedReasonErrorObject",
    "BetaManagedAgentsSessionResourceNotFoundRunError",
    "BetaManagedAgentsSessionResourceNotFoundRunErrorObject",
    "BetaManagedAgentsSessionStats",
    "BetaManagedAgentsSessionThreadAgent",
    "BetaManagedAgentsSessionUpdatedEvent",
    "BetaManagedAgentsSessionUsage",
    "BetaManagedAgentsSessionUsageEvent",
    "BetaManagedAgentsSkillNotFoundDeploymentPausedReasonError",
    "BetaManagedAgentsSkillNotFoundDeploymentPausedReasonErrorObject",
    "BetaManagedAgentsSkillNotFoundRunError",
    "BetaManagedAgentsSkillNotFoundRunErrorObject",
    "BetaManagedAgentsSkillParams",
    "BetaManagedAgentsStartEvent",
    "BetaManagedAgentsStartEventPreview",
    "BetaManagedAgentsSystemContentBlock",
    "BetaManagedAgentsSystemContentBlockParam",
    "BetaManagedAgentsSystemMessageEvent",
    "BetaManagedAgentsTriggerContext",
    "BetaManagedAgentsTriggerType",
    "BetaManagedAgentsURLMCPServerParams",
    "BetaManagedAgentsUnknownDeploymentPausedReasonError",
    "BetaManagedAgentsUnknownDeploymentPausedReasonErrorObject",
    "BetaManagedAgentsUnknownRunError",
    "BetaManagedAgentsUnknownRunErrorObject",
    "BetaManagedAgentsUserLocation",
    "BetaManagedAgentsUserLocationParam",
    "BetaManagedAgentsUserToolResultEvent",
    "BetaManagedAgentsVault",
    "BetaManagedAgentsVaultArchivedDeploymentPausedReasonError",
    "BetaManagedAgentsVaultArchivedDeploymentPausedReasonErrorObject",
    "BetaManagedAgentsVaultArchivedRunError",
    "BetaManagedAgentsVaultArchivedRunErrorObject",
    "BetaManagedAgentsVaultNotFoundDeploymentPausedReasonError",
    "BetaManagedAgentsVaultNotFoundDeploymentPausedReasonErrorObject",
    "BetaManagedAgentsVaultNotFoundRunError",
    "BetaManagedAgentsVaultNotFoundRunErrorObject",
    "BetaManagedAgentsWebFetchToolConfig",
    "BetaManagedAgentsWebFetchToolConfigParams",
    "BetaManagedAgentsWebFetchURLSourceAll",
    "BetaManagedAgentsWebFetchURLSourceAllParam",
    "BetaManagedAgentsWebFetchURLSourceExcept",
    "BetaManagedAgentsWebFetchURLSourceExceptParam",
    "BetaManagedAgentsWebFetchURLSourceNone",
    "BetaManagedAgentsWebFetchURLSourceNoneParam",
    "BetaManagedAgentsWebFetchURLSourceOnly",
    "BetaManagedAgentsWebFetchURLSourceOnlyParam",
    "BetaManagedAgentsWebFetchURLSourceShorthand",
    "BetaManagedAgentsWebFetchURLSourceToolFilter",
    "BetaManagedAgentsWebFetchURLSourceToolFilterParam",
    "BetaManagedAgentsWebFetchURLSourceToolFilterParams",
    "BetaManagedAgentsWebFetchURLSourceToolReference",
    "BetaManagedAgentsWebFetchURLSourceToolReferenceParam",
    "BetaManagedAgentsWebFetchURLSourceUserInput",
    "BetaManagedAgentsWebFetchURLSourceUserInputParam",
    "BetaManagedAgentsWebFetchURLSourceUserInputParams",
    "BetaManagedAgentsWebFetchURLSources",
    "BetaManagedAgentsWebFetchURLSourcesParams",
    "BetaManagedAgentsWebSearchToolConfig",
    "BetaManagedAgentsWebSearchToolConfigParams",
    "BetaManagedAgentsWorkspaceArchivedDeploymentPausedReasonError",
    "BetaManagedAgentsWorkspaceArchivedDeploymentPausedReasonErrorObject",
    "BetaManagedAgentsWorkspaceArchivedRunError",
    "BetaManagedAgentsWorkspaceArchivedRunErrorObject",
    "BetaManagedAgentsWriteToolConfig",
    "BetaManagedAgentsWriteToolConfigParams",
    "BetaMemoryTool20250818",
    "BetaMemoryTool20250818Command",
    "BetaMemoryTool20250818CreateCommand",
    "BetaMemoryTool20250818DeleteCommand",
    "BetaMemoryTool20250818InsertCommand",
    "BetaMemoryTool20250818Param",
    "BetaMemoryTool20250818RenameCommand",
    "BetaMemoryTool20250818StrReplaceCommand",
    "BetaMemoryTool20250818ViewCommand",
    "BetaMessage",
    "BetaMessageContentParam",
    "BetaMessageDeltaUsage",
    "BetaMessageIterationUsage",
    "BetaMessageParam",
    "BetaMessageThreadParam",
    "BetaMessageTokensCount",
    "BetaMetadataParam",
    "BetaModelCapabilities",
    "BetaModelInfo",
    "BetaModelLine",
    "BetaOrganization",
    "BetaOrganizationNotEligibleError",
    "BetaOrganizationNotEligibleErrorDetails",
    "BetaOrganizationRole",
    "BetaOutputBehavior",
    "BetaOutputBehaviorCreateNew",
    "BetaOutputBehaviorCreateNewParam",
    "BetaOutputBehaviorParam",
    "BetaOutputBehaviorUpdateExisting",
    "BetaOutputBehaviorUpdateExistingParam",
    "BetaOutputConfigParam",
    "BetaOutputTokensDetails",
    "BetaPackages",
    "BetaPackagesParams",
    "BetaPlainTextSource",
    "BetaPlainTextSourceParam",
    "BetaRawContentBlockDelta",
    "BetaRawContentBlockDeltaEvent",
    "BetaRawContentBlockStartEvent",
    "BetaRawContentBlockStopEvent",
    "BetaRawMessageDeltaEvent",
    "BetaRawMessageStartEvent",
    "BetaRawMessageStopEvent",
    "BetaRawMessageStreamEvent",
    "BetaRedactedThinkingBlock",
    "BetaRedactedThinkingBlockParam",
    "BetaRefusalStopDetails",
    "BetaRequestDocumentBlockParam",
    "BetaRequestMCPServerToolConfigurationParam",
    "BetaRequestMCPServerURLDefinitionParam",
    "BetaRequestMCPToolResultBlockParam",
    "BetaRequestToolAdditionBlockParam",
    "BetaRequestToolRemovalBlockParam",
    "BetaResponseBrowserCloseTabToolUseBlock",
    "BetaResponseBrowserDoubleClickToolUseBlock",
    "BetaResponseBrowserFileUploadToolUseBlock",
    "BetaResponseBrowserFindToolUseBlock",
    "BetaResponseBrowserFormInputToolUseBlock",
    "BetaResponseBrowserGetPageTextToolUseBlock",
    "BetaResponseBrowserHoldKeyToolUseBlock",
    "BetaResponseBrowserHoverToolUseBlock",
    "BetaResponseBrowserJavascriptExecToolUseBlock",
    "BetaResponseBrowserKeyToolUseBlock",
    "BetaResponseBrowserLeftClickDragToolUseBlock",
    "BetaResponseBrowserLeftClickToolUseBlock",
    "BetaResponseBrowserLeftMouseDownToolUseBlock",
    "BetaResponseBrowserLeftMouseUpToolUseBlock",
    "BetaResponseBrowserListTabsToolUseBlock",
    "BetaResponseBrowserMiddleClickToolUseBlock",
    "BetaResponseBrowserMouseMoveToolUseBlock",
    "BetaResponseBrowserNavigateToolUseBlock",
    "BetaResponseBrowserNewTabToolUseBlock",
    "BetaResponseBrowserReadConsoleToolUseBlock",
    "BetaResponseBrowserReadNetworkToolUseBlock",
    "BetaResponseBrowserReadPageToolUseBlock",
    "BetaResponseBrowserRightClickToolUseBlock",
    "BetaResponseBrowserScreenshotToolUseBlock",
    "BetaResponseBrowserScrollToToolUseBlock",
    "BetaResponseBrowserScrollToolUseBlock",
    "BetaResponseBrowserSwitchTabToolUseBlock",
    "BetaResponseBrowserToolUseBlock",
    "BetaResponseBrowserTripleClickToolUseBlock",
    "BetaResponseBrowserTypeToolUseBlock",
    "BetaResponseBrowserWaitToolUseBlock",
    "BetaResponseBrowserZoomToolUseBlock",
    "BetaResponseComputerCursorPositionToolUseBlock",
    "BetaResponseComputerDoubleClickToolUseBlock",
    "BetaResponseComputerHoldKeyToolUseBlock",
    "BetaResponseComputerKeyToolUseBlock",
    "BetaResponseComputerLeftClickDragToolUseBlock",
    "BetaResponseComputerLeftClickToolUseBlock",
    "BetaResponseComputerLeftMouseDownToolUseBlock",
    "BetaResponseComputerLeftMouseUpToolUseBlock",
    "BetaResponseComputerMiddleClickToolUseBlock",
    "BetaResponseComputerMouseMoveToolUseBlock",
    "BetaResponseComputerRightClickToolUseBlock",
    "BetaResponseComputerScreenshotToolUseBlock",
    "BetaResponseComputerScrollToolUseBlock",
    "BetaResponseComputerToolUseBlock",
    "BetaResponseComputerTripleClickToolUseBlock",
    "BetaResponseComputerTypeToolUseBlock",
    "BetaResponseComputerWaitToolUseBlock",
    "BetaResponseComputerZoomToolUseBlock",
    "BetaResponseTool",
    "BetaResponseToolAdditionBlock",
    "BetaResponseToolChangeMCPToolReference",
    "BetaResponseToolChangeMCPToolsetReference",
    "BetaResponseToolChangeToolReference",
    "BetaResponseToolInputSchema",
    "BetaResponseToolRemovalBlock",
    "BetaResponseToolUnion",
    "BetaResponseToolUseBlockUnion",
    "BetaSearchResultBlockParam",
    "BetaSelfHostedConfig",
    "BetaSelfHostedConfigParams",
    "BetaServerToolCaller",
    "BetaServerToolCaller20260120",
    "BetaServerToolCaller20260120Param",
    "BetaServerToolCallerParam",
    "BetaServerToolUsage",
    "BetaServerToolUseBlock",
    "BetaServerToolUseBlockParam",
    "BetaServerToolsCapability",
    "BetaSignatureDelta",
    "BetaSkill",
    "BetaSkillParams",
    "BetaSkillSource",
    "BetaStopReason",
    "BetaSystemMessageOutputConfigParam",
    "BetaSystemMessageParam",
    "BetaTextBlock",
    "BetaTextBlockParam",
    "BetaTextCitation",
    "BetaTextCitationParam",
    "BetaTextDelta",
    "BetaTextEditorCodeExecutionCreateResultBlock",
    "BetaTextEditorCodeExecutionCreateResultBlockParam",
    "BetaTextEditorCodeExecutionStrReplaceResultBlock",
    "BetaTextEditorCodeExecutionStrReplaceResultBlockParam",
    "BetaTextEditorCodeExecutionToolResultBlock",
    "BetaTextEditorCodeExecutionToolResultBlockParam",
    "BetaTextEditorCodeExecutionToolResultError",
    "BetaTextEditorCodeExecutionToolResultErrorObject",
    "BetaTextEditorCodeExecutionToolResultErrorParam",
    "BetaTextEditorCodeExecutionViewResultBlock",
    "BetaTextEditorCodeExecutionViewResultBlockParam",
    "BetaThinkingBlock",
    "BetaThinkingBlockBindingParam",
    "BetaThinkingBlockParam",
    "BetaThinkingCapability",
    "BetaThinkingConfigAdaptiveParam",
    "BetaThinkingConfigBetweenToolsParam",
    "BetaThinkingConfigDisabledParam",
    "BetaThinkingConfigEnabledParam",
    "BetaThinkingConfigParam",
    "BetaThinkingDelta",
    "BetaThinkingDroppedInputTransformation",
    "BetaThinkingMismatchAllowedInputTransformation",
    "BetaThinkingPrefixMismatchBehavior",
    "BetaThinkingTurnsParam",
    "BetaThinkingTypes",
    "BetaThreadContinueParams",
    "BetaThreadCreateParams",
    "BetaTokenTaskBudgetParam",
    "BetaToolBash20241022",
    "BetaToolBash20241022Param",
    "BetaToolBash20250124",
    "BetaToolBash20250124Param",
    "BetaToolChangeMCPToolReferenceParam",
    "BetaToolChangeMCPToolsetReferenceParam",
    "BetaToolChangeToolDefinition",
    "BetaToolChangeToolDefinitionParam",
    "BetaToolChangeToolReferenceParam",
    "BetaToolChoiceAnyParam",
    "BetaToolChoiceAutoParam",
    "BetaToolChoiceNoneParam",
    "BetaToolChoiceParam",
    "BetaToolChoiceToolParam",
    "BetaToolComputerUse20241022",
    "BetaToolComputerUse20241022Param",
    "BetaToolComputerUse20250124",
    "BetaToolComputerUse20250124Param",
    "BetaToolComputerUse20251124",
    "BetaToolComputerUse20251124Param",
    "BetaToolParam",
    "BetaToolReferenceBlock",
    "BetaToolReferenceBlockParam",
    "BetaToolResultBlockParam",
    "BetaToolSearchToolBm25_20251119",
    "BetaToolSearchToolBm25_20251119Param",
    "BetaToolSearchToolRegex20251119",
    "BetaToolSearchToolRegex20251119Param",
    "BetaToolSearchToolResultBlock",
    "BetaToolSearchToolResultBlockParam",
    "BetaToolSearchToolResultError",
    "BetaToolSearchToolResultErrorObject",
    "BetaToolSearchToolResultErrorParam",
    "BetaToolSearchToolSearchResultBlock",
    "BetaToolSearchToolSearchResultBlockParam",
    "BetaToolTextEditor20241022",
    "BetaToolTextEditor20241022Param",
    "BetaToolTextEditor20250124",
    "BetaToolTextEditor20250124Param",
    "BetaToolTextEditor20250429",
    "BetaToolTextEditor20250429Param",
    "BetaToolTextEditor20250728",
    "BetaToolTextEditor20250728Param",
    "BetaToolUnionParam",
    "BetaToolUseBlock",
    "BetaToolUseBlockParam",
    "BetaToolUseCaller",
    "BetaToolUsesKeepParam",
    "BetaToolUsesTriggerParam",
    "BetaToolsetToolUseBlock",
    "BetaTunnel",
    "BetaTunnelToken",
    "BetaURLImageSourceParam",
    "BetaURLPDFSourceParam",
    "BetaUnrestrictedNetwork",
    "BetaUnrestrictedNetworkParam",
    "BetaUsage",
    "BetaUserLocation",
    "BetaUserLocationParam",
    "BetaUserMessageParam",
    "BetaUserProfile",
    "BetaUserProfileEnrollmentURL",
    "BetaUserProfileExternalUserDetails",
    "BetaUserProfileExternalUserDetailsParams",
    "BetaUserProfileTrustGrant",
    "BetaWebFetchBlock",
    "BetaWebFetchBlockParam",
    "BetaWebFetchTool20250910",
    "BetaWebFetchTool20250910Param",
    "BetaWebFetchTool20260209",
    "BetaWebFetchTool20260209Param",
    "BetaWebFetchTool20260309",
    "BetaWebFetchTool20260309Param",
    "BetaWebFetchTool20260318",
    "BetaWebFetchTool20260318Param",
    "BetaWebFetchToolResultBlock",
    "BetaWebFetchToolResultBlockParam",
    "BetaWebFetchToolResultErrorBlock",
    "BetaWebFetchToolResultErrorBlockParam",
    "BetaWebFetchToolResultErrorCode",
    "BetaWebFetchURLSourceAll",
    "BetaWebFetchURLSourceAllParam",
    "BetaWebFetchURLSourceExcept",
    "BetaWebFetchURLSourceExceptParam",
    "BetaWebFetchURLSourceNone",
    "BetaWebFetchURLSourceNoneParam",
    "BetaWebFetchURLSourceOnly",
    "BetaWebFetchURLSourceOnlyParam",
    "BetaWebFetchURLSourceToolReference",
    "BetaWebFetchURLSourceToolReferenceParam",
    "BetaWebFetchURLSources",
    "BetaWebFetchURLSourcesParam",
    "BetaWebSearchResultBlock",
    "BetaWebSearchResultBlockParam",
    "BetaWebSearchTool20250305",
    "BetaWebSearchTool20250305Param",
    "BetaWebSearchTool20260209",
    "BetaWebSearchTool20260209Param",
    "BetaWebSearchTool20260318",
    "BetaWebSearchTool20260318Param",
    "BetaWebSearchToolRequestErrorObjectParam",
    "BetaWebSearchToolRequestErrorParam",
    "BetaWebSearchToolResultBlock",
    "BetaWebSearchToolResultBlockContent",
    "BetaWebSearchToolResultBlockParam",
    "BetaWebSearchToolResultBlockParamContentParam",
    "BetaWebSearchToolResultError",
    "BetaWebSearchToolResultErrorCode",
    "BetaWebSearchToolResultErrorObject",
    "BetaWebhookAgentArchivedEventData",
    "BetaWebhookAgentCreatedEventData",
    "BetaWebhookAgentDeletedEventData",
    "BetaWebhookAgentUpdatedEventData",
    "BetaWebhookDeploymentArchivedEventData",
    "BetaWebhookDeploymentCreatedEventData",
    "BetaWebhookDeploymentDeletedEventData",
    "BetaWebhookDeploymentPausedEventData",
    "BetaWebhookDeploymentRunFailedEventData",
    "BetaWebhookDeploymentRunStartedEventData",
    "BetaWebhookDeploymentRunSucceededEventData",
    "BetaWebhookDeploymentUnpausedEventData",
    "BetaWebhookDeploymentUpdatedEventData",
    "BetaWebhookEnvironmentArchivedEventData",
    "BetaWebhookEnvironmentCreatedEventData",
    "BetaWebhookEnvironmentDeletedEventData",
    "BetaWebhookEnvironmentUpdatedEventData",
    "BetaWebhookEvent",
    "BetaWebhookEventData",
    "BetaWebhookExternalKeyFailedEventData",
    "BetaWebhookExternalKeyRecoveredEventData",
    "BetaWebhookExternalStorageFailedEventData",
    "BetaWebhookExternalStorageRecoveredEventData",
    "BetaWebhookMemoryStoreArchivedEventData",
    "BetaWebhookMemoryStoreCreatedEventData",
    "BetaWebhookMemoryStoreDeletedEventData",
    "BetaWebhookSessionArchivedEventData",
    "BetaWebhookSessionBudgetReachedEventData",
    "BetaWebhookSessionCreatedEventData",
    "BetaWebhookSessionDeletedEventData",
    "BetaWebhookSessionIdledEventData",
    "BetaWebhookSessionOutcomeEvaluationEndedEventData",
    "BetaWebhookSessionPendingEventData",
    "BetaWebhookSessionRequiresActionEventData",
    "BetaWebhookSessionRunningEventData",
    "BetaWebhookSessionStatusIdledEventData",
    "BetaWebhookSessionStatusRescheduledEventData",
    "BetaWebhookSessionStatusRunStartedEventData",
    "BetaWebhookSessionStatusTerminatedEventData",
    "BetaWebhookSessionThreadCreatedEventData",
    "BetaWebhookSessionThreadIdledEventData",
    "BetaWebhookSessionThreadTerminatedEventData",
    "BetaWebhookSessionUpdatedEventData",
    "BetaWebhookUserProfileEnforcementActionOpenedEventData",
    "BetaWebhookUserProfileEnforcementActionResolvedEventData",
    "BetaWebhookUserProfileProgramStatusUpdatedEventData",
    "BetaWebhookVaultArchivedEventData",
    "BetaWebhookVaultCreatedEventData",
    "BetaWebhookVaultCredentialArchivedEventData",
    "BetaWebhookVaultCredentialCreatedEventData",
    "BetaWebhookVaultCredentialDeletedEventData",
    "BetaWebhookVaultCredentialRefreshFailedEventData",
    "BetaWebhookVaultDeletedEventData",
    "DeploymentCreateParams",
    "DeploymentListParams",
    "DeploymentRunListParams",
    "DeploymentUpdateParams",
    "DreamCreateParams",
    "DreamListParams",
    "EnvironmentCreateParams",
    "EnvironmentListParams",
    "EnvironmentUpdateParams",
    "FileListParams",
    "FileUploadParams",
    "MemoryStoreCreateParams",
    "MemoryStoreListParams",
    "MemoryStoreUpdateParams",
    "MessageCountTokensParams",
    "MessageCreateParams",
    "ModelListParams",
    "SessionCreateParams",
    "SessionListParams",
    "SessionUpdateParams",
    "SkillCreateParams",
    "SkillListParams",
    "ThreadCreateParams",
    "ThreadSendParams",
    "TunnelCreateParams",
    "TunnelListParams",
    "TunnelRotateTokenParams",
    "UnwrapWebhookEvent",
    "UserProfileCreateParams",
    "UserProfileListParams",
    "UserProfileUpdateParams",
    "VaultCreateParams",
    "VaultListParams",
    "VaultUpdateParams",
]

AgentCreateParams: TypeAlias = dict[str, Any]
AgentListParams: TypeAlias = dict[str, Any]
AgentRetrieveParams: TypeAlias = dict[str, Any]
AgentUpdateParams: TypeAlias = dict[str, Any]
BETA_BROWSER_MEMBER_NAME_VALUES: tuple[str, ...]
BETA_COMPUTER_MEMBER_NAME_VALUES: tuple[str, ...]
BetaAdvisorMessageIterationUsage: TypeAlias = _Record
BetaAdvisorRedactedResultBlock: TypeAlias = _Record
BetaAdvisorRedactedResultBlockParam: TypeAlias = dict[str, Any]
BetaAdvisorResultBlock: TypeAlias = _Record
BetaAdvisorResultBlockParam: TypeAlias = dict[str, Any]
BetaAdvisorTool20260301: TypeAlias = _Record
BetaAdvisorTool20260301Param: TypeAlias = dict[str, Any]
BetaAdvisorToolResultBlock: TypeAlias = _Record
BetaAdvisorToolResultBlockParam: TypeAlias = dict[str, Any]
BetaAdvisorToolResultError: TypeAlias = _Record
BetaAdvisorToolResultErrorObject: TypeAlias = _Record
BetaAdvisorToolResultErrorParam: TypeAlias = dict[str, Any]
BetaAllThinkingTurnsParam: TypeAlias = dict[str, Any]
BetaApprovalRequiredErrorDetails: TypeAlias = _Record
BetaAuthorizationCheckUnavailableErrorDetails: TypeAlias = _Record
BetaBase64PDFSource: TypeAlias = _Record
BetaBashCodeExecutionOutputBlock: TypeAlias = _Record
BetaBashCodeExecutionOutputBlockParam: TypeAlias = dict[str, Any]
BetaBashCodeExecutionResultBlock: TypeAlias = _Record
BetaBashCodeExecutionResultBlockParam: TypeAlias = dict[str, Any]
BetaBashCodeExecutionToolResultBlock: TypeAlias = _ServerToolResultBlock
BetaBashCodeExecutionToolResultBlockParam: TypeAlias = dict[str, Any]
BetaBashCodeExecutionToolResultError: TypeAlias = _Record
BetaBashCodeExecutionToolResultErrorObject: TypeAlias = _Record
BetaBashCodeExecutionToolResultErrorParam: TypeAlias = dict[str, Any]
BetaBillTo: TypeAlias = str
BetaBillingPolicyParam: TypeAlias = dict[str, Any]
BetaBrowserClickTarget: TypeAlias = _Record
BetaBrowserCloseTabConfig: TypeAlias = _Record
BetaBrowserCloseTabConfigParam: TypeAlias = dict[str, Any]
BetaBrowserCloseTabInput: TypeAlias = _Record
BetaBrowserCloseTabToolUseBlock: TypeAlias = _Record
BetaBrowserCoordinateTarget: TypeAlias = _Record
BetaBrowserDoubleClickConfig: TypeAlias = _Record
BetaBrowserDoubleClickConfigParam: TypeAlias = dict[str, Any]
BetaBrowserDoubleClickInput: TypeAlias = _Record
BetaBrowserDoubleClickToolUseBlock: TypeAlias = _Record
BetaBrowserFileUploadConfig: TypeAlias = _Record
BetaBrowserFileUploadConfigParam: TypeAlias = dict[str, Any]
BetaBrowserFileUploadInput: TypeAlias = _Record
BetaBrowserFileUploadToolUseBlock: TypeAlias = _Record
BetaBrowserFindConfig: TypeAlias = _Record
BetaBrowserFindConfigParam: TypeAlias = dict[str, Any]
BetaBrowserFindInput: TypeAlias = _Record
BetaBrowserFindToolUseBlock: TypeAlias = _Record
BetaBrowserFormInputConfig: TypeAlias = _Record
BetaBrowserFormInputConfigParam: TypeAlias = dict[str, Any]
BetaBrowserFormInputInput: TypeAlias = _Record
BetaBrowserFormInputToolUseBlock: TypeAlias = _Record
BetaBrowserFormInputValue: TypeAlias = Any
BetaBrowserGetPageTextConfig: TypeAlias = _Record
BetaBrowserGetPageTextConfigParam: TypeAlias = dict[str, Any]
BetaBrowserGetPageTextInput: TypeAlias = _Record
BetaBrowserGetPageTextToolUseBlock: TypeAlias = _Record
BetaBrowserHoldKeyConfig: TypeAlias = _Record
BetaBrowserHoldKeyConfigParam: TypeAlias = dict[str, Any]
BetaBrowserHoldKeyInput: TypeAlias = _Record
BetaBrowserHoldKeyToolUseBlock: TypeAlias = _Record
BetaBrowserHoverConfig: TypeAlias = _Record
BetaBrowserHoverConfigParam: TypeAlias = dict[str, Any]
BetaBrowserHoverInput: TypeAlias = _Record
BetaBrowserHoverToolUseBlock: TypeAlias = _Record
BetaBrowserJavascriptExecConfig: TypeAlias = _Record
BetaBrowserJavascriptExecConfigParam: TypeAlias = dict[str, Any]
BetaBrowserJavascriptExecInput: TypeAlias = _Record
BetaBrowserJavascriptExecToolUseBlock: TypeAlias = _Record
BetaBrowserKeyConfig: TypeAlias = _Record
BetaBrowserKeyConfigParam: TypeAlias = dict[str, Any]
BetaBrowserKeyInput: TypeAlias = _Record
BetaBrowserKeyToolUseBlock: TypeAlias = _Record
BetaBrowserLeftClickConfig: TypeAlias = _Record
BetaBrowserLeftClickConfigParam: TypeAlias = dict[str, Any]
BetaBrowserLeftClickDragConfig: TypeAlias = _Record
BetaBrowserLeftClickDragConfigParam: TypeAlias = dict[str, Any]
BetaBrowserLeftClickDragInput: TypeAlias = _Record
BetaBrowserLeftClickDragToolUseBlock: TypeAlias = _Record
BetaBrowserLeftClickInput: TypeAlias = _Record
BetaBrowserLeftClickToolUseBlock: TypeAlias = _Record
BetaBrowserLeftMouseDownConfig: TypeAlias = _Record
BetaBrowserLeftMouseDownConfigParam: TypeAlias = dict[str, Any]
BetaBrowserLeftMouseDownInput: TypeAlias = _Record
BetaBrowserLeftMouseDownToolUseBlock: TypeAlias = _Record
BetaBrowserLeftMouseUpConfig: TypeAlias = _Record
BetaBrowserLeftMouseUpConfigParam: TypeAlias = dict[str, Any]
BetaBrowserLeftMouseUpInput: TypeAlias = _Record
BetaBrowserLeftMouseUpToolUseBlock: TypeAlias = _Record
BetaBrowserListTabsConfig: TypeAlias = _Record
BetaBrowserListTabsConfigParam: TypeAlias = dict[str, Any]
BetaBrowserListTabsInput: TypeAlias = _Record
BetaBrowserListTabsToolUseBlock: TypeAlias = _Record
BetaBrowserMemberInput: TypeAlias = _Record
BetaBrowserMemberName: TypeAlias = str
BetaBrowserMiddleClickConfig: TypeAlias = _Record
BetaBrowserMiddleClickConfigParam: TypeAlias = dict[str, Any]
BetaBrowserMiddleClickInput: TypeAlias = _Record
BetaBrowserMiddleClickToolUseBlock: TypeAlias = _Record
BetaBrowserMouseMoveConfig: TypeAlias = _Record
BetaBrowserMouseMoveConfigParam: TypeAlias = dict[str, Any]
BetaBrowserMouseMoveInput: TypeAlias = _Record
BetaBrowserMouseMoveToolUseBlock: TypeAlias = _Record
BetaBrowserNavigateConfig: TypeAlias = _Record
BetaBrowserNavigateConfigParam: TypeAlias = dict[str, Any]
BetaBrowserNavigateInput: TypeAlias = _Record
BetaBrowserNavigateToolUseBlock: TypeAlias = _Record
BetaBrowserNewTabConfig: TypeAlias = _Record
BetaBrowserNewTabConfigParam: TypeAlias = dict[str, Any]
BetaBrowserNewTabInput: TypeAlias = _Record
BetaBrowserNewTabToolUseBlock: TypeAlias = _Record
BetaBrowserReadConsoleConfig: TypeAlias = _Record
BetaBrowserReadConsoleConfigParam: TypeAlias = dict[str, Any]
BetaBrowserReadConsoleInput: TypeAlias = _Record
BetaBrowserReadConsoleToolUseBlock: TypeAlias = _Record
BetaBrowserReadNetworkConfig: TypeAlias = _Record
BetaBrowserReadNetworkConfigParam: TypeAlias = dict[str, Any]
BetaBrowserReadNetworkInput: TypeAlias = _Record
BetaBrowserReadNetworkToolUseBlock: TypeAlias = _Record
BetaBrowserReadPageConfig: TypeAlias = _Record
BetaBrowserReadPageConfigParam: TypeAlias = dict[str, Any]
BetaBrowserReadPageFilter: TypeAlias = str
BetaBrowserReadPageInput: TypeAlias = _Record
BetaBrowserReadPageToolUseBlock: TypeAlias = _Record
BetaBrowserRefTarget: TypeAlias = _Record
BetaBrowserRightClickConfig: TypeAlias = _Record
BetaBrowserRightClickConfigParam: TypeAlias = dict[str, Any]
BetaBrowserRightClickInput: TypeAlias = _Record
BetaBrowserRightClickToolUseBlock: TypeAlias = _Record
BetaBrowserScreenshotConfig: TypeAlias = _Record
BetaBrowserScreenshotConfigParam: TypeAlias = dict[str, Any]
BetaBrowserScreenshotInput: TypeAlias = _Record
BetaBrowserScreenshotToolUseBlock: TypeAlias = _Record
BetaBrowserScrollConfig: TypeAlias = _Record
BetaBrowserScrollConfigParam: TypeAlias = dict[str, Any]
BetaBrowserScrollDirection: TypeAlias = str
BetaBrowserScrollInput: TypeAlias = _Record
BetaBrowserScrollToConfig: TypeAlias = _Record
BetaBrowserScrollToConfigParam: TypeAlias = dict[str, Any]
BetaBrowserScrollToInput: TypeAlias = _Record
BetaBrowserScrollToToolUseBlock: TypeAlias = _Record
BetaBrowserScrollToolUseBlock: TypeAlias = _Record
BetaBrowserStateBlockParam: TypeAlias = dict[str, Any]
BetaBrowserStateChangeDownloadCompletedParam: TypeAlias = dict[str, Any]
BetaBrowserStateChangeDownloadFailedParam: TypeAlias = dict[str, Any]
BetaBrowserStateChangeDownloadStartedParam: TypeAlias = dict[str, Any]
BetaBrowserStateChangeParam: TypeAlias = dict[str, Any]
BetaBrowserStateChangeTabOpenedParam: TypeAlias = dict[str, Any]
BetaBrowserStateTabEntryParam: TypeAlias = dict[str, Any]
BetaBrowserSwitchTabConfig: TypeAlias = _Record
BetaBrowserSwitchTabConfigParam: TypeAlias = dict[str, Any]
BetaBrowserSwitchTabInput: TypeAlias = _Record
BetaBrowserSwitchTabToolUseBlock: TypeAlias = _Record
BetaBrowserToolUseBlock: TypeAlias = _Record
BetaBrowserToolset20260801: TypeAlias = _Record
BetaBrowserToolset20260801Param: TypeAlias = dict[str, Any]
BetaBrowserToolsetConfigs: TypeAlias = _Record
BetaBrowserToolsetConfigsParam: TypeAlias = dict[str, Any]
BetaBrowserTripleClickConfig: TypeAlias = _Record
BetaBrowserTripleClickConfigParam: TypeAlias = dict[str, Any]
BetaBrowserTripleClickInput: TypeAlias = _Record
BetaBrowserTripleClickToolUseBlock: TypeAlias = _Record
BetaBrowserTypeConfig: TypeAlias = _Record
BetaBrowserTypeConfigParam: TypeAlias = dict[str, Any]
BetaBrowserTypeInput: TypeAlias = _Record
BetaBrowserTypeToolUseBlock: TypeAlias = _Record
BetaBrowserWaitConfig: TypeAlias = _Record
BetaBrowserWaitConfigParam: TypeAlias = dict[str, Any]
BetaBrowserWaitInput: TypeAlias = _Record
BetaBrowserWaitToolUseBlock: TypeAlias = _Record
BetaBrowserZoomConfig: TypeAlias = _Record
BetaBrowserZoomConfigParam: TypeAlias = dict[str, Any]
BetaBrowserZoomInput: TypeAlias = _Record
BetaBrowserZoomToolUseBlock: TypeAlias = _Record
BetaCacheControlEphemeral: TypeAlias = _Record
BetaCacheMissMessagesChanged: TypeAlias = _Record
BetaCacheMissModelChanged: TypeAlias = _Record
BetaCacheMissPreviousMessageNotFound: TypeAlias = _Record
BetaCacheMissReason: TypeAlias = _Record
BetaCacheMissSystemChanged: TypeAlias = _Record
BetaCacheMissToolsChanged: TypeAlias = _Record
BetaCacheMissUnavailable: TypeAlias = _Record
BetaCapabilitySupport: TypeAlias = _Record
BetaCitationCharLocationParam: TypeAlias = dict[str, Any]
BetaCitationConfig: TypeAlias = _Record
BetaCitationContentBlockLocationParam: TypeAlias = dict[str, Any]
BetaCitationPageLocationParam: TypeAlias = dict[str, Any]
BetaCitationSearchResultLocation: TypeAlias = _Record
BetaCitationSearchResultLocationParam: TypeAlias = dict[str, Any]
BetaCitationWebSearchResultLocationParam: TypeAlias = dict[str, Any]
BetaCitationsConfigParamParam: TypeAlias = dict[str, Any]
BetaClearThinking20251015EditParam: TypeAlias = dict[str, Any]
BetaClearThinking20251015EditResponse: TypeAlias = _Record
BetaClearToolUses20250919EditParam: TypeAlias = dict[str, Any]
BetaClearToolUses20250919EditResponse: TypeAlias = _Record
BetaCloudConfig: TypeAlias = _Record
BetaCloudConfigParams: TypeAlias = dict[str, Any]
BetaCodeExecutionOutputBlock: TypeAlias = _Record
BetaCodeExecutionOutputBlockParam: TypeAlias = dict[str, Any]
BetaCodeExecutionResultBlock: TypeAlias = _Record
BetaCodeExecutionResultBlockParam: TypeAlias = dict[str, Any]
BetaCodeExecutionTool20250522: TypeAlias = _Record
BetaCodeExecutionTool20250522Param: TypeAlias = dict[str, Any]
BetaCodeExecutionTool20250825: TypeAlias = _Record
BetaCodeExecutionTool20250825Param: TypeAlias = dict[str, Any]
BetaCodeExecutionTool20260120: TypeAlias = _Record
BetaCodeExecutionTool20260120Param: TypeAlias = dict[str, Any]
BetaCodeExecutionTool20260521: TypeAlias = _Record
BetaCodeExecutionTool20260521Param: TypeAlias = dict[str, Any]
BetaCodeExecutionToolResultBlock: TypeAlias = _ServerToolResultBlock
BetaCodeExecutionToolResultBlockContent: TypeAlias = _Record
BetaCodeExecutionToolResultBlockParam: TypeAlias = dict[str, Any]
BetaCodeExecutionToolResultBlockParamContentParam: TypeAlias = dict[str, Any]
BetaCodeExecutionToolResultError: TypeAlias = _Record
BetaCodeExecutionToolResultErrorCode: TypeAlias = str
BetaCodeExecutionToolResultErrorObject: TypeAlias = _Record
BetaCodeExecutionToolResultErrorParam: TypeAlias = dict[str, Any]
BetaCompact20260112EditParam: TypeAlias = dict[str, Any]
BetaCompactionBlockParam: TypeAlias = dict[str, Any]
BetaCompactionCapability: TypeAlias = _Record
BetaCompactionConfigParam: TypeAlias = dict[str, Any]
BetaCompactionContentBlockDelta: TypeAlias = _Record
BetaCompactionIterationUsage: TypeAlias = _Record
BetaComputerCursorPositionConfig: TypeAlias = _Record
BetaComputerCursorPositionConfigParam: TypeAlias = dict[str, Any]
BetaComputerCursorPositionInput: TypeAlias = _Record
BetaComputerCursorPositionToolUseBlock: TypeAlias = _Record
BetaComputerDoubleClickConfig: TypeAlias = _Record
BetaComputerDoubleClickConfigParam: TypeAlias = dict[str, Any]
BetaComputerDoubleClickInput: TypeAlias = _Record
BetaComputerDoubleClickToolUseBlock: TypeAlias = _Record
BetaComputerHoldKeyConfig: TypeAlias = _Record
BetaComputerHoldKeyConfigParam: TypeAlias = dict[str, Any]
BetaComputerHoldKeyInput: TypeAlias = _Record
BetaComputerHoldKeyToolUseBlock: TypeAlias = _Record
BetaComputerKeyConfig: TypeAlias = _Record
BetaComputerKeyConfigParam: TypeAlias = dict[str, Any]
BetaComputerKeyInput: TypeAlias = _Record
BetaComputerKeyToolUseBlock: TypeAlias = _Record
BetaComputerLeftClickConfig: TypeAlias = _Record
BetaComputerLeftClickConfigParam: TypeAlias = dict[str, Any]
BetaComputerLeftClickDragConfig: TypeAlias = _Record
BetaComputerLeftClickDragConfigParam: TypeAlias = dict[str, Any]
BetaComputerLeftClickDragInput: TypeAlias = _Record
BetaComputerLeftClickDragToolUseBlock: TypeAlias = _Record
BetaComputerLeftClickInput: TypeAlias = _Record
BetaComputerLeftClickToolUseBlock: TypeAlias = _Record
BetaComputerLeftMouseDownConfig: TypeAlias = _Record
BetaComputerLeftMouseDownConfigParam: TypeAlias = dict[str, Any]
BetaComputerLeftMouseDownInput: TypeAlias = _Record
BetaComputerLeftMouseDownToolUseBlock: TypeAlias = _Record
BetaComputerLeftMouseUpConfig: TypeAlias = _Record
BetaComputerLeftMouseUpConfigParam: TypeAlias = dict[str, Any]
BetaComputerLeftMouseUpInput: TypeAlias = _Record
BetaComputerLeftMouseUpToolUseBlock: TypeAlias = _Record
BetaComputerMemberInput: TypeAlias = _Record
BetaComputerMemberName: TypeAlias = str
BetaComputerMiddleClickConfig: TypeAlias = _Record
BetaComputerMiddleClickConfigParam: TypeAlias = dict[str, Any]
BetaComputerMiddleClickInput: TypeAlias = _Record
BetaComputerMiddleClickToolUseBlock: TypeAlias = _Record
BetaComputerMouseMoveConfig: TypeAlias = _Record
BetaComputerMouseMoveConfigParam: TypeAlias = dict[str, Any]
BetaComputerMouseMoveInput: TypeAlias = _Record
BetaComputerMouseMoveToolUseBlock: TypeAlias = _Record
BetaComputerRightClickConfig: TypeAlias = _Record
BetaComputerRightClickConfigParam: TypeAlias = dict[str, Any]
BetaComputerRightClickInput: TypeAlias = _Record
BetaComputerRightClickToolUseBlock: TypeAlias = _Record
BetaComputerScreenshotConfig: TypeAlias = _Record
BetaComputerScreenshotConfigParam: TypeAlias = dict[str, Any]
BetaComputerScreenshotInput: TypeAlias = _Record
BetaComputerScreenshotToolUseBlock: TypeAlias = _Record
BetaComputerScrollConfig: TypeAlias = _Record
BetaComputerScrollConfigParam: TypeAlias = dict[str, Any]
BetaComputerScrollDirection: TypeAlias = str
BetaComputerScrollInput: TypeAlias = _Record
BetaComputerScrollToolUseBlock: TypeAlias = _Record
BetaComputerToolUseBlock: TypeAlias = _Record
BetaComputerToolset20260801: TypeAlias = _Record
BetaComputerToolset20260801Param: TypeAlias = dict[str, Any]
BetaComputerToolsetConfigs: TypeAlias = _Record
BetaComputerToolsetConfigsParam: TypeAlias = dict[str, Any]
BetaComputerTripleClickConfig: TypeAlias = _Record
BetaComputerTripleClickConfigParam: TypeAlias = dict[str, Any]
BetaComputerTripleClickInput: TypeAlias = _Record
BetaComputerTripleClickToolUseBlock: TypeAlias = _Record
BetaComputerTypeConfig: TypeAlias = _Record
BetaComputerTypeConfigParam: TypeAlias = dict[str, Any]
BetaComputerTypeInput: TypeAlias = _Record
BetaComputerTypeToolUseBlock: TypeAlias = _Record
BetaComputerWaitConfig: TypeAlias = _Record
BetaComputerWaitConfigParam: TypeAlias = dict[str, Any]
BetaComputerWaitInput: TypeAlias = _Record
BetaComputerWaitToolUseBlock: TypeAlias = _Record
BetaComputerZoomConfig: TypeAlias = _Record
BetaComputerZoomConfigParam: TypeAlias = dict[str, Any]
BetaComputerZoomInput: TypeAlias = _Record
BetaComputerZoomToolUseBlock: TypeAlias = _Record
BetaContainerParams: TypeAlias = dict[str, Any]
BetaContainerSkill: TypeAlias = _Record
BetaContentBlockSourceContentParam: TypeAlias = dict[str, Any]
BetaContextManagementCapability: TypeAlias = _Record
BetaContextManagementConfigParam: TypeAlias = dict[str, Any]
BetaContextManagementResponse: TypeAlias = _Record
BetaCountTokensContextManagementResponse: TypeAlias = _Record
BetaDeletedUserProfile: TypeAlias = _Record
BetaDiagnostics: TypeAlias = _Record
BetaDiagnosticsParam: TypeAlias = dict[str, Any]
BetaDirectCaller: TypeAlias = _Record
BetaDirectCallerParam: TypeAlias = dict[str, Any]
BetaDocumentBlock: TypeAlias = _Record
BetaDream: TypeAlias = _Record
BetaDreamError: TypeAlias = _Record
BetaDreamErrorObject: TypeAlias = _Record
BetaDreamInput: TypeAlias = _Record
BetaDreamInputParam: TypeAlias = dict[str, Any]
BetaDreamMemoryStoreInput: TypeAlias = _Record
BetaDreamMemoryStoreInputParam: TypeAlias = dict[str, Any]
BetaDreamModelConfig: TypeAlias = _Record
BetaDreamModelConfigParam: TypeAlias = dict[str, Any]
BetaDreamOutput: TypeAlias = _Record
BetaDreamSessionsInput: TypeAlias = _Record
BetaDreamSessionsInputParam: TypeAlias = dict[str, Any]
BetaDreamStatus: TypeAlias = str
BetaDreamUsage: TypeAlias = _Record
BetaEffortCapability: TypeAlias = _Record
BetaEncryptedCodeExecutionResultBlock: TypeAlias = _Record
BetaEncryptedCodeExecutionResultBlockParam: TypeAlias = dict[str, Any]
BetaEnvironment: TypeAlias = _Record
BetaEnvironmentArchivedErrorDetails: TypeAlias = _Record
BetaEnvironmentCreateDisabledErrorDetails: TypeAlias = _Record
BetaEnvironmentDeleteResponse: TypeAlias = _Record
BetaEnvironmentNotFoundErrorDetails: TypeAlias = _Record
BetaEnvironmentUpdateDisabledErrorDetails: TypeAlias = _Record
BetaFallbackBlock: TypeAlias = _Record
BetaFallbackBlockParam: TypeAlias = Any
BetaFallbackCreditNotApplied: TypeAlias = _Record
BetaFallbackCreditRedeemed: TypeAlias = _Record
BetaFallbackCreditTokenParam: TypeAlias = dict[str, Any]
BetaFallbackCreditUsage: TypeAlias = _Record
BetaFallbackInfo: TypeAlias = _Record
BetaFallbackInfoParam: TypeAlias = dict[str, Any]
BetaFallbackMessageIterationUsage: TypeAlias = _Record
BetaFallbackParam: TypeAlias = dict[str, Any]
BetaFallbackRefusalTrigger: TypeAlias = _Record
BetaFallbacksParam: TypeAlias = Any
BetaFileScope: TypeAlias = _Record
BetaHumanReviewNotAvailableErrorDetails: TypeAlias = _Record
BetaInputTokensClearAtLeastParam: TypeAlias = dict[str, Any]
BetaInputTokensTriggerParam: TypeAlias = dict[str, Any]
BetaInputTransformation: TypeAlias = _Record
BetaInvalidConfigTypeChangeErrorDetails: TypeAlias = _Record
BetaInvalidMetadataErrorDetails: TypeAlias = _Record
BetaIterationsUsage: TypeAlias = Any
BetaLimitedNetwork: TypeAlias = _Record
BetaLimitedNetworkParams: TypeAlias = dict[str, Any]
BetaMCPTool: TypeAlias = _Record
BetaMCPToolConfig: TypeAlias = _Record
BetaMCPToolConfigParam: TypeAlias = dict[str, Any]
BetaMCPToolDefaultConfig: TypeAlias = _Record
BetaMCPToolDefaultConfigParam: TypeAlias = dict[str, Any]
BetaMCPToolListingBlock: TypeAlias = _Record
BetaMCPToolListingBlockParam: TypeAlias = dict[str, Any]
BetaMCPToolParam: TypeAlias = _Record
BetaMCPToolParamParam: TypeAlias = dict[str, Any]
BetaMCPToolUseBlockParam: TypeAlias = dict[str, Any]
BetaMCPToolset: TypeAlias = _Record
BetaMCPToolsetParam: TypeAlias = dict[str, Any]
BetaManagedAgentsAWSRoleExecutionIdentity: TypeAlias = _Record
BetaManagedAgentsAWSRoleExecutionIdentityParams: TypeAlias = dict[str, Any]
BetaManagedAgentsAdvisor: TypeAlias = _Record
BetaManagedAgentsAdvisorParams: TypeAlias = dict[str, Any]
BetaManagedAgentsAgent: TypeAlias = _Record
BetaManagedAgentsAgentArchivedDeploymentPausedReasonError: TypeAlias = _Record
BetaManagedAgentsAgentArchivedDeploymentPausedReasonErrorObject: TypeAlias = _Record
BetaManagedAgentsAgentArchivedRunError: TypeAlias = _Record
BetaManagedAgentsAgentArchivedRunErrorObject: TypeAlias = _Record
BetaManagedAgentsAgentMessagePreview: TypeAlias = _Record
BetaManagedAgentsAgentParams: TypeAlias = dict[str, Any]
BetaManagedAgentsAgentReference: TypeAlias = _Record
BetaManagedAgentsAgentThinkingPreview: TypeAlias = _Record
BetaManagedAgentsAgentToolConfig: TypeAlias = _Record
BetaManagedAgentsAgentToolConfigParams: TypeAlias = dict[str, Any]
BetaManagedAgentsAgentToolset20260401: TypeAlias = _Record
BetaManagedAgentsAgentToolset20260401BashInput: TypeAlias = _Record
BetaManagedAgentsAgentToolset20260401EditInput: TypeAlias = _Record
BetaManagedAgentsAgentToolset20260401GlobInput: TypeAlias = _Record
BetaManagedAgentsAgentToolset20260401GrepInput: TypeAlias = _Record
BetaManagedAgentsAgentToolset20260401Params: TypeAlias = dict[str, Any]
BetaManagedAgentsAgentToolset20260401ReadInput: TypeAlias = _Record
BetaManagedAgentsAgentToolset20260401WriteInput: TypeAlias = _Record
BetaManagedAgentsAgentToolsetDefaultConfig: TypeAlias = _Record
BetaManagedAgentsAgentToolsetDefaultConfigParams: TypeAlias = dict[str, Any]
BetaManagedAgentsAgentWithOverridesParams: TypeAlias = dict[str, Any]
BetaManagedAgentsAlwaysAllowPolicy: TypeAlias = _Record
BetaManagedAgentsAlwaysAllowPolicyParam: TypeAlias = dict[str, Any]
BetaManagedAgentsAlwaysAskPolicy: TypeAlias = _Record
BetaManagedAgentsAlwaysAskPolicyParam: TypeAlias = dict[str, Any]
BetaManagedAgentsAnthropicSkill: TypeAlias = _Record
BetaManagedAgentsAnthropicSkillParams: TypeAlias = dict[str, Any]
BetaManagedAgentsAutoPolicy: TypeAlias = _Record
BetaManagedAgentsAutoPolicyParam: TypeAlias = dict[str, Any]
BetaManagedAgentsBashToolConfig: TypeAlias = _Record
BetaManagedAgentsBashToolConfigParams: TypeAlias = dict[str, Any]
BetaManagedAgentsBranchCheckout: TypeAlias = _Record
BetaManagedAgentsBranchCheckoutParam: TypeAlias = dict[str, Any]
BetaManagedAgentsBudgetLimit: TypeAlias = _Record
BetaManagedAgentsBudgetLimitParam: TypeAlias = dict[str, Any]
BetaManagedAgentsCacheCreationUsage: TypeAlias = _Record
BetaManagedAgentsCommitCheckout: TypeAlias = _Record
BetaManagedAgentsCommitCheckoutParam: TypeAlias = dict[str, Any]
BetaManagedAgentsCustomSkill: TypeAlias = _Record
BetaManagedAgentsCustomSkillParams: TypeAlias = dict[str, Any]
BetaManagedAgentsCustomTool: TypeAlias = _Record
BetaManagedAgentsCustomToolInputSchema: TypeAlias = _Record
BetaManagedAgentsCustomToolInputSchemaParam: TypeAlias = dict[str, Any]
BetaManagedAgentsCustomToolParams: TypeAlias = dict[str, Any]
BetaManagedAgentsDeletedMemoryStore: TypeAlias = _Record
BetaManagedAgentsDeletedSession: TypeAlias = _Record
BetaManagedAgentsDeletedVault: TypeAlias = _Record
BetaManagedAgentsDeltaContent: TypeAlias = _Record
BetaManagedAgentsDeltaEvent: TypeAlias = _Record
BetaManagedAgentsDeltaType: TypeAlias = str
BetaManagedAgentsDeployment: TypeAlias = _Record
BetaManagedAgentsDeploymentInitialEvent: TypeAlias = _Record
BetaManagedAgentsDeploymentInitialEventParams: TypeAlias = dict[str, Any]
BetaManagedAgentsDeploymentPausedReason: TypeAlias = _Record
BetaManagedAgentsDeploymentPausedReasonError: TypeAlias = _Record
BetaManagedAgentsDeploymentPausedReasonErrorObject: TypeAlias = _Record
BetaManagedAgentsDeploymentRun: TypeAlias = _Record
BetaManagedAgentsDeploymentStatus: TypeAlias = str
BetaManagedAgentsDeploymentSystemMessageEvent: TypeAlias = _Record
BetaManagedAgentsDeploymentUserDefineOutcomeEvent: TypeAlias = _Record
BetaManagedAgentsDeploymentUserMessageEvent: TypeAlias = _Record
BetaManagedAgentsEditToolConfig: TypeAlias = _Record
BetaManagedAgentsEditToolConfigParams: TypeAlias = dict[str, Any]
BetaManagedAgentsEffortHigh: TypeAlias = _Record
BetaManagedAgentsEffortHighParam: TypeAlias = dict[str, Any]
BetaManagedAgentsEffortLow: TypeAlias = _Record
BetaManagedAgentsEffortLowParam: TypeAlias = dict[str, Any]
BetaManagedAgentsEffortMax: TypeAlias = _Record
BetaManagedAgentsEffortMaxParam: TypeAlias = dict[str, Any]
BetaManagedAgentsEffortMedium: TypeAlias = _Record
BetaManagedAgentsEffortMediumParam: TypeAlias = dict[str, Any]
BetaManagedAgentsEffortXhigh: TypeAlias = _Record
BetaManagedAgentsEffortXhighParam: TypeAlias = dict[str, Any]
BetaManagedAgentsEnvironmentArchivedDeploymentPausedReasonError: TypeAlias = _Record
BetaManagedAgentsEnvironmentArchivedDeploymentPausedReasonErrorObject: TypeAlias = _Record
BetaManagedAgentsEnvironmentArchivedRunError: TypeAlias = _Record
BetaManagedAgentsEnvironmentArchivedRunErrorObject: TypeAlias = _Record
BetaManagedAgentsEnvironmentNotFoundDeploymentPausedReasonError: TypeAlias = _Record
BetaManagedAgentsEnvironmentNotFoundDeploymentPausedReasonErrorObject: TypeAlias = _Record
BetaManagedAgentsEnvironmentNotFoundRunError: TypeAlias = _Record
BetaManagedAgentsEnvironmentNotFoundRunErrorObject: TypeAlias = _Record
BetaManagedAgentsErrorDeploymentPausedReason: TypeAlias = _Record
BetaManagedAgentsExecutionIdentity: TypeAlias = _Record
BetaManagedAgentsExecutionIdentityParams: TypeAlias = dict[str, Any]
BetaManagedAgentsFileNotFoundDeploymentPausedReasonError: TypeAlias = _Record
BetaManagedAgentsFileNotFoundDeploymentPausedReasonErrorObject: TypeAlias = _Record
BetaManagedAgentsFileNotFoundRunError: TypeAlias = _Record
BetaManagedAgentsFileNotFoundRunErrorObject: TypeAlias = _Record
BetaManagedAgentsFileResourceConfig: TypeAlias = _Record
BetaManagedAgentsFileResourceParams: TypeAlias = dict[str, Any]
BetaManagedAgentsGitHubRepositoryResourceConfig: TypeAlias = _Record
BetaManagedAgentsGitHubRepositoryResourceParams: TypeAlias = dict[str, Any]
BetaManagedAgentsGlobToolConfig: TypeAlias = _Record
BetaManagedAgentsGlobToolConfigParams: TypeAlias = dict[str, Any]
BetaManagedAgentsGrepToolConfig: TypeAlias = _Record
BetaManagedAgentsGrepToolConfigParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMCPEgressBlockedDeploymentPausedReasonError: TypeAlias = _Record
BetaManagedAgentsMCPEgressBlockedDeploymentPausedReasonErrorObject: TypeAlias = _Record
BetaManagedAgentsMCPEgressBlockedRunError: TypeAlias = _Record
BetaManagedAgentsMCPEgressBlockedRunErrorObject: TypeAlias = _Record
BetaManagedAgentsMCPServerURLDefinition: TypeAlias = _Record
BetaManagedAgentsMCPToolConfig: TypeAlias = _Record
BetaManagedAgentsMCPToolConfigParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMCPToolset: TypeAlias = _Record
BetaManagedAgentsMCPToolsetDefaultConfig: TypeAlias = _Record
BetaManagedAgentsMCPToolsetDefaultConfigParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMCPToolsetParams: TypeAlias = dict[str, Any]
BetaManagedAgentsManualDeploymentPausedReason: TypeAlias = _Record
BetaManagedAgentsManualTriggerContext: TypeAlias = _Record
BetaManagedAgentsMemoryStore: TypeAlias = _Record
BetaManagedAgentsMemoryStoreArchivedDeploymentPausedReasonError: TypeAlias = _Record
BetaManagedAgentsMemoryStoreArchivedDeploymentPausedReasonErrorObject: TypeAlias = _Record
BetaManagedAgentsMemoryStoreArchivedRunError: TypeAlias = _Record
BetaManagedAgentsMemoryStoreArchivedRunErrorObject: TypeAlias = _Record
BetaManagedAgentsMemoryStoreResourceConfig: TypeAlias = _Record
BetaManagedAgentsMemoryStoreResourceParam: TypeAlias = dict[str, Any]
BetaManagedAgentsModel: TypeAlias = str
BetaManagedAgentsModelConfig: TypeAlias = _Record
BetaManagedAgentsModelConfigParams: TypeAlias = dict[str, Any]
BetaManagedAgentsModelParam: TypeAlias = str
BetaManagedAgentsMultiagent: TypeAlias = _Record
BetaManagedAgentsMultiagent20261001: TypeAlias = _Record
BetaManagedAgentsMultiagent20261001Params: TypeAlias = dict[str, Any]
BetaManagedAgentsMultiagentAdvisor: TypeAlias = _Record
BetaManagedAgentsMultiagentAdvisorDisabled: TypeAlias = _Record
BetaManagedAgentsMultiagentAdvisorDisabledParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMultiagentAdvisorEnabled: TypeAlias = _Record
BetaManagedAgentsMultiagentAdvisorEnabledParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMultiagentAdvisorParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMultiagentCoordinator: TypeAlias = _Record
BetaManagedAgentsMultiagentCoordinatorParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMultiagentInlineAgents: TypeAlias = _Record
BetaManagedAgentsMultiagentInlineAgentsDisabled: TypeAlias = _Record
BetaManagedAgentsMultiagentInlineAgentsDisabledParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMultiagentInlineAgentsEnabled: TypeAlias = _Record
BetaManagedAgentsMultiagentInlineAgentsEnabledParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMultiagentInlineAgentsParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMultiagentParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMultiagentPredefinedAgentParams: TypeAlias = Any
BetaManagedAgentsMultiagentRosterEntryParams: TypeAlias = Any
BetaManagedAgentsMultiagentSelfParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMultiagentSubagents: TypeAlias = _Record
BetaManagedAgentsMultiagentSubagentsDisabled: TypeAlias = _Record
BetaManagedAgentsMultiagentSubagentsDisabledParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMultiagentSubagentsEnabled: TypeAlias = _Record
BetaManagedAgentsMultiagentSubagentsEnabledParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMultiagentSubagentsParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMultiagentWorkflows: TypeAlias = _Record
BetaManagedAgentsMultiagentWorkflowsDisabled: TypeAlias = _Record
BetaManagedAgentsMultiagentWorkflowsDisabledParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMultiagentWorkflowsEnabled: TypeAlias = _Record
BetaManagedAgentsMultiagentWorkflowsEnabledParams: TypeAlias = dict[str, Any]
BetaManagedAgentsMultiagentWorkflowsParams: TypeAlias = dict[str, Any]
BetaManagedAgentsOrganizationDisabledDeploymentPausedReasonError: TypeAlias = _Record
BetaManagedAgentsOrganizationDisabledDeploymentPausedReasonErrorObject: TypeAlias = _Record
BetaManagedAgentsOrganizationDisabledRunError: TypeAlias = _Record
BetaManagedAgentsOrganizationDisabledRunErrorObject: TypeAlias = _Record
BetaManagedAgentsOutcomeEvaluationResource: TypeAlias = _Record
BetaManagedAgentsReadToolConfig: TypeAlias = _Record
BetaManagedAgentsReadToolConfigParams: TypeAlias = dict[str, Any]
BetaManagedAgentsSchedule: TypeAlias = _Record
BetaManagedAgentsScheduleParams: TypeAlias = dict[str, Any]
BetaManagedAgentsScheduleTriggerContext: TypeAlias = _Record
BetaManagedAgentsSelfHostedResourcesUnsupportedDeploymentPausedReasonError: TypeAlias = _Record
BetaManagedAgentsSelfHostedResourcesUnsupportedDeploymentPausedReasonErrorObject: TypeAlias = _Record
BetaManagedAgentsSelfHostedResourcesUnsupportedRunError: TypeAlias = _Record
BetaManagedAgentsSelfHostedResourcesUnsupportedRunErrorObject: TypeAlias = _Record
BetaManagedAgentsServerToolUsage: TypeAlias = _Record
BetaManagedAgentsServiceAccountExecutionIdentity: TypeAlias = _Record
BetaManagedAgentsServiceAccountExecutionIdentityParams: TypeAlias = dict[str, Any]
BetaManagedAgentsSession: TypeAlias = _Record
BetaManagedAgentsSessionAgent: TypeAlias = _Record
BetaManagedAgentsSessionAgentUpdateParam: TypeAlias = dict[str, Any]
BetaManagedAgentsSessionCreationRejectedRunError: TypeAlias = _Record
BetaManagedAgentsSessionCreationRejectedRunErrorObject: TypeAlias = _Record
BetaManagedAgentsSessionMultiagent: TypeAlias = _Record
BetaManagedAgentsSessionMultiagent20261001: TypeAlias = _Record
BetaManagedAgentsSessionMultiagentCoordinator: TypeAlias = _Record
BetaManagedAgentsSessionMultiagentSubagents: TypeAlias = _Record
BetaManagedAgentsSessionMultiagentSubagentsEnabled: TypeAlias = _Record
BetaManagedAgentsSessionMultiagentWorkflows: TypeAlias = _Record
BetaManagedAgentsSessionMultiagentWorkflowsEnabled: TypeAlias = _Record
BetaManagedAgentsSessionRateLimitedRunError: TypeAlias = _Record
BetaManagedAgentsSessionRateLimitedRunErrorObject: TypeAlias = _Record
BetaManagedAgentsSessionResourceConfig: TypeAlias = _Record
BetaManagedAgentsSessionResourceNotFoundDeploymentPausedReasonError: TypeAlias = _Record
BetaManagedAgentsSessionResourceNotFoundDeploymentPausedReasonErrorObject: TypeAlias = _Record
BetaManagedAgentsSessionResourceNotFoundRunError: TypeAlias = _Record
BetaManagedAgentsSessionResourceNotFoundRunErrorObject: TypeAlias = _Record
BetaManagedAgentsSessionStats: TypeAlias = _Record
BetaManagedAgentsSessionThreadAgent: TypeAlias = _Record
BetaManagedAgentsSessionUpdatedEvent: TypeAlias = _Record
BetaManagedAgentsSessionUsage: TypeAlias = _Record
BetaManagedAgentsSessionUsageEvent: TypeAlias = _Record
BetaManagedAgentsSkillNotFoundDeploymentPausedReasonError: TypeAlias = _Record
BetaManagedAgentsSkillNotFoundDeploymentPausedReasonErrorObject: TypeAlias = _Record
BetaManagedAgentsSkillNotFoundRunError: TypeAlias = _Record
BetaManagedAgentsSkillNotFoundRunErrorObject: TypeAlias = _Record
BetaManagedAgentsSkillParams: TypeAlias = dict[str, Any]
BetaManagedAgentsStartEvent: TypeAlias = _Record
BetaManagedAgentsStartEventPreview: TypeAlias = _Record
BetaManagedAgentsSystemContentBlock: TypeAlias = _Record
BetaManagedAgentsSystemContentBlockParam: TypeAlias = dict[str, Any]
BetaManagedAgentsSystemMessageEvent: TypeAlias = _Record
BetaManagedAgentsTriggerContext: TypeAlias = _Record
BetaManagedAgentsTriggerType: TypeAlias = str
BetaManagedAgentsURLMCPServerParams: TypeAlias = dict[str, Any]
BetaManagedAgentsUnknownDeploymentPausedReasonError: TypeAlias = _Record
BetaManagedAgentsUnknownDeploymentPausedReasonErrorObject: TypeAlias = _Record
BetaManagedAgentsUnknownRunError: TypeAlias = _Record
BetaManagedAgentsUnknownRunErrorObject: TypeAlias = _Record
BetaManagedAgentsUserLocation: TypeAlias = _Record
BetaManagedAgentsUserLocationParam: TypeAlias = dict[str, Any]
BetaManagedAgentsUserToolResultEvent: TypeAlias = _Record
BetaManagedAgentsVault: TypeAlias = _Record
BetaManagedAgentsVaultArchivedDeploymentPausedReasonError: TypeAlias = _Record
BetaManagedAgentsVaultArchivedDeploymentPausedReasonErrorObject: TypeAlias = _Record
BetaManagedAgentsVaultArchivedRunError: TypeAlias = _Record
BetaManagedAgentsVaultArchivedRunErrorObject: TypeAlias = _Record
BetaManagedAgentsVaultNotFoundDeploymentPausedReasonError: TypeAlias = _Record
BetaManagedAgentsVaultNotFoundDeploymentPausedReasonErrorObject: TypeAlias = _Record
BetaManagedAgentsVaultNotFoundRunError: TypeAlias = _Record
BetaManagedAgentsVaultNotFoundRunErrorObject: TypeAlias = _Record
BetaManagedAgentsWebFetchToolConfig: TypeAlias = _Record
BetaManagedAgentsWebFetchToolConfigParams: TypeAlias = dict[str, Any]
BetaManagedAgentsWebFetchURLSourceAll: TypeAlias = _Record
BetaManagedAgentsWebFetchURLSourceAllParam: TypeAlias = dict[str, Any]
BetaManagedAgentsWebFetchURLSourceExcept: TypeAlias = _Record
BetaManagedAgentsWebFetchURLSourceExceptParam: TypeAlias = dict[str, Any]
BetaManagedAgentsWebFetchURLSourceNone: TypeAlias = _Record
BetaManagedAgentsWebFetchURLSourceNoneParam: TypeAlias = dict[str, Any]
BetaManagedAgentsWebFetchURLSourceOnly: TypeAlias = _Record
BetaManagedAgentsWebFetchURLSourceOnlyParam: TypeAlias = dict[str, Any]
BetaManagedAgentsWebFetchURLSourceShorthand: TypeAlias = str
BetaManagedAgentsWebFetchURLSourceToolFilter: TypeAlias = _Record
BetaManagedAgentsWebFetchURLSourceToolFilterParam: TypeAlias = dict[str, Any]
BetaManagedAgentsWebFetchURLSourceToolFilterParams: TypeAlias = Any
BetaManagedAgentsWebFetchURLSourceToolReference: TypeAlias = _Record
BetaManagedAgentsWebFetchURLSourceToolReferenceParam: TypeAlias = dict[str, Any]
BetaManagedAgentsWebFetchURLSourceUserInput: TypeAlias = _Record
BetaManagedAgentsWebFetchURLSourceUserInputParam: TypeAlias = dict[str, Any]
BetaManagedAgentsWebFetchURLSourceUserInputParams: TypeAlias = Any
BetaManagedAgentsWebFetchURLSources: TypeAlias = _Record
BetaManagedAgentsWebFetchURLSourcesParams: TypeAlias = dict[str, Any]
BetaManagedAgentsWebSearchToolConfig: TypeAlias = _Record
BetaManagedAgentsWebSearchToolConfigParams: TypeAlias = dict[str, Any]
BetaManagedAgentsWorkspaceArchivedDeploymentPausedReasonError: TypeAlias = _Record
BetaManagedAgentsWorkspaceArchivedDeploymentPausedReasonErrorObject: TypeAlias = _Record
BetaManagedAgentsWorkspaceArchivedRunError: TypeAlias = _Record
BetaManagedAgentsWorkspaceArchivedRunErrorObject: TypeAlias = _Record
BetaManagedAgentsWriteToolConfig: TypeAlias = _Record
BetaManagedAgentsWriteToolConfigParams: TypeAlias = dict[str, Any]
BetaMemoryTool20250818: TypeAlias = _Record
BetaMemoryTool20250818Command: TypeAlias = _Record
BetaMemoryTool20250818CreateCommand: TypeAlias = _Record
BetaMemoryTool20250818DeleteCommand: TypeAlias = _Record
BetaMemoryTool20250818InsertCommand: TypeAlias = _Record
BetaMemoryTool20250818Param: TypeAlias = dict[str, Any]
BetaMemoryTool20250818RenameCommand: TypeAlias = _Record
BetaMemoryTool20250818StrReplaceCommand: TypeAlias = _Record
BetaMemoryTool20250818ViewCommand: TypeAlias = _Record
BetaMessageContentParam: TypeAlias = Any
BetaMessageIterationUsage: TypeAlias = _Record
BetaMessageThreadParam: TypeAlias = dict[str, Any]
BetaModelCapabilities: TypeAlias = _Record
BetaModelLine: TypeAlias = str
BetaOrganization: TypeAlias = _Record
BetaOrganizationNotEligibleErrorDetails: TypeAlias = _Record
BetaOrganizationRole: TypeAlias = str
BetaOutputBehavior: TypeAlias = _Record
BetaOutputBehaviorCreateNew: TypeAlias = _Record
BetaOutputBehaviorCreateNewParam: TypeAlias = dict[str, Any]
BetaOutputBehaviorParam: TypeAlias = dict[str, Any]
BetaOutputBehaviorUpdateExisting: TypeAlias = _Record
BetaOutputBehaviorUpdateExistingParam: TypeAlias = dict[str, Any]
BetaPackages: TypeAlias = _Record
BetaPackagesParams: TypeAlias = dict[str, Any]
BetaPlainTextSource: TypeAlias = _Record
BetaRequestDocumentBlockParam: TypeAlias = dict[str, Any]
BetaRequestMCPServerToolConfigurationParam: TypeAlias = dict[str, Any]
BetaRequestMCPServerURLDefinitionParam: TypeAlias = dict[str, Any]
BetaRequestMCPToolResultBlockParam: TypeAlias = dict[str, Any]
BetaRequestToolAdditionBlockParam: TypeAlias = dict[str, Any]
BetaRequestToolRemovalBlockParam: TypeAlias = dict[str, Any]
BetaResponseBrowserCloseTabToolUseBlock: TypeAlias = _Record
BetaResponseBrowserDoubleClickToolUseBlock: TypeAlias = _Record
BetaResponseBrowserFileUploadToolUseBlock: TypeAlias = _Record
BetaResponseBrowserFindToolUseBlock: TypeAlias = _Record
BetaResponseBrowserFormInputToolUseBlock: TypeAlias = _Record
BetaResponseBrowserGetPageTextToolUseBlock: TypeAlias = _Record
BetaResponseBrowserHoldKeyToolUseBlock: TypeAlias = _Record
BetaResponseBrowserHoverToolUseBlock: TypeAlias = _Record
BetaResponseBrowserJavascriptExecToolUseBlock: TypeAlias = _Record
BetaResponseBrowserKeyToolUseBlock: TypeAlias = _Record
BetaResponseBrowserLeftClickDragToolUseBlock: TypeAlias = _Record
BetaResponseBrowserLeftClickToolUseBlock: TypeAlias = _Record
BetaResponseBrowserLeftMouseDownToolUseBlock: TypeAlias = _Record
BetaResponseBrowserLeftMouseUpToolUseBlock: TypeAlias = _Record
BetaResponseBrowserListTabsToolUseBlock: TypeAlias = _Record
BetaResponseBrowserMiddleClickToolUseBlock: TypeAlias = _Record
BetaResponseBrowserMouseMoveToolUseBlock: TypeAlias = _Record
BetaResponseBrowserNavigateToolUseBlock: TypeAlias = _Record
BetaResponseBrowserNewTabToolUseBlock: TypeAlias = _Record
BetaResponseBrowserReadConsoleToolUseBlock: TypeAlias = _Record
BetaResponseBrowserReadNetworkToolUseBlock: TypeAlias = _Record
BetaResponseBrowserReadPageToolUseBlock: TypeAlias = _Record
BetaResponseBrowserRightClickToolUseBlock: TypeAlias = _Record
BetaResponseBrowserScreenshotToolUseBlock: TypeAlias = _Record
BetaResponseBrowserScrollToToolUseBlock: TypeAlias = _Record
BetaResponseBrowserScrollToolUseBlock: TypeAlias = _Record
BetaResponseBrowserSwitchTabToolUseBlock: TypeAlias = _Record
BetaResponseBrowserToolUseBlock: TypeAlias = _Record
BetaResponseBrowserTripleClickToolUseBlock: TypeAlias = _Record
BetaResponseBrowserTypeToolUseBlock: TypeAlias = _Record
BetaResponseBrowserWaitToolUseBlock: TypeAlias = _Record
BetaResponseBrowserZoomToolUseBlock: TypeAlias = _Record
BetaResponseComputerCursorPositionToolUseBlock: TypeAlias = _Record
BetaResponseComputerDoubleClickToolUseBlock: TypeAlias = _Record
BetaResponseComputerHoldKeyToolUseBlock: TypeAlias = _Record
BetaResponseComputerKeyToolUseBlock: TypeAlias = _Record
BetaResponseComputerLeftClickDragToolUseBlock: TypeAlias = _Record
BetaResponseComputerLeftClickToolUseBlock: TypeAlias = _Record
BetaResponseComputerLeftMouseDownToolUseBlock: TypeAlias = _Record
BetaResponseComputerLeftMouseUpToolUseBlock: TypeAlias = _Record
BetaResponseComputerMiddleClickToolUseBlock: TypeAlias = _Record
BetaResponseComputerMouseMoveToolUseBlock: TypeAlias = _Record
BetaResponseComputerRightClickToolUseBlock: TypeAlias = _Record
BetaResponseComputerScreenshotToolUseBlock: TypeAlias = _Record
BetaResponseComputerScrollToolUseBlock: TypeAlias = _Record
BetaResponseComputerToolUseBlock: TypeAlias = _Record
BetaResponseComputerTripleClickToolUseBlock: TypeAlias = _Record
BetaResponseComputerTypeToolUseBlock: TypeAlias = _Record
BetaResponseComputerWaitToolUseBlock: TypeAlias = _Record
BetaResponseComputerZoomToolUseBlock: TypeAlias = _Record
BetaResponseTool: TypeAlias = _Record
BetaResponseToolAdditionBlock: TypeAlias = _Record
BetaResponseToolChangeMCPToolReference: TypeAlias = _Record
BetaResponseToolChangeMCPToolsetReference: TypeAlias = _Record
BetaResponseToolChangeToolReference: TypeAlias = _Record
BetaResponseToolInputSchema: TypeAlias = _Record
BetaResponseToolRemovalBlock: TypeAlias = _Record
BetaResponseToolUnion: TypeAlias = _Record
BetaResponseToolUseBlockUnion: TypeAlias = _Record
BetaSelfHostedConfig: TypeAlias = _Record
BetaSelfHostedConfigParams: TypeAlias = dict[str, Any]
BetaServerToolCaller: TypeAlias = _Record
BetaServerToolCaller20260120: TypeAlias = _Record
BetaServerToolCaller20260120Param: TypeAlias = dict[str, Any]
BetaServerToolCallerParam: TypeAlias = dict[str, Any]
BetaServerToolsCapability: TypeAlias = _Record
BetaSkillParams: TypeAlias = dict[str, Any]
BetaSkillSource: TypeAlias = _Record
BetaSystemMessageOutputConfigParam: TypeAlias = dict[str, Any]
BetaTextCitationParam: TypeAlias = dict[str, Any]
BetaTextEditorCodeExecutionCreateResultBlock: TypeAlias = _Record
BetaTextEditorCodeExecutionCreateResultBlockParam: TypeAlias = dict[str, Any]
BetaTextEditorCodeExecutionStrReplaceResultBlock: TypeAlias = _Record
BetaTextEditorCodeExecutionStrReplaceResultBlockParam: TypeAlias = dict[str, Any]
BetaTextEditorCodeExecutionToolResultBlock: TypeAlias = _ServerToolResultBlock
BetaTextEditorCodeExecutionToolResultBlockParam: TypeAlias = dict[str, Any]
BetaTextEditorCodeExecutionToolResultError: TypeAlias = _Record
BetaTextEditorCodeExecutionToolResultErrorObject: TypeAlias = _Record
BetaTextEditorCodeExecutionToolResultErrorParam: TypeAlias = dict[str, Any]
BetaTextEditorCodeExecutionViewResultBlock: TypeAlias = _Record
BetaTextEditorCodeExecutionViewResultBlockParam: TypeAlias = dict[str, Any]
BetaThinkingBlockBindingParam: TypeAlias = dict[str, Any]
BetaThinkingCapability: TypeAlias = _Record
BetaThinkingConfigBetweenToolsParam: TypeAlias = dict[str, Any]
BetaThinkingDroppedInputTransformation: TypeAlias = _Record
BetaThinkingMismatchAllowedInputTransformation: TypeAlias = _Record
BetaThinkingPrefixMismatchBehavior: TypeAlias = str
BetaThinkingTurnsParam: TypeAlias = dict[str, Any]
BetaThinkingTypes: TypeAlias = _Record
BetaThreadContinueParams: TypeAlias = dict[str, Any]
BetaThreadCreateParams: TypeAlias = dict[str, Any]
BetaTokenTaskBudgetParam: TypeAlias = dict[str, Any]
BetaToolBash20241022: TypeAlias = _Record
BetaToolBash20241022Param: TypeAlias = dict[str, Any]
BetaToolBash20250124: TypeAlias = _Record
BetaToolChangeMCPToolReferenceParam: TypeAlias = dict[str, Any]
BetaToolChangeMCPToolsetReferenceParam: TypeAlias = dict[str, Any]
BetaToolChangeToolDefinition: TypeAlias = _Record
BetaToolChangeToolDefinitionParam: TypeAlias = dict[str, Any]
BetaToolChangeToolReferenceParam: TypeAlias = dict[str, Any]
BetaToolComputerUse20241022: TypeAlias = _Record
BetaToolComputerUse20241022Param: TypeAlias = dict[str, Any]
BetaToolComputerUse20250124: TypeAlias = _Record
BetaToolComputerUse20250124Param: TypeAlias = dict[str, Any]
BetaToolComputerUse20251124: TypeAlias = _Record
BetaToolComputerUse20251124Param: TypeAlias = dict[str, Any]
BetaToolReferenceBlock: TypeAlias = _Record
BetaToolSearchToolBm25_20251119: TypeAlias = _Record
BetaToolSearchToolBm25_20251119Param: TypeAlias = dict[str, Any]
BetaToolSearchToolRegex20251119: TypeAlias = _Record
BetaToolSearchToolRegex20251119Param: TypeAlias = dict[str, Any]
BetaToolSearchToolResultBlock: TypeAlias = _ServerToolResultBlock
BetaToolSearchToolResultBlockParam: TypeAlias = dict[str, Any]
BetaToolSearchToolResultError: TypeAlias = _Record
BetaToolSearchToolResultErrorObject: TypeAlias = _Record
BetaToolSearchToolResultErrorParam: TypeAlias = dict[str, Any]
BetaToolSearchToolSearchResultBlock: TypeAlias = _Record
BetaToolSearchToolSearchResultBlockParam: TypeAlias = dict[str, Any]
BetaToolTextEditor20241022: TypeAlias = _Record
BetaToolTextEditor20241022Param: TypeAlias = dict[str, Any]
BetaToolTextEditor20250124: TypeAlias = _Record
BetaToolTextEditor20250429: TypeAlias = _Record
BetaToolTextEditor20250728: TypeAlias = _Record
BetaToolUseCaller: TypeAlias = _Record
BetaToolUsesKeepParam: TypeAlias = dict[str, Any]
BetaToolUsesTriggerParam: TypeAlias = dict[str, Any]
BetaToolsetToolUseBlock: TypeAlias = _Record
BetaTunnel: TypeAlias = _Record
BetaTunnelToken: TypeAlias = _Record
BetaUnrestrictedNetwork: TypeAlias = _Record
BetaUnrestrictedNetworkParam: TypeAlias = dict[str, Any]
BetaUserLocation: TypeAlias = _Record
BetaUserLocationParam: TypeAlias = dict[str, Any]
BetaUserProfile: TypeAlias = _Record
BetaUserProfileEnrollmentURL: TypeAlias = _Record
BetaUserProfileExternalUserDetails: TypeAlias = _Record
BetaUserProfileExternalUserDetailsParams: TypeAlias = dict[str, Any]
BetaUserProfileTrustGrant: TypeAlias = _Record
BetaWebFetchBlock: TypeAlias = _Record
BetaWebFetchBlockParam: TypeAlias = dict[str, Any]
BetaWebFetchTool20250910: TypeAlias = _Record
BetaWebFetchTool20260209: TypeAlias = _Record
BetaWebFetchTool20260209Param: TypeAlias = dict[str, Any]
BetaWebFetchTool20260309: TypeAlias = _Record
BetaWebFetchTool20260309Param: TypeAlias = dict[str, Any]
BetaWebFetchTool20260318: TypeAlias = _Record
BetaWebFetchTool20260318Param: TypeAlias = dict[str, Any]
BetaWebFetchToolResultBlock: TypeAlias = _ServerToolResultBlock
BetaWebFetchToolResultErrorBlock: TypeAlias = _Record
BetaWebFetchToolResultErrorBlockParam: TypeAlias = dict[str, Any]
BetaWebFetchToolResultErrorCode: TypeAlias = str
BetaWebFetchURLSourceAll: TypeAlias = _Record
BetaWebFetchURLSourceAllParam: TypeAlias = dict[str, Any]
BetaWebFetchURLSourceExcept: TypeAlias = _Record
BetaWebFetchURLSourceExceptParam: TypeAlias = dict[str, Any]
BetaWebFetchURLSourceNone: TypeAlias = _Record
BetaWebFetchURLSourceNoneParam: TypeAlias = dict[str, Any]
BetaWebFetchURLSourceOnly: TypeAlias = _Record
BetaWebFetchURLSourceOnlyParam: TypeAlias = dict[str, Any]
BetaWebFetchURLSourceToolReference: TypeAlias = _Record
BetaWebFetchURLSourceToolReferenceParam: TypeAlias = dict[str, Any]
BetaWebFetchURLSources: TypeAlias = _Record
BetaWebFetchURLSourcesParam: TypeAlias = dict[str, Any]
BetaWebSearchResultBlock: TypeAlias = _Record
BetaWebSearchResultBlockParam: TypeAlias = dict[str, Any]
BetaWebSearchTool20250305: TypeAlias = _Record
BetaWebSearchTool20260209: TypeAlias = _Record
BetaWebSearchTool20260209Param: TypeAlias = dict[str, Any]
BetaWebSearchTool20260318: TypeAlias = _Record
BetaWebSearchTool20260318Param: TypeAlias = dict[str, Any]
BetaWebSearchToolRequestErrorObjectParam: TypeAlias = dict[str, Any]
BetaWebSearchToolRequestErrorParam: TypeAlias = dict[str, Any]
BetaWebSearchToolResultBlock: TypeAlias = _ServerToolResultBlock
BetaWebSearchToolResultBlockContent: TypeAlias = Any
BetaWebSearchToolResultBlockParamContentParam: TypeAlias = Any
BetaWebSearchToolResultError: TypeAlias = _Record
BetaWebSearchToolResultErrorCode: TypeAlias = str
BetaWebSearchToolResultErrorObject: TypeAlias = _Record
BetaWebhookAgentArchivedEventData: TypeAlias = _Record
BetaWebhookAgentCreatedEventData: TypeAlias = _Record
BetaWebhookAgentDeletedEventData: TypeAlias = _Record
BetaWebhookAgentUpdatedEventData: TypeAlias = _Record
BetaWebhookDeploymentArchivedEventData: TypeAlias = _Record
BetaWebhookDeploymentCreatedEventData: TypeAlias = _Record
BetaWebhookDeploymentDeletedEventData: TypeAlias = _Record
BetaWebhookDeploymentPausedEventData: TypeAlias = _Record
BetaWebhookDeploymentRunFailedEventData: TypeAlias = _Record
BetaWebhookDeploymentRunStartedEventData: TypeAlias = _Record
BetaWebhookDeploymentRunSucceededEventData: TypeAlias = _Record
BetaWebhookDeploymentUnpausedEventData: TypeAlias = _Record
BetaWebhookDeploymentUpdatedEventData: TypeAlias = _Record
BetaWebhookEnvironmentArchivedEventData: TypeAlias = _Record
BetaWebhookEnvironmentCreatedEventData: TypeAlias = _Record
BetaWebhookEnvironmentDeletedEventData: TypeAlias = _Record
BetaWebhookEnvironmentUpdatedEventData: TypeAlias = _Record
BetaWebhookEvent: TypeAlias = _Record
BetaWebhookEventData: TypeAlias = _Record
BetaWebhookExternalKeyFailedEventData: TypeAlias = _Record
BetaWebhookExternalKeyRecoveredEventData: TypeAlias = _Record
BetaWebhookExternalStorageFailedEventData: TypeAlias = _Record
BetaWebhookExternalStorageRecoveredEventData: TypeAlias = _Record
BetaWebhookMemoryStoreArchivedEventData: TypeAlias = _Record
BetaWebhookMemoryStoreCreatedEventData: TypeAlias = _Record
BetaWebhookMemoryStoreDeletedEventData: TypeAlias = _Record
BetaWebhookSessionArchivedEventData: TypeAlias = _Record
BetaWebhookSessionBudgetReachedEventData: TypeAlias = _Record
BetaWebhookSessionCreatedEventData: TypeAlias = _Record
BetaWebhookSessionDeletedEventData: TypeAlias = _Record
BetaWebhookSessionIdledEventData: TypeAlias = _Record
BetaWebhookSessionOutcomeEvaluationEndedEventData: TypeAlias = _Record
BetaWebhookSessionPendingEventData: TypeAlias = _Record
BetaWebhookSessionRequiresActionEventData: TypeAlias = _Record
BetaWebhookSessionRunningEventData: TypeAlias = _Record
BetaWebhookSessionStatusIdledEventData: TypeAlias = _Record
BetaWebhookSessionStatusRescheduledEventData: TypeAlias = _Record
BetaWebhookSessionStatusRunStartedEventData: TypeAlias = _Record
BetaWebhookSessionStatusTerminatedEventData: TypeAlias = _Record
BetaWebhookSessionThreadCreatedEventData: TypeAlias = _Record
BetaWebhookSessionThreadIdledEventData: TypeAlias = _Record
BetaWebhookSessionThreadTerminatedEventData: TypeAlias = _Record
BetaWebhookSessionUpdatedEventData: TypeAlias = _Record
BetaWebhookUserProfileEnforcementActionOpenedEventData: TypeAlias = _Record
BetaWebhookUserProfileEnforcementActionResolvedEventData: TypeAlias = _Record
BetaWebhookUserProfileProgramStatusUpdatedEventData: TypeAlias = _Record
BetaWebhookVaultArchivedEventData: TypeAlias = _Record
BetaWebhookVaultCreatedEventData: TypeAlias = _Record
BetaWebhookVaultCredentialArchivedEventData: TypeAlias = _Record
BetaWebhookVaultCredentialCreatedEventData: TypeAlias = _Record
BetaWebhookVaultCredentialDeletedEventData: TypeAlias = _Record
BetaWebhookVaultCredentialRefreshFailedEventData: TypeAlias = _Record
BetaWebhookVaultDeletedEventData: TypeAlias = _Record
DeploymentCreateParams: TypeAlias = dict[str, Any]
DeploymentListParams: TypeAlias = dict[str, Any]
DeploymentRunListParams: TypeAlias = dict[str, Any]
DeploymentUpdateParams: TypeAlias = dict[str, Any]
DreamCreateParams: TypeAlias = dict[str, Any]
DreamListParams: TypeAlias = dict[str, Any]
EnvironmentCreateParams: TypeAlias = dict[str, Any]
EnvironmentListParams: TypeAlias = dict[str, Any]
EnvironmentUpdateParams: TypeAlias = dict[str, Any]
FileListParams: TypeAlias = dict[str, Any]
FileUploadParams: TypeAlias = dict[str, Any]
MemoryStoreCreateParams: TypeAlias = dict[str, Any]
MemoryStoreListParams: TypeAlias = dict[str, Any]
MemoryStoreUpdateParams: TypeAlias = dict[str, Any]
ModelListParams: TypeAlias = dict[str, Any]
SessionCreateParams: TypeAlias = dict[str, Any]
SessionListParams: TypeAlias = dict[str, Any]
SessionUpdateParams: TypeAlias = dict[str, Any]
SkillCreateParams: TypeAlias = dict[str, Any]
SkillListParams: TypeAlias = dict[str, Any]
ThreadCreateParams: TypeAlias = dict[str, Any]
ThreadSendParams: TypeAlias = dict[str, Any]
TunnelCreateParams: TypeAlias = dict[str, Any]
TunnelListParams: TypeAlias = dict[str, Any]
TunnelRotateTokenParams: TypeAlias = dict[str, Any]
UnwrapWebhookEvent: TypeAlias = _Record
UserProfileCreateParams: TypeAlias = dict[str, Any]
UserProfileListParams: TypeAlias = dict[str, Any]
UserProfileUpdateParams: TypeAlias = dict[str, Any]
VaultCreateParams: TypeAlias = dict[str, Any]
VaultListParams: TypeAlias = dict[str, Any]
VaultUpdateParams: TypeAlias = dict[str, Any]

class BetaApprovalRequiredError(_BadRequestError):
    """The error code `approval_required`."""

class BetaAuthorizationCheckUnavailableError(_ServiceUnavailableError):
    """The error code `authorization_check_unavailable`."""

class BetaEnvironmentArchivedError(_BadRequestError):
    """The error code `environment_archived`."""

class BetaEnvironmentCreateDisabledError(_PermissionDeniedError):
    """The error code `environment_create_disabled`."""

class BetaEnvironmentNotFoundError(_NotFoundError):
    """The error code `environment_not_found`."""

class BetaEnvironmentUpdateDisabledError(_PermissionDeniedError):
    """The error code `environment_update_disabled`."""

class BetaHumanReviewNotAvailableError(_BadRequestError):
    """The error code `human_review_not_available`."""

class BetaInvalidConfigTypeChangeError(_BadRequestError):
    """The error code `invalid_config_type_change`."""

class BetaInvalidMetadataError(_BadRequestError):
    """The error code `invalid_metadata`."""

class BetaOrganizationNotEligibleError(_BadRequestError):
    """The error code `organization_not_eligible`."""

