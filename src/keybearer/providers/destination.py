"""Where the requests of one client go: a platform of the table, with its settings filled in.

Contract: a setting becomes a part of the address, so only characters that cannot lead elsewhere are taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

from keybearer.config.urls import normal_url, url_problem
from keybearer.errors import ConfigError
from keybearer.errors.nearest import did_you_mean
from keybearer.errors.sanitize import sanitize
from keybearer.providers.features import FEATURES, refuse, used
from keybearer.providers.platform import FIELDS, Platform, PlatformRow
from keybearer.providers.replies import read_reply
from keybearer.providers.table import PLATFORMS
from keybearer.types.http import Draft, Reply
from keybearer.wire.request.build import Endpoint

__all__ = ["Destination", "destination_of", "platform_problem"]

_PART: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")
_HOST_PART: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
IN_HOST: Final = frozenset({"region", "resource"})
"""The settings that are a part of the host's name."""

REGIONS_HOSTS: Final = {
    "global": "aiplatform.googleapis.com",
    "us": "aiplatform.us.rep.googleapis.com",
    "eu": "aiplatform.eu.rep.googleapis.com",
}
"""Vertex's hosts that do not begin with the region."""


class Destination(Struct, frozen=True, kw_only=True):
    """Where requests go.

    Attributes:
        row: What is known of the platform.
        root: The platform's address.
        base: The address that a draft in the API's own form begins with, before its path.
        settings: The platform's settings, filled in.
        given: Whether the address was given, in place of the platform's own.
        allow: Features to send although the platform is said to lack them.
    """

    row: PlatformRow
    root: str
    base: str
    settings: Mapping[str, str]
    given: bool = False
    allow: frozenset[str] = frozenset()

    @property
    def host(self) -> str:
        """The host that may have the credential, with its port where it has one."""
        return urlsplit(self.root).netloc.lower()

    def check(self, draft: Draft) -> None:
        """Refuse a request that the platform does not offer.

        Raises:
            UsageError: It uses a feature that the platform lacks.
        """
        for feature in used(draft, draft.url.removeprefix(self.base)):
            if feature in self.row.lacks and feature not in self.allow:
                raise refuse(self.row, feature, PLATFORMS)

    def place(self, draft: Draft) -> Draft:
        """Return a draft in the platform's form.

        Raises:
            UsageError: The model's name cannot be a part of a path.
        """
        return self.row.place(draft, draft.url.removeprefix(self.base), self)

    def read(self, reply: Reply, now: float) -> Reply:
        """Return a reply with the platform's request id and error in the API's form; see `read_reply`."""
        return read_reply(reply, now)


def platform_problem(platform: Platform) -> str | None:
    """Return what is wrong with a platform, in words."""
    if platform.kind not in PLATFORMS:
        return (
            f"names {sanitize(repr(platform.kind), 40)}, which is no platform.{did_you_mean(platform.kind, PLATFORMS)}"
        )
    row = PLATFORMS[platform.kind]
    taken = {setting.name for setting in row.settings} | ({"profile"} if row.cloud == "aws" else set())
    for name in FIELDS:
        value: Any = getattr(platform, name)
        if value is None:
            continue
        if name not in taken:
            return f"has {name}, which {row.title} does not take; it takes {', '.join(sorted(taken))}"
        form = _HOST_PART if name in IN_HOST else _PART
        if not isinstance(value, str) or (name != "profile" and not form.fullmatch(value)):
            return f"has {name}={sanitize(repr(value), 40)}, which is none: letters, digits and hyphens make one"
    if unknown := next((name for name in platform.allow if name not in FEATURES), None):
        return f"allows {sanitize(repr(unknown), 40)}, which is no feature.{did_you_mean(str(unknown), FEATURES)}"
    token: Any = platform.token
    if token is not None and (row.cloud == "aws" or not callable(token)):
        return "has token, which is a function that returns an access token of Google or Entra"
    return None


def destination_of(
    platform: Platform,
    environ: Mapping[str, str],
    base_url: str | None = None,
    found: Callable[[str], str | None] = lambda _name: None,
) -> Destination:
    """Return where the requests of a platform go.

    Args:
        platform: The platform, whose values were checked.
        environ: The environment.
        base_url: The address, in place of the platform's own.
        found: Returns a setting that the cloud's own files have, such as the region of an AWS profile.

    Raises:
        ConfigError: A setting is missing, or one of the environment cannot be.
    """
    row = PLATFORMS[platform.kind]
    url = base_url or environ.get(row.url_variable)
    if url and (problem := url_problem(url)):
        raise ConfigError(f"The environment's {row.url_variable} {problem}.", key=row.url_variable)
    settings: dict[str, str] = {}
    missing = []
    for name, variables, default in row.settings:
        value = getattr(platform, name) or next((environ[each] for each in variables if environ.get(each)), None)
        value = value or found(name) or default
        if value is None:
            missing.append((name, variables))
            continue
        settings[name] = value
    named: dict[str, Any] = {name: value for name, value in settings.items() if value}
    wrong = platform_problem(Platform(row.kind, **named))
    if wrong is not None:
        raise ConfigError(f"The platform {row.kind} {wrong}.", key="platform")
    for name, variables in missing:
        if url and name not in row.in_requests:
            continue  # the address that was given has it
        listed = " or ".join(variables)
        raise ConfigError(
            f"{row.title} needs its {name}, and nothing names it.",
            key=name,
            hint=f"Set {listed}, or {name} in the provider's section of llm.yaml, or Platform({row.kind!r}, {name}=...).",
        )
    if row.kind == "vertex":
        region = settings["region"]
        host = REGIONS_HOSTS.get(region, f"{region}-aiplatform.googleapis.com")
        own = row.base_url.format(host=host)
    else:
        own = row.base_url.format(**settings) if not missing else ""
    root = normal_url(url or own).rstrip("/")
    base = Endpoint(base_url=root).root
    return Destination(
        row=row, root=root, base=base, settings=settings, given=bool(url), allow=frozenset(platform.allow)
    )
