"""What a job has come to."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from msgspec import Struct, structs

from keybearer.prices.amount import dollars

__all__ = ["BulkSummary"]


class BulkSummary(Struct, frozen=True, kw_only=True):
    """What a job has come to.

    Attributes:
        output: Where the results are.
        rows: How many rows were read.
        succeeded: How many rows of the job have an answer, those of earlier runs among them.
        failed: How many have an error.
        passed: How many of the rows that were read an earlier run had finished, so that they were not sent.
        in_doubt: How many were under way when an earlier run was killed, and may have been billed without an answer; they were
            sent again.
        under_way: How many are under way now, because this run did not wait for them; they may be billed without an answer.
        usd: What the finished rows cost, in dollars, as far as that is known.
        unpriced: How many of them have a cost that is not known.
        input_tokens: The tokens of their prompts, the cached ones among them.
        output_tokens: The tokens of their answers.
        cache_hits: The share of the prompts' tokens that came from the prompt cache.
        seconds: How long this run has taken.
        stopped: Why it has ended before the last row; empty where it has not.
    """

    output: Path
    rows: int = 0
    succeeded: int = 0
    failed: int = 0
    passed: int = 0
    in_doubt: int = 0
    under_way: int = 0
    usd: Decimal = Decimal(0)
    unpriced: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_hits: float = 0.0
    seconds: float = 0.0
    stopped: str = ""

    def __str__(self) -> str:
        said = [f"{self.succeeded:,} succeeded"]
        said += [f"{self.failed:,} failed"] if self.failed else []
        said += [f"{self.passed:,} of them earlier"] if self.passed else []
        said += [f"{self.under_way:,} under way"] if self.under_way else []
        cost = f"at least {dollars(self.usd)}" if self.unpriced else dollars(self.usd)
        return f"{', '.join(said)}; {cost}"

    def to_dict(self) -> dict[str, object]:
        """Return it as plain JSON types; dollars are text."""
        return structs.asdict(self) | {"output": str(self.output), "usd": str(self.usd)}
