"""`keybearer cost`: what a request would cost, or what replies have cost, from a file.

A file is one JSON object, or JSON lines: bodies of `POST /v1/messages`, whose tokens the service counts for free; lines of a batch
file, at half the price; replies and rows of a batch's results, for which nothing is sent.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from keybearer.cli.called import configured_option, make_client
from keybearer.cli.exit_codes import ExitCode
from keybearer.cli.notes import with_notes
from keybearer.cli.options import CLIENT, NOTES, add_json, add_options
from keybearer.cli.output import say, say_json
from keybearer.cli.prompts import json_lines, read_text
from keybearer.errors import UsageError

if TYPE_CHECKING:
    from keybearer.client.sync import Client
    from keybearer.prices import Cost, PriceTable

__all__ = ["add_arguments", "run"]

LIMIT: Final = 256 << 20
"""The most that a file may have, in bytes: as a batch."""


class _Priced(NamedTuple):
    """What one object of the file costs.

    Attributes:
        what: What it is, in words.
        least: The least that it costs.
        most: The most that it costs; the same for a reply.
        warnings: What to know.
    """

    what: str
    least: Cost
    most: Cost
    warnings: tuple[str, ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("file", help="requests or replies, as one JSON object or JSON lines; - for standard input")
    add_options(parser, *CLIENT, "model", *NOTES)
    add_json(parser)


@with_notes
def run(args: argparse.Namespace) -> int:
    """Print what each costs, and all together.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    from keybearer.prices import Cost

    priced = list(_priced(args))
    least, most = Cost(), Cost()
    for each in priced:
        least, most = least + each.least, most + each.most
    if args.json:
        items = [_plain(each.what, each.least, each.most) | {"warnings": list(each.warnings)} for each in priced]
        say_json({"items": items, "total": _plain(f"{len(priced)} together", least, most)})
        return ExitCode.OK
    for each in priced:
        say(f"{each.what}: {_words(each.least, each.most)}")
        for warning in each.warnings:
            say(f"  {warning}")
    if len(priced) > 1:
        say(f"{len(priced)} together: {_words(least, most)}")
    return ExitCode.OK


def _words(least: Cost, most: Cost) -> str:
    return str(most) if least == most else f"from {least} to {most}"


def _plain(what: str, least: Cost, most: Cost) -> dict[str, Any]:
    return {"what": what, "least": least.to_dict(), "most": most.to_dict()}


def _priced(args: argparse.Namespace) -> Iterator[_Priced]:
    """Give what each object of the file costs; a client is made when the first request needs one."""
    prices = _prices(args)
    client: Client | None = None
    try:
        for where, value in _objects(args):
            if (reply := _reply(where, value, prices)) is not None:
                yield reply
                continue
            client = client or make_client(args)
            yield _request(where, value, client, prices)
    finally:
        if client is not None:
            client.close()


def _prices(args: argparse.Namespace) -> PriceTable:
    """Return the prices: the public ones, with the user's own from the configuration."""
    from keybearer.prices import public, with_own

    own: Any = configured_option(args, "prices")
    return public() if own is None else with_own(own)


def _reply(where: str, value: Mapping[str, Any], prices: PriceTable) -> _Priced | None:
    """Return what a reply cost, or a row of a batch's results; None for anything else."""
    from keybearer.prices import Cost, cost

    result = value.get("result")
    message = result.get("message") if isinstance(result, dict) else value
    if isinstance(result, dict) and message is None:
        return _Priced(f"{where}, no answer", Cost(), Cost())
    if not isinstance(message, dict) or not isinstance(message.get("usage"), dict):
        return None
    usage = message["usage"] if result is None else {"service_tier": "batch", **message["usage"]}
    model = str(message.get("model") or "")
    spent = cost(usage, model, prices=prices)
    return _Priced(f"{where}, a reply of {model or 'an unnamed model'}", spent, spent)


def _request(where: str, value: Mapping[str, Any], client: Client, prices: PriceTable) -> _Priced:
    """Return what a request would cost, or a line of a batch file.

    Raises:
        UsageError: It is neither.
        KeybearerError: Its tokens could not be counted.
    """
    from keybearer.prices import forecast

    body = value.get("params") if "custom_id" in value else value
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        raise UsageError(
            f"{where}: it is no request and no reply.", hint='A request is {"model": ..., "messages": [...]}.'
        )
    body = {"model": client.model, **body} if client.model else dict(body)
    body.pop("stream", None)
    if "max_tokens" not in body:
        raise UsageError(f"{where}: max_tokens is missing.", hint="Give the longest answer: it bounds the cost.")
    try:
        estimate = client.messages.estimate(**body)
    except TypeError as error:  # no model, or a parameter that this version does not know
        raise UsageError(f"{where}: {error}") from None
    if "custom_id" in value:
        estimate = forecast(body, estimate.input_tokens, prices=prices, batch=True)
    what = f"{where}, {estimate.model}, {estimate.input_tokens:,} tokens in, at most {estimate.max_tokens:,} out"
    return _Priced(what, estimate.least, estimate.most, estimate.warnings)


def _objects(args: argparse.Namespace) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the objects of the file, each with its place."""
    text = read_text(args, LIMIT)
    try:
        found = [(args.file, json.loads(text))]
    except json.JSONDecodeError:
        found = [(f"{args.file}:{number}", value) for number, value in json_lines(text, args.file)]
    except RecursionError:
        raise UsageError(f"{args.file}: it is nested too deeply to be read.") from None
    for where, value in found:
        if not isinstance(value, dict):
            raise UsageError(f"{where}: it is not a JSON object.")
        yield where, value
