"""The server of a password login is stated, preset or found by MX; the login follows from it."""

from collections.abc import AsyncIterator

import dns.asyncresolver
import dns.rcode
import pytest

from lab.attempts import refusal
from lab.servers.authority import Authority
from lab.servers.dns import NameServer, running
from lab.servers.smtp import Behaviour, SmtpServer
from mailbox_operator.connect.network.network import Network
from mailbox_operator.connect.network.records import Records
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.password import PasswordConnector
from mailbox_operator.connect.smtp.proof import Smtp
from mailbox_operator.decide.declared.infrastructure import Offer
from mailbox_operator.decide.declared.providers.smtp import SmtpAccess
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.servers.preset import Preset, UsernameFormat
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from system.connect.cases import GOOD, JANE, LOOPBACK, PASSWORD, TENANT, case
from system.connect.conftest import Serve
from unit.fakes import FakeSecrets

HERS = {"username": JANE, "password": PASSWORD}
LINK = "https://mail.test/app-passwords"


@pytest.fixture
def secrets() -> FakeSecrets:
    return FakeSecrets({(TENANT, "own"): HERS})


@pytest.fixture
async def names() -> AsyncIterator[NameServer]:
    async with running(NameServer({"acme.example": ["10 mx.mail.test."]})) as server:
        yield server


@pytest.fixture
def connector(trust: Trust, secrets: FakeSecrets, names: NameServer) -> PasswordConnector:
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], names.port
    return PasswordConnector(Smtp(Network(LOOPBACK)), Records(resolver), trust, secrets)


def stated(server: SmtpServer, **settings: str) -> SmtpAccess:
    return SmtpAccess(server.host, server.port, Security.STARTTLS, **settings)


def offering(server: SmtpServer, **preset: object) -> Offer:
    """Offer a preset for this server, found by the exchangers of the address's domain."""
    at = Endpoint(server.host, server.port, Security.STARTTLS)
    facts: dict[str, object] = {"mx_suffixes": ("mail.test",), "app_password_url": LINK}
    return Offer(presets=(Preset("Own", at, **(facts | preset)),))  # type: ignore[arg-type]  # a test's own


async def test_the_password_connector_connects_to_the_stated_server(
    serve: Serve, connector: PasswordConnector
) -> None:
    server = await serve()

    proof = await connector.connect(case(smtp=stated(server)))

    assert proof == Proof(Endpoint(server.host, server.port, Security.STARTTLS))
    assert server.attempts[0].sender == JANE


async def test_the_password_connector_takes_the_address_for_the_username_if_none_is_given(
    serve: Serve, connector: PasswordConnector, secrets: FakeSecrets
) -> None:
    server = await serve()
    secrets.content[TENANT, "own"] = {"password": PASSWORD}

    await connector.connect(case(smtp=stated(server)))

    assert server.attempts[0].username == JANE


async def test_the_password_connector_finds_the_server_by_the_exchangers(
    serve: Serve, connector: PasswordConnector, names: NameServer
) -> None:
    server = await serve()

    proof = await connector.connect(case(offer=offering(server)))

    assert (proof.endpoint.port if proof.endpoint else 0, names.questions) == (server.port, 1)


async def test_the_password_connector_asks_for_the_host_where_the_exchangers_are_strangers(
    connector: PasswordConnector, names: NameServer
) -> None:
    names.exchanges = {}

    fault = await refusal(connector.connect(case(offer=Offer())))

    assert (fault.reason, fault.facts["field"]) == (Reason.INVALID_SPEC, "spec.smtp")


async def test_the_password_connector_knows_the_username_that_a_preset_wants(
    serve: Serve, connector: PasswordConnector, secrets: FakeSecrets
) -> None:
    server = await serve(Behaviour(accounts={"jane": PASSWORD}))
    secrets.content[TENANT, "own"] = {"password": PASSWORD}
    offer = offering(server, username=UsernameFormat.LOCAL_PART)

    await connector.connect(case(offer=offer))

    assert server.attempts[0].username == "jane"


async def test_the_password_connector_tells_where_app_passwords_are_made(
    serve: Serve, connector: PasswordConnector
) -> None:
    server = await serve(Behaviour())

    fault = await refusal(connector.connect(case(offer=offering(server))))

    assert (fault.reason, fault.facts["advice"]) == (Reason.APP_PASSWORD_REQUIRED, f" at {LINK}")
    assert server.auths == 1


async def test_the_password_connector_gives_no_advice_where_none_is_known(
    serve: Serve, connector: PasswordConnector
) -> None:
    server = await serve(Behaviour())

    fault = await refusal(connector.connect(case(smtp=stated(server))))

    assert (fault.reason, fault.facts["advice"]) == (Reason.INVALID_CREDENTIALS, "")


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "there is none of that name"), ({"username": JANE}, "key password is absent")],
)
async def test_the_password_connector_dials_nobody_without_a_password(
    serve: Serve,
    connector: PasswordConnector,
    secrets: FakeSecrets,
    content: dict[str, str] | None,
    problem: str,
) -> None:
    server = await serve()
    secrets.content = {(TENANT, "own"): content} if content else {}

    fault = await refusal(connector.connect(case(smtp=stated(server))))

    assert (fault.reason, fault.facts["problem"]) == (Reason.CREDENTIALS_MISSING, problem)
    assert server.connections == 0


async def test_the_password_connector_trusts_the_tenants_authority_for_its_server_alone(
    serve: Serve, connector: PasswordConnector, secrets: FakeSecrets
) -> None:
    own = Authority("The tenant's own")
    secrets.content[TENANT, "ca"] = {"ca.crt": own.ca_pem.decode()}
    theirs, public = await serve(GOOD, own.server_context()), await serve()

    await connector.connect(case(smtp=stated(theirs, ca_secret="ca")))
    fault = await refusal(connector.connect(case(smtp=stated(public, ca_secret="ca"))))

    assert (fault.reason, public.auths) == (Reason.TLS_VERIFICATION_FAILED, 0)


async def test_the_password_connector_reports_a_ca_that_is_none(
    serve: Serve, connector: PasswordConnector, secrets: FakeSecrets
) -> None:
    server = await serve()
    secrets.content[TENANT, "ca"] = {"ca.crt": "garbage"}

    fault = await refusal(connector.connect(case(smtp=stated(server, ca_secret="ca"))))

    assert (fault.reason, server.connections) == (Reason.CREDENTIALS_MISSING, 0)


def owning(server: SmtpServer, **preset: object) -> Offer:
    """Offer a preset for the domain of Jane's address."""
    return offering(server, domains=("acme.example",), mx_suffixes=(), **preset)


async def test_a_preset_for_the_domain_proves_the_address(
    serve: Serve, connector: PasswordConnector, names: NameServer
) -> None:
    server = await serve()

    proof = await connector.connect(case(offer=owning(server)))

    assert (proof.ownership, names.questions) == (Ownership.PROVED, 0)


async def test_a_preset_that_the_exchangers_name_proves_the_address(
    serve: Serve, connector: PasswordConnector, names: NameServer
) -> None:
    server = await serve()

    found = await connector.connect(case(offer=offering(server)))
    named = await connector.connect(case(offer=offering(server), smtp=SmtpAccess(preset="Own")))

    assert (found.ownership, named.ownership) == (Ownership.PROVED, Ownership.PROVED)
    assert names.questions == 2


@pytest.mark.parametrize("settings", ["stated", "named"])
async def test_a_server_of_the_tenants_choice_proves_no_address(
    serve: Serve, connector: PasswordConnector, names: NameServer, settings: str
) -> None:
    server = await serve()
    names.exchanges = {"acme.example": ["10 mx.acme.example."]}
    chosen = stated(server) if settings == "stated" else SmtpAccess(preset="Own")

    proof = await connector.connect(case(offer=offering(server), smtp=chosen))

    assert proof.ownership is Ownership.UNPROVED


async def test_an_account_that_may_send_as_the_address_proves_no_address(
    serve: Serve, connector: PasswordConnector, secrets: FakeSecrets
) -> None:
    server = await serve(Behaviour(accounts={"evil@acme.example": PASSWORD}))
    secrets.content[TENANT, "own"] = {"username": "evil@acme.example", "password": PASSWORD}

    proof = await connector.connect(case(offer=owning(server)))

    assert server.attempts[0].sender == JANE
    assert proof.ownership is Ownership.UNPROVED


@pytest.mark.parametrize("failure", ["silent", "SERVFAIL"])
async def test_a_look_up_that_fails_proves_nothing_and_fails_nothing(
    serve: Serve, connector: PasswordConnector, names: NameServer, failure: str
) -> None:
    server = await serve()
    names.silent = failure == "silent"
    names.rcode = dns.rcode.SERVFAIL if failure == "SERVFAIL" else None
    connector.records.resolver.lifetime = 0.5

    proof = await connector.connect(case(offer=Offer(), smtp=stated(server)))

    assert proof.ownership is Ownership.UNKNOWN


async def test_a_private_mailbox_is_not_asked_who_owns_its_address(
    serve: Serve, connector: PasswordConnector, names: NameServer
) -> None:
    server = await serve()

    await connector.connect(case(smtp=stated(server)))

    assert names.questions == 0
