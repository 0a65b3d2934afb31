"""The Models API as flows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from keybearer.api.answers import json_object
from keybearer.api.call import CallDefaults, prepare
from keybearer.api.checks import check_get
from keybearer.errors import UsageError
from keybearer.exchange.classify_reply import not_the_api
from keybearer.exchange.request import Exchange
from keybearer.flow import Flow
from keybearer.types.models import ModelInfo, ModelPage
from keybearer.types.requests import GetOptions

__all__ = ["ModelsAPI"]

PATH: Final = "/v1/models"


class ModelsAPI(Struct, frozen=True):
    """The flows of `client.models`.

    Attributes:
        defaults: What every call starts from.
        exchange: Sends the requests.
    """

    defaults: CallDefaults
    exchange: Exchange

    def list(self, query: Mapping[str, Any], options: GetOptions) -> Flow[ModelPage]:
        """Ask for a page of models.

        Args:
            query: The query parameters; one that is None is left out.
            options: What steers the call.
        """
        given = {name: value for name, value in query.items() if value is not None}
        source, reply = yield from self._get(PATH, given, options)
        if not isinstance(source.get("data"), list):
            raise not_the_api(reply, "but it has no list of models")
        return ModelPage.of(source)

    def retrieve(self, model_id: str, options: GetOptions) -> Flow[ModelInfo]:
        """Ask for one model."""
        from urllib.parse import quote

        if not model_id:
            raise UsageError("models.retrieve() needs a model's id; it is empty.")
        source, _ = yield from self._get(f"{PATH}/{quote(model_id, safe='')}", {}, options)
        return ModelInfo.of(source)

    def _get(self, path: str, query: Mapping[str, Any], options: GetOptions) -> Flow[Any]:
        check_get(options, self.defaults.client_only)
        params = {**options, "extra_query": {**query, **(options.get("extra_query") or {})}}
        reply = yield from prepare(self.defaults, path, params, method="GET").fetch(self.exchange)
        return json_object(reply), reply
