"""TLS contexts, each made once: making one costs tens of milliseconds."""

from __future__ import annotations

import functools
import ssl

__all__ = ["ca_problem", "tls_context"]


@functools.cache
def tls_context(ca_file: str | None = None, *, use: str = "") -> ssl.SSLContext:
    """Return the client context: the system's trust store, or the certificates of `ca_file`.

    Args:
        ca_file: A file of certificates to trust instead of the system's store.
        use: Who uses it. A library that sets the protocols that a context offers (ALPN) has one of its own: else a connection of
            another library would offer HTTP/2 too, and could not speak it.

    Raises:
        OSError: `ca_file` cannot be read, or holds no certificate (`ca_problem` says it in words).
    """
    del use  # it only tells contexts apart
    if ca_file is not None:
        return ssl.create_default_context(cafile=ca_file)
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def ca_problem(ca_file: str) -> str | None:
    """Return what is wrong with a file of certificates, in words; None when it can be used. A good one is not read again."""
    try:
        tls_context(ca_file)
    except ssl.SSLError:
        return "holds no certificate in PEM form, or a broken one"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    except ValueError:
        return "cannot be read: its name holds a null character"
    return None
