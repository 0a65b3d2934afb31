"""The platforms' requests as the API's own: path, headers and body, in both directions of a name.

Source: `lib/bedrock`, `lib/vertex`, `lib/aws`, `lib/google_cloud` and `lib/foundry.py` of the `anthropic` 2.14.0 wheel. What Bedrock
and Vertex refuse in a body is from their public documentation as remembered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from keybearer.simulator.core.reply import encode
from keybearer.simulator.core.request import MESSAGES_PATH
from keybearer.simulator.platforms.refusal import PlatformRefusal

__all__ = ["PLATFORMS", "NativeForm", "SimulatedPlatform"]


class NativeForm(NamedTuple):
    """A request in the API's own form."""

    path: str
    headers: dict[str, str]
    body: bytes


Read = Callable[[str, dict[str, str], bytes], NativeForm]


class SimulatedPlatform(Struct, frozen=True, kw_only=True):
    """A platform.

    Args:
        cloud: `aws`, `google` or `azure`.
        below: The path of its base URL, below its own name.
        read: Reads a request whose path is below that.
        service: The service's name in AWS's signatures.
        framed: Whether its streams are AWS's frames.
        own_errors: Whether the API's errors are in the cloud's form.
    """

    cloud: str
    below: str = ""
    read: Read
    service: str = ""
    framed: bool = False
    own_errors: bool = False


_BEDROCK_PATH: Final = re.compile(r"/model/(?P<model>[^/]+)/(?P<how>invoke|invoke-with-response-stream)")
_BEDROCK_NAME: Final = re.compile(
    r"(?:(?:us|eu|apac|au|jp|global|us-gov)\.)?anthropic\.(?P<name>claude-[a-z0-9-]+?)(?:-v\d+(?::\d+)?)?"
)
_VERTEX_PATH: Final = re.compile(
    r"/projects/[^/]+/locations/[^/]+/publishers/anthropic/models/(?P<model>[^/:]+):(?P<how>rawPredict|streamRawPredict)"
)
_GOOGLE_PATH: Final = re.compile(
    r"/projects/[^/]+/locations/[^/]+/(?:workspaces/(?P<workspace>[^/]+)|claudeOrganization)/invoke(?P<path>/.*)"
)


def _fields(body: bytes) -> dict[str, Any]:
    try:
        decoded = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise PlatformRefusal(400, "Malformed input request, please reformat your input and try again.") from None
    if not isinstance(decoded, dict):
        raise PlatformRefusal(400, "Malformed input request: expected an object.")
    return decoded


def _versioned(headers: Mapping[str, str], fields: dict[str, Any]) -> dict[str, str]:
    """Return the headers with the version of the body."""
    if not isinstance(version := fields.pop("anthropic_version", None), str):
        raise PlatformRefusal(400, "anthropic_version: Field required")
    return {**headers, "anthropic-version": version}


def _without(fields: Mapping[str, Any], *names: str) -> None:
    if extra := [name for name in names if name in fields]:
        raise PlatformRefusal(400, f"{extra[0]}: Extra inputs are not permitted")


def read_bedrock(path: str, headers: dict[str, str], body: bytes) -> NativeForm:
    """Read a request to Bedrock's runtime."""
    if (found := _BEDROCK_PATH.fullmatch(path)) is None:
        raise PlatformRefusal(
            404, "Unable to determine service/operation name to be authorized", "UnknownOperationException"
        )
    fields = _fields(body)
    _without(fields, "model", "stream")
    headers = _versioned(headers, fields)
    if tags := fields.pop("anthropic_beta", None):
        headers["anthropic-beta"] = ",".join(tags)
    fields["model"] = _bedrock_model(unquote(found["model"]))
    if user := fields.pop("user_profile_id", None):
        headers["anthropic-user-profile-id"] = user
    if found["how"].endswith("stream"):
        fields["stream"] = True
    return NativeForm(MESSAGES_PATH, headers, encode(fields))


def _bedrock_model(name: str) -> str:
    if (found := _BEDROCK_NAME.fullmatch(name)) is None:
        raise PlatformRefusal(400, "The provided model identifier is invalid.")
    return found["name"]


def read_mantle(path: str, headers: dict[str, str], body: bytes) -> NativeForm:
    """Read a request to Bedrock's Mantle."""
    if path.startswith(MESSAGES_PATH) and body:
        fields = _fields(body)
        if user := fields.pop("user_profile_id", None):
            headers["anthropic-user-profile-id"] = user
        rows = fields.get("requests", [])
        for each in [fields, *(row["params"] for row in rows)]:
            if "model" in each:
                each["model"] = _bedrock_model(each["model"])
        return NativeForm(path, headers, encode(fields))
    return NativeForm(path, headers, body)


def read_vertex(path: str, headers: dict[str, str], body: bytes) -> NativeForm:
    """Read a request to Vertex."""
    if (found := _VERTEX_PATH.fullmatch(path)) is None:
        raise PlatformRefusal(404, f"The requested URL {path} was not found on this server.")
    fields = _fields(body)
    headers = _versioned(headers, fields)
    if found["model"] == "count-tokens":
        fields["model"] = str(fields.get("model", "")).replace("@", "-")
        return NativeForm(f"{MESSAGES_PATH}/count_tokens", headers, encode(fields))
    _without(fields, "model")
    if (fields.get("stream") is True) != (found["how"] == "streamRawPredict"):
        raise PlatformRefusal(400, "stream: streamRawPredict streams, and rawPredict does not")
    fields["model"] = unquote(found["model"]).replace("@default", "").replace("@", "-")
    return NativeForm(MESSAGES_PATH, headers, encode(fields))


def read_google_cloud(path: str, headers: dict[str, str], body: bytes) -> NativeForm:
    """Read a request to Claude on Google Cloud: the API's own, below a project's address."""
    if (found := _GOOGLE_PATH.fullmatch(path)) is None:
        raise PlatformRefusal(404, f"The requested URL {path} was not found on this server.")
    organization = found["path"].startswith(("/v1/organizations/", "/v1/user_profiles"))
    if organization == (found["workspace"] is not None):
        raise PlatformRefusal(404, f"The requested URL {path} was not found on this server.")
    return NativeForm(found["path"], headers, body)


def read_aws(path: str, headers: dict[str, str], body: bytes) -> NativeForm:
    """Read a request to Claude Platform on AWS."""
    if not headers.get("anthropic-workspace-id"):
        raise PlatformRefusal(400, "anthropic-workspace-id: header is required")
    return NativeForm(path, headers, body)


def read_foundry(path: str, headers: dict[str, str], body: bytes) -> NativeForm:
    """Read a request to Foundry."""
    if path.startswith((f"{MESSAGES_PATH}/batches", "/v1/models")):
        raise PlatformRefusal(404, "Resource not found")
    return NativeForm(path, headers, body)


PLATFORMS: Final[dict[str, SimulatedPlatform]] = {
    "bedrock_mantle": SimulatedPlatform(cloud="aws", below="/anthropic", read=read_mantle, service="bedrock-mantle"),
    "bedrock": SimulatedPlatform(cloud="aws", read=read_bedrock, service="bedrock", framed=True, own_errors=True),
    "aws": SimulatedPlatform(cloud="aws", read=read_aws, service="aws-external-anthropic"),
    "vertex": SimulatedPlatform(cloud="google", below="/v1", read=read_vertex),
    "google_cloud": SimulatedPlatform(cloud="google", below="/v1", read=read_google_cloud),
    "foundry": SimulatedPlatform(cloud="azure", below="/anthropic", read=read_foundry),
}
"""The platforms by the first part of their paths."""
