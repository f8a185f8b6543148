"""Follows the gateway's certificate: hands the listener another TLS context when it has changed.

The ssl module reads files only, and the pod has no disk that it may write to, so the key is handed over
in a file that exists in memory. A certificate that cannot be used changes nothing: the one before stays
in use, and the log says why.
"""

import asyncio
import logging
import os
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from mailbox_operator.decide.sending.certificates import Validity

LOOK_SECONDS: Final = 20.0
GROUP: Final = "prime256v1"
"""Every client of TLS 1.3 has it (RFC 8446 section 9.1). A client chooses among the groups that are
offered, and the largest one of OpenSSL's takes 0.1 s of processor, while nobody else is served."""

FIRST_SECONDS: Final = 2.0
"""Between two looks while there is none yet: the operator may still be making it."""

log = logging.getLogger(__name__)


class CertificateError(Exception):
    """There is no answer, or no certificate; the message says why, and contains nothing of a key."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with what leads to its authority, and its key; both in PEM.

    Attributes:
        validity: When the certificate is valid; None if it cannot be read.
    """

    certificate: bytes
    key: bytes = field(repr=False)
    validity: Validity | None = None


@dataclass(slots=True)
class Certificates:
    """The certificate that applications meet.

    Attributes:
        read: Reads it; raises `CertificateError`.
        on_changed: Takes the context that counts from now on.
        is_there: Set once there is a context: a gateway without one is not ready.
    """

    read: Callable[[], Awaitable[Pair]]
    on_changed: Callable[[ssl.SSLContext], None]
    look_seconds: float = LOOK_SECONDS
    first_seconds: float = FIRST_SECONDS
    is_there: asyncio.Event = field(default_factory=asyncio.Event)
    _used: Pair | None = field(default=None, repr=False)
    _trouble: str = ""

    @property
    def validity(self) -> Validity | None:
        """When the certificate in use is valid; None while there is none."""
        return self._used.validity if self._used else None

    async def run(self) -> None:
        """Look now and then, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self.look_seconds if self.is_there.is_set() else self.first_seconds)

    async def look(self) -> None:
        """Read the certificate, and hand it on if it is another; trouble is logged once."""
        try:
            found = await self.read()
            if found != self._used:
                context = context_of(found)
                self._used = found
                self.on_changed(context)
                self.is_there.set()
                log.info("certificate taken")
        except CertificateError as error:
            if str(error) != self._trouble:
                log.warning("certificate not taken", extra={"error": str(error)})
            self._trouble = str(error)
            return
        self._trouble = ""


def context_of(pair: Pair) -> ssl.SSLContext:
    """Build the TLS side of the gateway: TLS 1.2 and newer.

    Raises:
        CertificateError: They are not PEM, or do not belong together.

    Source:
        RFC 8314 section 4.1 (no TLS before 1.2, as amended by RFC 8997).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_ecdh_curve(GROUP)
    context.num_tickets = 0  # few applications resume, and each ticket costs a write
    memory = os.memfd_create("certificate", os.MFD_CLOEXEC)
    try:
        os.write(memory, pair.certificate + b"\n" + pair.key)
        context.load_cert_chain(f"/proc/self/fd/{memory}", password="")
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        raise CertificateError(f"the certificate cannot be used: {reason}") from error
    finally:
        os.close(memory)
    return context
