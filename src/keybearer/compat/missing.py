"""The official SDK's names that `keybearer.compat` does not have, with the reason: the end of the error's sentence."""

from __future__ import annotations

from typing import Final

__all__ = ["MISSING"]

_HOOKS: Final = "on_request=..., on_response=... and on_retry=... of the client are called around each request"
_CREDENTIALS: Final = "keybearer finds credentials itself; a client's credentials=... takes a provider of your own"
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
    "__title__": "it is the SDK's own name",
}
