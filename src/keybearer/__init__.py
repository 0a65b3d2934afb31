"""keybearer: a native Claude (Anthropic Messages API) client."""

from keybearer._version import __version__

__all__ = ["__version__"]
