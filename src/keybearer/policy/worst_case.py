"""The worst case of a request: the most that the service may bill for it, before it is sent.

Strategy: what is sent is looked at, the encoded body, so that nothing that steers a call is missed. Text has at most as many tokens as
bytes. An image has at most as many as the service scales it to. Where no byte bounds what the model reads, it is the model's context
window, once for each time that the service may ask the model. The price is the dearest that may apply: cache writes where the request
has a breakpoint, the prompt's length, the region, the speed, and the days around today.

Contract: what is not known to this version is never taken for free: such a request is refused, in words.

Limits, all of them guesses where the service documents nothing: no token is shorter than a byte; the service writes at most `HIDDEN`
tokens around a request's own; what it has encrypted is at least as long as its text; it asks a model at most `ROUNDS` times before it
pauses; and priority capacity is no dearer than the standard's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from msgspec import Struct
from msgspec.json import encode

from keybearer.errors import UsageError
from keybearer.figures import count
from keybearer.policy.billed_parts import (
    ASKING,
    FREE,
    HIDDEN,
    IMAGE,
    LOOPING,
    OWN_TOOL,
    PAID,
    PLAIN,
    READS_MORE,
    ROUNDS,
    TOOLSETS,
    WITHOUT_FIGURE,
    blocks,
    is_open,
    written,
)
from keybearer.policy.spend_amounts import NOTHING, Amount, nanodollars
from keybearer.prices.amount import EXACT, ZERO
from keybearer.prices.forecast import CLIENT_TOOLS
from keybearer.prices.table import BATCH, FAST, FEATURES, STANDARD, ModelPrices, PriceTable
from keybearer.types.api_object import loads

__all__ = ["WorstCase", "worst_case"]

_ADVICE: Final = "Leave it out, or make the call with a client that has no spend limit."


class WorstCase(Struct, frozen=True, kw_only=True):
    """The most that a request may take.

    Attributes:
        amount: All of it.
        output: What of that is the answer.
        plain: Whether a reply says all of its input when it begins, so that only the answer is open then.
        unpriced: Why the dollars are not known; empty where they are.
    """

    amount: Amount
    output: Amount
    plain: bool
    unpriced: str = ""


class _Usd(NamedTuple):
    """The dearest prices that may apply, in dollars for a token."""

    input: Decimal
    output: Decimal


def worst_case(method: str, url: str, body: bytes, *, prices: PriceTable, today: date) -> WorstCase | None:
    """Return the worst case of a request; None for one that costs nothing.

    Args:
        method: The HTTP method.
        url: The URL.
        body: The encoded body.
        prices: The prices.
        today: The day, in UTC.

    Raises:
        UsageError: Nothing bounds what it may cost.
    """
    path = url.partition("?")[0].rpartition("/v1/")[2].rstrip("/")
    first = path.partition("/")[0]
    if method not in ASKING or first in FREE or path == "messages/count_tokens":
        return None
    if path.startswith("messages/batches/"):  # its end, not its making
        return None
    if path not in {"messages", "messages/batches"}:
        raise _unbounded(f"a {method} of /v1/{path} may cost what nothing in it says")
    try:
        return _of_body(path, body, prices, today)
    except (ValueError, KeyError, TypeError, AttributeError):  # the service will refuse it, but who knows
        raise _unbounded("its body is none that this version can read") from None


def _of_body(path: str, body: bytes, prices: PriceTable, today: date) -> WorstCase:
    request = loads(body)
    if path == "messages":
        return _Request(request, prices, today, encoded=body).worst()
    rows = [
        _Request(row["params"], prices, today, encoded=encode(row), batch=True).worst() for row in request["requests"]
    ]
    total = NOTHING
    for row in rows:
        total = total.plus(row.amount)
    return WorstCase(
        amount=total, output=NOTHING, plain=False, unpriced=next((row.unpriced for row in rows if row.unpriced), "")
    )


class _Request:
    """The body of `POST /v1/messages`."""

    def __init__(self, body: Any, prices: PriceTable, today: date, *, encoded: bytes, batch: bool = False) -> None:
        self.body: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
        self.prices = prices
        self.today = today
        self.size = len(encoded)
        self.written = written(self.body) if b"cache_control" in encoded else set()
        self.batch = batch

    def worst(self) -> WorstCase:
        """Return the worst case."""
        if unknown := next((name for name in self.body if name not in PLAIN and name not in READS_MORE), None):
            raise _unbounded(f"this version does not know what the parameter {unknown} may cost")
        if (answer := count(self.body.get("max_tokens"))) is None:
            raise _unbounded("a request needs max_tokens, which bounds its answer")
        if not isinstance(self.body.get("fallbacks") or [], list):
            raise _unbounded("the models of its fallbacks are not in the request")
        models = [self.body, *({**self.body, **each} for each in self._mappings("fallbacks"))]
        cases = [self._of_model(str(each.get("model") or ""), each, answer) for each in models]
        amount, output = NOTHING, NOTHING
        for each in cases:
            amount, output = amount.plus(each.amount), output.plus(each.output)
        plain = len(cases) == 1 and cases[0].plain
        unpriced = next((each.unpriced for each in cases if each.unpriced), "")
        return WorstCase(amount=amount, output=output, plain=plain, unpriced=unpriced)

    def _of_model(self, model: str, asked: Mapping[str, Any], answer: int) -> WorstCase:
        found = self.prices.find(model)
        answer = max(answer, count(asked.get("max_tokens")) or 0)
        tools = list(self._tools())
        rounds, compactions = self._rounds(tools)
        whole = rounds > 0 or any(map(is_open, blocks(asked)))
        if whole and (found is None or found.window is None):
            raise _unbounded(f"the context window of {model!r} is not known, and nothing else bounds what it reads")
        prompt = self._length(asked, tools)
        if whole and found is not None and found.window is not None:
            prompt = max(prompt, found.window)
        rounds = max(rounds, 1)
        tokens = Amount(0, rounds * (prompt + answer) + compactions * prompt)
        output = Amount(0, rounds * answer)
        plain = not whole
        usd = self._dearest(model, found, asked, prompt, everything=whole)
        if isinstance(usd, str):
            return WorstCase(amount=tokens, output=output, plain=plain, unpriced=usd)
        answers = EXACT.multiply(usd.output, Decimal(rounds * answer))
        read = EXACT.multiply(usd.input, Decimal(rounds * prompt))
        summed = EXACT.multiply(max(usd), Decimal(compactions * prompt))
        total = EXACT.add(EXACT.add(answers, read), summed)
        for each in tools:
            more = self._paid(each, found)
            if isinstance(more, str):
                return WorstCase(amount=tokens, output=output, plain=plain, unpriced=more)
            total = EXACT.add(total, more.usd)
            tokens = Amount(0, tokens.tokens + more.tokens)
        return WorstCase(
            amount=Amount(nanodollars(total), tokens.tokens),
            output=Amount(nanodollars(answers), output.tokens),
            plain=plain,
        )

    def _mappings(self, name: str) -> Iterator[Mapping[str, Any]]:
        listed = self.body.get(name)
        return (each for each in listed if isinstance(each, Mapping)) if isinstance(listed, list) else iter(())

    def _tools(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Give the service's own tools, by the beginning of their type."""
        for tool in self._mappings("tools"):
            kind = tool.get("type")
            if kind is None or kind == "custom":
                continue
            known = (*TOOLSETS, *CLIENT_TOOLS, *LOOPING, *WITHOUT_FIGURE, "advisor_")
            begins = next((each for each in known if isinstance(kind, str) and kind.startswith(each)), None)
            if begins is None:
                raise _unbounded(f"this version does not know what the tool {kind!r} may cost")
            if begins in {*PAID, "advisor_"} and count(tool.get("max_uses")) is None:
                raise _unbounded(f"the tool {kind} needs max_uses, which bounds what it costs")
            yield begins, tool

    def _rounds(self, tools: list[tuple[str, Mapping[str, Any]]]) -> tuple[int, int]:
        """Return how often the model may be asked with a whole context window, and how often that is summed up."""
        loops = any(begins in {*LOOPING, *WITHOUT_FIGURE, "advisor_"} for begins, _ in tools)
        loops = loops or bool(self.body.get("mcp_servers")) or self.body.get("container") is not None
        once = self.body.get("thread") is not None or any(begins in TOOLSETS for begins, _ in tools)
        rounds = ROUNDS if loops else int(once)
        managed = self.body.get("context_management")
        edits = managed.get("edits") or () if isinstance(managed, Mapping) else () if managed is None else (managed,)
        compacts = any(
            not isinstance(each, Mapping) or not str(each.get("type")).startswith("clear_") for each in edits
        )
        if compacts or self.body.get("compaction") is not None:
            rounds = max(rounds, 1)
            return rounds, rounds
        return rounds, 0

    def _length(self, asked: Mapping[str, Any], tools: list[tuple[str, Mapping[str, Any]]]) -> int:
        """Return the most tokens that the prompt has: the bytes of all that is sent but images, which have a most of their own."""
        images = [each for each in blocks(asked) if each.get("type") == "image"]
        data = sum(len(str((each.get("source") or {}).get("data") or "")) for each in images)
        own = sum(begins in CLIENT_TOOLS for begins, _ in tools)
        return self.size - data + len(images) * IMAGE + own * OWN_TOOL + HIDDEN

    def _dearest(
        self, model: str, found: ModelPrices | None, asked: Mapping[str, Any], prompt: int, *, everything: bool
    ) -> _Usd | str:
        """Return the dearest prices that may apply, or why there are none."""
        if found is None:
            return f"there is no price of {model or 'a model without a name'}"
        if asked.get("service_tier") not in {None, "auto", "standard_only"}:
            return f"there is no price of the service tier {asked['service_tier']!r}"
        speed = asked.get("speed") or STANDARD
        if speed not in {STANDARD, FAST}:
            return f"there is no price of the speed {speed!r}"
        region = asked.get("inference_geo")
        factor = max(found.regions.values(), default=Decimal(1)) if region is None else found.regions.get(str(region))
        if factor is None:
            return f"{found.model} has no price in the region {region!r}"
        variants = (BATCH,) if self.batch else (STANDARD,) if speed == STANDARD else (STANDARD, FAST)
        features = {"input", *self.written}
        inputs, outputs = ZERO, ZERO
        for variant in variants:
            if not found.steps(variant, self.today):
                return f"{found.model} has no {variant} price"
            for usd in self._steps(found, variant, prompt):
                if missing := next((each for each in (*features, "output") if each not in usd), None):
                    return f"{found.model} has no {variant} price of {missing}"
                read = FEATURES if everything else features
                inputs = max(inputs, *(usd[each] for each in read if each in usd and each != "output"))
                outputs = max(outputs, usd["output"])
        return _Usd(EXACT.multiply(inputs, factor), EXACT.multiply(outputs, factor))

    def _steps(self, found: ModelPrices, variant: str, prompt: int) -> Iterator[Mapping[str, Decimal]]:
        """Give the prices that may apply to a prompt of at most that length, on the days around today."""
        for days in (-1, 0, 1):  # the service's clock decides, which may be on another day
            for step in found.steps(variant, self.today + timedelta(days=days)):
                if not step.above or step.above < prompt:
                    yield step.usd

    def _paid(self, tool: tuple[str, Mapping[str, Any]], found: ModelPrices | None) -> _More | str:
        """Return what the uses of one of the service's tools may cost beside the tokens of the request, or why that is not known."""
        begins, fields = tool
        if begins in WITHOUT_FIGURE:
            return f"{fields.get('type')} has no price: {WITHOUT_FIGURE[begins]}"
        uses = count(fields.get("max_uses")) or 0
        if begins == "advisor_":
            model = str(fields.get("model") or "")
            advisor = self.prices.find(model)
            if advisor is None or advisor.window is None:
                return f"there is no price of the advisor {model!r}"
            usd = self._dearest(model, advisor, fields, advisor.window, everything=True)
            if isinstance(usd, str):
                return usd
            tokens = uses * advisor.window
            return _More(EXACT.multiply(max(usd), Decimal(tokens)), tokens)
        if (paid := PAID.get(begins)) is None:
            return _More(ZERO, 0)
        price = None if found is None else found.requests.get(paid)
        return f"there is no price of {paid}" if price is None else _More(EXACT.multiply(price, Decimal(uses)), 0)


class _More(NamedTuple):
    """What the uses of a tool may cost."""

    usd: Decimal
    tokens: int


def _unbounded(why: str) -> UsageError:
    return UsageError(f"Under a spend limit nothing was sent: {why}.", hint=_ADVICE)
