"""AWS keys, as botocore finds them: variables, files, SSO, web identity, containers, instances.

Contract: botocore keeps and renews the keys; for each request the present one is asked for, and none is kept here. A key in the
environment needs no botocore.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from keybearer.credentials.credential import Credential
from keybearer.credentials.signers.sigv4 import AWSKey, SigV4Signer
from keybearer.errors import ConfigError, CredentialError, NoCredentials, RefreshFailed
from keybearer.errors.sanitize import sanitize
from keybearer.flow import Blocking, Flow
from keybearer.types.http import Reply, Request
from keybearer.types.secret import Secret

__all__ = ["AWSCredentials", "botocore_session", "environment_key"]

REMEDY: Final = (
    "see which identity signs with `aws sts get-caller-identity`, and whether it may call Claude there; "
    "the clock of this machine must be right too."
)


def environment_key(environ: Mapping[str, str]) -> AWSKey | None:
    """Return the key in AWS's variables; None where there is none."""
    access_key, secret_key = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if not access_key or not secret_key:
        return None
    token = environ.get("AWS_SESSION_TOKEN") or environ.get("AWS_SECURITY_TOKEN")
    return AWSKey(access_key, Secret(secret_key), Secret(token) if token else None)


@cache
def botocore_session(profile: str | None) -> Any:
    """Return botocore's session.

    Args:
        profile: The profile in AWS's files; None for the one that AWS's variables name, or the default.

    Raises:
        NoCredentials: botocore is not installed.
        ConfigError: There is no such profile.
    """
    try:
        import botocore.session
        from botocore.exceptions import ProfileNotFound
    except ImportError:
        raise NoCredentials(
            "AWS credentials are looked for by botocore, which is not installed.",
            hint="Install keybearer[aws], or set a key of the platform, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        ) from None
    session = botocore.session.Session(profile=profile)
    try:
        session.get_scoped_config()
    except ProfileNotFound as error:
        problem = sanitize(str(error), 200)
    else:
        return session
    raise ConfigError(f"AWS's files have no such profile: {problem}", key="profile")


class AWSCredentials:
    """The provider of AWS keys.

    Args:
        signer: Makes a key's signer.
        profile: The profile in AWS's files.
        environ: The environment.
        given: A key, in place of what botocore finds.
        send: Sends a request, blocking; for an instance's metadata server, which no proxy may be before. None leaves it to botocore.
    """

    def __init__(
        self,
        signer: Callable[[AWSKey], SigV4Signer],
        profile: str | None,
        environ: Mapping[str, str],
        given: AWSKey | None = None,
        send: Callable[[Request], Reply] | None = None,
    ) -> None:
        self._send = send
        self._signer, self._profile, self._source = signer, profile, "AWS_ACCESS_KEY_ID" if given is None else "aws_key"
        named = profile is not None or environ.get("AWS_PROFILE")
        self._fixed = given or (None if named else environment_key(environ))
        self._chain: Any = None

    @property
    def source(self) -> str:
        """Where the key comes from, in words."""
        if self._fixed is not None:
            return self._source
        return f"AWS's profile {self._profile!r}" if self._profile else "AWS's credentials, as botocore finds them"

    def current(self) -> Flow[Credential]:
        """Return the present key.

        Raises:
            NoCredentials: In the flow; botocore finds none, or is not installed.
            RefreshFailed: In the flow; botocore could not renew it.
        """
        if self._fixed is not None:
            return Credential(self._signer(self._fixed), self._source, REMEDY)
        if self._chain is None or _is_renewed(self._chain):
            key, source = yield Blocking(self._asked)
        else:
            key, source = self._asked()
        return Credential(self._signer(key), source, REMEDY)

    def _asked(self) -> tuple[AWSKey, str]:
        """Ask botocore, which renews the key when it must."""
        if self._chain is None:
            session = botocore_session(self._profile)
            if self._send is not None:
                from keybearer.credentials.sources.aws_instance import ask_without_proxy

                ask_without_proxy(session, self._send)
            self._chain = session.get_credentials()
        if self._chain is None:
            raise NoCredentials(
                "There are no AWS credentials.",
                looked=("botocore: variables, files, SSO, web identity, the container's and the instance's endpoint",),
                hint="Log in with `aws sso login`, name a profile, or set a key of the platform.",
            )
        try:
            frozen = self._chain.get_frozen_credentials()
        except Exception as error:  # noqa: BLE001 - botocore's many
            problem = sanitize(f"{type(error).__name__}: {error}", 300)
        else:
            if not frozen.access_key or not frozen.secret_key:
                raise CredentialError("botocore's AWS credentials have no key.", source="botocore", problem="missing")
            token = Secret(frozen.token) if frozen.token else None
            return AWSKey(frozen.access_key, Secret(frozen.secret_key), token), f"AWS ({self._chain.method})"
        raise RefreshFailed(f"botocore could not renew the AWS key: {problem}", source="botocore", problem="no_key")

    def rejected(self, credential: Credential) -> None:
        """Look for the key anew next time, unless it is fixed."""
        del credential
        self._chain = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(profile={self._profile!r})"


def _is_renewed(chain: Any) -> bool:
    """Return whether asking for the key may block, because it is due to be renewed."""
    due = getattr(chain, "refresh_needed", None)
    return due is not None and bool(due())
