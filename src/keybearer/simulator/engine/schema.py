"""Makes a value that fits a JSON schema, deterministically and with values from the prompt.

Strategy: functions for each type propose values, the likeliest first, and a complete JSON Schema validator picks the first that fits.
If none is found, the request is refused, because the service never answers with a value that does not fit.
"""

from __future__ import annotations

import contextlib
import copy
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.patterns import compiled
from keybearer.simulator.engine.hints import Hints
from keybearer.simulator.engine.merging import Schema, merged, readings
from keybearer.simulator.engine.numbers import numbers
from keybearer.simulator.engine.pattern import matching
from keybearer.simulator.engine.values import kind_of, numbers_in
from keybearer.simulator.rules.metaschema import is_schema

__all__ = ["make_instance"]

DEEPEST: Final = 8
"""The depth below which only required items and properties are made."""

BOTTOM: Final = 40
"""The depth at which a schema that requires itself is refused."""

TRIES: Final = 10_000
"""How many values are tried in total."""

MOST_PIECES: Final = 100
"""How many items of an enumeration in the prompt are made."""

LONGEST: Final = 100_000
"""The most characters, items and properties that are made."""

FORMATS: Final = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "12:00:00Z",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "hostname": "example.com",
}


class _Maker:
    """Makes values for one schema.

    Args:
        root: The schema.
        hints: Values from the prompt.
        everything: Whether to make optional properties too.
    """

    def __init__(self, root: Schema, hints: Hints, *, everything: bool) -> None:
        self.root = root
        self.hints = hints
        self.everything = everything
        self._sound = is_schema(root)
        self._validator = _validator(root)
        self._left = TRIES

    def make(self, schema: Any, name: str, depth: int = 0) -> Any:
        """Return a value that fits a schema.

        Raises:
            ServiceError: None was found.
        """
        if depth > BOTTOM:
            raise _no_instance(f"an end of {name!r}, which holds itself")
        refused: ServiceError | None = None
        for candidate in self._proposed(schema, name, depth):
            if isinstance(candidate, ServiceError):
                refused = refused or candidate
                continue
            self._try(name)
            if self._fits(candidate, schema):
                return candidate
        raise refused or _no_instance(f"a value of {name!r}")

    def _try(self, name: str) -> None:
        self._left -= 1
        if self._left < 0:
            raise _no_instance(f"a value of {name!r} within {TRIES} tries")

    def _fits(self, value: Any, schema: Any) -> bool:
        from referencing.exceptions import Unresolvable

        if not self._sound and not is_schema(schema):  # a rule that is turned off has let it through
            return True
        try:
            return bool(self._validator.evolve(schema=schema).is_valid(value))
        except Unresolvable as error:
            raise _no_instance(f"a value of the $ref {error.ref!r}, which leads nowhere") from None

    def _proposed(self, schema: Any, name: str, depth: int) -> Iterator[Any]:
        """Yield values, and an error in place of one that could not be made."""
        for flat in readings(schema, self.root, last_first=depth > DEEPEST):
            self._try(name)
            if flat is False:
                continue
            if not isinstance(flat, dict):
                yield name
                continue
            if "const" in flat:
                yield flat["const"]
            elif flat.get("enum"):
                yield self.hints.choice(flat["enum"], flat)
                yield from flat["enum"]
            else:
                for kind in _kinds(flat):
                    try:
                        yield from PROPOSE[kind](self, flat, name, depth)
                    except ServiceError as error:
                        yield error

    def string(self, schema: Schema, name: str, _depth: int) -> Iterator[str]:
        """Propose values from the prompt, the schema and the name; then one made from the pattern and lengths."""
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and compiled(pattern) is None:
            raise _no_instance(f"a string that matches {pattern!r}")
        kind = schema.get("format", "")
        known = isinstance(kind, str) and kind in FORMATS
        guess = self.hints.formatted(kind) or FORMATS[kind] if known else self.hints.string(name, schema)
        offered = (guess, schema.get("default"), *(schema.get("examples") or ()), name)
        yield from (value for value in offered if isinstance(value, str))
        shortest, longest = _count(schema, "minLength", 0), _count(schema, "maxLength", math.inf)
        if isinstance(pattern, str):
            if made := matching(pattern, shortest, longest):
                yield made
            raise _no_instance(f"a string that matches {pattern!r}")
        if shortest > longest:
            raise _no_instance(f"a string of at least {shortest} and at most {longest} characters")
        most = None if longest == math.inf else int(longest)
        yield from (filled.ljust(int(shortest), "x")[:most] for filled in (name or "x", "x"))

    def number(self, schema: Schema, name: str, _depth: int) -> Iterator[float]:
        """Propose what `numbers` does, first the number that the prompt has for the name."""
        return numbers(schema, self.hints.number(name))

    def boolean(self, schema: Schema, name: str, _depth: int) -> Iterator[bool]:
        """Propose what the prompt says, the default, then true."""
        if (said := self.hints.boolean(name)) is not None:
            yield said
        yield schema.get("default") is not False
        yield schema.get("default") is False

    def null(self, _schema: Schema, _name: str, _depth: int) -> Iterator[None]:
        """Propose null."""
        yield None

    def _flat(self, schema: Any) -> Schema:
        """Return the first reading of a schema that is not null."""
        flats = (flat for flat in readings(schema, self.root) if isinstance(flat, dict))
        return next((flat for flat in flats if _kinds(flat) != ["null"]), {})

    def _offers(self, schema: Any, name: str, depth: int) -> bool:
        """Return whether the prompt has a value for an optional property."""
        flat = self._flat(schema) if depth < DEEPEST else {}
        match _kinds(flat)[:1]:
            case ["object"]:
                return bool(_required(flat)) and all(
                    self._offers(_property(flat, each), each, depth + 1) for each in _required(flat)
                )
            case ["array"]:
                return any(True for _ in self._enumerated(flat, name, depth, only_offered=True))
        return self.hints.offers({**flat, "type": _kinds(flat)[0]} if _kinds(flat) else flat, name)

    def _covers(self, hints: Hints, schema: Schema) -> bool:
        """Return whether a part of the prompt has a value for every required property of an item."""
        plain = {"string", "integer", "number"}
        flats = {name: self._flat(_property(schema, name)) for name in _required(schema)}
        kinds = {name: kinds[0] for name, flat in flats.items() if (kinds := _kinds(flat)) and kinds[0] in plain}
        return bool(kinds) and all(
            hints.offers({**flats[name], "type": kind}, name) or (kind != "string" and bool(numbers_in(hints.text)))
            for name, kind in kinds.items()
        )

    def _enumerated(self, schema: Schema, name: str, depth: int, *, only_offered: bool = False) -> Iterator[list[Any]]:
        """Yield the list of items that the prompt enumerates, if it does."""
        items = self._flat(schema.get("items", {})) if depth < DEEPEST else {}
        match _kinds(items)[:1] if "items" in schema and not items.get("enum") else []:
            case ["object"]:
                *parts, whole = self.hints.pieces()
                covered = [part for part in parts[:MOST_PIECES] if self._covers(part, items)]
                covered = covered or ([whole] if self._covers(whole, items) else [])
                made = [self._with(part).make(items, name, depth + 1) for part in covered]
                if made:
                    yield made
            case ["string"]:
                values = self.hints.strings(name.rstrip("s"))
                if len(values) > 1 or (values and only_offered and kind_of(name.rstrip("s"))):
                    yield values
            case ["number"] | ["integer"] if not only_offered and self.hints.has_numbers(2):
                yield [next(numbers(items, number)) for number in self.hints.rest_of_numbers()]

    def _with(self, hints: Hints) -> _Maker:
        """Return a maker for the same schema that takes its values from a part of the prompt."""
        other = copy.copy(self)
        other.hints = hints
        return other

    def array(self, schema: Schema, name: str, depth: int) -> Iterator[list[Any]]:
        """Propose the items that the prompt enumerates, then one item, or as many as are required."""
        yield from self._enumerated(schema, name, depth)
        least, most = int(_count(schema, "minItems", 0)), _count(schema, "maxItems", math.inf)
        first, wanted = schema.get("prefixItems") or [], 1 if depth < DEEPEST else 0
        kinds = [*first, *[schema.get("items", {})] * max(0, max(least, wanted) - len(first))]
        made: list[Any] = []
        for number, kind in enumerate(kinds[: int(min(most, len(kinds)))]):
            try:
                made.append(self.make(kind, name.rstrip("s"), depth + 1))
            except ServiceError:
                if number < least:
                    raise
                break
        if schema.get("uniqueItems"):
            made = _distinct(made, schema.get("items", {}))
            if len(made) < least:
                raise _no_instance(f"{least} different items")
        yield made
        if "contains" in schema:
            found = [self.make(merged(schema.get("items", {}), schema["contains"]), name, depth + 1)]
            found *= int(_count(schema, "minContains", 1))
            yield [*found, *made[len(found) :]]
            yield [*made, *found]
        yield []

    def object(self, schema: Schema, _name: str, depth: int) -> Iterator[Schema]:
        """Propose the required properties with the optional ones that the prompt has a value for, then as many as are required.

        If `everything` is set, all optional ones are proposed.
        """
        known, required = schema.get("properties") or {}, _required(schema)
        optional = [name for name in known if name not in required]
        least, most = int(_count(schema, "minProperties", 0)), _count(schema, "maxProperties", math.inf)
        room = int(min(max(most - len(required), 0), len(optional)))
        wanted = [each for each in optional if self.everything or self._offers(known[each], each, depth)][:room]
        wanted = wanted if depth < DEEPEST else []
        made: Schema = {}
        for name in [*known, *(name for name in required if name not in known)]:
            if name in required:
                made[name] = self.make(_property(schema, name), name, depth + 1)
            elif name in wanted:
                with contextlib.suppress(ServiceError):  # it is optional
                    made[name] = self.make(_property(schema, name), name, depth + 1)
        yield made
        for name in [*optional, *(f"property{number}" for number in range(least))]:
            if len(made) >= least:
                break
            if name not in made:
                made = {**made, name: self.make(_property(schema, name), name, depth + 1)}
        yield made
        if wanted:  # an optional property may be what does not fit
            yield {name: value for name, value in made.items() if name in required}


PROPOSE: Final[dict[str, Callable[[_Maker, Schema, str, int], Iterator[Any]]]] = {
    "string": _Maker.string,
    "integer": _Maker.number,
    "number": _Maker.number,
    "boolean": _Maker.boolean,
    "array": _Maker.array,
    "object": _Maker.object,
    "null": _Maker.null,
}
"""JSON type to the function that proposes values of it."""


def _validator(schema: Schema) -> Any:
    """Return a validator that never fetches a schema."""
    from jsonschema import Draft202012Validator, FormatChecker
    from referencing import Registry

    return Draft202012Validator(schema, registry=Registry(), format_checker=FormatChecker())


def _kinds(schema: Schema) -> list[str]:
    """Return the types that a value may have, null last."""
    kinds = schema.get("type")
    if kinds is None:
        kinds = "object" if "properties" in schema else "array" if "items" in schema else "string"
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return sorted((kind for kind in kinds if kind in PROPOSE), key=lambda kind: kind == "null")


def _count(schema: Schema, name: str, default: float) -> float:
    """Return a bound on a length.

    Raises:
        ServiceError: The bound is larger than the engine allows.
    """
    count: float = schema.get(name, default)
    if name.startswith("min") and count > LONGEST:
        raise _no_instance(f"something whose {name} is {count}")
    return count


def _required(schema: Schema) -> list[str]:
    """Return the required properties, including those that other required ones depend on."""
    required, more = list(schema.get("required") or ()), schema.get("dependentRequired") or {}
    for name in required:  # the list grows
        required += [each for each in more.get(name, ()) if each not in required]
    return required


def _property(schema: Schema, name: str) -> Any:
    """Return the schema of a property."""
    known = schema.get("properties") or {}
    found = [known[name]] if name in known else []
    found += [each for pattern, each in (schema.get("patternProperties") or {}).items() if re.search(pattern, name)]
    return {"allOf": found} if len(found) > 1 else found[0] if found else schema.get("additionalProperties", {})


def _no_instance(what: str) -> ServiceError:
    return ServiceError(
        "invalid_request_error",
        f"This is the keybearer simulator, and its engine cannot make {what}, as the schema asks. Script the answer instead.",
        rule="engine-schema",
    )


def _distinct(made: list[Any], schema: Any) -> list[Any]:
    """Replace repeated items by others: the next of an enum, the next number, a text with a number."""
    kept: list[Any] = []
    options = schema.get("enum") if isinstance(schema, dict) else None
    for number, item in enumerate(made):
        tries = options or [item, *_variants(item, number, schema if isinstance(schema, dict) else {})]
        new = [each for each in tries if each not in kept][:1]
        if not new:
            break
        kept += new
    return kept


def _variants(item: Any, number: int, schema: Schema) -> list[Any]:
    if isinstance(item, bool):
        return [not item]
    if isinstance(item, int | float):
        step = schema.get("multipleOf") or 1
        low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
        return [each for each in (item + number * step, item - number * step) if low <= each <= high]
    if isinstance(item, str) and "pattern" not in schema and "format" not in schema:
        longest = int(min(schema.get("maxLength", math.inf), 1_000_000))
        return [f"{item}{number}"[-longest:]]
    return []


def make_instance(schema: Schema, hints: Hints, *, everything: bool = False) -> Any:
    """Make a value that fits a schema.

    Args:
        schema: A JSON schema.
        hints: Values from the prompt.
        everything: Make optional properties too, as a structured output does.

    Returns:
        The value; a dictionary for an object schema.

    Raises:
        ServiceError: No value was found that fits.
    """
    try:
        return _Maker(schema, hints, everything=everything).make(schema, "value")
    except RecursionError:
        raise _no_instance("a value nested so deeply") from None
    except (TypeError, ValueError, AttributeError, KeyError, IndexError, OverflowError):
        if is_schema(schema):
            raise
        raise _no_instance("a value of what is no JSON schema") from None
