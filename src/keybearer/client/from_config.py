"""What `llm.yaml` and an agent's file say, as a client's arguments."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from keybearer.client.option_checks import header_problem, merged, retry_problem, spend_limit_problem
from keybearer.client.options import OPTIONS, options_of
from keybearer.client.settings import FromConfig
from keybearer.config.files import ConfigFiles
from keybearer.config.loader import load_agent, read_config
from keybearer.config.schema import Config, ProviderConfig
from keybearer.errors import ConfigError
from keybearer.errors.nearest import nearest
from keybearer.policy.retry import RetryPolicy
from keybearer.wire.response.limits import MAX_EVENT_BYTES

if TYPE_CHECKING:
    from keybearer.providers.platform import Platform

REDIS_KEYS: Final = ("rate_limit.shared", "spend_limit.store")
"""The keys that name a Redis server."""

__all__ = ["agent_file", "chosen_provider", "configured", "platform_of"]


def configured(path: str | os.PathLike[str], agent: str | os.PathLike[str] | None, provider: str | None) -> FromConfig:
    """Read the configuration of a client.

    Args:
        path: `llm.yaml`.
        agent: An agent's name, for `agents/<name>.yaml` beside `llm.yaml`, or the path of its file.
        provider: The provider; the agent's when omitted, else the only one there is.

    Raises:
        ConfigError: The files cannot be used.
    """
    files = ConfigFiles.of(path)
    config, lines = read_config(files)
    chosen = load_agent(agent_file(path, os.fspath(agent)), config, files=files) if agent is not None else None
    name = chosen_provider(config, os.fspath(path), provider or (chosen.provider if chosen else None))
    section = _with_redis(config.providers[name], name, os.fspath(path), lines)
    retry = merged(RetryPolicy(), config.retry, section.retry)
    for key, problem in _problems(section, retry):
        # A retry policy is made of two sections: the provider's own line, else the one of the file's `retry`.
        where = next((each for each in (f"providers.{name}.{key}", key) if each in lines), f"providers.{name}")
        line = lines.get(where, 0)
        raise ConfigError(
            f"{os.fspath(path)}:{line}: {where}: it {problem}.", file=os.fspath(path), line=line, key=where
        )
    found = options_of(section) | {
        "model": chosen.model if chosen else section.model,
        "retry": retry,
        "retry_budget": section.retry.budget or config.retry.budget,
        "retry_reserve": config.retry.reserve if section.retry.reserve is None else section.retry.reserve,
    }
    if section.is_platform:
        found["platform"] = platform_of(section)
    return FromConfig(
        options={key: value for key, value in found.items() if value is not None},
        max_tokens=chosen.max_tokens if chosen else None,
        auth=section.login,
        key=section.api_key,
        keys=tuple(section.api_keys or ()),
        provider=name,
        elsewhere=(lambda other: configured(path, None, other) if other in config.providers else None)
        if len(config.providers) > 1
        else None,
        agent=None if agent is None else Path(agent).stem,
        key_source=f"providers.{name}.{'api_keys' if section.api_keys else 'api_key'} in {os.fspath(path)}",
    )


def platform_of(section: ProviderConfig) -> Platform:
    """Return the platform that a provider's section names."""
    from keybearer.providers.platform import FIELDS, Platform

    named = {name: getattr(section, name) for name in FIELDS}
    return Platform(section.kind, **named, allow=tuple(section.allow or ()))


def _with_redis(section: ProviderConfig, name: str, path: str, lines: Mapping[str, int]) -> ProviderConfig:
    """Return a section with the servers that its URLs, or the word `redis`, stand for."""
    from msgspec import structs

    for key in REDIS_KEYS:
        part = getattr(section, key.split(".")[0])
        url = None if part is None else getattr(part, key.split(".")[1])
        if url is None:
            continue
        from keybearer.config.redis_server import redis_of

        try:
            server = redis_of(url, section.redis)
        except ConfigError as error:
            message = error.message
        else:
            changed: Any = {key.split(".")[0]: structs.replace(part, **{key.split(".")[1]: server})}
            section = structs.replace(section, **changed)
            continue
        where = f"providers.{name}.{'redis' if section.redis else key}"
        line = lines.get(where, 0)
        raise ConfigError(f"{path}:{line}: {where}: {message}", file=path, line=line, key=where)
    return section


def chosen_provider(config: Config, path: str, name: str | None) -> str:
    """Return a provider's name: the one that is named, else the only one there is.

    Raises:
        ConfigError: There is none of that name, or there are several and none is named.
    """
    if name is None and len(config.providers) == 1:
        return next(iter(config.providers))
    if name in config.providers:
        return str(name)
    listed = ", ".join(config.providers)
    if name is None:
        what, hint = f"it has {len(config.providers)} providers; say which one", "Pass provider= or agent=. "
    else:
        what, hint = f"there is no provider {name!r}", ""
    raise ConfigError(f"{path}: {what}.", file=path, key="providers", hint=f"{hint}The providers are: {listed}.")


def _problems(section: ProviderConfig, retry: RetryPolicy) -> Iterator[tuple[str, str]]:
    """Give what the file's own rules do not see: the key below the provider, and what is wrong with it."""
    for header, value in (section.headers or {}).items():
        if problem := header_problem(header, value):
            yield f"headers.{header}", problem
    if section.api_keys is not None and (problem := _keys_problem(section)):
        yield "api_keys", problem
    for name in ("api_version", "model", "betas", "on_overload"):
        value = getattr(section, name)
        if value is not None and (problem := OPTIONS[name].check(value)):
            yield name, problem
    yield from _platform_problems(section)
    yield from _money_problems(section)
    if problem := retry_problem(retry):
        yield "retry", problem
    if (size := section.stream_limits.event_bytes) is not None and size > MAX_EVENT_BYTES:
        yield "stream_limits.event_bytes", f"is {size}; it takes at most {MAX_EVENT_BYTES}"
    if section.ca_file is not None:
        from keybearer.shell.transports.tls import ca_problem

        if problem := ca_problem(section.ca_file):
            yield "ca_file", f"names {section.ca_file}, which {problem}"


def _keys_problem(section: ProviderConfig) -> str:
    """Return why several keys cannot be used; an empty text where they can."""
    if section.api_key is not None:
        return "stands beside api_key: put that key into the list"
    if section.is_platform:
        return f"is for the API itself, and the provider's kind is {section.kind}"
    if section.auth.mode not in {None, "auto", "static"}:
        return f"is for auth.mode static, and the mode is {section.auth.mode}"
    return "" if section.api_keys and all(section.api_keys) else "is empty, or one of its keys is"


def _platform_problems(section: ProviderConfig) -> Iterator[tuple[str, str]]:
    if section.is_platform:
        if problem := OPTIONS["platform"].check(platform_of(section)):
            yield "kind", problem
        return
    from keybearer.providers.platform import FIELDS

    if named := next((name for name in (*FIELDS, "allow") if getattr(section, name) is not None), None):
        yield named, "belongs to a platform; the provider's `kind` says which one"


def _money_problems(section: ProviderConfig) -> Iterator[tuple[str, str]]:
    prices = OPTIONS["prices"]
    if section.prices is not None and prices.from_file and (problem := prices.check(prices.from_file(section.prices))):
        yield "prices", problem
    if section.spend_limit is not None and (problem := spend_limit_problem(section.spend_limit)):
        yield "spend_limit", problem


def agent_file(path: str | os.PathLike[str], agent: str) -> Path:
    """Return the file of an agent: a path as it is, a name as `agents/<name>.yaml` beside `llm.yaml`.

    Raises:
        ConfigError: There is no agent of that name.
    """
    if agent.endswith((".yaml", ".yml")) or os.sep in agent:
        return Path(agent)
    folder = Path(path).parent / "agents"
    file = folder / f"{agent}.yaml"
    if not file.exists():
        there = sorted(each.stem for each in folder.glob("*.yaml"))
        near = nearest(agent, there, cutoff=0.5)
        listed = f"The agents are: {', '.join(there)}." if there else "There is none in that folder."
        raise ConfigError(
            f"There is no agent {agent!r}: {file} does not exist.",
            file=str(file),
            hint=f"Did you mean {near!r}?" if near else listed,
        )
    return file
