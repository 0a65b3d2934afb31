"""YAML text to nodes that know their lines.

Contract: safe YAML only; one document; no aliases, no tags, no duplicate keys; at most `MAX_SIZE` bytes. Anything else is a
`ConfigError` with its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import yaml

from keybearer.errors import ConfigError

__all__ = ["MAX_SIZE", "compose", "scalars"]

MAX_SIZE: Final = 1 << 20
"""The largest file that is read, in bytes."""


class _Composer(yaml.SafeLoader):
    """A safe loader that refuses aliases and tags."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call] # the stubs have no types here
        if isinstance(event, yaml.AliasEvent):
            raise _refused("aliases are not taken; write the value out", event)
        if getattr(event, "tag", None) is not None:
            raise _refused(f"the tag {event.tag!r} is not taken", event)
        return super().compose_node(parent, index)


def _refused(problem: str, event: Any) -> yaml.YAMLError:
    return yaml.composer.ComposerError(None, None, problem, event.start_mark)


def compose(data: bytes, file: str) -> yaml.Node:
    """Parse a file's bytes.

    Args:
        data: The file's content.
        file: Its path, for the errors.

    Raises:
        ConfigError: It is not YAML of the kind that is taken.
    """
    if len(data) > MAX_SIZE:
        raise ConfigError(f"{file}: it is larger than {MAX_SIZE >> 20} MiB.", file=file)
    try:
        loader = _Composer(data.decode("utf-8-sig"))
        node: yaml.Node | None = loader.get_single_node()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problem = ConfigError(f"{file}:{line}: it is not UTF-8.", file=file, line=line)
    except RecursionError:
        problem = ConfigError(f"{file}: it is nested too deeply.", file=file)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = mark.line + 1 if mark else 0
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        problem = ConfigError(f"{file}:{line}: {what}.", file=file, line=line)
    else:
        if node is None:
            raise ConfigError(f"{file}: it is empty.", file=file)
        return node
    raise problem


def scalars(node: yaml.Node, keys: list[str] | None = None) -> Iterator[tuple[list[str], yaml.Node]]:
    """Give every value of a document that is not a mapping, with its keys; a list is one value, and nothing sets nothing.

    Args:
        node: The document.
        keys: The keys that lead to it.
    """
    keys = keys or []
    if not isinstance(node, yaml.MappingNode):
        if keys and not node.tag.endswith(":null"):
            yield keys, node
        return
    for name, child in node.value:
        word = name.value if isinstance(name, yaml.ScalarNode) else "?"
        yield from scalars(child, [*keys, str(word)])
