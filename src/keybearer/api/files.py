"""The Files API as flows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from keybearer.api.checks import check_query
from keybearer.api.forms import form_of
from keybearer.api.paths import path_to
from keybearer.api.resource import BY_PAGE, PageOf, ResourceAPI
from keybearer.exchange.lease import OpenBody
from keybearer.flow import Flow
from keybearer.types.api_object import built
from keybearer.types.files import DeletedObject, FileMetadata
from keybearer.types.requests import GetOptions
from keybearer.wire.request.multipart import FilePart

__all__ = ["FilesAPI"]

PATH: Final = "/v1/files"
ONE: Final = PATH + "/{file_id}"


class FilesAPI(ResourceAPI, frozen=True):
    """The flows of `client.files`."""

    def upload(self, file: FilePart, fields: Mapping[str, Any], options: GetOptions) -> Flow[FileMetadata]:
        """Upload a file."""
        return self.ask(
            FileMetadata, "POST", PATH, options, form=form_of(fields, [file]), look_first="client.files.list()"
        )

    def list(self, query: Mapping[str, Any], options: GetOptions) -> Flow[PageOf[FileMetadata]]:
        """Ask for a page of files."""
        check_query(query)
        return self.page(PATH, options, item=built(FileMetadata), cursor=BY_PAGE, query=query)

    def retrieve_metadata(self, file_id: str, options: GetOptions) -> Flow[FileMetadata]:
        """Ask what is known of a file."""
        return self.ask(FileMetadata, "GET", path_to(ONE, file_id=file_id), options)

    def delete(self, file_id: str, options: GetOptions) -> Flow[DeletedObject]:
        """Delete a file."""
        return self.ask(DeletedObject, "DELETE", path_to(ONE, file_id=file_id), options)

    def download(self, file_id: str, options: GetOptions) -> Flow[OpenBody]:
        """Ask for a file's content."""
        return self.open(path_to(ONE + "/content", file_id=file_id), options, accept="application/binary")
