"""Generated from the official SDK's sources by `make methods`: do not edit."""

from typing import Any, TypeAlias

from keybearer.types.batches import BatchCounts as BetaMessageBatchRequestCounts
from keybearer.types.batches import BatchResult as BetaMessageBatchResult
from keybearer.types.batches import BatchResult as _BatchResult
from keybearer.types.batches import BatchRow as BetaMessageBatchIndividualResponse
from keybearer.types.batches import MessageBatch as BetaMessageBatch
from keybearer.types.files import DeletedObject as BetaDeletedMessageBatch
from keybearer.types.record import Record as _Record

__all__ = [
    "BatchCreateParams",
    "BatchListParams",
    "BetaDeletedMessageBatch",
    "BetaMessageBatch",
    "BetaMessageBatchCanceledResult",
    "BetaMessageBatchErroredResult",
    "BetaMessageBatchExpiredResult",
    "BetaMessageBatchIndividualResponse",
    "BetaMessageBatchRequestCounts",
    "BetaMessageBatchResult",
    "BetaMessageBatchSucceededResult",
]

BatchCreateParams: TypeAlias = dict[str, Any]
BatchListParams: TypeAlias = dict[str, Any]
BetaMessageBatchCanceledResult: TypeAlias = _BatchResult
BetaMessageBatchErroredResult: TypeAlias = _BatchResult
BetaMessageBatchExpiredResult: TypeAlias = _BatchResult
BetaMessageBatchSucceededResult: TypeAlias = _BatchResult

