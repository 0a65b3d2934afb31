"""The official SDK's types by name; `__init__.pyi` beside this file has them for type checkers."""

from __future__ import annotations

from keybearer.compat import insides
from keybearer.compat.types.modules import install, lazily
from keybearer.types.changeable import make_changeable

__getattr__ = lazily(globals())
install()
insides.install()
make_changeable()
