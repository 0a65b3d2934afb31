"""The client that a command calls with, as its flags, the configuration and the environment say."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from keybearer.cli.found import DEFAULT_CONFIG, config_file

if TYPE_CHECKING:
    from keybearer.client.aio import AsyncClient
    from keybearer.client.sync import Client

__all__ = ["DEFAULT_MODEL", "configured_option", "make_async_client", "make_client", "maker_elsewhere"]

C = TypeVar("C", "Client", "AsyncClient")
"""The kind of client."""

DEFAULT_MODEL: Final = "claude-haiku-4-5"
"""The model where nothing names another."""


def make_client(args: argparse.Namespace) -> Client:
    """Make the client that the flags describe.

    Args:
        args: Flags with those of `keybearer.cli.options.CLIENT`, and `model` if the command takes one.
    """
    from keybearer.client.sync import Client

    return _made(args, Client)


def make_async_client(args: argparse.Namespace) -> AsyncClient:
    """Make the client that the flags describe, as one that is awaited; see `make_client`."""
    from keybearer.client.aio import AsyncClient

    return _made(args, AsyncClient)


def maker_elsewhere(args: argparse.Namespace) -> Callable[[], AsyncClient]:
    """Return what makes the client that the flags describe in another process, with the configuration by its whole path."""
    from pathlib import Path

    config = config_file(args.config)
    names = ("base_url", "agent", "provider")
    flags = argparse.Namespace(
        **{name: getattr(args, name, None) for name in names}, config=config and Path(config).resolve()
    )
    return partial(make_async_client, flags)


def _made(args: argparse.Namespace, cls: type[C]) -> C:
    options: dict[str, Any] = {}
    if args.base_url:
        options["base_url"] = args.base_url
    if getattr(args, "model", None):
        options["model"] = args.model
    config: str | os.PathLike[str] | None = config_file(args.config)
    if flag := "--agent" if args.agent else "--provider" if args.provider else "":
        config = config or DEFAULT_CONFIG
        if not os.path.exists(config):  # noqa: PTH110 - pathlib costs an import here
            from keybearer.errors import UsageError

            raise UsageError(
                f"{flag} needs llm.yaml, and there is no {config}.",
                hint="Name it with --config, or with $KEYBEARER_CONFIG.",
            )
    if config is not None:
        return cls.from_config(config, agent=args.agent, provider=args.provider, **options)
    return cls(**options)


def configured_option(args: argparse.Namespace, name: str) -> Any:
    """Return what the configuration sets for an option of the client; None where it does not, or there is none.

    Args:
        args: Flags with those of `keybearer.cli.options.CLIENT`.
        name: The client's name of the option.
    """
    if (config := config_file(args.config)) is None:
        return None
    from keybearer.client.from_config import configured

    return configured(config, args.agent, args.provider).options.get(name)
