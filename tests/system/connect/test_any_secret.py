"""Whatever a tenant's Secret holds, its Mailbox gets a reason, and never an error of ours."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from lab.attempts import refusal
from lab.servers import odd_keys as keys
from mailbox_operator.connect.network.records import Records
from mailbox_operator.connect.password import PasswordConnector
from mailbox_operator.decide.declared.providers.smtp import SmtpAccess
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Grant, Provider, Security
from system.connect.cases import GOOD, case, smtp
from system.connect.conftest import Serve
from system.connect.oauth import World
from unit.fakes import FakeSecrets

PEM = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"
NASTY = (
    b"[" * 15_000,
    b'{"client_email": "a@b.example", "private_key": ' + b"[" * 15_000,
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b"\xef\xbb\xbfhush",
    "hush".encode("utf-16-le"),
    "\udcff".encode("utf-8", "surrogatepass"),
    "ключ".encode(),
    b"a\r\nQUIT\r\nb",
    b"a\0b",
    b"../../x?y#z",
    b"common",
    b"9" * 5_000,
    b"x" * 20_000,
    b"NaN",
    PEM.format("AAAA").encode(),
    PEM.format(base64.b64encode(b"\x30\x82" * 3000).decode()).encode(),
    keys.file(keys.pkcs8(keys.of_primes(2**1279 - 1, 2**2203 - 1)), "a@b.example").encode(),
    keys.file(keys.pkcs8({**keys.numbers(), "p": 0})).encode(),
    keys.file(keys.dsa(2**3000 + 1)).encode(),
)
VALUES = (
    st.sampled_from(NASTY)
    | st.sampled_from(NASTY)
    | st.binary(max_size=60)
    | st.text(max_size=60).map(str.encode)
)


def content(*names: str) -> st.SearchStrategy[dict[str, bytes]]:
    """Fill some of these keys of a Secret with bytes of any kind."""
    return st.dictionaries(st.sampled_from(names), VALUES, min_size=1, max_size=2)


OWN_CLIENT = content("client-id", "client-secret", "refresh-token", "tenant-id")
KEY_FILE = content("service-account.json")
STRANGER = {"client-id": b"nobody", "client-secret": b"hush", "refresh-token": b"none"}
OURS = {Reason.INTERNAL_ERROR}
MANY = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclass(slots=True)
class RawSecrets(FakeSecrets):
    """One Secret of any bytes, under every name."""

    raw: Mapping[str, bytes] = field(default_factory=dict)

    async def read(self, namespace: str, name: str) -> Secret:
        return Secret(name, self.raw)


@pytest.mark.parametrize(
    ("provider", "grant", "held"),
    [
        pytest.param(Provider.GOOGLE, Grant.AUTHORIZATION_CODE, OWN_CLIENT, id="Google, consent"),
        pytest.param(Provider.GOOGLE, Grant.JWT_BEARER, KEY_FILE, id="Google, key file"),
        pytest.param(Provider.OUTLOOK, Grant.AUTHORIZATION_CODE, OWN_CLIENT, id="Outlook, consent"),
        pytest.param(Provider.OUTLOOK, Grant.CLIENT_CREDENTIALS, OWN_CLIENT, id="Outlook, app"),
    ],
)
@MANY
@given(data=st.data())
async def test_any_secret_of_an_oauth_mailbox_ends_in_a_fault(
    world: World,
    provider: Provider,
    grant: Grant,
    held: st.SearchStrategy[dict[str, bytes]],
    data: st.DataObject,
) -> None:
    world.secrets = RawSecrets(raw={**STRANGER, **data.draw(held)})
    adapter = world.google if provider is Provider.GOOGLE else world.outlook

    fault = await refusal(adapter.connect(case(provider, grant=grant)))

    assert fault.reason not in OURS


@MANY
@given(held=content("username", "password", "ca.crt"))
async def test_any_secret_of_an_smtp_mailbox_ends_in_a_fault(
    serve: Serve, world: World, held: Mapping[str, bytes]
) -> None:
    server = await serve(GOOD)
    stated = SmtpAccess(server.host, server.port, Security.STARTTLS, ca_secret="ca")
    connector = PasswordConnector(
        smtp(), Records(), world.trust, RawSecrets(raw={"password": b"wrong", **held})
    )

    fault = await refusal(connector.connect(case(smtp=stated)))

    assert fault.reason not in OURS
