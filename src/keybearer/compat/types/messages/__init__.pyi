"""Generated from the official SDK's sources by `make methods`: do not edit."""

from typing import Any, TypeAlias

from keybearer.types.batches import BatchCounts as MessageBatchRequestCounts
from keybearer.types.batches import BatchResult as MessageBatchResult
from keybearer.types.batches import BatchResult as _BatchResult
from keybearer.types.batches import BatchRow as MessageBatchIndividualResponse
from keybearer.types.batches import MessageBatch as MessageBatch
from keybearer.types.files import DeletedObject as DeletedMessageBatch
from keybearer.types.record import Record as _Record

__all__ = [
    "BatchCreateParams",
    "BatchListParams",
    "DeletedMessageBatch",
    "MessageBatch",
    "MessageBatchCanceledResult",
    "MessageBatchErroredResult",
    "MessageBatchExpiredResult",
    "MessageBatchIndividualResponse",
    "MessageBatchRequestCounts",
    "MessageBatchResult",
    "MessageBatchSucceededResult",
]

BatchCreateParams: TypeAlias = dict[str, Any]
BatchListParams: TypeAlias = dict[str, Any]
MessageBatchCanceledResult: TypeAlias = _BatchResult
MessageBatchErroredResult: TypeAlias = _BatchResult
MessageBatchExpiredResult: TypeAlias = _BatchResult
MessageBatchSucceededResult: TypeAlias = _BatchResult

