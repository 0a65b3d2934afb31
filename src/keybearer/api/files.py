"""The Files API as flows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

from keybearer.api.resource import BY_PAGE, PageOf, ResourceAPI, path_to
from keybearer.exchange.lease import OpenBody
from keybearer.flow import Flow
from keybearer.types.api_object import built
from keybearer.types.files import DeletedObject, FileMetadata
from keybearer.types.requests import GetOptions
from keybearer.wire.request.multipart import FilePart, MultipartBody

__all__ = ["FilesAPI", "form_of"]

PATH: Final = "/v1/files"
ONE: Final = PATH + "/{file_id}"


def form_of(fields: Mapping[str, Any], files: list[FilePart]) -> MultipartBody:
    """Return a form; a field that is None is left out."""
    given = [(name, str(value)) for name, value in fields.items() if value is not None]
    return MultipartBody(given, files, boundary=secrets.token_hex(16))


class FilesAPI(ResourceAPI, frozen=True):
    """The flows of `client.files`."""

    def upload(self, file: FilePart, fields: Mapping[str, Any], options: GetOptions) -> Flow[FileMetadata]:
        """Upload a file."""
        source = yield from self.fetch("POST", PATH, options, form=form_of(fields, [file]))
        return FileMetadata.of(source)

    def list(self, query: Mapping[str, Any], options: GetOptions) -> Flow[PageOf[FileMetadata]]:
        """Ask for a page of files."""
        return self.page(PATH, options, item=built(FileMetadata), cursor=BY_PAGE, query=query)

    def retrieve_metadata(self, file_id: str, options: GetOptions) -> Flow[FileMetadata]:
        """Ask what is known of a file."""
        return FileMetadata.of((yield from self.fetch("GET", path_to(ONE, file_id=file_id), options)))

    def delete(self, file_id: str, options: GetOptions) -> Flow[DeletedObject]:
        """Delete a file."""
        return DeletedObject.of((yield from self.fetch("DELETE", path_to(ONE, file_id=file_id), options)))

    def download(self, file_id: str, options: GetOptions) -> Flow[OpenBody]:
        """Ask for a file's content."""
        return self.open(path_to(ONE + "/content", file_id=file_id), options, accept="application/binary")
