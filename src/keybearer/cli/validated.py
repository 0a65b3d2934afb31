"""Reading a configuration whole: `llm.yaml`, and the agents' files beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keybearer.config.files import ConfigFiles

__all__ = ["validated"]


def validated(files: ConfigFiles) -> tuple[list[str], list[str]]:
    """Read a configuration, as a client of each provider would; return the names of its providers and of its agents.

    Raises:
        ConfigError: There is a mistake in one of the files: the first one.
    """
    from keybearer.client.from_config import configured
    from keybearer.config.loader import load_agent, read_config

    config = read_config(files)[0]
    for name in config.providers:
        configured(files, None, name)
    agents = sorted((Path(files).parent / "agents").glob("*.yaml"))
    for agent in agents:
        load_agent(agent, config, files=files)
    return list(config.providers), [each.stem for each in agents]
