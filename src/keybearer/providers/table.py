"""The table of platforms.

Source: `lib/bedrock`, `lib/aws`, `lib/vertex`, `lib/google_cloud` and `lib/foundry.py` of the `anthropic` 2.14.0 wheel. What a row's
`lacks` calls a guess is from the clouds' public documentation as remembered; `Platform(allow=...)` sends it all the same.
"""

from __future__ import annotations

from typing import Final

from keybearer.providers.places import bedrock, google_cloud, mantle, native, vertex, workspace
from keybearer.providers.platform import PlatformRow, Setting

__all__ = ["PLATFORMS"]

_REGION: Final = Setting("region", ("AWS_REGION", "AWS_DEFAULT_REGION"))

_ONLY_MESSAGES: Final = dict.fromkeys(("models", "files", "skills", "threads", "other"), "wheel") | dict.fromkeys(
    ("containers", "fast_mode", "mcp_connector", "server_fallbacks"), "guess"
)
"""What a platform lacks whose client in the wheel has messages alone."""

ROWS: Final = (
    PlatformRow(
        kind="bedrock_mantle",
        title="Amazon Bedrock (Mantle)",
        settings=(_REGION,),
        base_url="https://bedrock-mantle.{region}.api.aws/anthropic",
        url_variable="ANTHROPIC_BEDROCK_MANTLE_BASE_URL",
        cloud="aws",
        keys=("AWS_BEARER_TOKEN_BEDROCK", "ANTHROPIC_AWS_API_KEY"),
        service="bedrock-mantle",
        place=mantle,
        prefix="anthropic.",
        lacks=_ONLY_MESSAGES | {"action_urls": "wheel"},
    ),
    PlatformRow(
        kind="bedrock",
        title="Amazon Bedrock (runtime)",
        settings=(_REGION, Setting("inference_profile", (), "")),
        base_url="https://bedrock-runtime.{region}.amazonaws.com",
        url_variable="ANTHROPIC_BEDROCK_BASE_URL",
        cloud="aws",
        keys=("AWS_BEARER_TOKEN_BEDROCK",),
        service="bedrock",
        place=bedrock,
        prefix="anthropic.",
        lacks=_ONLY_MESSAGES | dict.fromkeys(("count_tokens", "batches", "action_urls"), "wheel"),
        framing="AWS event stream",
    ),
    PlatformRow(
        kind="aws",
        title="Claude Platform on AWS",
        settings=(_REGION, Setting("workspace", ("ANTHROPIC_AWS_WORKSPACE_ID",))),
        in_requests=("workspace",),
        base_url="https://aws-external-anthropic.{region}.api.aws",
        url_variable="ANTHROPIC_AWS_BASE_URL",
        cloud="aws",
        keys=("ANTHROPIC_AWS_API_KEY",),
        service="aws-external-anthropic",
        place=workspace,
        lacks={"action_urls": "wheel"},
    ),
    PlatformRow(
        kind="vertex",
        title="Vertex AI",
        settings=(
            Setting("region", ("CLOUD_ML_REGION",)),
            Setting("project", ("ANTHROPIC_VERTEX_PROJECT_ID", "GOOGLE_CLOUD_PROJECT")),
        ),
        in_requests=("region", "project"),
        base_url="https://{host}/v1",
        url_variable="ANTHROPIC_VERTEX_BASE_URL",
        cloud="google",
        place=vertex,
        lacks=_ONLY_MESSAGES | dict.fromkeys(("batches", "action_urls"), "wheel"),
    ),
    PlatformRow(
        kind="google_cloud",
        title="Claude on Google Cloud",
        settings=(
            Setting("project", ("ANTHROPIC_GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT")),
            Setting("location", ("ANTHROPIC_GOOGLE_CLOUD_LOCATION",), "global"),
            Setting("workspace", ("ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID",)),
        ),
        base_url="https://claude.googleapis.com/v1/projects/{project}/locations/{location}/workspaces/{workspace}/invoke",
        url_variable="ANTHROPIC_GOOGLE_CLOUD_BASE_URL",
        cloud="google",
        place=google_cloud,
    ),
    PlatformRow(
        kind="foundry",
        title="Microsoft Foundry",
        settings=(Setting("resource", ("ANTHROPIC_FOUNDRY_RESOURCE",)),),
        base_url="https://{resource}.services.ai.azure.com/anthropic",
        url_variable="ANTHROPIC_FOUNDRY_BASE_URL",
        cloud="azure",
        keys=("ANTHROPIC_FOUNDRY_API_KEY",),
        key_headers=("x-api-key", "api-key"),
        place=native,
        lacks=dict.fromkeys(("models", "batches"), "wheel") | {"fast_mode": "guess"},
    ),
)

PLATFORMS: Final[dict[str, PlatformRow]] = {row.kind: row for row in ROWS}
"""The platforms by their kind."""
