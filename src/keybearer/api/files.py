"""The Files API as flows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from keybearer.api.checks import check_query, number
from keybearer.api.forms import form_of
from keybearer.api.paths import path_to
from keybearer.api.resource import BY_PAGE, PageOf, ResourceAPI
from keybearer.errors import UsageError
from keybearer.exchange.lease import OpenBody
from keybearer.flow import Flow
from keybearer.types.api_object import built
from keybearer.types.files import DeletedObject, FileMetadata
from keybearer.types.requests import GetOptions
from keybearer.wire.request.multipart import FilePart

__all__ = ["FilesAPI"]

PATH: Final = "/v1/files"
ONE: Final = PATH + "/{file_id}"

_life = number("a whole number of seconds, 3600 to 7776000", lambda n: 3600 <= n <= 7_776_000, whole=True)
"""Source: the `anthropic` 2.14.0 wheel, `types/file_upload_params.py`."""


class FilesAPI(ResourceAPI, frozen=True):
    """The flows of `client.files`."""

    def upload(self, file: FilePart, fields: Mapping[str, Any], options: GetOptions) -> Flow[FileMetadata]:
        """Upload a file.

        Raises:
            UsageError: `expires_in_seconds` is none that a file can have.
        """
        life = fields.get("expires_in_seconds")
        if life is not None and (problem := _life(life)) is not None:
            raise UsageError(f"expires_in_seconds {problem}.")
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
