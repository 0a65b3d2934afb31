"""The platforms, each with what a test needs to make a client of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from keybearer import Platform
from keybearer.providers.destination import Destination, destination_of
from keybearer.simulator.platforms.callers import PLATFORM_KEY, TOKENS

__all__ = ["KEY", "PLATFORM_CASES", "PlatformCase", "destination"]

KEY = PLATFORM_KEY + "0123456789"


class PlatformCase(NamedTuple):
    """A platform with its settings.

    Attributes:
        platform: The platform.
        below: The path of its base URL in the simulator.
        credential: The client's argument with a key or a token that the simulator takes.
        sdk: The official SDK's client.
        sdk_given: Its arguments.
    """

    platform: Platform
    below: str
    credential: dict[str, Any]
    sdk: str
    sdk_given: dict[str, Any]

    @property
    def kind(self) -> str:
        """The kind of the platform."""
        return self.platform.kind


_GOOGLE: dict[str, Any] = {"auth_token": TOKENS["google"] + "0123456789"}
_KEY: dict[str, Any] = {"api_key": KEY}

PLATFORM_CASES = {
    case.kind: case
    for case in (
        PlatformCase(
            Platform("bedrock_mantle", region="us-east-1"),
            "/bedrock_mantle/anthropic",
            _KEY,
            "AnthropicBedrockMantle",
            {"aws_region": "us-east-1", **_KEY},
        ),
        PlatformCase(
            Platform("bedrock", region="us-east-1"),
            "/bedrock",
            _KEY,
            "AnthropicBedrock",
            {"aws_region": "us-east-1", **_KEY},
        ),
        PlatformCase(
            Platform("aws", region="us-east-1", workspace="wrkspc_1"),
            "/aws",
            _KEY,
            "AnthropicAWS",
            {"aws_region": "us-east-1", "workspace_id": "wrkspc_1", **_KEY},
        ),
        PlatformCase(
            Platform("vertex", region="us-east5", project="a-project"),
            "/vertex/v1",
            _GOOGLE,
            "AnthropicVertex",
            {"region": "us-east5", "project_id": "a-project", "access_token": _GOOGLE["auth_token"]},
        ),
        PlatformCase(
            Platform("google_cloud", project="a-project", workspace="wrkspc_1"),
            "/google_cloud/v1/projects/a-project/locations/global/workspaces/wrkspc_1/invoke",
            _GOOGLE,
            "AnthropicGoogleCloud",
            {
                "project": "a-project",
                "workspace_id": "wrkspc_1",
                "token_provider": lambda: _GOOGLE["auth_token"],
            },
        ),
        PlatformCase(
            Platform("foundry", resource="a-resource"),
            "/foundry/anthropic",
            _KEY,
            "AnthropicFoundry",
            {"resource": "a-resource", **_KEY},
        ),
    )
}
"""Every platform, by its kind."""


def destination(kind: str, **environ: str) -> Destination:
    """Return where the requests of a case's platform go."""
    return destination_of(PLATFORM_CASES[kind].platform, environ)
