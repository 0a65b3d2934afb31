"""Reading a configuration whole: `llm.yaml`, and the agents' files beside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from keybearer.config.files import ConfigFiles

__all__ = ["check_providers", "validated"]

KEEPS_LOGIN: Final = frozenset({None, "auto", "oauth_bundle", "federation"})
"""The modes whose login or token is kept in `auth.store`."""


def validated(files: ConfigFiles) -> tuple[list[str], list[str]]:
    """Read a configuration; return the names of its providers and of its agents.

    Raises:
        ConfigError: There is a mistake in one of the files: the first one.
    """
    from keybearer.config.loader import load_agent, read_config

    config = read_config(files)[0]
    agents = sorted((Path(files).parent / "agents").glob("*.yaml"))
    for agent in agents:
        load_agent(agent, config, files=files)
    return list(config.providers), [each.stem for each in agents]


def check_providers(files: ConfigFiles) -> None:
    """Read each provider's section as its client does when it is made, and find the Redis in which its login is to be kept.

    Raises:
        ConfigError: One of them cannot be used on this machine: the first one.
    """
    from keybearer.client.from_config import configured
    from keybearer.config.loader import read_config
    from keybearer.errors import ConfigError

    config, lines = read_config(files)
    for name, section in config.providers.items():
        configured(files, None, name)
        if section.auth.store != "redis" or section.is_platform or section.auth.mode not in KEEPS_LOGIN:
            continue
        from keybearer.shell.redis.login_store import login_server

        try:
            login_server(section.login)
        except ConfigError as error:
            wrong = error
        else:
            continue
        path = os.fspath(files)
        where = next(
            (each for each in (f"providers.{name}.{wrong.key}", f"providers.{name}.auth.store") if each in lines), ""
        )
        line = lines.get(where, 0)
        raise ConfigError(f"{path}:{line}: {where}: {wrong.message}", file=path, line=line, key=where, hint=wrong.hint)
