"""The body of a message's request, made whole: defaults, images that fit, cache breakpoints, and the linter's word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keybearer.api.call import CallDefaults
from keybearer.api.checks import check_call
from keybearer.api.deprecated import warn_of_deprecated
from keybearer.types.turn_source import filled
from keybearer.wire.request.build import message_body
from keybearer.wire.request.caching import add_breakpoints
from keybearer.wire.request.lint import check

__all__ = ["checked_body", "finish"]


def checked_body(defaults: CallDefaults, params: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Make a body that is not sent by itself.

    Args:
        defaults: What every call starts from.
        params: The arguments of `messages.create`.
        options: What steers the call that it is sent with.

    Raises:
        TypeError: An argument is missing or not known.
        UsageError: An option cannot work.
        LintError: The service would refuse it.
    """
    params = filled(params)
    check_call(params, defaults.client_only)
    body = finish(message_body(defaults.fill(params), model=defaults.model), params)
    if params.get("validate", True):
        tags = [*(params.get("betas") or ()), *(options.get("betas") or ())]
        version, betas = defaults.version_and_betas({"betas": tags, "extra_headers": options.get("extra_headers")})
        check(body, api_version=version, betas=tuple(betas.split(",")))
    return body


def finish(body: dict[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Fit the images of a body and place its cache breakpoints, where the options ask for it; warn of a deprecated model."""
    warn_of_deprecated(body.get("model"))
    if params.get("media") is not None:
        from keybearer.api.media import fit

        body = fit(body)
    mode = params.get("cache")
    return body if mode is None else add_breakpoints(body, mode)
