"""The types of the values in `llm.yaml`, and the base of its mappings.

Strategy: a type's annotation says what the loader does with a value beside converting it: `Meta(extra={"kind": ...})`.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct

__all__ = [
    "URL",
    "AtLeastOne",
    "Count",
    "Dollars",
    "FilePath",
    "Positive",
    "Proxy",
    "RedisURL",
    "Seconds",
    "Section",
    "Share",
    "is_section",
]

FilePath: TypeAlias = Annotated[str, Meta(extra={"kind": "path"})]
"""A path; a relative one is against the folder of the file that names it, and `~` is the home."""

URL: TypeAlias = Annotated[str, Meta(extra={"kind": "url"})]
"""An https URL; http only to a loopback address."""

Proxy: TypeAlias = Annotated[str, Meta(extra={"kind": "proxy"})]
"""A proxy's URL, whose repr shows no password."""

RedisURL: TypeAlias = Annotated[str, Meta(extra={"kind": "redis"})]
"""The URL of a Redis server, whose repr shows no password; or the word `redis` for the one of the provider's section."""

Positive: TypeAlias = Annotated[float, Meta(gt=0)]
Seconds: TypeAlias = Annotated[float, Meta(gt=0, le=31_536_000)]
"""A time limit: at most a year, which a system's clock can count."""

Count: TypeAlias = Annotated[int, Meta(ge=0)]
AtLeastOne: TypeAlias = Annotated[int, Meta(ge=1)]
Share: TypeAlias = Annotated[float, Meta(gt=0, le=1)]

Dollars: TypeAlias = Annotated[float, Meta(ge=0)]


class Section(Struct, frozen=True, kw_only=True):
    """A mapping of the file; keys with a second name are in `ALIASES`."""


def is_section(cls: Any) -> bool:
    """Return whether a type is a mapping of the schema."""
    return isinstance(cls, type) and issubclass(cls, Section)
