"""The JSON Schema of `llm.yaml` and of agents' files, for editors: made from the Structs that read them.

Strategy: msgspec makes the schema; this adds what the loader does beside types. A mapping takes no unknown key, a number or a word may
be `${VAR}`, some keys have a second name, and each key has its meaning from its class's docstring.
"""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import Any, Final

import msgspec

from keybearer.config.auth_schema import ALIASES
from keybearer.config.schema import AgentConfig, Config
from keybearer.types.secret import Secret

__all__ = ["schema_of"]

_MEANING: Final = re.compile(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", re.MULTILINE)
_VARIABLE: Final = {"type": "string", "pattern": r"\$\{"}
"""What may stand for a value that is no text: one that has a variable or a file in it."""


def schema_of(*, agent: bool = False) -> dict[str, Any]:
    """Return the schema (JSON Schema, 2020-12).

    Args:
        agent: Whether it is that of an agent's file, whose other keys are the application's own.
    """
    root = AgentConfig if agent else Config
    (reference,), parts = msgspec.json.schema_components([root], schema_hook=_own, ref_template="#/$defs/{name}")
    for name, part in parts.items():
        _complete(part, is_open=name == "AgentConfig")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **reference, "$defs": parts}


def _own(kind: type) -> dict[str, Any]:
    if kind is Secret:
        return {"type": "string"}
    raise NotImplementedError  # msgspec's way to say that it is no type of ours


def _complete(part: dict[str, Any], *, is_open: bool) -> None:
    """Add to a Struct's schema what the loader does beside types."""
    docstring = cleandoc(str(part.get("description", "")))  # Python 3.13 has taken its indentation away already
    described, _, attributes = docstring.partition("Attributes:")
    part["description"] = " ".join(described.split())
    part["additionalProperties"] = is_open
    meanings = {name: " ".join(words.split()) for name, words in _MEANING.findall(attributes)}
    properties = {name: _property(each) for name, each in part["properties"].items()}
    properties |= {alias: properties[name] for alias, name in ALIASES.items() if name in properties}
    for name, each in properties.items():
        if name in meanings:
            each["description"] = meanings[name]
    part["properties"] = properties


def _property(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a key's schema: its default only where it says something, and `${VAR}` where a value is no text."""
    default = schema.pop("default", None)
    kinds = schema.pop("anyOf", None) or [schema]
    own = [each for each in kinds if each.get("type") != "null"]
    textless = any(each.get("type") in {"integer", "number", "boolean"} or "enum" in each for each in own)
    found: dict[str, Any] = {"anyOf": [*own, *([_VARIABLE] if textless else []), {"type": "null"}]}
    return found | ({} if default is None or isinstance(default, dict) else {"default": default})
