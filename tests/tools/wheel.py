"""Read every method of the official SDK's resources from its sources, by their syntax: nothing of it is run.

Strategy: a method is a few statements of known forms and one call of `self._get` or the like. Each form gives a part of the row:
the headers its header parameters, the call the path, the query, the body and the kind of reply.

Contract: nothing is passed over. A statement of another form is a `Problem`, and so is a parameter that no part of the row has.
What sends no request of its own stands in `HELPERS`, each with its reason.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tools.syntax import Problem, methods_of

__all__ = ["HELPERS", "Parameter", "Row", "read_wheel"]

CALLS: Final = {
    "_get": "GET",
    "_post": "POST",
    "_put": "PUT",
    "_patch": "PATCH",
    "_delete": "DELETE",
    "_get_api_list": "GET",
}

OPTIONS: Final = {"extra_headers", "extra_query", "extra_body", "timeout", "betas"}
"""Parameters that are options of every call here."""

HELPERS: Final = {
    "messages.stream": "it is messages.create with stream=True",
    "messages.parse": "it is messages.create with a format made from a type",
    "beta.messages.stream": "it is messages.create with stream=True",
    "beta.messages.parse": "it is messages.create with a format made from a type",
    "beta.messages.tool_runner": "it is a loop over messages.create",
    "beta.messages.thread": "it is an object that calls messages.create",
    "beta.webhooks.unwrap": "it checks a signature and sends nothing",
    "beta.webhooks.parse_unverified": "it reads a text and sends nothing",
}
"""Methods of the SDK that are no call of the API, with the reason."""

PAGES: Final = {
    "SyncPage": "ids",
    "SyncTokenPage": "page_token",
    "SyncPageCursor": "page",
    "SyncBidirectionalPageCursor": "page",
    "SyncReportPageCursor": "page",
}
"""The SDK's class of a page: how the next one is asked for. `ids` is by `after_id` or `before_id`, the others name their parameter."""

MESSAGES: Final = {"messages", "beta.messages"}
"""Resources with statements of their own, which are typed by hand."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a method.

    Attributes:
        name: Its name.
        annotation: Its annotation in the source.
        required: Whether it has no default.
        positional: Whether it may be given by position.
    """

    name: str
    annotation: ast.expr
    required: bool
    positional: bool


@dataclass
class Row:
    """A method.

    Attributes:
        name: The SDK's dotted name, such as `beta.sessions.events.list`.
        module: The module that it stands in: what its annotations are read by.
        parameters: Its parameters but for `OPTIONS`.
        http: The HTTP method.
        path: The path, with `{name}` for a path parameter.
        path_names: The path parameters.
        query: Query parameter to its name in the URL.
        headers: Header parameter to its header.
        body: The body's parameters; empty for none.
        whole_body: The parameter that is the whole body.
        files: Body parameter to the name of its form field; a name that ends with `[]` is a list of files.
        betas: The beta tags that it always sends.
        reply: `object`, `page`, `json_lines`, `events` or `binary`.
        cursor: How a page's next one is asked for: a value of `PAGES`.
        sends_body: Whether it sends a body.
    """

    name: str
    module: Path
    parameters: list[Parameter]
    http: str = ""
    path: str = ""
    path_names: list[str] = field(default_factory=list)
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: list[str] = field(default_factory=list)
    whole_body: str = ""
    files: dict[str, str] = field(default_factory=dict)
    betas: list[str] = field(default_factory=list)
    reply: str = "object"
    cursor: str = ""
    sends_body: bool = False


def read_wheel(root: Path) -> tuple[list[Row], list[str]]:
    """Read the SDK.

    Args:
        root: The folder of the package `anthropic`.

    Returns:
        The rows in the order of their names, and what could not be read, as sentences.
    """
    rows, problems = [], []
    for dotted, module, function in methods_of(root / "_client.py", "Anthropic", ""):
        name = f"{dotted}.{function.name}"
        if name in HELPERS:
            continue
        try:
            rows.append(_row(name, module, function))
        except Problem as problem:
            problems.append(f"{name}: {problem}")
    return sorted(rows, key=lambda row: row.name), problems


def _row(name: str, module: Path, function: ast.FunctionDef) -> Row:
    row = Row(name=name, module=module, parameters=_parameters(function))
    resource = name.rpartition(".")[0]
    bodies: dict[str, ast.expr] = {}
    for statement in function.body:
        _statement(row, statement, bodies, free=resource in MESSAGES)
    _finish(row)
    return row


def _parameters(function: ast.FunctionDef) -> list[Parameter]:
    arguments = function.args
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
        raise Problem("it takes any arguments")
    plain = arguments.args[1:]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
    pairs = [(each, default, True) for each, default in zip(plain, defaults, strict=True)]
    pairs += [(each, default, False) for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    return [
        Parameter(each.arg, each.annotation or ast.Constant(None), default is None, positional)
        for each, default, positional in pairs
        if each.arg not in OPTIONS
    ]


def _statement(row: Row, statement: ast.stmt, bodies: dict[str, ast.expr], *, free: bool) -> None:
    """Read one statement into the row; `free` passes over those that make a message's body, which is made by hand here."""
    if _says_nothing(statement) or _of_form(row, statement, bodies):
        return
    match statement:
        case ast.Assign(targets=[ast.Name(id="extra_headers")], value=value):
            _headers(row, value)
        case ast.Assign(targets=[ast.Name(id="batch")]) if row.name.endswith("batches.results"):
            row.path = "/v1/messages/batches/{message_batch_id}/results"  # the SDK asks the batch for this URL
        case ast.If() if row.path and "results_url" in ast.unparse(statement):
            return
        case ast.Return(value=value) if value is not None:
            _call(row, _unwrapped(value), bodies)
        case _ if not free:
            raise Problem(f"a statement of another form: {ast.unparse(statement)[:200]}")


def _says_nothing(statement: ast.stmt) -> bool:
    """Return whether it is the docstring, or refuses an empty path parameter."""
    if isinstance(statement, ast.If):
        return "Expected a non-empty value" in ast.unparse(statement)
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _of_form(row: Row, statement: ast.stmt, bodies: dict[str, ast.expr]) -> bool:
    """Read a statement about a form and its files; return whether it is one."""
    match statement:
        case ast.Assign(value=ast.Call(func=ast.Name(id="deepcopy_with_paths"), args=[body, _])):
            bodies["body"] = body
        case ast.Assign(value=ast.Call(func=ast.Name(id="extract_files"), keywords=[ast.keyword(value=paths)])):
            for path in ast.literal_eval(paths):
                row.files[path[0]] = path[0] + "[]" * (path[1:] == ["<array>"])
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id="extra_headers"))]) | ast.If():
            return "multipart/form-data" in ast.unparse(statement)
        case _:
            return False
    return True


def _unwrapped(value: ast.expr) -> ast.Call:
    """Return the call inside `cast(T, self._post(...))`."""
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "cast":
        value = value.args[1]
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute) or value.func.attr not in CALLS:
        raise Problem(f"it returns {ast.unparse(value)[:80]}")
    return value


def _headers(row: Row, value: ast.expr) -> None:
    """Read the header parameters and the beta tags from what `extra_headers` is made of."""
    for node in ast.walk(value):
        if not isinstance(node, ast.Dict):
            continue
        for key, given in zip(node.keys, node.values, strict=True):
            if key is None:
                continue
            header = ast.literal_eval(key).lower()
            if header == "anthropic-beta":
                row.betas += [tag for tag in _tags(given) if tag not in row.betas]
            elif isinstance(given, ast.Name):
                row.headers[given.id] = header
            elif header not in {"accept", "content-type"}:
                raise Problem(f"a header of another form: {ast.unparse(given)}")


def _tags(value: ast.expr) -> list[str]:
    texts = [node.value for node in ast.walk(value) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [tag for text in texts for tag in text.split(",") if tag]


def _call(row: Row, call: ast.Call, bodies: dict[str, ast.expr]) -> None:
    assert isinstance(call.func, ast.Attribute)
    row.http = CALLS[call.func.attr]
    row.path = row.path or _path(call.args[0])
    row.path_names = [part.partition("}")[0] for part in row.path.split("{")[1:]]
    given = {each.arg: each.value for each in call.keywords}
    for name, value in given.items():
        if name == "options":
            _options(row, value)
        elif name == "body":
            row.sends_body = True
            _body(row, bodies.get(value.id, value) if isinstance(value, ast.Name) else value)
        elif name == "page":
            row.reply, row.cursor = "page", PAGES[ast.unparse(value).partition("[")[0]]
        elif name not in {"cast_to", "model", "files", "stream", "stream_cls"}:
            raise Problem(f"its call has {name}=")
    if "stream_cls" in given and ast.unparse(given["stream"]) == "True":
        row.reply = "events"
    cast = ast.unparse(given["cast_to"]) if "cast_to" in given else ""
    if "BinaryAPIResponse" in cast:
        row.reply = "binary"
    elif "JSONLDecoder" in cast:
        row.reply = "json_lines"
    if "files" in given and not row.files:
        raise Problem("its files are not known")


def _path(value: ast.expr) -> str:
    if isinstance(value, ast.Constant):
        return str(value.value)
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "path_template":
        template, names = (
            ast.literal_eval(value.args[0]),
            {each.arg: ast.unparse(each.value) for each in value.keywords},
        )
        if all(name == given for name, given in names.items()):
            return str(template)
    raise Problem(f"its path is {ast.unparse(value)}")


def _options(row: Row, value: ast.expr) -> None:
    if not isinstance(value, ast.Call) or ast.unparse(value.func) != "make_request_options":
        raise Problem(f"its options are {ast.unparse(value)[:80]}")
    for each in value.keywords:
        name = each.arg or ""
        if name == "query":
            if not isinstance(each.value, ast.Dict):
                raise Problem(f"its query is {ast.unparse(each.value)[:80]}")
            for key, given in zip(each.value.keys, each.value.values, strict=True):
                if not isinstance(given, ast.Name) or key is None:
                    raise Problem(f"its query has {ast.unparse(given)}")
                row.query[given.id] = ast.literal_eval(key)
        elif name in OPTIONS:
            if ast.unparse(each.value) != name:
                raise Problem(f"its {name} is {ast.unparse(each.value)}")
        elif name != "qualifiers" and not name.startswith("span_"):  # which the SDK keeps for itself
            raise Problem(f"its options have {name}=")


def _body(row: Row, body: ast.expr) -> None:
    if isinstance(body, ast.Name):
        row.whole_body = body.id
        return
    if not isinstance(body, ast.Dict):
        raise Problem(f"its body is {ast.unparse(body)[:80]}")
    for key, given in zip(body.keys, body.values, strict=True):
        name = ast.literal_eval(key) if key is not None else None
        if not isinstance(given, ast.Name) or name not in {given.id, given.id.removeprefix("merged_")}:
            raise Problem(f"its body has {ast.unparse(given)}")
        row.body.append(str(name))


def _finish(row: Row) -> None:
    """Check that each parameter has one place."""
    if not row.http:
        raise Problem("it makes no call")
    places = [*row.path_names, *row.query, *row.headers, *row.body, *([row.whole_body] if row.whole_body else [])]
    names = [each.name for each in row.parameters]
    if row.name.endswith("messages.count_tokens") or row.name in {"messages.create", "beta.messages.create"}:
        names = [name for name in names if name != "output_format"]  # which becomes output_config
    if sorted(places) != sorted(names):
        raise Problem(f"its parameters are {sorted(set(places) ^ set(names))} in no place, or in two")
    if any(each.positional and each.name not in row.path_names for each in row.parameters):
        raise Problem("it takes something by position that is not in its path")
