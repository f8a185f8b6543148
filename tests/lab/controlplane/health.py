"""Asks a server on this machine whether it is well."""

import http.client
import ssl
from pathlib import Path
from typing import Final

TIMEOUT_SECONDS: Final = 5


def answers(port: int, path: str, *, ca: Path | None = None, token: str = "") -> bool:
    """Ask a port of the loopback once; anything but 200, or no answer at all, is a no.

    Args:
        port: Where the server listens.
        path: What to ask for, such as `/readyz`.
        ca: The authority of the server's certificate; None asks without TLS.
        token: A bearer token; empty asks as nobody.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        connection = connect(port, ca)
        try:
            connection.request("GET", path, headers=headers)
            return connection.getresponse().status == http.HTTPStatus.OK
        finally:
            connection.close()
    except (OSError, http.client.HTTPException):
        return False  # not up yet; the certificate may not be written yet either


def connect(port: int, ca: Path | None) -> http.client.HTTPConnection:
    """Prepare a connection to the loopback; proxies of the environment do not matter here."""
    if ca is None:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    tls = ssl.create_default_context(cafile=ca)
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS, context=tls)
