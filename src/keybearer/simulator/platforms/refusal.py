"""What a platform refuses by itself, and the platforms' own forms of errors.

Source: botocore's model of bedrock-runtime for its exceptions; Google's and Azure's forms are those of their public API guides. That
Mantle and Claude Platform on AWS refuse signatures in AWS's form is a guess.
"""

from __future__ import annotations

from typing import Any, Final

from keybearer.simulator.core.reply import encode

__all__ = ["AWS_NAMES", "PlatformRefusal", "aws_name", "body_of", "exception_name"]

AWS_NAMES: Final[dict[int, tuple[int, str]]] = {
    400: (400, "ValidationException"),
    401: (403, "UnrecognizedClientException"),
    403: (403, "AccessDeniedException"),
    404: (404, "ResourceNotFoundException"),
    413: (413, "ValidationException"),
    429: (429, "ThrottlingException"),
    500: (500, "InternalServerException"),
    504: (408, "ModelTimeoutException"),
    529: (503, "ServiceUnavailableException"),
}
"""The API's status to the status and the exception of Bedrock's runtime."""

_GOOGLE: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}

_EXCEPTIONS: Final = {
    "rate_limit_error": "throttlingException",
    "overloaded_error": "serviceUnavailableException",
    "invalid_request_error": "validationException",
    "timeout_error": "modelTimeoutException",
}
"""Error types in a stream to the members of Bedrock's `ResponseStream`."""


class PlatformRefusal(Exception):  # noqa: N818 - what happened, as elsewhere in the simulator
    """A refusal of the platform itself.

    Args:
        status: The HTTP status.
        message: The message.
        name: The exception's name, where it is not the status's own.
    """

    def __init__(self, status: int, message: str, name: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.name = status, message, name


def aws_name(status: int) -> tuple[int, str]:
    """Return the status and the exception of Bedrock's runtime for a status of the API."""
    return AWS_NAMES.get(status, AWS_NAMES[500] if status >= 500 else AWS_NAMES[400])


def exception_name(error: str) -> str:
    """Return the exception in a stream of Bedrock's runtime for an error type of the API."""
    return _EXCEPTIONS.get(error, "internalServerException")


def body_of(cloud: str, status: int, message: str, name: str) -> tuple[bytes, dict[str, str]]:
    """Return an error's body in a cloud's own form, and its further headers."""
    if cloud == "aws":
        return encode({"message": message}), {"x-amzn-errortype": name}
    error: dict[str, Any]
    if cloud == "google":
        error = {"code": status, "message": message, "status": _GOOGLE.get(status, "UNKNOWN")}
    else:
        error = {"code": str(status), "message": message}
    return encode({"error": error}), {}
