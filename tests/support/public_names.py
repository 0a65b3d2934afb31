"""What is public, as lines of text: `python -m support.public_names` adds to the committed list what is new.

Strategy: a line is a name, an attribute of a class, a parameter of something that is called, a command or a flag; `a < b` is a class
with its public base. `(x)` is a parameter that has to be given, `(x=)` one that may be; one that is given by its name alone is
`(*, x=)`. The list of a release is compared with the code: a line that is gone is a break, and so is a parameter that has to be given
and was not there before.

Limits: types and defaults are not looked at; the type checkers' examples in tests/typing hold the most used ones.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, is_typeddict

import msgspec

__all__ = ["LIST", "MODULES", "breaks", "committed", "missing", "names"]

LIST: Final = Path(__file__).parents[1] / "data" / "public.txt"
MODULES: Final = (
    "keybearer",
    "keybearer.bulk",
    "keybearer.compat",
    "keybearer.errors",
    "keybearer.policy.breaker",
    "keybearer.prices",
    "keybearer.simulator",
    "keybearer.tools.toolset",
    "keybearer.types.events",
    "keybearer.types.hooks",
)
"""The modules whose names are public; docs/stability.md lists them."""
NAMED_ONLY: Final = inspect.Parameter.KEYWORD_ONLY
MANY: Final = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


def _parameters(name: str, called: Any) -> Iterator[str]:
    if inspect.isclass(called) and issubclass(
        called, msgspec.Struct
    ):  # its signature would look for types that are not loaded
        fields, defaults = called.__struct_fields__, called.__struct_defaults__
        given = [msgspec.NODEFAULT] * (len(fields) - len(defaults)) + list(defaults)
        yield from (
            f"{name}({field}{'=' * (value is not msgspec.NODEFAULT)})"
            for field, value in zip(fields, given, strict=True)
        )
        return
    try:
        signature = inspect.signature(called)
    except (TypeError, ValueError):
        return
    for each in signature.parameters.values():
        if each.name == "self" or each.name.startswith("_"):
            continue
        if each.kind in MANY:
            yield f"{name}({MANY[each.kind]})"
        else:
            yield f"{name}({'*, ' * (each.kind is NAMED_ONLY)}{each.name}{'=' * (each.default is not each.empty)})"


def _of_class(name: str, cls: type, public: dict[int, str]) -> Iterator[str]:
    yield from _parameters(name, cls)
    if is_typeddict(cls):
        yield from (f"{name}[{key}]" for key in cls.__annotations__)
        return
    for base in cls.__mro__:
        if base.__module__.split(".")[0] != "keybearer":
            continue
        if base is not cls and id(base) in public:  # which says itself what it has
            yield f"{name} < {public[id(base)]}"
            continue
        for member in {**vars(base), **getattr(base, "__annotations__", {})}:
            if member.startswith("_"):
                continue
            yield f"{name}.{member}"
            value = inspect.getattr_static(cls, member, None)
            if isinstance(value, staticmethod | classmethod) or inspect.isfunction(value):
                yield from _parameters(f"{name}.{member}", getattr(cls, member))


def _of_command() -> Iterator[str]:
    from keybearer.cli import whole_parser
    from keybearer.cli.completion.tree import branches

    for branch in branches(whole_parser()):
        place = "keybearer" + branch.place.replace("/", " ")
        yield place
        yield from (f"{place} {spelling}" for flag in branch.flags for spelling in flag.names)


def names() -> frozenset[str]:
    """Return the lines of what is public now."""
    found = set(_of_command())
    values: dict[str, Any] = {}
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        values |= {f"{module_name}.{name}": getattr(module, name) for name in module.__all__}
    public: dict[int, str] = {}
    for full, value in values.items():
        found.add(full)
        if not callable(value) or public.setdefault(id(value), full) != full:
            continue  # a thing with two names is described under the first
        if not inspect.isclass(value):
            found.update(_parameters(full, value))
    for full, value in values.items():
        if inspect.isclass(value) and public[id(value)] == full:
            found.update(_of_class(full, value, public))
    return frozenset(found)


def committed(path: Path = LIST) -> frozenset[str]:
    """Return the lines that were promised."""
    return frozenset(path.read_text(encoding="utf-8").split("\n")) - {""}


def breaks(before: frozenset[str], now: frozenset[str]) -> list[str]:
    """Return what would break a program: lines that are gone, and new parameters that have to be given."""
    gone = [line for line in before - now if not (line.endswith(")") and line.replace(")", "=)") in now)]
    required = [
        line
        for line in now - before
        if line.endswith(")") and not line.endswith(("=)", "*)")) and line.partition("(")[0] in before
    ]
    return sorted([f"gone: {line}" for line in gone] + [f"has to be given: {line}" for line in required])


def missing(before: frozenset[str], now: frozenset[str]) -> list[str]:
    """Return what is public and not promised yet."""
    return sorted(now - before)


def main() -> int:
    """Add what is new to the list; with `--check`, say only what is missing there or gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the list is not what is public")
    args = parser.parse_args()
    before = committed() if LIST.exists() else frozenset()
    now = names()
    broken, new = breaks(before, now), missing(before, now)
    if not args.check and not broken:
        LIST.write_text("".join(f"{line}\n" for line in sorted(now)), encoding="utf-8")
        return 0
    for line in broken:
        sys.stderr.write(f"{line}\n")
    for line in new if args.check else ():
        sys.stderr.write(f"not in the list yet (make public): {line}\n")
    return 1 if broken or (args.check and new) else 0


if __name__ == "__main__":
    raise SystemExit(main())
