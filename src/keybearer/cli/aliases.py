"""Short names of models: `haiku`, `sonnet`, `opus` and the other lines, each the newest of its line that the account has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from keybearer.cli.output import complain
from keybearer.errors import NotFound

if TYPE_CHECKING:
    from keybearer.client.sync import Client

__all__ = ["ALIASES", "full_model"]

ALIASES: Final = ("haiku", "sonnet", "opus", "fable", "mythos")
"""The lines of models. Source: `line` of https://docs.claude.com/en/api/models-list; `claude --model` takes the same words."""


def full_model(client: Client, name: str, *, quiet: bool = False) -> str:
    """Return the id of a model; which one an alias stands for is said once, on standard error.

    Args:
        client: Lists the account's models.
        name: A model's id, or an alias.
        quiet: Whether nothing is said.

    Raises:
        NotFound: The account has no model of that line.
    """
    if name not in ALIASES:
        return name
    models = [
        each for each in client.models.list() if _line(each.id, each.line) == name and each.lifecycle != "retired"
    ]
    if not models:
        raise NotFound(
            f"This account has no model of the line {name}.", hint="`keybearer models list` has those that it may use."
        )
    newest = max(models, key=lambda each: (each.lifecycle != "deprecated", each.created_at))
    if not quiet:
        complain(f"keybearer: {name} is {newest.id}.")
    return newest.id


def _line(model: str, line: str | None) -> str:
    """Return a model's line: what the service says, else the one in its name (a gateway may leave it out)."""
    if line:
        return line
    return next((each for each in ALIASES if re.search(rf"\b{each}\b", model)), "")
