"""Builds what reads the gateway's certificate."""

from collections.abc import Awaitable, Callable
from typing import Any

from mailbox_operator.assemble.authorities import secrets_of
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.reader import ApiReader
from mailbox_operator.cluster.renewing import CERTIFICATE, KEY
from mailbox_operator.cluster.secretdata import values_of
from mailbox_operator.cluster.signing import read_validity
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.gateway.certificates import CertificateError, Pair
from mailbox_operator.settings.file import Settings


def certificate(
    settings: Settings, api: ApiReader, namespace: str
) -> Callable[[], Awaitable[Pair]]:
    """Build what reads the gateway's certificate, the operator's own or another."""
    name = settings.gateway.tls.secret_name or secrets_of(settings).leaf

    async def read() -> Pair:
        try:
            found: Any = await api.get(secret_path(namespace, name))
        except ApiServerError as error:
            raise CertificateError(f"Secret {namespace}/{name} is not read: {error}") from error
        values = values_of(found)
        chain = values.get(CERTIFICATE, b"")
        return Pair(chain, values.get(KEY, b""), read_validity(chain))

    return read
