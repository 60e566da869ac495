"""TLS whose certificates of authorities are read when the first connection needs them.

Reading them takes longer than all else that an HTTP client needs to begin with, and a connection
without TLS needs none.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx

from cartesia._runtime.errors import CartesiaError

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable


class LazyTLSContext(ssl.SSLContext):
    """A context that verifies as httpx's own does, which it makes when it is used.

    Before that it trusts nobody: whatever were to use it in another way than by the methods below
    would find no connection valid.
    """

    _own: ssl.SSLContext | None = None
    _protocols: list[str] | None = None

    def load(self) -> ssl.SSLContext:
        """Read the certificates, if nobody did.

        Returns:
            The context that is used.

        Raises:
            CartesiaError: They cannot be read.
        """
        if self._own is None:
            try:
                self._own = httpx.create_ssl_context()
            except OSError as error:
                raise CartesiaError(
                    f"the certificates of authorities cannot be read ({error}); "
                    "see SSL_CERT_FILE and SSL_CERT_DIR in the environment"
                ) from error
            if self._protocols is not None:
                self._own.set_alpn_protocols(self._protocols)
        return self._own

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """Set what protocols to offer.

        Nothing is read yet: this is called in the event loop, `wrap_bio` in a thread.

        Args:
            alpn_protocols: Their names.
        """
        self._protocols = list(alpn_protocols)
        if self._own is not None:
            self._own.set_alpn_protocols(self._protocols)

    def wrap_socket(  # noqa: PLR0917  # as the standard library has it
        self,
        sock: socket.socket,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        suppress_ragged_eofs: bool = True,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLSocket:
        """Put TLS over a socket; the arguments are those of `ssl.SSLContext.wrap_socket`."""
        return self.load().wrap_socket(
            sock,
            server_side,
            do_handshake_on_connect,
            suppress_ragged_eofs,
            server_hostname,
            session,
        )

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Put TLS over buffers; the arguments are those of `ssl.SSLContext.wrap_bio`."""
        return self.load().wrap_bio(incoming, outgoing, server_side, server_hostname, session)


def lazy_tls() -> LazyTLSContext:
    """Make a context for one HTTP client.

    Returns:
        The context.
    """
    return LazyTLSContext(ssl.PROTOCOL_TLS_CLIENT)
