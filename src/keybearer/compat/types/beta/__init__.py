"""The official SDK's types of the beta API by name; `__init__.pyi` beside this file has them for type checkers."""

from __future__ import annotations

from keybearer.compat.types.modules import lazily

__getattr__ = lazily(globals())
