"""Writes `llm.yaml` with comments: a new one, or one more provider in one that is there.

Strategy: a provider is inserted as text at the place where YAML's own parser says that the last one ends, so every line that was there
stays as it is, comments, quotes and blank lines included. The result is read again before it takes the file's place.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from keybearer.config.files import ConfigFiles
from keybearer.config.loader import read_config
from keybearer.config.urls import is_loopback
from keybearer.config.yaml import compose, scalars
from keybearer.errors import ConfigError

__all__ = ["new_file", "provider_lines", "with_key", "with_provider", "write_checked", "yaml_scalar"]

HEAD: Final = """\
# How keybearer reaches Claude. `keybearer config schema` has every key, `keybearer config validate` finds mistakes.
# No secret belongs in this file: take one from a variable, ${NAME}, or from a file, ${file:secrets/name}.
# Relative paths are against this file's folder.

providers:
"""

_WAYS: Final[dict[str, tuple[str, ...]]] = {
    "environment": (
        "# The key is the environment's; ${ANTHROPIC_API_KEY:-} would let calls go without one.",
        "api_key: ${ANTHROPIC_API_KEY}",
        "auth: {mode: static}",
    ),
    "key": (
        "# The key is in a file that only you can read, and that git leaves out.",
        "api_key: ${file:secrets/anthropic_api_key}",
        "auth: {mode: static}",
    ),
    "login": (
        "# A login with a Claude subscription: `keybearer auth login` makes it, and it is kept fresh.",
        "auth:",
        "  mode: oauth_bundle",
        "  bundle: secrets/anthropic_oauth.json",
    ),
    "setup-token": (
        "# The token that `claude setup-token` prints; `keybearer auth setup-token` saves another.",
        "auth:",
        "  mode: setup_token",
        "  setup_token_file: secrets/setup_token",
    ),
    "claude-code": (
        "# Claude Code's login on this machine, which Claude Code keeps fresh.",
        "auth: {mode: cli_import}",
    ),
}
"""The ways to sign in, and the lines of each."""

_MORE: Final = (
    "# More, when you need it:",
    "# model: claude-haiku-4-5              # for calls and agents that name none",
    "# rate_limit: {requests_per_second: 2, concurrency: 4}",
    "# timeouts: {total: 600}",
    "# ledger: spend.db                     # a row for each call; `keybearer usage` adds them up",
    "# proxy: http://proxy.example:3128",
)


def provider_lines(way: str, base_url: str | None = None) -> list[str]:
    """Return the lines below a provider's name, without their indentation.

    Args:
        way: The way to sign in: a key of `_WAYS`.
        base_url: Where the API is; None for Anthropic's.
    """
    where = (
        f"base_url: {yaml_scalar(base_url)}"
        if base_url
        else "# base_url: https://api.anthropic.com  # where the API is"
    )
    return [*_WAYS[way], *(_login_here(base_url) if way == "login" and base_url else ()), where]


def _login_here(base_url: str) -> list[str]:
    """Return where a login is made that is for an API on this machine, which is a simulator; none for another API."""
    if not is_loopback(urlsplit(base_url).hostname or ""):
        return []
    base = base_url.rstrip("/")
    return [
        "  # The API is on this machine: a simulator, which has pages of its own for a login.",
        f"  authorize_url: {yaml_scalar(base + '/oauth/authorize')}",
        f"  token_endpoint: {yaml_scalar(base + '/v1/oauth/token')}",
    ]


def new_file(name: str, lines: list[str]) -> str:
    """Return the text of a new file with one provider."""
    return HEAD + _block(name, [*lines, *_MORE], 2)


def with_provider(text: str, file: str, name: str, lines: list[str]) -> str:
    """Return a file's text with one more provider after those that it has; nothing else is changed.

    Args:
        text: The file's text, which is a configuration without a mistake.
        file: The file, for errors.
        name: The provider's name.
        lines: Its lines.

    Raises:
        ConfigError: It is not a place where one can be added.
    """
    root: Any = compose(text.encode(), file)
    found = [node for key, node in root.value if key.value == "providers"]
    if not found or not isinstance(found[0], yaml.MappingNode) or found[0].flow_style or root.flow_style:
        raise ConfigError(
            f"{file}: its providers are written in braces, or are none, so nothing can be added below them.",
            file=file,
            key="providers",
            hint="Write each provider on lines of its own, or give another file.",
        )
    providers = found[0]
    newline = "\r\n" if "\r\n" in text else "\n"
    written = text.removeprefix("\ufeff").splitlines(keepends=True)  # as the parser counts lines
    place = _after_comments(written, _last_line(providers) + 1, providers.start_mark.column)
    if place <= len(written) and not written[place - 1].endswith(("\n", "\r")):
        written[place - 1] += newline
    block = _block(name, lines, providers.start_mark.column).replace("\n", newline)
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    return mark + "".join([*written[:place], newline, block, *written[place:]])


def _last_line(node: yaml.Node) -> int:
    """Return the number, from 0, of the last line with something of a node; blank lines and comments after it are not of it."""
    last = node.start_mark.line
    for _, value in scalars(node, ["providers"]):
        end = value.end_mark
        last = max(last, end.line - 1 if end.column == 0 and end.line > value.start_mark.line else end.line)
    return max([last, *(key.end_mark.line for key, _ in _keys(node))])


def _after_comments(lines: list[str], place: int, column: int) -> int:
    """Return the place after the comments that stand below a provider and are indented as what is in it."""
    end = place
    for number, line in enumerate(lines[place:], place + 1):
        text = line.lstrip(" ")
        if text.strip() and (not text.startswith("#") or len(line) - len(text) <= column):
            break
        end = number if text.strip() else end
    return end


def _keys(node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
    """Return the keys of a mapping and of those within it, for a key may have no value."""
    if not isinstance(node, yaml.MappingNode):
        return []
    return list(node.value) + [each for _, child in node.value for each in _keys(child)]


def _block(name: str, lines: list[str], indent: int) -> str:
    first = f"{' ' * indent}{yaml_scalar(name)}:\n"
    return first + "".join(f"{' ' * (indent + 2)}{line}\n" for line in lines)


def yaml_scalar(text: str) -> str:
    """Return a text as a YAML scalar."""
    plain = re.fullmatch(r"[A-Za-z_][\w./:-]*", text) and yaml.safe_load(text) == text and ": " not in text
    return text if plain else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_checked(path: Path, text: str, before: str | None) -> None:
    """Put a configuration in a file's place, when it can be read and says all that the file said.

    Args:
        path: The file.
        text: The new text.
        before: What the file holds; None where it is not there.

    Raises:
        ConfigError: It cannot be read, or lost something: nothing was written.
        OSError: It cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    mode = path.stat().st_mode & 0o777 if before is not None else 0o600
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(mode)
        _check(draft, path, text, before)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _check(draft: Path, path: Path, text: str, before: str | None) -> None:
    def said(what: str) -> dict[str, str]:
        return {".".join(keys): yaml.serialize(node) for keys, node in scalars(compose(what.encode(), str(path)))}

    if before is not None and not said(before).items() <= said(text).items():
        raise ConfigError(f"{path}: it would have lost something, so nothing was written.", file=str(path))
    read_config(ConfigFiles(draft), with_key())


def with_key() -> dict[str, str]:
    """Return the environment with something for an API key that is not set yet: a file may be made before its variable is."""
    return {"ANTHROPIC_API_KEY": "set later", **os.environ}
