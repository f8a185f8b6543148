"""Which certificates are trusted: the system's or the platform's, and a tenant's own CA for its server.

The operator's configuration decides, not the environment: `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE` and
their like would let whoever sets a variable change whom the operator believes.
"""

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

import certifi

from mailbox_operator.decide.declared.secret import Secret, missing
from mailbox_operator.decide.failure.fault import Fault

PUBLIC: Final = Path(certifi.where())
CA_KEY: Final = "ca.crt"
MOST_CERTIFICATES: Final = 500
LONGEST_CERTIFICATE: Final = 64 * 1024
MOST_CONTEXTS: Final = 256
MOST_PEM_BYTES: Final = 4 * 1024 * 1024
"""Of PEM in all contexts that are kept; in memory a certificate takes seven times that."""

BY_CURVES: Final = "kx-ecdhe"
BEGIN: Final = "-----BEGIN CERTIFICATE-----"
END_OF_CERTIFICATE: Final = "-----END CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class KeptContext:
    """A context for a tenant's server, and the length of the PEM that it was made of."""

    context: ssl.SSLContext
    size: int


@dataclass(slots=True)
class Trust:
    """Makes TLS contexts: verified, 1.2 or newer, with keys agreed on by elliptic curves.

    Attributes:
        bundle: PEM file of the authorities to trust; the public ones of certifi unless configured.
        public: That of the public ones.
    """

    bundle: Path = PUBLIC
    public: Path = PUBLIC
    _own: "OrderedDict[str, KeptContext]" = field(default_factory=OrderedDict, repr=False)
    _common: ssl.SSLContext | None = field(default=None, repr=False)
    _http: ssl.SSLContext | None = field(default=None, repr=False)
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, "certificates"), repr=False
    )

    @property
    def is_public(self) -> bool:
        """Whether public authorities alone are trusted: no gateway can speak in verified TLS then."""
        return self.bundle == self.public

    def http_context(self) -> ssl.SSLContext:
        """Return the context for HTTP, of which httpx sets the ALPN protocols."""
        if self._http is None:
            self._http = _context(self.bundle)
        return self._http

    def context(self) -> ssl.SSLContext:
        """Return the context that trusts the common authorities."""
        if self._common is None:
            self._common = _context(self.bundle)
        return self._common

    async def load_context(self, ca: Secret | None) -> ssl.SSLContext:
        """Return the context for a server.

        Args:
            ca: A Secret whose `ca.crt` alone is trusted for it; None for the common authorities.

        Raises:
            Fault: `CredentialsMissing`: `ca.crt` is absent, too large, or not made of certificates.
        """
        if ca is None:
            return self.context()
        pem = ca.text(CA_KEY)
        digest = sha256(pem.encode()).hexdigest()
        async with self._loading:
            if digest not in self._own:
                loop = asyncio.get_running_loop()
                context = await loop.run_in_executor(self._thread, own_context, ca.name, pem)
                self._own[digest] = KeptContext(context, len(pem))
                self._forget()
        self._own.move_to_end(digest)
        return self._own[digest].context

    def _forget(self) -> None:
        """Drop what was used least lately, until the rest is within bounds."""
        size = sum(kept.size for kept in self._own.values())
        while len(self._own) > MOST_CONTEXTS or size > MOST_PEM_BYTES:
            _, dropped = self._own.popitem(last=False)
            size -= dropped.size


def looking_context() -> ssl.SSLContext:
    """Make a context that believes every server, to look at a certificate that was refused.

    No credential may come near a connection of it.
    """
    context = _context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def own_context(name: str, pem: str) -> ssl.SSLContext:
    """Make a context that trusts the certificates of a text.

    They are loaded one by one: to load all of a bundle at once holds the interpreter meanwhile.

    Raises:
        Fault: `CredentialsMissing`: the Secret of that name holds none, too many, or a broken one.
    """
    context, number = _context(), 0
    for number, certificate in enumerate(_certificates(pem), 1):
        if number > MOST_CERTIFICATES:
            raise _unusable(name, f"holds more than {MOST_CERTIFICATES} certificates")
        try:
            context.load_verify_locations(cadata=ssl.PEM_cert_to_DER_cert(certificate))
        except (ssl.SSLError, ValueError) as error:
            raise _unusable(name, f"holds a broken certificate, number {number}") from error
    if number == 0:
        is_key = "PRIVATE KEY-----" in pem
        wrong = "holds a private key in place of a certificate"
        raise _unusable(name, wrong if is_key else "holds no certificate in PEM form")
    return context


def _certificates(pem: str) -> Iterator[str]:
    """Find the certificates of a text; what stands between them may be in any language."""
    _, *parts = pem.split(BEGIN)
    for part in parts:
        body, _, _ = part.partition(END_OF_CERTIFICATE)
        yield f"{BEGIN}{body[:LONGEST_CERTIFICATE]}{END_OF_CERTIFICATE}"


def _unusable(name: str, problem: str) -> Fault:
    return missing(name, f"key {CA_KEY} {problem}")


def _context(authorities: Path | None = None) -> ssl.SSLContext:
    """Make a context that trusts the authorities of a file, or nobody yet.

    An intermediate authority is an anchor like any other: step-ca and cert-manager hand those out.

    Finite-field Diffie-Hellman is left out of TLS 1.2: the server chooses the group there, and one
    of 10,000 bits costs a client a second of processor. Every server of this decade has the curves.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    ciphers = [each["name"] for each in context.get_ciphers() if each["kea"] == BY_CURVES]
    context.set_ciphers(":".join(ciphers))
    if authorities is not None:
        context.load_verify_locations(cafile=authorities)
    return context
