"""The official SDK's names that `keybearer.compat` does not have, with the reason: the end of the error's sentence."""

from __future__ import annotations

from typing import Final

__all__ = ["MISSING"]

_HOOKS: Final = "on_request=..., on_response=... and on_retry=... of the client are called around each request"
_CREDENTIALS: Final = "keybearer finds credentials itself; a client's credentials=... takes a provider of your own"
_STATUS: Final = (
    "keybearer raises the class of the HTTP status, such as BadRequestError; its error_code says which error it is"
)

MISSING: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "APIRequest",
            "AsyncCallNext",
            "AsyncMiddlewareCallable",
            "BetaFallbackState",
            "BetaRefusalFallbackMiddleware",
            "CallNext",
            "Middleware",
            "MiddlewareCallable",
            "MiddlewareInput",
            "OpenTelemetryClientOption",
            "OpenTelemetryOptions",
            "OpenTelemetryTraces",
            "ResolvedOpenTelemetryOptions",
            "ResolvedOpenTelemetryTraces",
            "RetryableError",
        ),
        _HOOKS,
    ),
    **dict.fromkeys(
        (
            "AccessToken",
            "AccessTokenAuth",
            "AccessTokenProvider",
            "AsyncAccessTokenProvider",
            "BaseURLBoundProvider",
            "CredentialResult",
            "CredentialsFile",
            "EnvToken",
            "IdentityTokenFile",
            "IdentityTokenFileError",
            "IdentityTokenProvider",
            "InMemoryConfig",
            "StaticToken",
            "TokenCache",
            "WorkloadIdentityCredentials",
            "WorkloadIdentityError",
            "default_credentials",
            "exchange_federation_assertion",
        ),
        _CREDENTIALS,
    ),
    **dict.fromkeys(
        (
            "CMEKContextUnavailableError",
            "CMEKKeyDisabledError",
            "CMEKKeyNetworkBlockedError",
            "CMEKKeyUnreachableError",
            "ClaudeCodeKeyCreatorNotMemberError",
            "ClaudeCodeVersionTooOldError",
            "ContractSpendLimitReachedError",
            "EnforcedSpendLimitReachedError",
            "LinkedOrganizationBillingUnavailableError",
            "LinkedOrganizationSpendLimitReachedError",
            "OrganizationOnHoldError",
            "OrganizationTypeNotSupportedError",
            "ParentOrganizationRequiredError",
            "RampLimitExceededError",
            "RequestBodyEncodingInvalidError",
            "RequestBodyEncodingUnsupportedError",
            "RequestBodyTooLargeAfterDecodingError",
            "SandboxEgressRestrictedError",
            "WorkspaceHumanReviewDisabledError",
        ),
        _STATUS,
    ),
    "APIWebhookValidationError": "keybearer checks no webhooks",
    "__title__": "it is the SDK's own name",
}
