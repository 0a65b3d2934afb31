"""Make the shapes of a message request from the types of the installed `anthropic` wheel.

`make_tables.py` writes what this makes to `core/data/shapes.json`, and `rules/schema.py` reads it. The types of the API and
of its beta are joined: what only the beta has is marked with the beta tags that allow it, from `shape_facts.yaml`, which
also has the bounds (lengths, patterns) that Python's types cannot say.

A shape is `any`, `object`, `string`, `integer`, `number` or `boolean`, or one of these objects:

    {"string": {"shortest": 1, "longest": 9, "pattern": "x"}}, {"integer": {"low": 0, "high": 9}}, {"number": ...}
    {"values": ["a", "b"], "beta": {"b": ["tag-prefix-"]}}
    {"nullable": shape}, {"list": shape, "longest": 9}, {"map": shape}, {"record": name}
    {"kinds": {"string": shape, "array": shape, "object": shape}}                by the kind of the JSON value
    {"tagged": {"text": name}, "by": "type", "default": "text", "beta": {...}}   by a field's value;
        with "open": true, a tag that nobody knows may be one of the future
"""

from __future__ import annotations

import collections.abc
import types
import typing
from typing import Any, Final, get_args, get_origin

import anthropic
import pydantic
import typing_extensions
from anthropic import _types as wheel_types

from support.wheel_requests import BODIES

Shape = Any
Records = dict[str, dict[str, Any]]

HEADERS: Final = ("betas", "user_profile_id", "workspace_id")
"""Parameters that the SDK sends as headers."""
SCALARS: Final = {str: "string", int: "integer", float: "number", bool: "boolean", object: "any", Any: "any"}
LISTS: Final = (list, collections.abc.Iterable, collections.abc.Sequence, wheel_types.SequenceNotStr)
WRAPPERS: Final = (typing.Required, typing.NotRequired, typing_extensions.Required, typing.Annotated)
TAGS: Final = ("type", "role")
KINDS: Final = {"string": "string", "values": "string", "list": "array"}
"""Shape to the kind of JSON value that has it; the others are objects."""


def plain_name(kind: type) -> str:
    """Return a type's name without `Beta` and `Param`, which the types of the API and of its beta share."""
    return kind.__name__.removeprefix("Beta").removesuffix("Param")


def is_record(kind: Any) -> bool:
    """Return whether a type is an object with named fields."""
    return isinstance(kind, type) and (typing_extensions.is_typeddict(kind) or issubclass(kind, pydantic.BaseModel))


def alternatives(kind: Any) -> list[Any]:
    """List the members of a union, at any depth; the type itself if it is none."""
    if get_origin(kind) in WRAPPERS:
        return alternatives(get_args(kind)[0])
    if get_origin(kind) in {typing.Union, types.UnionType}:
        return [each for member in get_args(kind) for each in alternatives(member)]
    return [kind]


class Reader:
    """Reads the types of one surface (the API, or its beta) into shapes and records."""

    def __init__(self) -> None:
        self.records: Records = {}

    def record(self, kind: type, name: str = "") -> str:
        """Read a type with named fields, and return its name."""
        name = name or plain_name(kind)
        if name in self.records:
            return name
        fields: dict[str, Shape] = {}
        required: list[str] = []
        self.records[name] = {"required": required, "fields": fields}
        for field, about in typing.get_type_hints(kind, include_extras=True).items():
            if field in HEADERS:
                continue
            fields[field] = self.shape(about)
            if get_origin(about) is typing_extensions.Required:
                required.append(field)
        return name

    def shape(self, kind: Any) -> Shape:
        """Read any type."""
        members = alternatives(kind)
        shapes = [self.single(each) for each in members if not is_record(each) and each is not type(None)]
        shapes = [shape for shape in shapes if shape is not None]
        if records := [each for each in members if is_record(each)]:
            shapes.append(self.tagged(records) if len(records) > 1 else {"record": self.record(records[0])})
        shape = self.joined(shapes)
        return {"nullable": shape} if type(None) in members and shape != "any" else shape

    def single(self, kind: Any) -> Shape:
        """Read a type that is neither a union nor a record; None for one that JSON cannot have, such as a file."""
        origin, inner = get_origin(kind), get_args(kind)
        if kind in SCALARS:
            return SCALARS[kind]
        if origin is typing.Literal or origin is typing_extensions.Literal:
            return {"values": list(inner)}
        if origin in LISTS:
            return {"list": self.shape(inner[0])}
        if origin in {dict, collections.abc.Mapping}:
            value = self.shape(inner[1])
            return "object" if value == "any" else {"map": value}
        return None

    def joined(self, shapes: list[Shape]) -> Shape:
        """Join the shapes of a union: by the kind of the JSON value."""
        if "any" in shapes or not shapes:
            return "any"
        if "string" in shapes:  # a string of any value, whatever values are named beside it
            shapes = [shape for shape in shapes if not (isinstance(shape, dict) and "values" in shape)]
        if "object" in shapes:  # any object, whatever fields are named beside it
            shapes = [
                shape for shape in shapes if not (isinstance(shape, dict) and shape.keys() & {"record", "tagged"})
            ]
        if {"integer", "number"} <= {shape for shape in shapes if isinstance(shape, str)}:
            shapes = [shape for shape in shapes if shape != "integer"]
        if len(shapes) == 1:
            return shapes[0]
        kinds: dict[str, Shape] = {}
        for shape in shapes:
            key = shape if isinstance(shape, str) else next(iter(shape))
            kind = KINDS.get(key, key if key in {"integer", "number", "boolean"} else "object")
            if kind in kinds:
                raise ValueError(f"two shapes of one kind: {kinds[kind]} and {shape}")
            kinds[kind] = shape
        return {"kinds": kinds}

    def tagged(self, members: list[type]) -> Shape:
        """Read a union of records: by the value of the field that tells them apart.

        A response's block may stand in a request beside the block that the request defines: its further fields are taken too.
        """
        defined = [each for each in members if typing_extensions.is_typeddict(each)]
        by = next(tag for tag in TAGS if all(tag in typing.get_type_hints(each) for each in defined))
        table: dict[str, str] = {}
        default = None
        for each in defined:
            name = self.record(each)
            shape = self.records[name]["fields"][by]
            if by not in self.records[name]["required"]:
                shape, default = shape.get("nullable", shape), shape.get("nullable", shape)["values"][0]
            if again := table.keys() & set(shape["values"]):
                raise ValueError(f"two records of one tag: {again}")
            table |= dict.fromkeys(shape["values"], name)
        for each in members:
            if each not in defined:
                self.add_reply_fields(each, table)
        return {"tagged": table, "by": by, **({"default": default} if default else {})}

    def add_reply_fields(self, reply: type, table: dict[str, str]) -> None:
        """Take the fields that a response's block has and the request's has not, of any value."""
        tags = get_args(reply.model_fields["type"].annotation)  # type: ignore[attr-defined]  # a pydantic model
        fields = self.records[table[tags[0]]]["fields"]
        for field, about in reply.model_fields.items():  # type: ignore[attr-defined]  # a pydantic model
            fields.setdefault(about.alias or field, "any")


class Joiner:
    """Joins the shapes of the API with those of its beta, and marks what only the beta has.

    Args:
        plain: What was read of the API.
        beta: What was read of its beta.
        tags: For each thing that only the beta has, the prefixes of the tags that allow it.
    """

    def __init__(self, plain: Records, beta: Records, tags: dict[str, list[str]]) -> None:
        self.plain, self.beta, self.tags = plain, beta, tags
        self.records: Records = {}
        self.unused = set(tags)
        self.later: list[str] = []

    def allowed_by(self, what: str) -> list[str]:
        """Return the prefixes of the tags that allow one thing."""
        if what not in self.tags:
            raise ValueError(f"shape_facts.yaml does not say which beta tag allows {what}")
        self.unused.discard(what)
        return self.tags[what]

    def record(self, plain: str, beta: str) -> str:
        """Join two records, under the name of the beta's."""
        if beta in self.records:
            return beta
        ours, theirs = self.plain[plain], self.beta[beta]
        fields: dict[str, Shape] = {}
        only: dict[str, list[str]] = {}
        required = [name for name in theirs["required"] if name in ours["required"]]
        self.records[beta] = {"required": required, "fields": fields, "beta": only}
        for name, shape in theirs["fields"].items():
            if name in ours["fields"]:
                fields[name] = self.shape(ours["fields"][name], shape, f"{beta}.{name}")
            else:
                fields[name] = self.adopted(shape)
                only[name] = self.allowed_by(f"{beta}.{name}")
        for name, shape in ours["fields"].items():
            if name not in fields:
                raise ValueError(f"only the API has {beta}.{name}: {shape}")
        return beta

    def shape(self, plain: Shape, beta: Shape, path: str) -> Shape:
        """Join two shapes."""
        if plain == beta and not isinstance(beta, dict):
            return beta
        if isinstance(beta, dict) and "tagged" in beta and "record" in plain:  # of which the beta has more
            tag = self.plain[plain["record"]]["fields"][beta["by"]]["values"]
            plain = {"tagged": dict.fromkeys(tag, plain["record"])}
        if isinstance(plain, str) or isinstance(beta, str) or next(iter(plain)) != next(iter(beta)):
            raise ValueError(f"{path} is {plain}, and in the beta {beta}")
        match beta:
            case {"record": name}:
                return {"record": self.record(plain["record"], name)}
            case {"nullable": inner}:
                return {"nullable": self.shape(plain["nullable"], inner, path)}
            case {"list": inner}:
                return {"list": self.shape(plain["list"], inner, path)}
            case {"map": inner}:
                return {"map": self.shape(plain["map"], inner, path)}
            case {"kinds": kinds}:
                return {"kinds": {kind: self.shape(plain["kinds"][kind], inner, path) for kind, inner in kinds.items()}}
            case {"values": values}:
                only = {value: self.allowed_by(f"{path}={value}") for value in values if value not in plain["values"]}
                return {"values": values, **({"beta": only} if only else {})}
        table = {
            tag: self.record(plain["tagged"][tag], name) if tag in plain["tagged"] else self.adopted_record(name)
            for tag, name in beta["tagged"].items()
        }
        only = {tag: self.allowed_by(f"<{tag}>") for tag in table if tag not in plain["tagged"]}
        return {**beta, "tagged": table, **({"beta": only} if only else {})}

    def adopted(self, shape: Shape) -> Shape:
        """Take a shape of the beta as it is."""
        match shape:
            case {"record": name}:
                self.adopted_record(name)
            case {"nullable": inner} | {"list": inner} | {"map": inner}:
                self.adopted(inner)
            case {"kinds": kinds}:
                for inner in kinds.values():
                    self.adopted(inner)
            case {"tagged": table}:
                for name in table.values():
                    self.adopted_record(name)
        return shape

    def adopted_record(self, name: str) -> str:
        """Take a record of the beta as it is, unless it is joined with one of the API: so only when all are joined."""
        self.later.append(name)
        return name

    def finish(self) -> Records:
        """Take the records that only the beta has, and return all of them."""
        while self.later:
            name = self.later.pop()
            if name not in self.records:
                self.records[name] = self.beta[name]
                for shape in self.beta[name]["fields"].values():
                    self.adopted(shape)
        if self.unused:
            raise ValueError(f"shape_facts.yaml: only the beta has none of {', '.join(sorted(self.unused))}")
        return self.records


def bounded(shape: Shape, bounds: dict[str, Any]) -> Shape:
    """Add bounds to a shape: to the string in it, the number, or the list."""
    match shape:
        case "string" | "integer" | "number":
            return {shape: bounds}
        case {"list": _}:
            return {**shape, **bounds}
        case {"nullable": inner}:
            return {"nullable": bounded(inner, bounds)}
        case {"kinds": kinds}:
            return {"kinds": {**kinds, "string": bounded(kinds["string"], bounds)}}
    raise ValueError(f"{shape} has no bounds")


def opened(shape: Shape) -> Shape:
    """Mark the tagged shape in a shape as one that may have tags of the future."""
    match shape:
        case {"tagged": _}:
            return {**shape, "open": True}
        case {"list": inner}:
            return {"list": opened(inner)}
        case {"kinds": kinds}:
            return {"kinds": {**kinds, "array": opened(kinds["array"])}}
    raise ValueError(f"{shape} has no tags")


def make(facts: dict[str, Any]) -> dict[str, Any]:
    """Make the table of shapes.

    Args:
        facts: `shape_facts.yaml`.
    """
    plain, beta = Reader(), Reader()
    for name, (ours, theirs) in BODIES.items():
        plain.record(ours, name)
        beta.record(theirs, name)
    joiner = Joiner(plain.records, beta.records, {what: about["tags"] for what, about in facts["beta"].items()})
    for name in BODIES:
        joiner.record(name, name)
    records = joiner.finish()
    records["messages"]["fields"]["stream"] = "boolean"
    for place, about in facts["more"].items():
        record, field = place.split(".")
        records[record]["fields"][field] = about["shape"]
        if "tags" in about:
            records[record]["beta"][field] = about["tags"]
    for place in facts["open"]:
        record, field = place.split(".")
        records[record]["fields"][field] = opened(records[record]["fields"][field])
    for place, about in facts["bounds"].items():
        for each in place.split():
            record, field = each.split(".")
            fields = records[record]["fields"]
            fields[field] = bounded(fields[field], {key: value for key, value in about.items() if key != "source"})
    wheel = f"anthropic {anthropic.__version__}"
    return {
        "sources": {
            "records": f"{wheel}, types/message_create_params.py, types/beta/message_create_params.py and what they refer to",
            "beta": {what: about["source"] for what, about in facts["beta"].items()},
            "more": {what: about["source"] for what, about in facts["more"].items()},
            "bounds": {what: about["source"] for what, about in facts["bounds"].items()},
        },
        "records": {
            name: {key: value for key, value in record.items() if value or key == "fields"}
            for name, record in sorted(records.items())
        },
    }
