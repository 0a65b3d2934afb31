"""From `Client(platform=...)` and the environment to where requests go and the credential that signs them.

Strategy: an explicit argument wins, then the provider's section of `llm.yaml`, then the platform's own variables, then what the
cloud's library finds. `ANTHROPIC_API_KEY` and `ANTHROPIC_BASE_URL` are Anthropic's and count for no platform.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from keybearer.client.options import ClientOptions
from keybearer.config.auth_schema import AuthConfig
from keybearer.credentials.credential import CredentialProvider
from keybearer.credentials.signers.platform_token import PlatformSigner
from keybearer.errors import ConfigError, NoCredentials
from keybearer.flow import Clocks
from keybearer.providers.destination import Destination, destination_of
from keybearer.providers.platform import Platform
from keybearer.shell.transports.base import TransportOptions
from keybearer.types.http import Reply, Request
from keybearer.types.secret import Secret

__all__ = ["connect", "sending"]


def connect(
    options: ClientOptions,
    auth: AuthConfig,
    key: tuple[Secret, str] | None,
    *,
    transport: TransportOptions,
    clocks: Clocks,
    environ: Mapping[str, str] | None = None,
) -> tuple[CredentialProvider, Destination]:
    """Return what gives the credentials, and where the requests go.

    Args:
        options: The client's arguments, with a `platform`.
        auth: The configuration's section on authentication.
        key: The configuration's key, and where that came from.
        transport: How token requests connect.
        clocks: The clocks.
        environ: The environment; the process's when omitted.

    Raises:
        ConfigError: A setting is missing, or `auth` says what no platform takes.
        NoCredentials: A cloud's library that is needed at once is not installed, or finds nothing.
    """
    if auth.mode not in {None, "auto", "static"}:
        raise ConfigError(
            f"auth.mode {auth.mode} is a login of Anthropic's own API, which no platform takes.",
            key="auth.mode",
            hint="Leave auth.mode out: a platform takes its key, or the cloud's own credentials.",
        )
    environ = os.environ if environ is None else environ
    platform = options["platform"]
    cloud = _Cloud(platform, transport, clocks, environ)
    to = destination_of(platform, environ, options.get("base_url"), cloud.setting)
    given = options.get("credentials")
    if given is not None:
        return given, to
    return _provider(options, key, cloud, to), to


def _provider(
    options: ClientOptions, key: tuple[Secret, str] | None, cloud: _Cloud, to: Destination
) -> CredentialProvider:
    from keybearer.credentials.sources.platform_tokens import FunctionToken, platform_key

    row, platform, environ = to.row, cloud.platform, cloud.environ
    token = partial(PlatformSigner, host=to.host, what="access token", refreshable=True)
    if (text := options.get("auth_token")) is not None:
        return platform_key(Secret(text), "the auth_token argument", token)
    if platform.token is not None:
        return FunctionToken(platform.token, token)
    chosen = None if (text := options.get("api_key")) is None else (Secret(text), "the api_key argument")
    chosen = chosen or key
    if chosen is None and platform.profile is None and platform.aws_key is None:
        chosen = next(((Secret(environ[name]), name) for name in row.keys if environ.get(name)), None)
    if chosen is not None:
        if row.cloud == "google":
            raise ConfigError(
                f"{row.title} takes no key; {chosen[1]} gives one.",
                key="api_key",
                hint="Google's credentials sign: leave the key out, or give auth_token=... an access token.",
            )
        return platform_key(*chosen, partial(PlatformSigner, host=to.host, what="key", headers=row.key_headers))
    return cloud.provider(to)


class _Cloud:
    """A cloud's own credentials, looked for when they are first needed."""

    def __init__(
        self, platform: Platform, transport: TransportOptions, clocks: Clocks, environ: Mapping[str, str]
    ) -> None:
        self.platform, self.environ = platform, environ
        self._transport, self._clocks = transport, clocks
        self._google: Any = None

    def setting(self, name: str) -> str | None:
        """Return a setting that the cloud's own files have."""
        from keybearer.providers.table import PLATFORMS

        cloud = PLATFORMS[self.platform.kind].cloud
        if name == "region" and cloud == "aws":
            from keybearer.credentials.sources.aws import botocore_session

            try:
                region: str | None = botocore_session(self.platform.profile).get_config_variable("region")
            except NoCredentials:  # without botocore, AWS's files are not read
                return None
            return region
        if name == "project" and cloud == "google" and self.platform.token is None:
            try:
                project: str | None = self._found_google().project()
            except NoCredentials:
                return None
            return project
        return None

    def provider(self, to: Destination) -> CredentialProvider:
        """Return the provider of the cloud's credentials."""
        if to.row.cloud == "aws":
            return self._aws(to)
        from keybearer.credentials.sources.platform_tokens import CloudToken

        if to.row.cloud == "google":
            from keybearer.credentials.sources.google import REMEDY

            fetch, source = self._found_google().fetch, "Google's Application Default Credentials"
        else:
            from keybearer.credentials.sources.azure import REMEDY, EntraCredentials

            fetch, source = EntraCredentials().fetch, "Entra (azure-identity)"
        signer = partial(PlatformSigner, host=to.host, what="access token", refreshable=True)
        return CloudToken(fetch, signer, source=source, remedy=REMEDY, lock=threading.Lock(), now=self._clocks.wall)

    def _aws(self, to: Destination) -> CredentialProvider:
        from keybearer.credentials.signers.sigv4 import SigV4Signer
        from keybearer.credentials.sources.aws import AWSCredentials

        if (region := to.settings.get("region")) is None:
            raise ConfigError(
                f"{to.row.title} needs its region for signatures, and nothing names it.",
                key="region",
                hint=f"Set AWS_REGION, or Platform({to.row.kind!r}, region=...).",
            )
        signer = partial(SigV4Signer, region=region, service=to.row.service, host=to.host, now=self._clocks.wall)
        send = sending(self._transport)
        return AWSCredentials(signer, self.platform.profile, self.environ, self.platform.aws_key, send)

    def _found_google(self) -> Any:
        if self._google is None:
            from keybearer.credentials.sources.google import GoogleCredentials

            self._google = GoogleCredentials(sending(self._transport))
        return self._google


def sending(transport: TransportOptions) -> Callable[[Request], Reply]:
    """Return a function that sends a token request on a transport of its own."""

    def send(request: Request) -> Reply:
        from keybearer.shell.transports.default import DefaultTransport

        made = DefaultTransport(transport)
        try:
            return made.send(request)
        finally:
            made.close()

    return send
