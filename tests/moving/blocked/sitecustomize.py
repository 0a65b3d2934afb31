"""Read by the interpreter at its start: makes the official SDK one that is not installed."""

import sys


class _Blocked:
    @staticmethod
    def find_spec(name, path=None, target=None):
        """Refuse the SDK, and leave every other module to the next finder."""
        if name == "anthropic" or name.startswith("anthropic."):
            raise ModuleNotFoundError(f"No module named {name!r} (the SDK is not to be had in this run)", name=name)


sys.meta_path.insert(0, _Blocked)
