"""Resources that are served from the table of methods: `client.beta.sessions.events`, `client.organization` and the rest.

Strategy: a resource knows its dotted name. What is asked of it is another resource, a method of the table, or what is typed by hand
under that name. `generated.pyi` beside this file, which is made from the official SDK, has their types for editors and type checkers.

Contract: a call's arguments are checked when it is made, before anything is sent or awaited.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from keybearer.api.generic import Asked, GenericAPI, kind_of
from keybearer.api.methods import Arguments, Method, ReplyKind, methods
from keybearer.client.resources.raw import RawMethods
from keybearer.errors.nearest import did_you_mean
from keybearer.exchange.lease import OpenBody
from keybearer.shell.downloads import AsyncDownload, AsyncRows, Download, Rows
from keybearer.shell.drivers import AsyncDriver, SyncDriver
from keybearer.shell.event_streams import AsyncEventStream, EventStream
from keybearer.shell.pages import AsyncPages, Page
from keybearer.shell.runtime import current_runtime
from keybearer.shell.uploads import FileLike, file_parts, release_all
from keybearer.types.record import Record, record_of

if TYPE_CHECKING:
    from keybearer.shell.recording import AsyncReplyKeeper, ReplyKeeper
    from keybearer.wire.request.multipart import FilePart

__all__ = ["AsyncRunner", "Resource", "ResourceMethod", "Runner"]

TYPED: Final = {
    "beta.files": "files",
    "beta.messages": "messages",
    "beta.models": "models",
    "beta.skills": "skills",
}
"""Resources that are typed by hand, by their name in the table; the client has them under that other name."""


class ResourceMethod:
    """A method of a resource; call it.

    Args:
        name: Its dotted name.
        method: Its row in the table.
        run: Sends a call.
    """

    def __init__(self, name: str, method: Method, run: Runner | AsyncRunner) -> None:
        self._name, self._method, self._run = name, method, run
        self.__name__ = name.rpartition(".")[2]
        self.__doc__ = f"{method.http} {method.path}"

    def __call__(self, *args: Any, **given: Any) -> Any:
        """Send the call; see the docs of the API for its parameters.

        Raises:
            TypeError: An argument is missing, or there is no such parameter.
            KeybearerError: The call failed.
        """
        return self._run(self._method, self._run.arguments(self._method, self._name, args, given))

    @property
    def __signature__(self) -> inspect.Signature:
        method = self._method
        parameters = [
            inspect.Parameter(
                each,
                inspect.Parameter.POSITIONAL_OR_KEYWORD if each in method.args else inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if each in method.needed else ...,
            )
            for each in method.parameters
        ]
        return inspect.Signature([*parameters, inspect.Parameter("options", inspect.Parameter.VAR_KEYWORD)])

    def __repr__(self) -> str:
        return f"<{self._name}{self.__signature__}: {self.__doc__}>"


class Resource:
    """A resource of the API: its methods and the resources below it are attributes.

    Args:
        name: Its dotted name.
        run: Sends a call.
        typed: Gives what is typed by hand, by its name in the table; None where nothing is.
    """

    def __init__(self, name: str, run: Runner | AsyncRunner, typed: Callable[[str], Any]) -> None:
        self._name, self._run, self._typed = name, run, typed

    @property
    def with_raw_response(self) -> RawMethods:
        """The same methods, each giving its answer with the HTTP reply: `.headers`, `.status_code`, `.request_id`, `.parse()`."""
        return RawMethods(self._with_keeper)

    def _with_keeper(self) -> tuple[Any, ReplyKeeper | AsyncReplyKeeper]:
        run, keeper = self._run.recording()
        return type(self)(self._name, run, self._typed), keeper

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        dotted = f"{self._name}.{name}"
        found = self._typed(dotted)
        if found is None and (method := methods().get(dotted)) is not None:
            found = ResourceMethod(dotted, method, self._run)
        if found is None and name in self._below():
            found = type(self)(dotted, self._run, self._typed)
        if found is None:
            raise AttributeError(
                f"client.{self._name} has no {name!r}.{did_you_mean(name, self._below())} "
                "What is newer than this version is called with client.request(method, path, ...)."
            )
        self.__dict__[name] = found
        return found

    def _below(self) -> list[str]:
        prefix = self._name + "."
        return sorted({each.removeprefix(prefix).partition(".")[0] for each in methods() if each.startswith(prefix)})

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._below()]

    def __repr__(self) -> str:
        return f"<client.{self._name}: {', '.join(self._below())}>"


class _Sorting:
    """Sorts the arguments of calls."""

    def arguments(self, method: Method, name: str, args: Sequence[Any], given: Mapping[str, Any]) -> Arguments:
        """Sort a call's arguments; see `Method.arguments`."""
        return method.arguments(name, args, given)


class Runner(_Sorting):
    """Sends calls, blocking.

    Args:
        api: The flows.
        driver: Runs them.
    """

    def __init__(self, api: GenericAPI, driver: SyncDriver) -> None:
        self._api, self._driver = api, driver

    def recording(self) -> tuple[Runner, ReplyKeeper]:
        """Return the same on a driver that keeps the last reply, and what keeps it."""
        driver, keeper = self._driver.recording()
        return type(self)(self._api, driver), keeper

    def __call__(self, method: Method, given: Arguments) -> Any:
        """Send a call and give its answer."""
        if method.reply == "page":
            return Page(self._driver.run(self._api.pages(method, given)), self._driver)
        if method.reply == "object":
            return self._upload(method, given) if method.files else self._driver.run(self._api.call(method, given))
        return self._held(self._driver.run(self._api.stream(method, given)), method.reply)

    def _upload(self, method: Method, given: Arguments) -> Record:
        parts = parts_of(method, given)
        try:
            return self._driver.run(self._api.call(method, given, parts))
        finally:
            release_all(parts)

    def request(self, asked: Asked, *, stream: bool) -> Any:
        """Send a request to any path; see `Client.request`."""
        http, given = self._api.arguments(asked)
        if not stream:
            return self._driver.run(self._api.request(http, given))
        opened = self._driver.run(self._api.request_stream(http, given))
        return self._held(opened, kind_of(opened))

    def _held(self, opened: OpenBody, kind: ReplyKind) -> EventStream | Rows[Any] | Download:
        if kind == "events":
            return EventStream(opened, self._api.defaults.limits)
        return Rows(opened, record_of) if kind == "json_lines" else Download(opened)


class AsyncRunner(_Sorting):
    """Sends calls, awaited.

    Args:
        api: The flows.
        driver: Runs them.
    """

    def __init__(self, api: GenericAPI, driver: AsyncDriver) -> None:
        self._api, self._driver = api, driver

    def recording(self) -> tuple[AsyncRunner, AsyncReplyKeeper]:
        """Return the same on a driver that keeps the last reply, and what keeps it."""
        driver, keeper = self._driver.recording()
        return type(self)(self._api, driver), keeper

    def __call__(self, method: Method, given: Arguments) -> Any:
        """Send a call; what is returned is awaited for its answer, or iterated over where it is pages."""
        if method.reply == "page":
            return AsyncPages(self._api.pages(method, given), self._driver)
        if method.reply == "object":
            return self._upload(method, given) if method.files else self._driver.run(self._api.call(method, given))
        return self._open(method, given)

    async def _upload(self, method: Method, given: Arguments) -> Record:
        parts = await current_runtime().blocking(lambda: parts_of(method, given))
        try:
            return await self._driver.run(self._api.call(method, given, parts))
        finally:
            release_all(parts)

    async def _open(self, method: Method, given: Arguments) -> Any:
        return self._held(await self._driver.run(self._api.stream(method, given)), method.reply)

    async def request(self, asked: Asked, *, stream: bool) -> Any:
        """Send a request to any path; see `AsyncClient.request`."""
        http, given = self._api.arguments(asked)
        if not stream:
            return await self._driver.run(self._api.request(http, given))
        opened = await self._driver.run(self._api.request_stream(http, given))
        return self._held(opened, kind_of(opened))

    def _held(self, opened: OpenBody, kind: ReplyKind) -> AsyncEventStream | AsyncRows[Any] | AsyncDownload:
        if kind == "events":
            return AsyncEventStream(opened, self._api.defaults.limits)
        return AsyncRows(opened, record_of) if kind == "json_lines" else AsyncDownload(opened)


def parts_of(method: Method, given: Arguments) -> list[FilePart]:
    """Return the files of a call, ready to be read; release each once the call is over."""
    body: dict[str, Any] = given.body or {}
    listed: list[tuple[FileLike, str]] = []
    for name, field in method.files.items():
        value: Any = body[name]
        listed += [(each, field) for each in (value if field.endswith("[]") else [value])]
    return file_parts(listed)
