"""Looks for a secret where it must not be: in what a traceback with locals shows, a repr, a copy, a pickle, a log."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Callable, Iterator
from types import ModuleType, TracebackType
from typing import Any, Final

import pytest

from keybearer.errors import KeybearerError

__all__ = ["CANARY", "Watch", "shown"]

CANARY: Final = "CANARYcanaryCANARYcanaryCANARY"
"""A part of every secret of a test that looks for it."""


def shown(error: BaseException, *, own: str = "tests") -> str:
    """Return the text of an exception with all that it hangs on, and the locals of every frame but the tests' own.

    Args:
        error: The exception.
        own: A part of the path of the files whose frames do not count: what a caller's own frames hold is the caller's.
    """
    texts: list[str] = []
    seen: set[int] = set()
    chain: list[BaseException | None] = [error]
    while chain:
        each = chain.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        texts.append("".join(traceback.format_exception_only(each)))
        texts += _locals(each.__traceback__, own)
        chain += [each.__cause__, each.__context__]
    return "\n".join(texts)


def _locals(frame: TracebackType | None, own: str) -> list[str]:
    texts = []
    while frame is not None:
        code = frame.tb_frame.f_code
        if f"/{own}/" not in code.co_filename:
            texts += [f"{code.co_filename}:{name} = {value!r}" for name, value in frame.tb_frame.f_locals.items()]
        frame = frame.tb_next
    return texts


class Watch:
    """What was shown, of which nothing may have the canary."""

    def __init__(self, logs: pytest.LogCaptureFixture) -> None:
        self.logs = logs
        self.where = ""

    def show(self, *values: object) -> None:
        """Look at values as every reporter would: str, repr, attributes, a copy, a pickle."""
        for value in values:
            for text in (str(value), repr(value), *(repr(each) for each in walked(value))):
                assert CANARY not in text, f"{self.where}: {type(value).__name__}"
            for act in (pickle.dumps, copy.copy, copy.deepcopy):
                try:
                    made: Any = act(value)
                except Exception as error:  # noqa: BLE001 - it refuses, in words of its own
                    made = error
                text = made.decode("latin-1") if isinstance(made, bytes) else repr(made)
                assert CANARY not in text, f"{self.where}: {act.__name__} of {type(value).__name__}"

    def fails(self, act: Callable[[], Any]) -> KeybearerError:
        """Return the error of an act, after a look at all that hangs on it."""
        try:
            act()
        except KeybearerError as error:
            whole = traceback.TracebackException.from_exception(error, capture_locals=True)
            for text in (shown(error, own="no folder"), "".join(whole.format(chain=True))):
                assert CANARY not in text, self.where
            chain: list[BaseException | None] = [error]
            while chain and (one := chain.pop(0)) is not None:
                self.show(one, vars(one), one.args)
                chain += [one.__context__ or one.__cause__]
            return error
        raise AssertionError(f"{self.where}: no error")

    def logged(self) -> None:
        """Look at all that was logged, by whatever logger."""
        assert CANARY not in self.logs.text + "".join(repr(vars(record)) for record in self.logs.records), self.where
        self.logs.clear()


def walked(value: object, depth: int = 4) -> Iterator[object]:
    """Give what an object is made of, as far down as an error reporter looks; classes, functions and modules are not its own."""
    seen: set[int] = set()
    todo = [(value, depth)]
    while todo:
        one, left = todo.pop()
        if id(one) in seen or isinstance(one, type | ModuleType) or callable(one):
            continue
        seen.add(id(one))
        inner = getattr(one, "__dict__", None)
        if isinstance(inner, dict):
            yield inner
            if left:
                todo += [(each, left - 1) for each in inner.values()]
        elif left and isinstance(one, list | tuple | set | frozenset):
            todo += [(each, left - 1) for each in one]
        elif left and isinstance(one, dict):
            todo += [(each, left - 1) for each in one.values()]
