"""Which keys `llm.yaml` has, for files whose values nobody has read yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

import msgspec

from keybearer.config.auth_schema import ALIASES, MEANINGS
from keybearer.config.fields import is_section
from keybearer.config.schema import Config
from keybearer.errors import ConfigError
from keybearer.errors.nearest import nearest

__all__ = ["UnknownKey", "meant", "unknown_error", "unknown_key"]


class UnknownKey(NamedTuple):
    """A key that there is not.

    Attributes:
        path: Its path, up to it.
        valid: The keys that may stand there.
    """

    path: str
    valid: Collection[str]


def unknown_key(keys: Sequence[str]) -> UnknownKey | None:
    """Return the first key of a path that there is not; None where each is one.

    Args:
        keys: The names from the root of the file to a value.
    """
    kind: Any = Config
    for at, name in enumerate(keys):
        kind = _plain(kind)
        if is_section(kind):
            fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
            kind = fields.get(ALIASES.get(name, name)) or fields.get(name)
            if kind is None:
                return UnknownKey(".".join(keys[: at + 1]), fields.keys())
        elif get_origin(kind) is dict:
            kind = get_args(kind)[1]
        else:
            return None
    return None


def unknown_error(file: str, line: int, key: UnknownKey) -> ConfigError:
    """Return the error for a key that there is not."""
    near = meant(key.path.rpartition(".")[2], key.valid)
    hint = f"Did you mean {near!r}?" if near else f"It may be: {', '.join(sorted(key.valid))}."
    return ConfigError(f"{file}:{line}: {key.path}: no such key.", file=file, line=line, key=key.path, hint=hint)


def _plain(kind: Any) -> Any:
    """Return a field's type without what only says that it may be missing, or what else the loader does."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in {Union, UnionType}:
        kind = next(each for each in get_args(kind) if each is not NoneType)
    return kind


def meant(word: str, valid: Collection[str]) -> str | None:
    """Return the valid word that was probably meant: a synonym, one that contains the word, or a similar spelling."""
    plain = word.strip().lower().replace("-", "_").replace(" ", "_")
    if MEANINGS.get(plain) in valid:
        return MEANINGS[plain]
    parts = [each for each in valid if plain and plain in each.split("_")]
    return parts[0] if len(parts) == 1 else nearest(plain, valid, cutoff=0.5)
