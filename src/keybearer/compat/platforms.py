"""The official SDK's clients of the clouds: keybearer's own with a platform, under the SDK's names and arguments.

Contract: the SDK's arguments become a `Platform` and a credential; everything else is `Anthropic`'s. What the SDK refuses where the
client is made, such as a missing credential, raises at the first call here. `ANTHROPIC_API_KEY` is sent to no cloud.

Source: `lib/bedrock`, `lib/aws`, `lib/vertex`, `lib/google_cloud` and `lib/foundry.py` of the `anthropic` 2.14.0 wheel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, Self, Unpack

from msgspec import structs

from keybearer.compat.client import Anthropic, AsyncAnthropic, SDKClient
from keybearer.compat.options import CompatOptions
from keybearer.compat.sentinels import NotGiven, without_sentinels
from keybearer.credentials.credential import Credential, FixedCredential
from keybearer.credentials.signers.sigv4 import AWSKey
from keybearer.credentials.signers.unsigned import UnsignedSigner
from keybearer.errors import UsageError
from keybearer.providers.platform import Platform
from keybearer.providers.table import PLATFORMS
from keybearer.types.secret import Secret

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
]

FIELDS: Final = {
    "aws_region": "region",
    "aws_profile": "profile",
    "workspace_id": "workspace",
    "region": "region",
    "project_id": "project",
    "project": "project",
    "location": "location",
    "resource": "resource",
    "azure_ad_token_provider": "token",
    "token_provider": "token",
}
"""The SDK's arguments to the fields of a platform."""

_AWS: Final = ("aws_access_key", "aws_secret_key", "aws_session_token")

OWN: Final = frozenset({*FIELDS, *_AWS, "access_token", "skip_auth"})
"""The arguments that only the clouds' clients have; `base_url` and `credentials` mean something else there, too."""


class BedrockOptions(CompatOptions, total=False):
    """The keyword arguments of `AnthropicBedrock`."""

    aws_region: str | None
    aws_profile: str | None
    aws_access_key: str | None
    aws_secret_key: str | None
    aws_session_token: str | None


class MantleOptions(BedrockOptions, total=False):
    """The keyword arguments of `AnthropicBedrockMantle`."""

    skip_auth: bool


class AWSOptions(MantleOptions, total=False):
    """The keyword arguments of `AnthropicAWS`."""

    workspace_id: str | None


class VertexOptions(CompatOptions, total=False):
    """The keyword arguments of `AnthropicVertex`; `credentials` may be google-auth's."""

    region: str | NotGiven
    project_id: str | NotGiven
    access_token: str | None


class GoogleCloudOptions(CompatOptions, total=False):
    """The keyword arguments of `AnthropicGoogleCloud`; `credentials` may be google-auth's."""

    project: str | None
    location: str | None
    workspace_id: str | None
    token_provider: Callable[[], Any] | None
    skip_auth: bool


class FoundryOptions(CompatOptions, total=False):
    """The keyword arguments of `AnthropicFoundry`."""

    resource: str | None
    azure_ad_token_provider: Callable[[], Any] | None


class _OnCloud(SDKClient[Any]):
    """What every client of a cloud has beside `Anthropic`'s."""

    kind: ClassVar[str] = ""
    given: ClassVar[Any] = CompatOptions

    def _begin(self, transport: Any, given: Mapping[str, Any]) -> None:
        super()._begin(transport, self._named(without_sentinels(given)))

    def _named(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments with a platform in place of the SDK's names for its parts."""
        platform = given.pop("platform", None) or Platform(self.kind)
        takes = sorted(self.given.__annotations__.keys() - CompatOptions.__annotations__.keys())
        for name in OWN & given.keys() - set(takes):
            raise TypeError(f"{type(self).__name__} has no argument {name!r}; it takes {', '.join(takes)}.")
        fields: dict[str, Any] = {}
        for name, field in FIELDS.items():
            if (value := _given(given, name)) is not None:
                fields[field] = value
        if (key := _aws_key({name: _given(given, name) for name in _AWS})) is not None:
            fields["aws_key"] = key
        if (token := _given(given, "access_token")) is not None:
            given["auth_token"] = token
        credentials = given.get("credentials") if PLATFORMS[self.kind].cloud == "google" else None
        if credentials is not None and not hasattr(credentials, "current"):
            del given["credentials"]
            fields["token"] = _google_token(credentials)
        if _given(given, "skip_auth"):
            given["credentials"] = FixedCredential(Credential(UnsignedSigner(), "skip_auth=True"))
        return {**given, "platform": structs.replace(platform, **fields)}

    def with_options(self, **given: Any) -> Self:
        """Return this client with other options; one with another part of its platform, or address, has limits of its own."""
        if not given.keys() & (OWN | {"base_url", "api_key", "credentials"}):
            return super().with_options(**given)
        kept = self._given.items()
        before = {name: value for name, value in kept if name != "credentials" or "api_key" not in given}
        headers = {**before.get("default_headers", {}), **given.pop("default_headers", {})}
        query = {**self._query, **given.pop("default_query", {})}
        other = type(self).__new__(type(self))
        now = {**before, **given, "default_headers": headers, "default_query": query}
        other._begin(self._shared_transport(), now)  # noqa: SLF001 - another of this class
        return other

    copy = with_options

    @property
    def api_key(self) -> str | None:
        """The platform's key that was given; its repr shows `***`."""
        text = self._given.get("api_key")
        return Secret(text).reveal() if text else None

    def _setting(self, name: str) -> str | None:
        to = self._settings.exchange.destination
        return None if to is None else to.settings.get(name)


def _given(given: dict[str, Any], name: str) -> Any:
    """Take an argument out; None where it is not given."""
    return given.pop(name, None)


def _aws_key(given: Mapping[str, Any]) -> AWSKey | None:
    access_key, secret_key, token = (given[name] for name in _AWS)
    if (access_key is None) != (secret_key is None):
        named, other = ("aws_access_key", "aws_secret_key")[:: 1 if access_key else -1]
        raise UsageError(f"{named} was given without {other}: give both, or neither for what botocore finds.")
    return None if access_key is None else AWSKey(access_key, Secret(secret_key), Secret(token) if token else None)


def _google_token(credentials: Any) -> Callable[[], str]:
    """Return the function that gives the token of google-auth's credentials, renewed when it has expired."""
    import threading

    from keybearer.client.platform import sending
    from keybearer.credentials.sources.google import OverTransport
    from keybearer.shell.transports.base import TransportOptions

    lock, request = threading.Lock(), OverTransport(sending(TransportOptions()))

    def token() -> str:
        with lock:  # google-auth's credentials are not to be renewed by two at once
            if credentials.expired or not credentials.token:
                credentials.refresh(request)
            return str(credentials.token)

    return token


def _part(name: str) -> Any:
    """Return the property of a part of the platform."""
    return property(lambda self: self._setting(name), doc=f"The platform's {name}, as it was given or found.")


class _Bedrock(_OnCloud):
    kind = "bedrock"
    given = BedrockOptions
    aws_region = _part("region")

    def __init__(self, *, transport: Any = None, **given: Unpack[BedrockOptions]) -> None:
        self._begin(transport, given)


class _Mantle(_OnCloud):
    kind = "bedrock_mantle"
    given = MantleOptions
    aws_region = _part("region")

    def __init__(self, *, transport: Any = None, **given: Unpack[MantleOptions]) -> None:
        self._begin(transport, given)


class _AWSPlatform(_OnCloud):
    kind = "aws"
    given = AWSOptions
    aws_region = _part("region")
    workspace_id = _part("workspace")

    def __init__(self, *, transport: Any = None, **given: Unpack[AWSOptions]) -> None:
        self._begin(transport, given)


class _Vertex(_OnCloud):
    kind = "vertex"
    given = VertexOptions
    region = _part("region")
    project_id = _part("project")

    def __init__(self, *, transport: Any = None, **given: Unpack[VertexOptions]) -> None:
        self._begin(transport, given)


class _GoogleCloud(_OnCloud):
    kind = "google_cloud"
    given = GoogleCloudOptions
    workspace_id = _part("workspace")

    def __init__(self, *, transport: Any = None, **given: Unpack[GoogleCloudOptions]) -> None:
        self._begin(transport, given)


class _Foundry(_OnCloud):
    kind = "foundry"
    given = FoundryOptions

    def __init__(self, *, transport: Any = None, **given: Unpack[FoundryOptions]) -> None:
        self._begin(transport, given)


class AnthropicBedrock(_Bedrock, Anthropic):
    """Claude on Amazon Bedrock's runtime: `aws_region`, `aws_profile`, `aws_access_key`, `aws_secret_key`, `api_key`."""


class AsyncAnthropicBedrock(_Bedrock, AsyncAnthropic):
    """Claude on Amazon Bedrock's runtime, awaited."""


class AnthropicBedrockMantle(_Mantle, Anthropic):
    """Claude on Amazon Bedrock (Mantle): the arguments of `AnthropicBedrock`, and `skip_auth`."""


class AsyncAnthropicBedrockMantle(_Mantle, AsyncAnthropic):
    """Claude on Amazon Bedrock (Mantle), awaited."""


class AnthropicAWS(_AWSPlatform, Anthropic):
    """Claude Platform on AWS: the arguments of `AnthropicBedrockMantle`, and `workspace_id`."""


class AsyncAnthropicAWS(_AWSPlatform, AsyncAnthropic):
    """Claude Platform on AWS, awaited."""


class AnthropicVertex(_Vertex, Anthropic):
    """Claude on Vertex AI: `region`, `project_id`, `access_token`, `credentials` of google-auth."""


class AsyncAnthropicVertex(_Vertex, AsyncAnthropic):
    """Claude on Vertex AI, awaited."""


class AnthropicGoogleCloud(_GoogleCloud, Anthropic):
    """Claude on Google Cloud: `project`, `location`, `workspace_id`, `token_provider`, `credentials` of google-auth."""


class AsyncAnthropicGoogleCloud(_GoogleCloud, AsyncAnthropic):
    """Claude on Google Cloud, awaited."""


class AnthropicFoundry(_Foundry, Anthropic):
    """Claude in Microsoft Foundry: `resource`, `api_key`, `azure_ad_token_provider`."""


class AsyncAnthropicFoundry(_Foundry, AsyncAnthropic):
    """Claude in Microsoft Foundry, awaited."""
