"""Nodes to the schema's Structs: the one place that reads configuration.

Strategy: one walk over the YAML nodes, led by the Structs' field types. Every value keeps its line and key path, so a mistake is told
with file, line, path and the nearest valid key. Interpolation happens here, scalar by scalar.
"""

from __future__ import annotations

import difflib
import math
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
import yaml

from keybearer.config.files import ConfigFiles
from keybearer.config.interpolate import interpolate
from keybearer.config.paths import expanded, user_home
from keybearer.config.schema import ALIASES, MEANINGS, AgentConfig, AgentModel, Config, is_section
from keybearer.config.urls import proxy_problem, proxy_url, url_problem
from keybearer.config.yaml import MAX_SIZE, compose
from keybearer.errors import ConfigError
from keybearer.types.secret import Secret

__all__ = ["load_agent", "load_config", "read_config"]

S = TypeVar("S")

_WORDS: Final = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a mapping",
}


_BARE: Final = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
"""A variable as a shell would take it. Nothing that a configuration may say looks like that, and a key least of all."""

_LONGEST_NUMBER: Final = 30
"""In characters; a float's own text has at most 24."""


def load_config(path: str | os.PathLike[str], environ: Mapping[str, str] | None = None) -> Config:
    """Read `llm.yaml`.

    Args:
        path: The file.
        environ: The environment for `${VAR}`; the process's when omitted.

    Raises:
        ConfigError: The file cannot be read, or says something that it may not.
    """
    return read_config(path, environ)[0]


def read_config(
    path: str | os.PathLike[str], environ: Mapping[str, str] | None = None
) -> tuple[Config, Mapping[str, int]]:
    """Read `llm.yaml`, and where each of its keys stands.

    Args:
        path: The file.
        environ: The environment for `${VAR}`; the process's when omitted.

    Returns:
        The configuration, and the line of each key's path.

    Raises:
        ConfigError: The file cannot be read, or says something that it may not.
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
    """Read the provider and the model of an agent from its file.

    Args:
        path: The agent's file. Its keys beside `model` are not read.
        config: The configuration whose providers it may name.
        environ: The environment for `${VAR}`; the process's when omitted.
        files: What the configuration was read through.

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
    """One file while it is read."""

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
        near = _nearest(word, [str(each) for each in valid])
        hint = f"Did you mean {near!r}?" if near else hint
        if not hint and (names := sorted(str(each) for each in valid)):
            hint = f"It may be: {', '.join(names)}."
        where = f"{self._file}:{line}: " + (f"{key}: " if key else "")
        raise ConfigError(f"{where}{what}.", file=self._file, line=line, key=key, hint=hint)

    def _section(self, node: yaml.Node, cls: Any, key: str, only: tuple[str, ...] = ()) -> Any:
        hints = get_type_hints(cls, include_extras=True)
        values: dict[str, Any] = {}
        for name, line, child in self._items(node, key):
            path = f"{key}.{name}" if key else name
            field = ALIASES.get(name, name) if ALIASES.get(name) in hints else name
            if only and field not in only:
                continue
            if field not in hints:
                self.fail("no such key", line, path, name, hints)
            if field in values:
                self.fail(f"it says the same as {field!r}, which is there too", line, path)
            values[field] = self._value(child, hints[field], path)
        required = [field.name for field in msgspec.structs.fields(cls) if field.required]
        for name in required:
            if name not in values:
                self.fail(f"the key {name!r} is missing", node.start_mark.line + 1, key)
        return cls(**values)

    def _items(self, node: yaml.Node, key: str) -> Iterable[tuple[str, int, yaml.Node]]:
        line = node.start_mark.line + 1
        if not isinstance(node, yaml.MappingNode):
            if _is_null(node):
                return
            self.fail(f"{_describe(node)} where a mapping is due", line, key)
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
        meta: tuple[Any, ...] = ()
        if get_origin(kind) is Annotated:
            kind, *rest = get_args(kind)
            meta = tuple(rest)
        if get_origin(kind) in {Union, UnionType}:
            options = [each for each in get_args(kind) if each is not NoneType]
            if _is_null(node):
                return None
            value = self._value(node, options[0], key)
            return None if isinstance(value, str | Secret) and not value else value
        if is_section(kind):
            return self._section(node, kind, key)
        origin = get_origin(kind) or kind
        line = node.start_mark.line + 1
        if origin is dict:
            item = get_args(kind)[1]
            return {name: self._value(child, item, f"{key}.{name}") for name, _, child in self._items(node, key)}
        if origin is list:
            if not isinstance(node, yaml.SequenceNode):
                self.fail(f"{_describe(node)} where a list is due", line, key)
            item = get_args(kind)[0]
            return [self._value(child, item, f"{key}[{index}]") for index, child in enumerate(node.value)]
        if not isinstance(node, yaml.ScalarNode):
            self.fail(f"{_describe(node)} where {_WORDS.get(kind, 'a value')} is due", line, key)
        return self._scalar(node, kind, meta, key)

    def _scalar(self, node: yaml.ScalarNode, kind: Any, meta: tuple[Any, ...], key: str) -> Any:
        line = node.start_mark.line + 1
        try:
            text = interpolate(node.value, self._environ, self._folder, self._files)
        except ValueError as error:
            self.fail(str(error), line, key)
        if _BARE.fullmatch(node.value):
            # Its name is shown only where it is one: it may be a secret that begins with a dollar.
            name = node.value[1:] if node.value[1:] in self._environ else "NAME"
            hint = f"Write ${{{name}}} for a variable, and $$ for a dollar."
            self.fail("a $ and a name, without braces, is no variable", line, key, hint=hint)
        interpolated = "${" in node.value
        tag = node.tag.rpartition(":")[2]
        if get_origin(kind) is Literal:
            if text not in get_args(kind):
                self.fail(f"{node.value!r} is not one of its values", line, key, text, get_args(kind))
            return text
        if kind in {str, Secret}:
            if tag != "str" and not interpolated:
                self.fail(f"{_describe(node)} where text is due; put it in quotes", line, key)
            return Secret(text) if kind is Secret else self._text(text, node, meta, key)
        return self._number(text, node, kind, meta, key)

    def _text(self, text: str, node: yaml.ScalarNode, meta: tuple[Any, ...], key: str) -> str:
        what = next((each.extra["kind"] for each in meta if getattr(each, "extra", None)), "")
        if what == "path" and text:
            try:
                path = self._folder / expanded(text, user_home(os.environ))
            except ValueError as error:
                words = str(error)
            else:
                if path.name:
                    return str(path)
                words = f"{node.value!r} is a folder, where a file is due"
            self.fail(words, node.start_mark.line + 1, key)
        if what == "url" and text and (problem := url_problem(text)):
            shown = "the URL" if "@" in text else repr(node.value)
            self.fail(f"{shown} {problem}", node.start_mark.line + 1, key)
        if what == "proxy" and text:
            if problem := proxy_problem(text):
                self.fail(f"it {problem}", node.start_mark.line + 1, key)
            return proxy_url(text)
        return text

    def _number(self, text: str, node: yaml.ScalarNode, kind: Any, meta: tuple[Any, ...], key: str) -> Any:
        line, shown = (
            node.start_mark.line + 1,
            node.value,
        )  # what is shown is what the file says, not what a variable held
        interpolated, tag = "${" in node.value, node.tag.rpartition(":")[2]
        wrong = f"{shown!r} is not {_WORDS[kind]}"
        if kind is bool:
            if tag != "bool" and not interpolated:
                self.fail(wrong, line, key)
            value = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}.get(text.lower())
            if value is None:
                self.fail(wrong, line, key)
            return value
        if tag not in {"int", "float"} and not interpolated:
            self.fail(wrong, line, key)
        if len(text) > _LONGEST_NUMBER:
            self.fail(f"a number of {len(text)} characters is too long", line, key)
        try:
            number = kind(text)
        except ValueError:
            self.fail(wrong, line, key)
        if not math.isfinite(number):
            self.fail(f"{shown} is out of range: it must be finite", line, key)
        try:
            return msgspec.convert(number, Annotated[kind, *meta] if meta else kind)
        except msgspec.ValidationError:
            self.fail(f"{shown} is out of range: it must be {_bounds(meta)}", line, key)


def _misnamed(path: Path) -> str:
    """Return a hint at the file that has the other ending, if there is one."""
    other = path.with_suffix({".yaml": ".yml", ".yml": ".yaml"}.get(path.suffix, ".yaml"))
    return f"There is {os.fspath(other)!r}: did you mean that?" if other.exists() else ""


def _nearest(word: str, valid: list[str]) -> str | None:
    """Return the valid word that was meant: one that means the same, has the word in it, or is spelt nearly so."""
    plain = word.strip().lower().replace("-", "_").replace(" ", "_")
    if MEANINGS.get(plain) in valid:
        return MEANINGS[plain]
    parts = [each for each in valid if plain and plain in each.split("_")]
    near = parts if len(parts) == 1 else difflib.get_close_matches(plain, valid, n=1, cutoff=0.5)
    return near[0] if near else None


def _bounds(meta: tuple[Any, ...]) -> str:
    """Say in words which numbers a field takes."""
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
    return {"null": "nothing", "bool": "true or false", "int": "a number", "float": "a number"}.get(
        node.tag.rpartition(":")[2], "text"
    )
