"""How mail of a Mailbox goes out: by the relay that the platform declares, by password, or by token."""

from dataclasses import dataclass, field, replace

import pytest

from lab.attempts import refusal
from lab.servers.smtp import Behaviour, SmtpServer
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.password import PasswordConnector
from mailbox_operator.connect.platform import PlatformConnector
from mailbox_operator.connect.relays import Relays
from mailbox_operator.connect.sending.ways import MailWays
from mailbox_operator.connect.smtp.credentials import Bearer, Password
from mailbox_operator.decide.declared.infrastructure import Offer, Relay
from mailbox_operator.decide.declared.providers.smtp import SmtpAccess
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.sending.accessrecord import AccessRecord
from mailbox_operator.decide.status.conditions import Endpoint, Status
from mailbox_operator.decide.words import Provider, Security
from system.connect.cases import JANE, PASSWORD, TENANT, TOKEN, UID, case, smtp
from system.connect.conftest import Serve
from system.connect.sending.senders import Clock
from unit.fakes import PLATFORM, FakeSecrets

HOST = Endpoint("smtp.mail.test", 587, Security.STARTTLS)
RELAY = Relay(Endpoint("relay.mail.test", 465, Security.TLS), "relay-login", None)
RECORD = AccessRecord(JANE, TOKEN, HOST, expires_at=2000.0, version="1")
HOLDER = Status(claimed_at="2026-11-01T00:00:00Z")
STATED = SmtpAccess(HOST.host, HOST.port, HOST.security)


@dataclass(slots=True)
class Records:
    """SignIn records by uid."""

    kept: dict[str, AccessRecord] = field(default_factory=dict)

    async def read(self, uid: str) -> AccessRecord | None:
        """Return one."""
        return self.kept.get(uid)


@pytest.fixture
def records() -> Records:
    return Records({UID: RECORD})


@pytest.fixture
def accesses(trust: Trust, records: Records) -> MailWays:
    secrets = FakeSecrets(
        {
            (TENANT, "own"): {"username": "jane", "password": PASSWORD},
            (PLATFORM, "relay-login"): {"username": "platform", "password": "relay"},
        }
    )
    platform = PlatformConnector(smtp(), trust, secrets, {}, Relays(Clock()))
    passwords = PasswordConnector(smtp(), None, trust, secrets)  # type: ignore[arg-type]  # no look-ups
    return MailWays(passwords, platform, records, trust, Clock())


async def test_mail_of_a_password_mailbox_goes_out_as_it_is_checked(accesses: MailWays) -> None:
    way = accesses.way(case(smtp=STATED))
    access = await way.find()

    assert [each.endpoint for each in access.targets] == [HOST]
    assert access.credential == Password("jane", PASSWORD)
    assert [each.trusted for each in access.targets] == [False]


async def test_mail_of_a_token_mailbox_goes_out_by_its_access_record(accesses: MailWays) -> None:
    way = accesses.way(case(Provider.GOOGLE))
    access = await way.find()

    assert [(each.endpoint, each.trusted) for each in access.targets] == [(HOST, True)]
    assert access.credential == Bearer(JANE, TOKEN)


@pytest.mark.parametrize(
    "record", [None, replace(RECORD, expires_at=1000.0), replace(RECORD, version="0")]
)
async def test_without_a_valid_token_nothing_is_learned_of_the_mailbox(
    accesses: MailWays, records: Records, record: AccessRecord | None
) -> None:
    records.kept = {UID: record} if record else {}

    with pytest.raises(Postponed):
        await accesses.way(case(Provider.GOOGLE)).find()


async def test_a_new_token_is_no_other_way(accesses: MailWays, records: Records) -> None:
    before = accesses.way(case(Provider.GOOGLE))
    records.kept = {UID: replace(RECORD, token="another")}

    after = accesses.way(case(Provider.GOOGLE))

    assert (before.name, before.version) == (after.name, after.version)
    assert (await before.find()).credential == Bearer(JANE, "another")


@pytest.mark.parametrize("provider", [Provider.SMTP, Provider.GOOGLE])
async def test_mail_goes_out_by_the_relay_that_is_declared(
    accesses: MailWays, provider: Provider
) -> None:
    offered = Offer(relay=RELAY)

    ways = [accesses.way(case(provider, offered, HOLDER, uid=uid)) for uid in ("a", "b")]
    access = await ways[0].find()

    assert ways[0].name == ways[1].name
    assert [each.endpoint for each in access.targets] == [RELAY.endpoint]
    assert access.credential == Password("platform", "relay")


@pytest.mark.parametrize(("host", "sessions"), [("relay.mail.test", 5), ("SMTP.Office365.com", 1)])
async def test_a_relay_has_a_few_sessions_and_one_where_few_are_admitted(
    accesses: MailWays, host: str, sessions: int
) -> None:
    offered = Offer(relay=replace(RELAY, endpoint=replace(RELAY.endpoint, host=host)))

    assert accesses.way(case(offer=offered, status=HOLDER)).sessions == sessions
    assert accesses.way(case()).sessions == 1


async def test_the_relay_is_not_used_for_an_address_that_is_not_claimed(
    accesses: MailWays,
) -> None:
    access = await accesses.way(case(offer=Offer(relay=RELAY), smtp=STATED)).find()

    assert [each.endpoint for each in access.targets] == [HOST]


async def test_a_relay_without_a_login_is_the_platform_s_trouble(accesses: MailWays) -> None:
    offered = Offer(relay=replace(RELAY, secret="missing"))

    fault = await refusal(accesses.way(case(offer=offered, status=HOLDER)).find())

    assert fault.reason is Reason.RELAY_UNAVAILABLE


async def test_trouble_at_the_relay_is_the_relay_s(accesses: MailWays) -> None:
    access = await accesses.way(case(offer=Offer(relay=RELAY), status=HOLDER)).find()

    told = access.explain(Fault(Reason.SENDER_NOT_ALLOWED))

    assert told.reason is Reason.RELAY_REFUSED_SENDER


async def test_a_session_is_opened_by_the_name_that_the_certificate_is_for(
    accesses: MailWays, serve: Serve, trust: Trust
) -> None:
    server: SmtpServer = await serve(Behaviour(accounts={"jane": PASSWORD}))
    at = Endpoint(server.host, server.port, Security.STARTTLS)
    found = await accesses.way(case(smtp=STATED)).find()
    aims = [
        replace(found.targets[0], endpoint=at, tls=trust.context(), certificate_name=name)
        for name in ("other.mail.test", "localhost")
    ]

    async def enter(target: object) -> str:
        async with smtp().open(target, found.credential, JANE):  # type: ignore[arg-type]  # a Target
            return target.certificate_name  # type: ignore[attr-defined,no-any-return]  # a Target

    assert await replace(found, targets=aims).reach(enter) == "localhost"
