"""A request as a file, for `--template`: YAML or JSON with the parameters of `messages.create`, or an agent's `prompt`."""

from __future__ import annotations

from typing import Any

import yaml

from keybearer.cli.prompts import read_file
from keybearer.config.yaml import MAX_SIZE, compose
from keybearer.errors import ConfigError, UsageError

__all__ = ["read_request"]


def read_request(path: str) -> dict[str, Any]:
    """Read a request's file; `prompt` stands for a turn of the user with that text.

    Raises:
        ConfigError: It is no YAML.
        UsageError: It cannot be read, or is no request.
    """
    try:
        data = read_file(path, MAX_SIZE)
    except OSError as error:
        raise UsageError(f"{path}: it cannot be read: {error.strerror}.") from None
    compose(data, path)  # refuses what is no plain YAML, with its line
    found = yaml.safe_load(data)
    if not isinstance(found, dict):
        raise UsageError(f"{path}: it is no request: the parameters of messages.create, by name.")
    if "prompt" in found:
        if "messages" in found:
            raise ConfigError(f"{path}: it has a prompt and messages.", file=path, hint="One of them.")
        found["messages"] = [{"role": "user", "content": found.pop("prompt")}]
    return found
