"""A service account opens a Google mailbox if the administrator lets it."""

import pytest
from joserfc.jwk import ECKey, RSAKey

from lab.attempts import refusal
from lab.servers.oauth import Identity
from lab.servers.service_account import ROBOT, key_file, public_keys
from lab.servers.smtp import Behaviour, Stage
from mailbox_operator.connect.google.delegation import ServiceAccounts
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Grant, Provider
from system.connect.cases import JANE, JOE, case
from system.connect.oauth import World, challenge

DELEGATED = case(Provider.GOOGLE, grant=Grant.JWT_BEARER)
EC_KEY = ECKey.generate_key("P-256").as_pem(private=True).decode()
LOCKED = RSAKey.generate_key(2048).as_pem(private=True, password="locked").decode()


@pytest.fixture
def robot(world: World) -> World:
    world.secrets.content["team", "own"] = {"service-account.json": key_file()}
    world.knows(service_accounts=public_keys(), identities={JANE: Identity.of(JANE)})
    return world


async def test_connects(robot: World) -> None:
    proof = await robot.google.connect(DELEGATED)

    assert (proof.identity, robot.mail.attempts[0].username) == ("", JANE)
    assert robot.oauth.requests == {"urn:ietf:params:oauth:grant-type:jwt-bearer": 1}


async def test_a_key_file_is_read_past_its_byte_order_mark(robot: World) -> None:
    robot.secrets.content["team", "own"] = {"service-account.json": "\ufeff" + key_file()}

    assert (await robot.google.connect(DELEGATED)).endpoint


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be"])
async def test_a_key_file_in_utf_16_is_named(robot: World, charset: str) -> None:
    secret = Secret("own", {"service-account.json": key_file().encode(charset)})

    fault = await refusal(ServiceAccounts().read(secret))

    assert fault.reason is Reason.CREDENTIALS_MISSING
    assert "is UTF-16 text" in fault.facts["problem"]


async def test_the_google_connector_keeps_the_token(robot: World) -> None:
    await robot.google.connect(DELEGATED)
    await robot.google.connect(DELEGATED)

    assert robot.tally == (1, 2)


async def test_misses_the_delegation(robot: World) -> None:
    robot.knows(delegated=False)

    fault = await refusal(robot.google.connect(DELEGATED))

    assert (fault.reason, robot.tally) == (Reason.DELEGATION_NOT_GRANTED, (1, 0))


@pytest.mark.parametrize("status", ["400", "401"])
async def test_misses_the_delegation_at_the_mail_server(robot: World, status: str) -> None:
    robot.mail.behaviour = Behaviour(replies={Stage.AUTH: challenge(status)})

    fault = await refusal(robot.google.connect(DELEGATED))

    assert (fault.reason, robot.tally) == (Reason.DELEGATION_NOT_GRANTED, (1, 1))


async def test_the_google_connector_reports_an_account_that_is_not_there(robot: World) -> None:
    robot.knows(identities={JOE: Identity.of(JOE)})

    fault = await refusal(robot.google.connect(DELEGATED))

    assert fault.reason is Reason.ACCESS_BLOCKED


@pytest.mark.parametrize(
    "content",
    [
        "",
        "garbage",
        "[]",
        "{}",
        '{"client_email": "x"}',
        key_file(private_key=None),
        key_file(private_key=5),
        key_file(private_key="garbage"),
        key_file(private_key="-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
        key_file(private_key=EC_KEY),
        key_file(private_key=LOCKED),
        key_file(private_key=public_keys()[ROBOT]),
    ],
)
async def test_the_google_connector_says_that_a_key_file_is_not_usable(
    robot: World, content: str
) -> None:
    robot.secrets.content["team", "own"] = {"service-account.json": content}

    fault = await refusal(robot.google.connect(DELEGATED))

    assert (fault.reason, robot.tally) == (Reason.CREDENTIALS_MISSING, (0, 0))
    assert fault.facts["secret"] == "Secret own"
    assert "service-account.json" in fault.facts["problem"]
