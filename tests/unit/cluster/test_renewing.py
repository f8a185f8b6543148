"""A strict client trusts the gateway by its authority: before, during and after each renewal."""

import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from lab.servers.authority import Authority
from mailbox_operator.cluster.renewing import (
    AUTHORITIES,
    AUTHORITY_KEYS,
    CERTIFICATE,
    KEY,
    Renewed,
    renewed,
)
from mailbox_operator.cluster.signing import (
    only_certificates,
    read_certificates,
    read_validity,
)
from mailbox_operator.decide.sending.certificates import (
    ANNOUNCED,
    AUTHORITY_LIFE,
    LEAF_LIFE,
    validity_from,
)

NOW: Final = datetime.now(UTC).replace(microsecond=0)
NAMES: Final = ("mailbox-gateway", "mailbox-gateway.mail.svc", "192.0.2.7")
STRICT: Final = ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN


def at(now: datetime, before: Renewed | None = None, names: tuple[str, ...] = NAMES) -> Renewed:
    """Look once."""
    return renewed(before.leaf if before else {}, before.authority if before else {}, names, now)


@dataclass
class Wire:
    """The two ends of a connection, and the bytes between them."""

    client: ssl.SSLObject
    server: ssl.SSLObject

    def shake(self) -> None:
        """Carry the handshake through.

        Raises:
            ssl.SSLError: One end refuses.
        """
        for _ in range(4):
            for end in (self.client, self.server):
                try:
                    end.do_handshake()
                except ssl.SSLWantReadError:
                    continue


def shake(leaf: Mapping[str, bytes], trusted: bytes, name: str = NAMES[1]) -> None:
    """Have a strict client verify a server that has this certificate."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        pair = Path(folder, "pair.pem")
        pair.write_bytes(leaf[CERTIFICATE] + leaf[KEY])
        server.load_cert_chain(pair)
    client = ssl.create_default_context(cadata=trusted.decode())
    client.verify_flags |= STRICT
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    Wire(
        client.wrap_bio(down, up, server_hostname=name),
        server.wrap_bio(up, down, server_side=True),
    ).shake()


@pytest.mark.parametrize("name", NAMES)
def test_a_strict_client_verifies_the_gateway_by_each_of_its_names(name: str) -> None:
    made = at(NOW)

    shake(made.leaf, made.leaf[AUTHORITIES], name)


def test_a_client_that_trusts_another_authority_refuses_the_gateway() -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(at(NOW).leaf, at(NOW).leaf[AUTHORITIES])


def test_the_gateways_certificate_is_not_valid_for_another_name() -> None:
    made = at(NOW)

    with pytest.raises(ssl.SSLCertVerificationError):
        shake(made.leaf, made.leaf[AUTHORITIES], "smtp.gmail.com")


def test_what_is_still_good_stays_as_it_is() -> None:
    made = at(NOW)

    assert at(NOW + LEAF_LIFE / 2, made) == made


def test_a_certificate_at_two_thirds_is_renewed_by_the_same_authority() -> None:
    first = at(NOW - LEAF_LIFE * 2 / 3)
    then = at(NOW, first)

    assert then.authority == first.authority
    assert then.leaf[CERTIFICATE] != first.leaf[CERTIFICATE]
    shake(then.leaf, first.leaf[AUTHORITIES])


def test_a_new_authority_is_announced_before_it_signs_and_the_old_one_goes_last() -> None:
    begun = NOW - AUTHORITY_LIFE * 2 / 3 - ANNOUNCED
    first = at(begun)
    seasoned = at(NOW - ANNOUNCED - timedelta(days=1), first)  # its certificate has expired by now
    announcing = at(NOW - ANNOUNCED, seasoned)
    signing = at(NOW + timedelta(hours=1), announcing, (*NAMES, "one.more"))
    alone = at(NOW + LEAF_LIFE, signing, (*NAMES, "one.more"))

    assert len(read_certificates(announcing.leaf[AUTHORITIES])) == 2
    shake(announcing.leaf, first.leaf[AUTHORITIES])
    shake(signing.leaf, announcing.leaf[AUTHORITIES])
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(signing.leaf, first.leaf[AUTHORITIES])
    assert len(read_certificates(signing.leaf[AUTHORITIES])) == 2
    assert (
        read_certificates(alone.leaf[AUTHORITIES])
        == read_certificates(signing.leaf[AUTHORITIES])[:1]
    )


def test_after_the_authority_was_lost_its_certificate_and_those_who_trust_it_go_on() -> None:
    first = at(NOW)

    then = renewed(first.leaf, {}, NAMES, NOW + timedelta(days=1))

    assert then.leaf[CERTIFICATE] == first.leaf[CERTIFICATE]
    assert len(read_certificates(then.leaf[AUTHORITIES])) == 2
    assert then.authority[AUTHORITY_KEYS].count(b"BEGIN") == 1
    shake(then.leaf, first.leaf[AUTHORITIES])


def test_a_lost_certificate_is_made_again_by_the_same_authority() -> None:
    first = at(NOW)

    then = renewed({}, first.authority, NAMES, NOW)

    assert then.authority == first.authority
    shake(then.leaf, first.leaf[AUTHORITIES])


@pytest.mark.parametrize("key", [CERTIFICATE, KEY])
@pytest.mark.parametrize("damage", [b"", b"damaged", at(NOW).leaf[CERTIFICATE] + at(NOW).leaf[KEY]])
def test_a_damaged_certificate_is_made_again(key: str, damage: bytes) -> None:
    first = at(NOW)

    then = renewed({**first.leaf, key: damage}, first.authority, NAMES, NOW)

    assert then.authority == first.authority
    shake(then.leaf, first.leaf[AUTHORITIES])


@pytest.mark.parametrize("damage", [b"", b"damaged", at(NOW).authority[AUTHORITY_KEYS]])
def test_an_authority_whose_key_is_damaged_is_replaced_and_still_trusted(damage: bytes) -> None:
    first = at(NOW)

    then = renewed(first.leaf, {**first.authority, AUTHORITY_KEYS: damage}, NAMES, NOW)

    assert len(read_certificates(then.leaf[AUTHORITIES])) == 2
    shake(then.leaf, first.leaf[AUTHORITIES])


def test_a_certificate_that_a_stranger_signed_does_not_stay() -> None:
    first, foreign = at(NOW), Authority().certificate(*NAMES)
    forged = {**first.leaf, CERTIFICATE: foreign.cert, KEY: foreign.key}

    then = renewed(forged, first.authority, NAMES, NOW)

    assert then.leaf[CERTIFICATE] != foreign.cert
    shake(then.leaf, first.leaf[AUTHORITIES])


def test_what_is_no_authority_is_not_handed_to_applications() -> None:
    first = at(NOW)
    mixed = first.leaf[AUTHORITIES] + Authority().certificate("smtp.gmail.com").cert

    then = renewed({**first.leaf, AUTHORITIES: mixed}, first.authority, NAMES, NOW)

    assert then == first


def test_a_key_in_a_bundle_of_authorities_is_not_handed_on() -> None:
    made = at(NOW)
    bundle = made.leaf[KEY] + made.leaf[AUTHORITIES] + made.authority[AUTHORITY_KEYS]

    assert only_certificates(bundle) == made.leaf[AUTHORITIES]
    assert b"KEY" not in made.leaf[AUTHORITIES]
    assert AUTHORITY_KEYS not in made.leaf


@pytest.mark.parametrize("years", [-5, 5])
def test_a_clock_that_was_wrong_is_made_good_once_it_is_right(years: int) -> None:
    wrong = at(NOW + timedelta(days=365 * years))

    right = at(NOW, wrong)

    shake(right.leaf, right.leaf[AUTHORITIES])
    assert at(NOW, right) == right


def test_the_validity_of_a_chain_is_that_of_its_first_certificate() -> None:
    made = at(NOW)

    chain = made.leaf[CERTIFICATE] + made.authority[AUTHORITIES]

    assert read_validity(chain) == validity_from(NOW, LEAF_LIFE)
    assert read_validity(b"damaged") is None
