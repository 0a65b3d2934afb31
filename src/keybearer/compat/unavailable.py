"""Names of the official SDK that can be imported, and raise one clear error when they are used.

A program that imports a name for a branch it never takes runs; one that uses it hears what to do instead.
"""

from __future__ import annotations

from typing import Any, Final, NoReturn

from keybearer.compat.client import Anthropic, AsyncAnthropic
from keybearer.errors import UsageError

__all__ = [
    "AnthropicAWS",
    "AnthropicBedrock",
    "AnthropicBedrockMantle",
    "AnthropicFoundry",
    "AnthropicGoogleCloud",
    "AnthropicVertex",
    "AsyncAnthropicAWS",
    "AsyncAnthropicBedrock",
    "AsyncAnthropicBedrockMantle",
    "AsyncAnthropicFoundry",
    "AsyncAnthropicGoogleCloud",
    "AsyncAnthropicVertex",
    "DefaultAioHttpClient",
    "DefaultAsyncHttpxClient",
    "DefaultHttpxClient",
]

SDK_KEEPS_IT: Final = "Keep the official SDK for this part; keybearer.SDKCredentials gives it keybearer's login."


def _refuse(name: str, why: str, hint: str) -> NoReturn:
    raise UsageError(f"keybearer.compat has no {name} yet: {why}", hint=hint)


class _CloudClient:
    """A client of a cloud's door to the API."""

    cloud = ""

    def __init__(self, *_: Any, **__: Any) -> None:
        _refuse(type(self).__name__, f"requests to Claude on {self.cloud} are signed in another way.", SDK_KEEPS_IT)


class AnthropicBedrock(_CloudClient, Anthropic):
    """Claude on Amazon Bedrock: raises when it is made."""

    cloud = "Amazon Bedrock"


class AsyncAnthropicBedrock(_CloudClient, AsyncAnthropic):
    """Claude on Amazon Bedrock: raises when it is made."""

    cloud = "Amazon Bedrock"


class AnthropicBedrockMantle(_CloudClient, Anthropic):
    """Claude on Amazon Bedrock (Mantle): raises when it is made."""

    cloud = "Amazon Bedrock (Mantle)"


class AsyncAnthropicBedrockMantle(_CloudClient, AsyncAnthropic):
    """Claude on Amazon Bedrock (Mantle): raises when it is made."""

    cloud = "Amazon Bedrock (Mantle)"


class AnthropicVertex(_CloudClient, Anthropic):
    """Claude on Vertex AI: raises when it is made."""

    cloud = "Vertex AI"


class AsyncAnthropicVertex(_CloudClient, AsyncAnthropic):
    """Claude on Vertex AI: raises when it is made."""

    cloud = "Vertex AI"


class AnthropicGoogleCloud(_CloudClient, Anthropic):
    """Claude on Google Cloud: raises when it is made."""

    cloud = "Google Cloud"


class AsyncAnthropicGoogleCloud(_CloudClient, AsyncAnthropic):
    """Claude on Google Cloud: raises when it is made."""

    cloud = "Google Cloud"


class AnthropicFoundry(_CloudClient, Anthropic):
    """Claude in Microsoft Foundry: raises when it is made."""

    cloud = "Microsoft Foundry"


class AsyncAnthropicFoundry(_CloudClient, AsyncAnthropic):
    """Claude in Microsoft Foundry: raises when it is made."""

    cloud = "Microsoft Foundry"


class AnthropicAWS(_CloudClient, Anthropic):
    """Claude Platform on AWS: raises when it is made."""

    cloud = "AWS"


class AsyncAnthropicAWS(_CloudClient, AsyncAnthropic):
    """Claude Platform on AWS: raises when it is made."""

    cloud = "AWS"


class _HTTPClient:
    """An HTTP client for `http_client=`."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise UsageError(
            f"keybearer brings its own HTTP, so there is no {type(self).__name__}(...), and no http_client=.",
            hint="transport=... takes one of your own; proxy=..., ca_file=... and timeout=... are arguments of the client.",
        )


class DefaultHttpxClient(_HTTPClient):
    """Raises when it is made."""


class DefaultAsyncHttpxClient(_HTTPClient):
    """Raises when it is made."""


class DefaultAioHttpClient(_HTTPClient):
    """Raises when it is made."""
