"""A platform as a user names it, and the table's row for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from msgspec import Struct

from keybearer.credentials.signers.sigv4 import AWSKey
from keybearer.types.http import Draft

if TYPE_CHECKING:
    from keybearer.providers.destination import Destination

__all__ = ["FIELDS", "Platform", "PlatformRow", "Setting"]

Place: TypeAlias = "Callable[[Draft, str, Destination], Draft]"
"""Turns a draft in the API's own form, with its path, into what the platform takes."""


class Platform(Struct, frozen=True):
    """A platform that serves Claude, for `Client(platform=...)`.

    What is None here is read from the platform's own variables, such as `AWS_REGION`.

    Args:
        kind: `bedrock`, `bedrock_mantle`, `aws`, `vertex`, `google_cloud` or `foundry`.
        region: The region, of AWS and Vertex.
        project: The project, of Google.
        location: The location, of Claude on Google Cloud.
        workspace: The workspace's id, of Claude Platform on AWS and Claude on Google Cloud.
        resource: The resource's name, of Foundry.
        profile: The profile in AWS's files whose credentials sign.
        inference_profile: What stands before the names of models on Bedrock's runtime: `us`, `eu`, `global`, ...
        token: Returns an access token, of Google or Entra; called before each request. Default: what the cloud's library finds.
        aws_key: An AWS key (`keybearer.credentials.signers.sigv4.AWSKey`), in place of what botocore finds.
        allow: Features to send although keybearer's table says that the platform does not offer them.

    Example:
        >>> Platform("bedrock_mantle", region="eu-west-1").region
        'eu-west-1'
    """

    kind: str
    region: str | None = None
    project: str | None = None
    location: str | None = None
    workspace: str | None = None
    resource: str | None = None
    profile: str | None = None
    inference_profile: str | None = None
    token: Callable[[], Any] | None = None
    aws_key: AWSKey | None = None
    allow: tuple[str, ...] = ()


FIELDS: Final = ("region", "project", "location", "workspace", "resource", "profile", "inference_profile")
"""The fields of a platform that are texts."""


class Setting(NamedTuple):
    """A field that a kind of platform needs.

    Attributes:
        name: The field of `Platform`.
        variables: The environment variables that stand in for it, the first one that is set.
        default: What stands in for those; None where it must be given.
    """

    name: str
    variables: tuple[str, ...]
    default: str | None = None


class PlatformRow(Struct, frozen=True, kw_only=True):
    """What is known of a kind of platform.

    Attributes:
        kind: Its name in `llm.yaml`.
        title: Its name in words.
        settings: What it needs.
        in_requests: The settings that requests have beside the address.
        base_url: Where it is, with the settings in braces.
        url_variable: The environment variable with another address.
        cloud: Whose credentials sign: `aws`, `google` or `azure`.
        keys: The environment variables with a key.
        key_headers: The headers that carry a key as it is; none for `Authorization: Bearer`.
        service: The service's name in AWS's signatures.
        place: Puts a draft into the platform's form.
        prefix: What stands before a model's name that is not in the table of names.
        lacks: The features that it does not offer, each with how that is known: `wheel`, or `guess` from public documentation.
        framing: How its streams are framed.
    """

    kind: str
    title: str
    settings: tuple[Setting, ...]
    in_requests: tuple[str, ...] = ()
    base_url: str
    url_variable: str
    cloud: str
    keys: tuple[str, ...] = ()
    key_headers: tuple[str, ...] = ()
    service: str = ""
    place: Place
    prefix: str = ""
    lacks: Mapping[str, str] = {}
    framing: str = "SSE"
