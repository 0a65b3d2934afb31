"""The official SDK's names that `keybearer.compat` does not have, with the reason: the end of the error's sentence."""

from __future__ import annotations

from typing import Final

__all__ = ["MISSING"]

_HOOKS: Final = "on_request=..., on_response=... and on_retry=... of the client are called around each request"
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
    "__title__": "it is the SDK's own name",
}
