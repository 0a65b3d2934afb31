"""The official SDK's types of batches."""

from __future__ import annotations

from keybearer.compat.types.modules import lazily

__getattr__ = lazily(globals())
