"""Certificates for TLS on the loopback interface."""

from __future__ import annotations

import contextlib
import ssl
import tempfile
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

import trustme

from cartesia_mock.settings import MockSettings

_NAMES = ("localhost", "127.0.0.1", "::1")


class CertificateError(Exception):
    """The given certificate or key cannot be used."""


@dataclass(frozen=True)
class Certificate:
    """What a server needs to serve TLS.

    Attributes:
        chain: File with its certificate chain (PEM).
        key: File with the private key (PEM); None if it is in `chain`.
        authority: File with the certificate that clients have to trust (PEM).
    """

    chain: Path
    key: Path | None
    authority: Path


@contextlib.contextmanager
def certificate(settings: MockSettings, host: str) -> Generator[Certificate | None]:
    """Provide the certificate that the settings ask for.

    Args:
        settings: The settings.
        host: The name or address that the server listens on.

    Yields:
        The given certificate, a new one in a temporary folder that is removed afterwards, or None
        for a server without TLS.

    Raises:
        CertificateError: The given files cannot be used.
    """
    if settings.certfile is not None:
        _check(settings.certfile, settings.keyfile)
        yield Certificate(settings.certfile, settings.keyfile, settings.certfile)
    elif settings.keyfile is not None:
        raise CertificateError("keyfile needs certfile: name the certificate of the key")
    elif settings.tls:
        with tempfile.TemporaryDirectory(prefix="cartesia-mock-") as folder:
            yield _make_certificate(Path(folder), dict.fromkeys([*_NAMES, host]))
    else:
        yield None


def _check(chain: Path, key: Path | None) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key)
    except OSError as error:  # ssl.SSLError is one, too.
        names = " and ".join(str(path) for path in (chain, key) if path is not None)
        raise CertificateError(f"cannot serve TLS with {names}: {error}") from None


def _make_certificate(folder: Path, names: Iterable[str]) -> Certificate:
    """Make a certificate and its authority, whose key is not kept: it can sign no other."""
    authority = trustme.CA()
    leaf = authority.issue_cert(*names)
    made = Certificate(folder / "server.pem", None, folder / "ca.pem")
    leaf.private_key_and_cert_chain_pem.write_to_path(made.chain)
    authority.cert_pem.write_to_path(made.authority)
    return made
