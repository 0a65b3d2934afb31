"""The Models API as flows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from keybearer.api.checks import check_query
from keybearer.api.paths import path_to
from keybearer.api.resource import BY_ID, PageOf, ResourceAPI
from keybearer.flow import Flow
from keybearer.types.api_object import built
from keybearer.types.models import ModelInfo
from keybearer.types.requests import GetOptions

__all__ = ["ModelsAPI"]

PATH: Final = "/v1/models"


class ModelsAPI(ResourceAPI, frozen=True):
    """The flows of `client.models`."""

    def list(self, query: Mapping[str, Any], options: GetOptions) -> Flow[PageOf[ModelInfo]]:
        """Ask for a page of models.

        Args:
            query: The query parameters; one that is None is left out.
            options: What steers the call.
        """
        check_query(query)
        return self.page(PATH, options, item=built(ModelInfo), cursor=BY_ID, query=query)

    def retrieve(self, model_id: str, options: GetOptions) -> Flow[ModelInfo]:
        """Ask for one model."""
        return self.ask(ModelInfo, "GET", path_to(PATH + "/{model_id}", model_id=model_id), options)
