"""What a traceback with locals would show, as error reporters print it."""

from __future__ import annotations

import traceback
from types import TracebackType

__all__ = ["shown"]


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
