"""A certificate authority that lives as long as one test. Its keys are worth nothing."""

import ipaddress
import ssl
import tempfile
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LOOPBACK: Final = ("localhost", "127.0.0.1")
DAY: Final = timedelta(days=1)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class PemPair:
    """A certificate and its private key, both in PEM."""

    cert: bytes
    key: bytes = field(repr=False)

    def write(self, path: Path) -> Path:
        """Put key and certificate into one file, as OpenSSL and Postfix like to read them."""
        path.touch(mode=0o600)
        path.write_bytes(self.key + self.cert)
        return path


class Authority:
    """Signs server certificates, good and bad, with P-256 keys: they cost next to nothing."""

    def __init__(
        self, name: str = "Throw-away authority", issuer: "Authority | None" = None
    ) -> None:
        by = issuer or self
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        draft = _draft(self.name, self.key.public_key(), -7 * DAY, 7 * DAY, is_authority=True)
        self._certificate = draft.issuer_name(by.name).sign(by.key, hashes.SHA256())
        self._shared: dict[tuple[str, ...], ssl.SSLContext] = {}

    @property
    def ca_pem(self) -> bytes:
        """The certificate a client has to trust."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def certificate(
        self,
        *names: str,
        expired: bool = False,
        not_yet_valid: bool = False,
        key: Key | None = None,
    ) -> PemPair:
        """Issue a certificate for DNS names and IP addresses; for the loopback if none is named."""
        start = -3 * DAY if expired else DAY if not_yet_valid else -DAY
        key = key or ec.generate_private_key(ec.SECP256R1())
        draft = _server_draft(key, names or LOOPBACK, start).issuer_name(self.name)
        draft = draft.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
            critical=False,
        )
        return _pair(draft.sign(self.key, hashes.SHA256()), key)

    def server_context(
        self,
        *names: str,
        expired: bool = False,
        minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
        maximum: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
        chain: bool = False,
    ) -> ssl.SSLContext:
        """Build the TLS side of a server that answers to these names."""
        pair = self.certificate(*names, expired=expired)
        whole = PemPair(pair.cert + self.ca_pem, pair.key) if chain else pair
        return server_context(whole, minimum, maximum)

    def shared_context(self, *names: str) -> ssl.SSLContext:
        """Build the TLS side of all ordinary servers of these names, once; change nothing about it."""
        if names not in self._shared:
            self._shared[names] = self.server_context(*names)
        return self._shared[names]

    def client_context(self) -> ssl.SSLContext:
        """Build a client that trusts this authority and nobody else."""
        return ssl.create_default_context(cadata=self.ca_pem.decode())


def strong_key() -> Key:
    """Make an RSA key of 2048 bits, as most mail servers have; it takes a moment."""
    return rsa.generate_private_key(65537, 2048)


def weak_key() -> Key:
    """Make an RSA key of 1024 bits, as old appliances have."""
    return rsa.generate_private_key(65537, 1024)  # noqa: S505 - on purpose


def self_signed(*names: str) -> PemPair:
    """Make a certificate that no authority has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    draft = _server_draft(key, names or LOOPBACK, -DAY)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, (names or LOOPBACK)[0])])
    return _pair(draft.issuer_name(subject).sign(key, hashes.SHA256()), key)


def server_context(
    pair: PemPair,
    minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    maximum: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
    security_level: int = 2,
) -> ssl.SSLContext:
    """Build the TLS side of a server from any certificate, old protocol versions included."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.num_tickets = 0  # no test resumes a session, and the bench opens thousands
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.1 is asked for on purpose
        context.maximum_version = maximum
        context.minimum_version = minimum
    if security_level == 0 or minimum in {ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1}:
        context.set_ciphers("DEFAULT@SECLEVEL=0")
    with tempfile.TemporaryDirectory() as directory:  # the ssl module reads files only
        context.load_cert_chain(pair.write(Path(directory, "pair.pem")))
    return context


def _server_draft(key: Key, names: tuple[str, ...], start: timedelta) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    draft = _draft(subject, key.public_key(), start, start + 2 * DAY, is_authority=False)
    draft = draft.add_extension(
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
    )
    alternatives = x509.SubjectAlternativeName([_alternative(name) for name in names])
    return draft.add_extension(alternatives, critical=False)


def _draft(
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    start: timedelta,
    end: timedelta,
    *,
    is_authority: bool,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    draft = x509.CertificateBuilder().subject_name(subject).public_key(key)
    draft = draft.serial_number(x509.random_serial_number())
    draft = draft.not_valid_before(now + start).not_valid_after(now + end)
    return (
        draft.add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(_usage(is_authority=is_authority), critical=True)
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pair(certificate: x509.Certificate, key: Key) -> PemPair:
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return PemPair(certificate.public_bytes(serialization.Encoding.PEM), secret)
