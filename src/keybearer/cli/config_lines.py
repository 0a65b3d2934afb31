"""What a configuration says, key by key: as its file writes it, or as a client takes it, each with its origin.

Contract: no secret is in a line. A key of the file is shown only as the variable or the file that it is taken from, and headers that
may carry a credential likewise; a proxy's password is masked.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from keybearer.errors.sanitize import without_keys, without_password
from keybearer.types.secret import Secret
from keybearer.types.seen import SECRET_HEADER

if TYPE_CHECKING:
    import yaml

    from keybearer.config.files import ConfigFiles
    from keybearer.config.schema import AgentModel

__all__ = ["ConfigLine", "resolved_lines", "written_lines"]

_REFERENCE: Final = re.compile(r"\$\{(?:file:[^{}]*|\w+(?::-)?)\}")
"""A value that is taken whole from a variable or a file, and so holds no secret itself."""

_SECRETS: Final = frozenset({"api_key", "api_keys", "password", "store_key", "store_url"})
"""Keys whose whole value is a secret, or may hold a password."""

_MASK: Final = "***"


class ConfigLine(NamedTuple):
    """A key and its value.

    Attributes:
        key: The key's path, such as `providers.anthropic.model`.
        value: The value; a secret one is masked.
        origin: What sets it: `llm.yaml:3`, a variable, a flag, or `default`.
    """

    key: str
    value: Any
    origin: str


def written_lines(files: ConfigFiles) -> Iterator[ConfigLine]:
    """Give the values of `llm.yaml` as it writes them.

    Args:
        files: The configuration, which has no mistake.
    """
    from keybearer.config.yaml import MAX_SIZE, compose, scalars

    for keys, node in scalars(compose(files.read(files, MAX_SIZE), str(files))):
        value = _masked(keys, _text(node))
        yield ConfigLine(".".join(keys), value, f"{files}:{node.start_mark.line + 1}")


def resolved_lines(files: ConfigFiles | None, provider: str | None, agent: str | None) -> Iterator[ConfigLine]:
    """Give every value that calls go by: the file's with its variables put in, else the environment's, else the default.

    Args:
        files: The configuration; None without one.
        provider: The provider; the agent's when omitted, else the only one there is.
        agent: The agent's name, or the path of its file.

    Raises:
        ConfigError: The files cannot be used.
    """
    from keybearer.client.from_config import agent_file, chosen_provider
    from keybearer.config.auth_schema import ALIASES
    from keybearer.config.loader import load_agent, read_config
    from keybearer.config.schema import ProviderConfig

    section, lines, name, model = ProviderConfig(), {}, "", None
    retry: dict[str, Any] = {}
    if files is not None:
        config, found = read_config(files)
        lines = dict(found)
        file = None if agent is None else agent_file(files, agent)
        model = None if file is None else load_agent(file, config, files=files)
        name = chosen_provider(config, str(files), provider or (model.provider if model else None))
        section, retry = config.providers[name], dict(_flat(config.retry))
        named = "--provider" if provider else f"the agent {agent}" if model else "the only one"
        yield ConfigLine("provider", name, named)
    yield from _agents(model, agent)
    own = dict(_flat(section))
    for key, value in own.items():
        if key == "model" and model is not None:
            continue
        names = [key, *(f"auth.{alias}" for alias, meant in ALIASES.items() if key == f"auth.{meant}")]
        where = next((each for one in names for each in (f"providers.{name}.{one}", one) if each in lines), None)
        if value is None and key.startswith("retry."):
            value = retry.get(key.removeprefix("retry."))  # noqa: PLW2901 - the file's own section stands in
        if where is not None and value is not None:
            yield ConfigLine(key, _masked(key.split("."), value, whole=True), f"{files}:{lines[where]}")
        else:
            yield _elsewhere(key, _MASK if isinstance(value, Secret) else value)


def _agents(model: AgentModel | None, agent: str | None) -> Iterator[ConfigLine]:
    if model is not None:
        for key in ("model", "max_tokens"):
            if (value := getattr(model, key)) is not None:
                yield ConfigLine(key, value, f"the agent {agent}")


def _elsewhere(key: str, value: Any) -> ConfigLine:
    """Return a key that the file does not set: from the environment, else the default."""
    variable = {"api_key": "ANTHROPIC_API_KEY", "base_url": "ANTHROPIC_BASE_URL"}.get(key)
    if variable and (found := os.environ.get(variable)):
        return ConfigLine(key, _masked([key], found, whole=True), variable)
    if key == "proxy":
        for each in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            if found := os.environ.get(each):
                return ConfigLine(key, without_password(found), each)
    return ConfigLine(key, _defaults().get(key) if value is None else value, "default")


def _defaults() -> dict[str, Any]:
    """Return the defaults of keys that are nothing in the schema: those of the values that they become."""
    from keybearer.cli.credential_report import DEFAULT_BASE_URL
    from keybearer.policy.retry import RetryPolicy
    from keybearer.types.http import Timeouts
    from keybearer.wire.request.headers import API_VERSION
    from keybearer.wire.response.limits import StreamLimits

    sections = {"retry": RetryPolicy(), "timeouts": Timeouts(), "stream_limits": StreamLimits()}
    found = {f"{name}.{key}": value for name, section in sections.items() for key, value in _flat(section)}
    return found | {"base_url": DEFAULT_BASE_URL, "api_version": API_VERSION, "auth.mode": "auto"}


def _flat(section: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Give the fields of nested Structs by their paths; a mapping is one value."""
    for name in section.__struct_fields__:
        value = getattr(section, name)
        if hasattr(value, "__struct_fields__"):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def _text(node: yaml.Node) -> Any:
    value = node.value
    return [_text(each) for each in value] if isinstance(value, list) else str(value)


def _masked(keys: list[str], value: Any, *, whole: bool = False) -> Any:
    """Return a value that is safe to show.

    Args:
        keys: The keys that lead to it.
        value: The value.
        whole: Whether variables and files have been put in, so that no reference is left to be shown.
    """
    if isinstance(value, Secret):
        return _MASK
    if isinstance(value, Mapping):
        return {name: _masked([*keys, name], each, whole=whole) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(keys, each, whole=whole) for each in value]
    if hasattr(value, "__struct_fields__"):
        return {name: each for name, each in _flat(value) if each is not None}
    if keys[-1] in _SECRETS or ("headers" in keys and SECRET_HEADER.search(keys[-1])):
        reference = not whole and isinstance(value, str) and (not value or _REFERENCE.fullmatch(value))
        return value if reference else _MASK
    return without_password(without_keys(value)) if isinstance(value, str) else value
