"""The module that programs import the official SDK's sentinels from."""

from __future__ import annotations

from keybearer.compat.sentinels import NOT_GIVEN, NoneType, NotGiven, Omit, not_given, omit

__all__ = ["NOT_GIVEN", "NoneType", "NotGiven", "Omit", "not_given", "omit"]
