"""The key of an EC2 instance's role, asked for without a proxy.

Strategy: botocore asks an instance's metadata server through the proxy of the environment, if there is one. The proxy would read the
key, or answer with its own. So where the environment has a proxy for that address, the key is fetched here, over our transport, and
botocore keeps and renews it as ever. Where there is none, botocore's own code fetches it.

Contract: it asks for a token of the metadata server's first (IMDSv2), and goes without only where the server gives none and AWS's
settings allow that. The address and the limits are those of botocore's settings.

Source: AWS, "Use the Instance Metadata Service"; `botocore/utils.py`, `InstanceMetadataFetcher`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from keybearer.credentials.stores.documents import parse_object
from keybearer.errors import TransportError
from keybearer.types.http import Reply, Request, Timeouts
from keybearer.types.secret import Secret

__all__ = ["InstanceRole", "ask_without_proxy"]

ADDRESS: Final = "http://169.254.169.254"
ADDRESS_IPV6: Final = "http://[fd00:ec2::254]"
ROLE: Final = "/latest/meta-data/iam/security-credentials/"
TOKEN: Final = "/latest/api/token"  # noqa: S105 - a path
FIELDS: Final = {
    "access_key": "AccessKeyId",
    "secret_key": "SecretAccessKey",
    "token": "Token",
    "expiry_time": "Expiration",
}
"""botocore's names of what a reply holds."""

OK: Final = 200


class InstanceRole:
    """What botocore's `InstanceMetadataProvider` fetches a key by.

    Args:
        send: Sends a request, blocking; never through a proxy for such an address.
        base: The metadata server.
        timeout: How long it may take to answer, in seconds.
        tries: How often it is asked.
        first_version: Whether it may be asked without a token (IMDSv1).
    """

    def __init__(
        self, send: Callable[[Request], Reply], base: str, *, timeout: float, tries: int, first_version: bool
    ) -> None:
        self._send, self._base, self._tries, self._first_version = send, base.rstrip("/"), tries, first_version
        self._timeouts = Timeouts(connect=timeout, first_byte=timeout, idle=timeout, progress=None, total=3 * timeout)

    def retrieve_iam_role_credentials(self) -> dict[str, str]:
        """Return the key in botocore's form; nothing where the instance has none."""
        token = self._asked("PUT", TOKEN, {"x-aws-ec2-metadata-token-ttl-seconds": "21600"})
        if token is None and not self._first_version:
            return {}
        headers = {} if token is None else {"x-aws-ec2-metadata-token": token.reveal()}
        name = self._asked("GET", ROLE, headers)
        if not name:
            return {}
        role = name.reveal().splitlines()[0].strip()
        found = self._asked("GET", ROLE + role, headers)
        document = {} if found is None else parse_object(found)[1]
        key = {ours: _text(document.get(theirs)) for ours, theirs in FIELDS.items()}
        return {"role_name": role, **key} if all(key.values()) else {}

    def _asked(self, method: str, path: str, headers: Mapping[str, str]) -> Secret | None:
        """Return the text of a reply; None where there is none."""
        plain = {"accept-encoding": "identity", **headers}
        request = Request(method=method, url=self._base + path, headers=plain, timeouts=self._timeouts)
        for _ in range(self._tries):
            try:
                reply = self._send(request)
            except TransportError:
                continue
            if reply.status == OK and reply.body:
                return Secret(reply.body.decode(errors="replace"))
            if reply.status < 500:
                return None
        return None


def ask_without_proxy(session: Any, send: Callable[[Request], Reply]) -> None:
    """Let a botocore session ask the instance's metadata server without the proxy that the environment has for it.

    Args:
        session: The session; nothing of it changes where there is no such proxy.
        send: Sends a request, blocking.
    """
    from botocore.credentials import (
        AssumeRoleProvider,
        CanonicalNameCredentialSourcer,
        InstanceMetadataProvider,
        ProfileProviderBuilder,
    )
    from botocore.utils import get_environ_proxies, resolve_imds_endpoint_mode

    setting = session.get_config_variable
    ours = ADDRESS_IPV6 if resolve_imds_endpoint_mode(session) == "ipv6" else ADDRESS
    base = setting("ec2_metadata_service_endpoint") or ours
    if not get_environ_proxies(base):
        return
    resolver = session.get_component("credential_provider")
    methods = [each.METHOD for each in resolver.providers]
    if InstanceMetadataProvider.METHOD not in methods:
        return
    role = InstanceRole(
        send,
        base,
        timeout=float(setting("metadata_service_timeout")),
        tries=int(setting("metadata_service_num_attempts")),
        first_version=not setting("ec2_metadata_v1_disabled"),
    )
    direct = InstanceMetadataProvider(iam_role_fetcher=role)
    resolver.insert_before(InstanceMetadataProvider.METHOD, direct)
    del resolver.providers[methods.index(InstanceMetadataProvider.METHOD) + 1]
    if AssumeRoleProvider.METHOD not in methods:
        return
    sources = [resolver.get_provider(each) for each in ("env", "container-role") if each in methods]
    assumed = AssumeRoleProvider(
        load_config=lambda: session.full_config,
        client_creator=session.create_client,
        cache={},
        profile_name=setting("profile") or "default",
        credential_sourcer=CanonicalNameCredentialSourcer([*sources, direct]),
        profile_provider_builder=ProfileProviderBuilder(session, cache={}),
    )
    resolver.providers[methods.index(AssumeRoleProvider.METHOD)] = assumed


def _text(value: Any) -> str:
    """Return a text for botocore, whose repr is masked."""
    text = value.reveal() if isinstance(value, Secret) else value
    return Secret(text).reveal() if isinstance(text, str) else ""
