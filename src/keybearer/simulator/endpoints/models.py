"""`/v1/models`: the catalogue as the API lists it."""

from __future__ import annotations

from typing import Final, get_args

from keybearer.simulator.core.catalogue import CATALOGUE, Lifecycle, find_model
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.reply import ServerReply
from keybearer.simulator.core.request import ServedCall
from keybearer.simulator.endpoints.pagination import cut_page
from keybearer.simulator.state import State

__all__ = ["list_models", "retrieve_model"]

LIFECYCLES: Final = get_args(Lifecycle)


def list_models(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/models`; retired models are listed only if `lifecycle` asks for them."""
    wanted = [value for name, value in call.query_pairs if name in {"lifecycle", "lifecycle[]"}]
    wanted = [each for value in wanted for each in value.split(",")]
    if any(value not in LIFECYCLES for value in wanted):
        raise ServiceError("invalid_request_error", "lifecycle: Input should be 'active', 'deprecated' or 'retired'")
    shown = wanted or ["active", "deprecated"]
    now = state.clock.now()
    models = [model.describe(now) for model in CATALOGUE.values() if model.lifecycle(now) in shown]
    return ServerReply.json(cut_page(call, models))


def retrieve_model(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/models/{id}`, by id or alias."""
    name = call.path_params["id"]
    model = find_model(name)
    if model is None:
        raise ServiceError("not_found_error", f"model: {name}", rule="model-known")
    return ServerReply.json(model.describe(state.clock.now()))
