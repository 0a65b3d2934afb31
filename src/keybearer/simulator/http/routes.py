"""The table of endpoints: method, path and function of each, by who may call it, and the paths that differ in their bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Literal

from keybearer.simulator.core.reply import ServerReply
from keybearer.simulator.core.request import CHAT_PATH, MESSAGES_PATH, ServedCall
from keybearer.simulator.endpoints import (
    admin_pages,
    batches,
    cloud_identity,
    files,
    identity,
    memories,
    memory_stores,
    models,
    oauth,
    skills,
)
from keybearer.simulator.endpoints.chat_completions import complete_chat
from keybearer.simulator.endpoints.messages import count_tokens, create_message
from keybearer.simulator.faults import StruckReply
from keybearer.simulator.state import State

__all__ = ["API", "FORM_PATHS", "LARGER", "LARGEST_BODY", "MEGABYTE", "SECRET_PATHS", "TABLES", "Access", "Endpoint"]

Endpoint = Callable[[State, ServedCall], ServerReply | StruckReply]
Access = Literal["key", "admin", "login", "open"]

MEGABYTE: Final = 1024 * 1024
LARGEST_BODY: Final = 32 * MEGABYTE
LARGER: Final = {"/v1/messages/batches": 256 * MEGABYTE, "/v1/files": 500 * MEGABYTE}
"""The paths with a higher limit (the API's "Request size limits")."""
FORM_PATHS: Final = ("/v1/files", "/v1/skills", "/v1/skills/{id}/versions")
"""The paths whose body is a form (`multipart/form-data`)."""
SECRET_PATHS: Final = ("/v1/oauth/", "/oauth/", "/idp/", "/_sim/login", "/_sim/identity")
"""Paths whose bodies contain credentials, and are not kept in the journal."""


def health(_state: State, _call: ServedCall) -> ServerReply:
    """Answer `GET /healthz`."""
    return ServerReply.json({"status": "ok"})


def greet(_state: State, _call: ServedCall) -> ServerReply:
    """Answer `GET /`, with which agents check that the server is up."""
    return ServerReply.json({"name": "keybearer simulator"})


API: Final[tuple[tuple[str, str, Endpoint], ...]] = (
    ("POST", MESSAGES_PATH, create_message),
    ("POST", "/v1/messages/count_tokens", count_tokens),
    ("POST", CHAT_PATH, complete_chat),
    ("POST", "/v1/messages/batches", batches.create_batch),
    ("GET", "/v1/messages/batches", batches.list_batches),
    ("GET", "/v1/messages/batches/{id}", batches.retrieve_batch),
    ("DELETE", "/v1/messages/batches/{id}", batches.delete_batch),
    ("POST", "/v1/messages/batches/{id}/cancel", batches.cancel_batch),
    ("GET", "/v1/messages/batches/{id}/results", batches.batch_results),
    ("GET", "/v1/models", models.list_models),
    ("GET", "/v1/models/{id}", models.retrieve_model),
    ("POST", "/v1/files", files.upload_file),
    ("GET", "/v1/files", files.list_files),
    ("GET", "/v1/files/{id}", files.retrieve_file),
    ("DELETE", "/v1/files/{id}", files.delete_file),
    ("GET", "/v1/files/{id}/content", files.download_file),
    ("POST", "/v1/skills", skills.create_skill),
    ("GET", "/v1/skills", skills.list_skills),
    ("GET", "/v1/skills/{id}", skills.retrieve_skill),
    ("DELETE", "/v1/skills/{id}", skills.delete_skill),
    ("POST", "/v1/skills/{id}/versions", skills.create_version),
    ("GET", "/v1/skills/{id}/versions", skills.list_versions),
    ("GET", "/v1/skills/{id}/versions/{version}", skills.retrieve_version),
    ("DELETE", "/v1/skills/{id}/versions/{version}", skills.delete_version),
    ("GET", "/v1/skills/{id}/versions/{version}/content", skills.download_version),
    ("POST", "/v1/memory_stores", memory_stores.create_store),
    ("GET", "/v1/memory_stores", memory_stores.list_stores),
    ("GET", "/v1/memory_stores/{id}", memory_stores.retrieve_store),
    ("POST", "/v1/memory_stores/{id}", memory_stores.update_store),
    ("DELETE", "/v1/memory_stores/{id}", memory_stores.delete_store),
    ("POST", "/v1/memory_stores/{id}/archive", memory_stores.archive_store),
    ("POST", "/v1/memory_stores/{id}/memories", memories.create_memory),
    ("GET", "/v1/memory_stores/{id}/memories", memories.list_memories),
    ("GET", "/v1/memory_stores/{id}/memories/{memory}", memories.retrieve_memory),
    ("POST", "/v1/memory_stores/{id}/memories/{memory}", memories.update_memory),
    ("DELETE", "/v1/memory_stores/{id}/memories/{memory}", memories.delete_memory),
    ("GET", "/v1/memory_stores/{id}/memory_versions", memories.list_memory_versions),
    ("GET", "/v1/memory_stores/{id}/memory_versions/{version}", memories.retrieve_memory_version),
    ("POST", "/v1/memory_stores/{id}/memory_versions/{version}/redact", memories.redact_memory_version),
)
"""The endpoints of the API, which require a key and a version."""
TABLES: Final[tuple[tuple[Access, Iterable[tuple[str, str, Endpoint]]], ...]] = (
    ("key", API),
    ("admin", admin_pages.ENDPOINTS),
    ("login", (*oauth.ENDPOINTS, *identity.ENDPOINTS, *cloud_identity.ENDPOINTS)),
    (
        "open",
        (
            ("GET", "/healthz", health),
            ("HEAD", "/healthz", health),
            ("GET", "/", greet),
            ("HEAD", "/", greet),
        ),
    ),
)
"""All endpoints, by who may call them."""
