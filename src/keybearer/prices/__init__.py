"""What calls cost: `cost` counts a reply's usage in dollars, by a table of prices that is data (`rates.json`)."""

from keybearer.prices.amount import Cost
from keybearer.prices.billing import cost
from keybearer.prices.contract import with_own
from keybearer.prices.forecast import Estimate, forecast
from keybearer.prices.table import PriceTable, public

__all__ = ["Cost", "Estimate", "PriceTable", "cost", "forecast", "public", "with_own"]
