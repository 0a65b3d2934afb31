"""The official SDK's types by name; `__init__.pyi` beside this file has them for type checkers."""

from __future__ import annotations

from keybearer.compat.types.modules import install, lazily

__getattr__ = lazily(globals())
install()
