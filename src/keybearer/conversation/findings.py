"""`lint`: the mistakes in a request, with an estimate of what it will cost for whoever reads it. Nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keybearer.wire.request import lint as rules
from keybearer.wire.request.headers import API_VERSION
from keybearer.wire.request.turns import Problem

if TYPE_CHECKING:
    from keybearer.prices import Estimate

__all__ = ["Findings", "lint"]


class Findings(list[Problem]):
    """The problems of a request; a list.

    Args:
        problems: The problems.
        request: The request.
    """

    def __init__(self, problems: list[Problem], request: Mapping[str, Any]) -> None:
        super().__init__(problems)
        self._request = request

    @cached_property
    def estimate(self) -> Estimate | None:
        """The request's tokens and dollars, and the cliffs of the price near it; None where its turns cannot be read.

        It is made when it is first read, by the public prices, and its tokens are a guess on the long side;
        `client.messages.estimate` asks the service for them, and knows your own prices.
        """
        from keybearer.conversation.estimate import estimate_request

        return estimate_request(self._request)


def lint(request: Mapping[str, Any], *, api_version: str = API_VERSION, betas: tuple[str, ...] = ()) -> Findings:
    """Find the mistakes in a request that the service will refuse. Nothing is sent.

    Args:
        request: The body of `POST /v1/messages`, or the arguments of `messages.create`.
        api_version: The `anthropic-version` that it would be sent with.
        betas: The beta tags that it would be sent with, besides its own.

    Returns:
        The problems, in the order of the rules; empty if none was found. Their `estimate` has tokens and dollars.

    Example:
        >>> found = lint({"model": "claude-haiku-4-5", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]})
        >>> found, found.estimate.most.usd
        ([], Decimal('0.00051'))
    """
    return Findings(rules.lint(request, api_version=api_version, betas=betas), request)
