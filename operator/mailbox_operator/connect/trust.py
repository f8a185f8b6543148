"""Which certificates are trusted: the system's or the platform's, and a tenant's own CA for its server.

The operator's configuration decides, not the environment: `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE` and
their like would let whoever sets a variable change whom the operator believes.
"""

import ssl
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

import certifi

from mailbox_operator.decide.secret import Secret, missing

MOST_CONTEXTS: Final = 256
CA_KEY: Final = "ca.crt"


@dataclass(slots=True)
class Trust:
    """Makes TLS contexts: verified, 1.2 or newer.

    Attributes:
        bundle: PEM file of the authorities to trust; the public ones of certifi unless configured.
    """

    bundle: Path = field(default_factory=lambda: Path(certifi.where()))
    _own: "OrderedDict[str, ssl.SSLContext]" = field(default_factory=OrderedDict, repr=False)
    _common: ssl.SSLContext | None = field(default=None, repr=False)

    def context(self, ca: Secret | None = None) -> ssl.SSLContext:
        """Return the context for a server.

        Args:
            ca: A Secret whose `ca.crt` alone is trusted for it; None for the common authorities.

        Raises:
            Fault: `CredentialsMissing`: `ca.crt` is absent or holds no certificate.
        """
        if ca is None:
            self._common = self._common or _context(self.bundle)
            return self._common
        pem = ca.text(CA_KEY)
        digest = sha256(pem.encode()).hexdigest()
        if digest not in self._own:
            self._own[digest] = _tenants_context(ca.name, pem)
            while len(self._own) > MOST_CONTEXTS:
                self._own.popitem(last=False)
        self._own.move_to_end(digest)
        return self._own[digest]


def _context(authorities: Path | str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if isinstance(authorities, Path):
        context.load_verify_locations(cafile=authorities)
    else:
        context.load_verify_locations(cadata=authorities)
    return context


def _tenants_context(name: str, pem: str) -> ssl.SSLContext:
    certificates = pem.encode("ascii", "ignore").decode()  # comments may be in any language
    try:
        return _context(certificates)
    except ssl.SSLError as error:
        raise missing(name, f"key {CA_KEY} holds no certificate in PEM form") from error
