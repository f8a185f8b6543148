"""Makes and reads the certificates of the gateway, and of the authority that signs it: X.509 in PEM.

It decides nothing: when and for whom is decided in `decide.sending.certificates`. ECDSA with P-256 is
what every TLS library of the last ten years takes.

Source:
    RFC 5280 sections 4.2.1.1 to 4.2.1.12; they are what OpenSSL asks for under X509_V_FLAG_X509_STRICT.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mailbox_operator.decide.sending.certificates import Authority, Leaf, Validity

COMMON_NAME: Final = "mailbox-operator gateway"
UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension)
"""What `cryptography` raises for what is damaged."""

BEGIN: Final = b"-----BEGIN "
MOST_BYTES: Final = 64 * 1024
MOST_MARK: Final = 16

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Signer:
    """An authority: its certificate, and its key where that is at hand."""

    certificate: x509.Certificate
    key: Key | None = field(default=None, repr=False)

    @property
    def mark(self) -> str:
        """Tell it from others: a digest of its certificate."""
        return self.certificate.fingerprint(SHA256()).hex()[:MOST_MARK]

    @property
    def known(self) -> Authority:
        """Say what decisions need of it."""
        return Authority(self.mark, _validity(self.certificate), self.key is not None)

    @property
    def pem(self) -> bytes:
        """Its certificate, which applications are given."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """Its key; empty where it is not at hand."""
        return _key_pem(self.key) if self.key else b""

    @classmethod
    def make(cls, validity: Validity) -> Self:
        """Make a new authority, with a name of its own: clients look for an issuer by its name."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"{COMMON_NAME} authority {validity.since:%Y-%m-%d} {_short(key)}")
        draft = _draft(name, name, key, validity)
        draft = draft.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        draft = draft.add_extension(_usage(is_authority=True), critical=True)
        return cls(draft.sign(key, SHA256()), key)

    def issue(self, names: Iterable[str], validity: Validity) -> tuple[bytes, bytes]:
        """Make a key and a server's certificate for these names; both in PEM, the certificate first.

        Raises:
            ValueError: The key of the authority is not at hand.
        """
        if self.key is None:
            raise ValueError("the key of the authority is not at hand")
        until = min(validity.until, self.certificate.not_valid_after_utc)
        key = ec.generate_private_key(ec.SECP256R1())
        draft = _draft(
            _name(COMMON_NAME), self.certificate.subject, key, Validity(validity.since, until)
        )
        public = self.key.public_key()
        for extension, critical in (
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_usage(is_authority=False), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            (x509.SubjectAlternativeName([_alternative(name) for name in names]), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(public), False),
        ):
            draft = draft.add_extension(extension, critical)
        return draft.sign(self.key, SHA256()).public_bytes(Encoding.PEM), _key_pem(key)


def signers(certificates: bytes, keys: bytes = b"") -> list[Signer]:
    """Read the authorities of a bundle, each with its key if that is among the keys.

    What is damaged, what is no authority, and what did not sign itself is left out.
    """
    found = {_public(key.public_key()): key for key in _keys(keys)}
    return [
        Signer(each, found.get(_public(each.public_key())))
        for each in read_certificates(certificates)
        if _is_authority(each)
    ]


def read_certificates(bundle: bytes) -> list[x509.Certificate]:
    """Read the certificates of a bundle, whatever else is in it; none is returned twice."""
    found: dict[bytes, x509.Certificate] = {}
    for block in _blocks(bundle, b"CERTIFICATE"):
        try:
            read = x509.load_pem_x509_certificate(block)
            found[read.fingerprint(SHA256())] = read
        except UNREADABLE:
            continue
    return list(found.values())


def only_certificates(bundle: bytes) -> bytes:
    """Return nothing but the certificates of a bundle: a key must not reach an application."""
    return b"".join(each.public_bytes(Encoding.PEM) for each in read_certificates(bundle))


def read_leaf(certificate: bytes, key: bytes, authorities: Sequence[Signer]) -> Leaf | None:
    """Say what decisions need of the gateway's certificate; None if it cannot be used at all."""
    read, keys = read_certificates(certificate), list(_keys(key))
    if not read or not keys or _public(read[0].public_key()) != _public(keys[0].public_key()):
        return None
    issuer = next((each.mark for each in authorities if _is_issued(read[0], each)), "")
    return Leaf(issuer, _validity(read[0]), _names(read[0]))


def read_validity(certificate: bytes) -> Validity | None:
    """Say when the first certificate of a chain is valid, which is the server's; None without one."""
    found = read_certificates(certificate)
    return _validity(found[0]) if found else None


def _is_issued(certificate: x509.Certificate, authority: Signer) -> bool:
    try:
        certificate.verify_directly_issued_by(authority.certificate)
    except (*UNREADABLE, InvalidSignature):
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.verify_directly_issued_by(certificate)
    except (*UNREADABLE, InvalidSignature, x509.ExtensionNotFound):
        return False
    return constraints.ca


def _names(certificate: x509.Certificate) -> frozenset[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (*UNREADABLE, x509.ExtensionNotFound):
        return frozenset()
    addresses = map(str, found.get_values_for_type(x509.IPAddress))
    return frozenset((*found.get_values_for_type(x509.DNSName), *addresses))


def _keys(pem: bytes) -> Iterable[Key]:
    for block in _blocks(pem, b"PRIVATE KEY"):
        try:
            key = load_pem_private_key(block, None)
        except UNREADABLE:
            continue
        if isinstance(key, Key):
            yield key


def _blocks(pem: bytes, kind: bytes) -> Iterable[bytes]:
    end = b"-----END " + kind + b"-----"
    for part in pem[:MOST_BYTES].split(BEGIN)[1:]:
        content, closed, _ = part.partition(end)
        if closed and content.startswith(kind + b"-----"):
            yield BEGIN + content + closed + b"\n"


def _draft(
    subject: x509.Name, issuer: x509.Name, key: Key, validity: Validity
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(validity.since)
        .not_valid_after(validity.until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
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


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _short(key: Key) -> str:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest.hex()[:8]


def _validity(certificate: x509.Certificate) -> Validity:
    return Validity(certificate.not_valid_before_utc, certificate.not_valid_after_utc)


def _key_pem(key: Key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _public(key: object) -> bytes:
    """Write a public key down, to compare it; empty where it is of another kind."""
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return b""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
