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
        succeeded: How many of this run's rows have an answer, those that an earlier run has finished among them.
        failed: How many of them have an error.
        others: How many results the output has of rows that this run did not ask for: those of another template or model, or of rows
            that are gone. 0 where the run has ended before the last row was read.
        passed: How many of the rows that were read an earlier run had finished, so that they were not sent.
        in_doubt: How many were under way when an earlier run was killed, and may have been billed without an answer; they were
            sent again.
        under_way: How many are under way now, because this run did not wait for them; they may be billed without an answer.
        usd: What all results of the job cost, in dollars, as far as that is known.
        run_usd: What of that came in this run.
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
    others: int = 0
    in_doubt: int = 0
    under_way: int = 0
    usd: Decimal = Decimal(0)
    run_usd: Decimal = Decimal(0)
    unpriced: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_hits: float = 0.0
    seconds: float = 0.0
    stopped: str = ""

    def __str__(self) -> str:
        if self.rows and self.passed == self.rows and not self.stopped:
            failed = f", {self.failed:,} of them with an error" if self.failed else ""
            said = [f"{self.rows:,} rows were done before{failed}: nothing to send"]
        else:
            counts = [f"{self.succeeded:,} succeeded"]
            counts += [f"{self.failed:,} failed"] if self.failed else []
            counts += [f"{self.under_way:,} under way"] if self.under_way else []
            said = [", ".join(counts)]
            said += [f"{self.passed:,} of {self.rows:,} rows were done before"] if self.passed else []
        said += [f"{self.others:,} results are of other rows"] if self.others else []
        cost = f"at least {dollars(self.usd)}" if self.unpriced else dollars(self.usd)
        said.append(cost if self.run_usd == self.usd else f"{dollars(self.run_usd)} in this run, {cost} in all")
        return "; ".join(said)

    def to_dict(self) -> dict[str, object]:
        """Return it as plain JSON types; dollars are text."""
        return structs.asdict(self) | {
            "output": str(self.output),
            "usd": str(self.usd),
            "run_usd": str(self.run_usd),
        }
