"""The tables of the reference that come from the code: `docs/reference/tables.md` on the site."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from keybearer import errors
from keybearer.api.methods import methods
from keybearer.cli import COMMANDS
from keybearer.cli.exit_codes import ExitCode, exit_code
from keybearer.client.options import OPTIONS
from keybearer.config.fields import is_section
from keybearer.config.schema import ProviderConfig
from keybearer.providers.table import PLATFORMS
from keybearer.wire.request.headers import BETAS
from website.docstrings import summary

__all__ = ["page"]


def _table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    cells = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *cells]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _errors() -> str:
    named = [getattr(errors, name) for name in errors.__all__]
    found: list[type[errors.KeybearerError]] = [each for each in named if isinstance(each, type)]
    found.sort(key=lambda each: [base.__name__ for base in reversed(each.__mro__)])

    def row(each: type[errors.KeybearerError]) -> list[object]:
        code = exit_code(each.__new__(each))  # by the class alone: some are made with more than a message
        return [f"`{each.__name__}`", summary(each), f"`{each.__mro__[1].__name__}`", int(code)]

    return _table(["error", "", "is a", "exit code"], map(row, found))


def _keys(section: type, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    for field in msgspec.structs.fields(section):
        if is_section(field.type):
            inner = next(each for each in getattr(field.type, "__args__", (field.type,)) if each is not type(None))
            yield from _keys(inner, f"{prefix}{field.name}.")
            continue
        shown = re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Z])", "", getattr(field.type, "__name__", str(field.type)))
        default = "" if field.default is msgspec.NODEFAULT else f"`{field.default!r}`"
        yield f"`{prefix}{field.name}`", f"`{shown}`", default


def _options() -> str:
    rows = (
        [f"`{name}`", option.words.replace("](", "](../"), f"`{option.key}`" if option.key else ""]
        for name, option in OPTIONS.items()
    )
    return _table(["option of a client", "", "key of `llm.yaml`"], rows)


def _exit_codes() -> str:
    return _table(["exit code", "name"], ([int(code), code.name.lower().replace("_", " ")] for code in ExitCode))


def _methods() -> str:
    rows = ([f"`client.{name}`", f"`{each.http} {each.path}`"] for name, each in sorted(methods().items()))
    return _table(["method", "request"], rows)


def page() -> str:
    """Return the page."""
    parts = [
        "# Tables",
        "Made from the code at each build of the site.",
        "## Errors",
        _errors(),
        "## Options of a client",
        _options(),
        "## Keys of a provider in `llm.yaml`",
        "What each key means is in [configuration.md](../configuration.md).",
        _table(["key", "type", "default"], _keys(ProviderConfig)),
        "## Commands",
        _table(["command", ""], ([f"`keybearer {name}`", line] for name, line in COMMANDS.items())),
        "## Exit codes",
        "What each means is in [command-line.md](../command-line.md#exit-codes).",
        _exit_codes(),
        "## Beta tags",
        "A request that has the parameter sends the tag by itself.",
        _table(["tag", "sent with"], ([f"`{tag}`", f"`{beta.parameter}`"] for tag, beta in BETAS.items())),
        "## Platforms",
        "What each offers is in [platforms.md](../platforms.md).",
        _table(
            ["platform", "lacks"],
            (
                [f"`{name}`", ", ".join(f"`{each}`" for each in sorted(row.lacks)) or "nothing"]
                for name, row in PLATFORMS.items()
            ),
        ),
        "## Methods of the API",
        "The official SDK's names, each of which this client has; [resources.md](../resources.md) explains them.",
        _methods(),
    ]
    return "\n\n".join(parts) + "\n"
