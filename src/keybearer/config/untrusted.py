"""What a configuration that was only found in a folder may say: nothing that decides where a credential goes.

Strategy: `ALLOWED` lists the harmless keys, each with its allowed values. Every other key, including one added to the schema later,
needs trust. The file's own text is checked, before any variable or file is put into it: until the folder is trusted, none is read. A
trusted configuration is identified by one digest of `llm.yaml` and of every file that it reads.

Contract: `demands` and `digest` read through one `ConfigFiles`, the same that the loader uses afterwards.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import yaml
from msgspec import Struct

from keybearer.config.files import ConfigFiles
from keybearer.config.interpolate import interpolate
from keybearer.config.keys import UnknownKey, unknown_key
from keybearer.config.paths import expanded, user_home
from keybearer.config.urls import is_anthropic, normal_url, url_problem
from keybearer.config.yaml import MAX_SIZE, compose, scalars
from keybearer.errors import ConfigError

__all__ = ["ALLOWED", "Demand", "demands", "digest"]

Allows: TypeAlias = Callable[[str, Mapping[str, str]], bool]
"""Whether a key may have a value, as the file writes it; given the environment."""


class Demand(Struct, frozen=True):
    """A key that a found configuration may not set without trust.

    Attributes:
        file: The file.
        line: The line, from 1.
        key: The key's path.
        unknown: The key of the path that there is not: then it is a mistake, and no matter of trust.
    """

    file: str
    line: int
    key: str
    unknown: UnknownKey | None = None


def _plain(text: str, _: Mapping[str, str]) -> bool:
    return "${" not in text


def _number(fits: Callable[[float], bool]) -> Allows:
    def may(text: str, _: Mapping[str, str]) -> bool:
        try:
            return fits(float(text))
        except ValueError:
            return False

    return may


def _at_most(most: float) -> Allows:
    return _number(lambda number: number <= most)


def _at_least(least: float) -> Allows:
    return _number(lambda number: number >= least)


def _own_key(text: str, _: Mapping[str, str]) -> bool:
    return text in {"", "${ANTHROPIC_API_KEY}", "${ANTHROPIC_API_KEY:-}"}


_BASE_URL: Final = re.compile(r"\$\{ANTHROPIC_BASE_URL(?::-(?P<default>[^{}$]*))?\}")


def _own_url(text: str, environ: Mapping[str, str]) -> bool:
    """Whether a base URL is Anthropic's, or what the environment sets without the file."""
    own = environ.get("ANTHROPIC_BASE_URL", "")
    if match := _BASE_URL.fullmatch(text):
        text = own or match["default"] or ""
    if not text:
        return True
    if url_problem(text):
        return False
    parts = urlsplit(text)
    if parts.scheme == "https" and parts.port in {None, 443} and is_anthropic(parts.hostname or ""):
        return True
    return bool(own) and not url_problem(own) and normal_url(text) == normal_url(own)


_RETRY: Final[dict[str, Allows]] = {
    "rate_limit_attempts": _at_most(5),
    "server_attempts": _at_most(3),
    "min_delay": _at_least(1),
    "max_delay": _at_least(60),
    "multiplier": _at_least(2),
    "rate_limit_delay": _at_least(60),
    "budget": _at_most(0.1),
    "reserve": _at_most(10),
}

ALLOWED: Final[dict[str, Allows]] = {
    "api_key": _own_key,
    "base_url": _own_url,
    "model": _plain,
    "auth.mode": _plain,
    "max_retries": _at_most(2),
    "rate_limit.requests_per_second": _plain,
    "rate_limit.burst": _at_most(1),
    "rate_limit.concurrency": _plain,
    "rate_limit.adaptive": lambda text, _: text.lower() in {"true", "yes", "on"},
    "rate_limit.quota_alert_threshold": _plain,
    **{f"spend_limit.{name}": _plain for name in ("usd", "tokens", "per", "alert_at", "timezone")},
    **{f"timeouts.{name}": _plain for name in ("connect", "first_byte", "idle", "progress", "total")},
    **{f"retry.{name}": may for name, may in _RETRY.items()},
}
"""Keys below a provider that are obeyed wherever they are found, and what each may be. Limits may be tighter than the defaults, no
looser. A key that is not here asks for trust."""


def demands(files: ConfigFiles, environ: Mapping[str, str]) -> list[Demand]:
    """Return the keys of a found configuration that need trust.

    Args:
        files: The configuration.
        environ: The environment.

    Raises:
        ConfigError: It cannot be read.
    """
    path = os.fspath(files)
    found = []
    for keys, node in scalars(_compose(files, path)):
        section, _, rest = ".".join(keys).partition(".")
        below = ".".join(keys[2:]) if section == "providers" else f"retry.{rest}" if section == "retry" else ""
        may = ALLOWED.get(below)
        if may is None or not isinstance(node, yaml.ScalarNode) or not may(node.value, environ):
            found.append(Demand(path, node.start_mark.line + 1, ".".join(keys), unknown_key(keys)))
    for agent in _agents(files):
        for keys, node in _model(files, agent):
            if not isinstance(node, yaml.ScalarNode) or "${" in node.value:
                found.append(Demand(os.fspath(agent), node.start_mark.line + 1, ".".join(keys)))
    return found


def digest(files: ConfigFiles, environ: Mapping[str, str]) -> str:
    """Return the digest of a configuration: of its text, its agents' texts, and every file that it includes.

    Args:
        files: The configuration.
        environ: The environment; its HOME is what `~` stands for.

    Raises:
        ConfigError: It cannot be read.
    """
    path = os.fspath(files)
    folder = Path(path).parent
    whole = hashlib.sha256()
    texts = [(keys, text) for keys, node in scalars(_compose(files, path)) for text in _texts(node)]
    for agent in _agents(files):
        texts += [(keys, text) for keys, node in _model(files, agent) for text in _texts(node)]
    named = {_put_in(text, environ, folder, files) for keys, text in texts if keys[-1] == "ca_file"}
    named |= {name.strip() for _, text in texts for name in _FILE.findall(text)}
    put_in = [(name, _path(name, folder, environ)) for name in sorted(named)]
    for name, place in [("llm.yaml", Path(path)), *((str(each.name), each) for each in _agents(files)), *put_in]:
        whole.update(f"{len(name)}:{name}".encode("utf-8", "surrogateescape"))
        whole.update(_content(files, place))
    return whole.hexdigest()


_FILE: Final = re.compile(r"\$\{file:([^}]*)\}")


def _texts(node: yaml.Node) -> Iterator[str]:
    """Give the text of a value, and of each value of a list."""
    if isinstance(node, yaml.ScalarNode):
        yield node.value
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _texts(each)


def _put_in(text: str, environ: Mapping[str, str], folder: Path, files: ConfigFiles) -> str:
    """Return a path with its variables and files put in; as it is where that fails, for the loader says why."""
    try:
        return interpolate(text, environ, folder, files)
    except ValueError:
        return text


def _path(name: str, folder: Path, environ: Mapping[str, str]) -> Path | None:
    try:
        return folder / expanded(name, user_home(environ))
    except ValueError:
        return None  # the loader says why


def _content(files: ConfigFiles, place: Path | None) -> bytes:
    try:
        return b"absent" if place is None else hashlib.sha256(files.read(place, MAX_SIZE)).digest()
    except (OSError, ValueError):
        return b"absent"


def _compose(files: ConfigFiles, path: str | os.PathLike[str]) -> yaml.Node:
    try:
        data = files.read(path, MAX_SIZE)
    except (OSError, ValueError) as error:
        problem = f"{os.fspath(path)}: it cannot be read: {getattr(error, 'strerror', None) or error}."
    else:
        return compose(data, os.fspath(path))
    raise ConfigError(problem, file=os.fspath(path))


def _agents(files: ConfigFiles) -> list[Path]:
    folder = Path(files).parent / "agents"
    try:
        return sorted(each for each in folder.iterdir() if each.suffix.lower() in {".yaml", ".yml"})
    except OSError:
        return []


def _model(files: ConfigFiles, agent: Path) -> Iterator[tuple[list[str], yaml.Node]]:
    """Give what an agent's file says of its model; nothing else of it is read."""
    try:
        node = _compose(files, agent)
    except ConfigError:
        return  # loading the agent reports the mistake
    for keys, value in scalars(node):
        if keys[0] == "model":
            yield keys, value
