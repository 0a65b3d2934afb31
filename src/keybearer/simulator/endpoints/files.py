"""`/v1/files`: upload, list, metadata, content, delete. Only files that a tool made can be downloaded, as on the service.

Source: the wheel's `resources/files.py`, `FileMetadata`, `DeletedFile` and the errors `file_not_downloadable`,
`file_expired`, `storage_quota_exceeded`.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from typing import Any, Final

from keybearer.simulator.core.clock import rfc3339
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.core.reply import ServerReply
from keybearer.simulator.core.request import FormPart, ServedCall
from keybearer.simulator.endpoints.pagination import cut_after, read_limit
from keybearer.simulator.service.stores import StoredFile
from keybearer.simulator.state import State

__all__ = ["delete_file", "download_file", "list_files", "retrieve_file", "upload_file"]

QUOTA_BYTES: Final = 1024 * 1024 * 1024
SHORTEST_LIFE: Final = 3_600
LONGEST_LIFE: Final = 7_776_000
MOST_IDS: Final = 100
LONGEST_NAME: Final = 255
FORBIDDEN_LETTERS: Final = lazy(r'[<>:"|?*\\/\x00-\x1f]')
"""What no file's name may have (docs: Files API, "Error handling")."""


def _describe(file: StoredFile) -> dict[str, Any]:
    return {
        "type": "file",
        "id": file.id,
        "filename": file.filename,
        "mime_type": file.mime_type,
        "size_bytes": len(file.data),
        "created_at": rfc3339(file.created),
        "expires_at": rfc3339(file.expires) if file.expires else None,
        "downloadable": file.downloadable,
    }


def _find(state: State, call: ServedCall) -> StoredFile:
    name = call.path_params["id"]
    file = state.files.visible_to(call.organization).get(name)
    if file is None:
        raise ServiceError("not_found_error", f"File not found: {name}", rule="file-known")
    return file


def _filename(part: FormPart) -> str:
    """Return a file's name, or one made from its type.

    Raises:
        ServiceError: 400 for a name that is too long or has a letter that the service refuses.
    """
    name = part.filename or "unnamed" + (mimetypes.guess_extension(part.content_type or "") or "")
    if len(name) > LONGEST_NAME or FORBIDDEN_LETTERS.search(name):
        raise ServiceError(
            "invalid_request_error",
            f'file: the filename has 1 to {LONGEST_NAME} letters, and none of < > : " | ? * \\ / or a control character',
            rule="file-name",
        )
    return name


def _lifetime(parts: Sequence[FormPart]) -> int | None:
    text = next((part.data.decode(errors="replace") for part in parts if part.name == "expires_in_seconds"), None)
    if text is None:
        return None
    if not text.isdecimal() or not SHORTEST_LIFE <= int(text) <= LONGEST_LIFE:
        raise ServiceError(
            "invalid_request_error",
            f"expires_in_seconds: Input should be between {SHORTEST_LIFE} and {LONGEST_LIFE}",
            rule="file-lifetime",
        )
    return int(text)


def upload_file(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /v1/files`."""
    parts = call.form or ()
    part = next((part for part in parts if part.name == "file" and part.filename is not None), None)
    if part is None:
        raise ServiceError("invalid_request_error", "file: Field required", rule="file-form")
    life = _lifetime(parts)
    if state.files.size + len(part.data) > QUOTA_BYTES:
        raise ServiceError(
            "invalid_request_error",
            "The organization's file storage quota is exhausted.",
            details={"error_code": "storage_quota_exceeded"},
            rule="file-quota",
        )
    now = state.clock.now()
    guessed = mimetypes.guess_type(part.filename or "")[0]
    file = StoredFile(
        id=state.ids.new("file_"),
        organization=call.organization,
        filename=_filename(part),
        mime_type=part.content_type or guessed or "application/octet-stream",
        data=part.data,
        created=now,
        expires=None if life is None else now + life,
    )
    state.files.add(file)
    return ServerReply.json(_describe(file))


def list_files(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/files`, newest first."""
    own = list(state.files.visible_to(call.organization).values())[::-1]
    ids = [value for name, value in call.query_pairs if name in {"ids", "ids[]"}]
    if ids:
        if len(set(ids)) > MOST_IDS:
            raise ServiceError("invalid_request_error", f"ids: at most {MOST_IDS} entries", rule="file-ids")
        found = [_describe(file) for file in own if file.id in ids]
        return ServerReply.json({"data": found, "has_more": False, "next_page": None})
    page = cut_after(call, ((-file.number, file) for file in own), limit=read_limit(call))
    data = [_describe(file) for file in page.items]
    return ServerReply.json({"data": data, "has_more": page.next_page is not None, "next_page": page.next_page})


def retrieve_file(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/files/{id}`."""
    return ServerReply.json(_describe(_find(state, call)))


def download_file(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/files/{id}/content`."""
    file = _find(state, call)
    if file.expires is not None and file.expires <= state.clock.now():
        code = {"error_code": "file_expired"}
        raise ServiceError("not_found_error", f"File {file.id} has expired", details=code, rule="file-expired")
    if not file.downloadable:
        raise ServiceError(
            "invalid_request_error",
            f"File {file.id} is not downloadable: only files that a tool generated are.",
            details={"error_code": "file_not_downloadable"},
            rule="file-downloadable",
        )
    return ServerReply(file.data, content_type=file.mime_type)


def delete_file(state: State, call: ServedCall) -> ServerReply:
    """Answer `DELETE /v1/files/{id}`."""
    file = _find(state, call)
    state.files.remove(file)
    return ServerReply.json({"id": file.id, "type": "file_deleted"})


def as_generated(state: State, filename: str, data: bytes, mime_type: str) -> dict[str, Any]:
    """Add a file that every caller sees, as if a tool had made it."""
    file = StoredFile(
        id=state.ids.new("file_"),
        organization="",
        filename=filename,
        mime_type=mime_type,
        data=data,
        created=state.clock.now(),
        downloadable=True,
    )
    state.files.add(file)
    return _describe(file)
