"""The TLS context: made once a set of options, since making one costs tens of milliseconds."""

from __future__ import annotations

import functools
import ssl

__all__ = ["tls_context"]


@functools.cache
def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Return the client context: the system's trust store, or the certificates of `ca_file`.

    Raises:
        OSError: `ca_file` cannot be read.
    """
    if ca_file is not None:
        return ssl.create_default_context(cafile=ca_file)
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
