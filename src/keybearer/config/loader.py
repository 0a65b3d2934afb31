"""Reads `llm.yaml` and the agents' files: YAML nodes to the schema's Structs.

Strategy: one walk over the nodes finds the mappings, their keys and lines, and interpolates each scalar; `msgspec.convert` then
checks the scalar against its field's type. msgspec's own error path has no keys of a mapping, so the walk keeps file, line and key
path.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NoReturn, TypeVar, Union, get_args, get_origin

import msgspec
import yaml

from keybearer.config.auth_schema import ALIASES
from keybearer.config.fields import is_section
from keybearer.config.files import ConfigFiles
from keybearer.config.interpolate import interpolate
from keybearer.config.keys import UnknownKey, meant, unknown_error
from keybearer.config.paths import expanded, user_home
from keybearer.config.schema import AgentConfig, AgentModel, Config
from keybearer.config.urls import proxy_problem, proxy_url, url_problem
from keybearer.config.yaml import MAX_SIZE, compose
from keybearer.errors import ConfigError
from keybearer.types.secret import MountedSecret, ProxyURL, Secret

__all__ = ["load_agent", "load_config", "read_config"]

S = TypeVar("S")

_BOOLEANS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

_READ: Final[dict[Any, Callable[[str], Any]]] = {int: int, float: float, bool: lambda text: _BOOLEANS.get(text.lower())}
"""The types that are not text, and how each is read."""

_WORDS: Final = {str: "text", Secret: "text", int: "a whole number", float: "a number", bool: "true or false"}

_TAGS: Final = {
    "null": "nothing",
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "timestamp": "a date",
}
"""The tags of scalars that are not text, in words."""

_BARE: Final = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
"""A variable in a shell's form, without braces; no valid value looks like that."""

_MOUNTED: Final = re.compile(r"\$\{file:([^}]*)\}")
"""A secret that is a file's text and nothing else: the file is read anew when it changes."""

_LONGEST_NUMBER: Final = 30
"""In characters; the text of a float has at most 24."""


def load_config(path: str | os.PathLike[str], environ: Mapping[str, str] | None = None) -> Config:
    """Read `llm.yaml`.

    Args:
        path: The file.
        environ: The environment for `${VAR}`; the process's when omitted.

    Raises:
        ConfigError: The file cannot be read, or has a mistake in it.
    """
    return read_config(path, environ)[0]


def read_config(
    path: str | os.PathLike[str], environ: Mapping[str, str] | None = None
) -> tuple[Config, Mapping[str, int]]:
    """Read `llm.yaml`, with the lines of its keys.

    Args:
        path: The file.
        environ: The environment for `${VAR}`; the process's when omitted.

    Returns:
        The configuration, and the line of each key's path.

    Raises:
        ConfigError: The file cannot be read, or has a mistake in it.
    """
    reader = _Reader(path, environ, ConfigFiles.of(path))
    config = reader.read(Config)
    if not config.providers:
        reader.fail("it names no provider; give at least one", reader.lines.get("providers", 0), "providers")
    return config, reader.lines


def load_agent(
    path: str | os.PathLike[str],
    config: Config,
    environ: Mapping[str, str] | None = None,
    *,
    files: ConfigFiles | None = None,
) -> AgentModel:
    """Read an agent's provider and model from its file.

    Args:
        path: The agent's file. Only its key `model` is read.
        config: The configuration whose providers it may name.
        environ: The environment for `${VAR}`; the process's when omitted.
        files: The files of the configuration, each read once.

    Raises:
        ConfigError: The file cannot be read, has no usable `model`, or names an unknown provider.
    """
    reader = _Reader(path, environ, files or ConfigFiles(path))
    agent = reader.read(AgentConfig, only=("model",)).model
    if agent.provider not in config.providers:
        line = reader.lines.get("model.provider", 0)
        reader.fail(
            f"{agent.provider!r} is not a provider of llm.yaml",
            line,
            "model.provider",
            agent.provider,
            config.providers,
        )
    return agent


class _Reader:
    """Reads one file."""

    def __init__(self, path: str | os.PathLike[str], environ: Mapping[str, str] | None, files: ConfigFiles) -> None:
        self._files = files
        self._file = os.fspath(path)
        self._folder = Path(path).parent
        self._environ = os.environ if environ is None else environ
        self.lines: dict[str, int] = {}

    def read(self, cls: type[S], only: tuple[str, ...] = ()) -> S:
        try:
            data = self._files.read(self._file, MAX_SIZE)
        except (OSError, ValueError) as error:
            problem = f"{self._file}: it cannot be read: {getattr(error, 'strerror', None) or error}."
            hint = _misnamed(Path(self._file)) if isinstance(error, FileNotFoundError) else ""
        else:
            value: S = self._section(compose(data, self._file), cls, "", only)
            return value
        raise ConfigError(problem, file=self._file, hint=hint)

    def fail(
        self, what: str, line: int, key: str, word: str = "", valid: Iterable[str] = (), *, hint: str = ""
    ) -> NoReturn:
        near = meant(word, [str(each) for each in valid])
        hint = f"Did you mean {near!r}?" if near else hint
        if not hint and (names := sorted(str(each) for each in valid)):
            hint = f"It may be: {', '.join(names)}."
        where = f"{self._file}:{line}: " + (f"{key}: " if key else "")
        raise ConfigError(f"{where}{what}.", file=self._file, line=line, key=key, hint=hint)

    def _section(self, node: yaml.Node, cls: Any, key: str, only: tuple[str, ...] = ()) -> Any:
        fields = {field.name: field for field in msgspec.structs.fields(cls)}
        values: dict[str, Any] = {}
        for name, line, child in self._items(node, key):
            path = f"{key}.{name}" if key else name
            field = ALIASES.get(name, name) if ALIASES.get(name) in fields else name
            if only and field not in only:
                continue
            if field not in fields:
                raise unknown_error(self._file, line, UnknownKey(path, fields))
            if field in values:
                self.fail(f"it says the same as {field!r}, which is there too", line, path)
            values[field] = self._value(child, fields[field].type, path)
        for name, each in fields.items():
            if each.required and name not in values:
                self.fail(f"the key {name!r} is missing", node.start_mark.line + 1, key)
        return cls(**values)

    def _items(self, node: yaml.Node, key: str) -> Iterable[tuple[str, int, yaml.Node]]:
        line = node.start_mark.line + 1
        if not isinstance(node, yaml.MappingNode):
            if _is_null(node):
                return
            self.fail(f"expected a mapping, got {_describe(node)}", line, key)
        seen: set[str] = set()
        for name_node, child in node.value:
            line = name_node.start_mark.line + 1
            if not isinstance(name_node, yaml.ScalarNode):
                self.fail("a key is not text", line, key)
            name = name_node.value
            path = f"{key}.{name}" if key else name
            if name in seen:
                self.fail("it is there twice", line, path)
            seen.add(name)
            self.lines[path] = line
            yield name, line, child

    def _value(self, node: yaml.Node, kind: Any, key: str) -> Any:
        meta: list[Any] = []
        if get_origin(kind) is Annotated:
            kind, *meta = get_args(kind)
        if get_origin(kind) in {Union, UnionType}:
            if _is_null(node):
                return None
            value = self._value(node, next(each for each in get_args(kind) if each is not NoneType), key)
            return None if isinstance(value, str | Secret) and not value else value
        if is_section(kind):
            return self._section(node, kind, key)
        if get_origin(kind) is dict:
            item = get_args(kind)[1]
            return {name: self._value(child, item, f"{key}.{name}") for name, _, child in self._items(node, key)}
        if get_origin(kind) is list:
            if not isinstance(node, yaml.SequenceNode):
                self.fail(f"expected a list, got {_describe(node)}", node.start_mark.line + 1, key)
            item = get_args(kind)[0]
            return [self._value(child, item, f"{key}[{index}]") for index, child in enumerate(node.value)]
        return self._scalar(node, kind, meta, key)

    def _scalar(self, node: yaml.Node, kind: Any, meta: Iterable[Any], key: str) -> Any:
        """Interpolate a scalar and convert it. Messages show what the file says, never what a variable held."""
        line, shown, tag = node.start_mark.line + 1, node.value, node.tag.rpartition(":")[2]
        if not isinstance(node, yaml.ScalarNode):
            self.fail(f"expected {_WORDS.get(kind, 'a value')}, got {_describe(node)}", line, key)
        try:
            text = interpolate(shown, self._environ, self._folder, self._files)
        except ValueError as error:
            self.fail(str(error), line, key)
        if _BARE.fullmatch(shown):
            self._fail_bare(shown[1:], line, key)
        plain = tag in _TAGS or "${" in shown  # a number or a boolean may be in it
        if kind in {str, Secret} and tag != "str" and "${" not in shown:
            self.fail(f"expected text, got {_describe(node)}; put it in quotes", line, key)
        if kind in {int, float} and plain and len(text) > _LONGEST_NUMBER:
            self.fail(f"a number of {len(text)} characters is too long", line, key)
        value, fits = _converted(text, kind, meta, plain=plain)
        if not fits and get_origin(kind) is Literal:
            self.fail(f"{shown!r} is not one of its values", line, key, text, get_args(kind))
        if not fits and isinstance(value, int | float):
            self.fail(f"{shown} is out of range: it must be {_bounds(value, meta)}", line, key)
        if not fits:
            self.fail(f"{shown!r} is not {_WORDS[kind]}", line, key)
        if kind is Secret and value and (mounted := _MOUNTED.fullmatch(shown.strip())):
            return MountedSecret(text, str(self._folder / expanded(mounted[1].strip(), user_home(os.environ))))
        what = next((each.extra["kind"] for each in meta if getattr(each, "extra", None)), "")
        return self._special(what, value, node, key) if what and value else value

    def _fail_bare(self, name: str, line: int, key: str) -> NoReturn:
        """Refuse `$NAME`. The name is shown only if there is such a variable: a secret may begin with a dollar."""
        hint = f"Write ${{{name if name in self._environ else 'NAME'}}} for a variable, and $$ for a dollar."
        self.fail("a $ and a name, without braces, is no variable", line, key, hint=hint)

    def _special(self, what: str, text: str, node: yaml.Node, key: str) -> str:
        """Check a path or a URL; return a path against the file's folder."""
        problem: str | None
        if what == "path":
            try:
                path = self._folder / expanded(text, user_home(os.environ))
            except ValueError as error:
                problem = str(error)
            else:
                if path.name:
                    return str(path)
                problem = f"{node.value!r} is a folder, not a file"
        elif what == "url":
            problem = url_problem(text)
            problem = problem and f"{'the URL' if '@' in text else repr(node.value)} {problem}"
        elif what == "redis":
            from keybearer.config.redis_server import REDIS, redis_problem

            problem = None if text == REDIS else redis_problem(text)
            problem, text = problem and f"it {problem}", ProxyURL(text)
        else:
            problem = proxy_problem(text)
            problem, text = problem and f"it {problem}", text if problem else proxy_url(text)
        if problem:
            self.fail(problem, node.start_mark.line + 1, key)
        return text


def _misnamed(path: Path) -> str:
    """Return a hint at the same file with the other ending, if there is one."""
    other = path.with_suffix({".yaml": ".yml", ".yml": ".yaml"}.get(path.suffix, ".yaml"))
    return f"There is {os.fspath(other)!r}: did you mean that?" if other.exists() else ""


def _converted(text: str, kind: Any, meta: Iterable[Any], *, plain: bool) -> tuple[Any, bool]:
    """Return a scalar's value and whether it fits its type. Nothing is raised: the exception would show a variable's text."""
    value: Any = text
    try:
        if kind in _READ and plain:
            value = _READ[kind](text)
        if isinstance(value, float) and not math.isfinite(value):
            return value, False
        return msgspec.convert(value, Annotated[kind, *meta] if meta else kind, dec_hook=lambda cls, it: cls(it)), True
    except (ValueError, msgspec.ValidationError):
        return value, False


def _bounds(value: float, meta: Iterable[Any]) -> str:
    """Return the allowed range of a number, in words."""
    if not math.isfinite(value):
        return "finite"
    words = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
    limits = [(word, getattr(each, name, None)) for each in meta for name, word in words.items()]
    return " and ".join(f"{word} {limit}" for word, limit in limits if limit is not None) or "a smaller number"


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")


def _describe(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return _TAGS.get(node.tag.rpartition(":")[2], "text")
