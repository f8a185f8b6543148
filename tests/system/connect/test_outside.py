"""The configuration reaches the parts that it is for."""

from datetime import timedelta
from typing import Any

import pytest

from lab.attempts import refusal
from lab.servers.proxy import Proxy
from mailbox_operator.assemble import outside as assembly
from mailbox_operator.assemble.later import Later
from mailbox_operator.connect.google.connector import Google
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Cloud, Provider
from mailbox_operator.report.metrics.metrics import Metrics
from mailbox_operator.report.observers import Observers
from mailbox_operator.settings.file import Settings, by_environment, load
from system.connect.cases import case
from system.connect.oauth import APP_RESOURCE, RESOURCE, World


def settings(around: World, **egress: Any) -> Settings:
    """Configure what a world needs."""
    url, mail = around.oauth.url, around.mail
    smtp = {"host": mail.host, "port": mail.port}
    cloud = {"authority": url, "resource": RESOURCE, "appResource": APP_RESOURCE, "smtp": smtp}
    return Settings.model_validate(
        {
            "egress": {"caBundleFile": str(around.trust.bundle), **egress},
            "google": {"tokenEndpoint": f"{url}/token", "jwksURI": f"{url}/jwks", "smtp": smtp},
            "outlook": {"clouds": {Cloud.GLOBAL: cloud}},
        }
    )


def outside(around: World, configured: Settings) -> assembly.Outside:
    observers = Observers(Metrics())
    return assembly.outside(configured, around.secrets, around.grants, observers)


async def google(out: assembly.Outside) -> Google:
    later = out.connectors[Provider.GOOGLE]
    assert isinstance(later, Later)
    found = await later.made()
    assert isinstance(found, Google)
    return found


@pytest.mark.parametrize("provider", [Provider.GOOGLE, Provider.OUTLOOK])
async def test_the_proxy_of_the_configuration_is_taken(
    world: World,
    provider: Provider,
) -> None:
    async with Proxy().running() as proxy:
        out = outside(world, settings(world, proxyURL=proxy.url))
        await out.connectors[provider].connect(case(provider))

        assert set(proxy.asked) == {world.oauth.url.removeprefix("https://")}


@pytest.mark.parametrize("provider", [Provider.GOOGLE, Provider.OUTLOOK])
async def test_the_proxy_of_the_environment_is_taken(
    world: World,
    provider: Provider,
) -> None:
    async with Proxy(refusal=403).running() as proxy:
        out = outside(world, by_environment(settings(world), {"https_proxy": proxy.url}))
        fault = await refusal(out.connectors[provider].connect(case(provider)))

        assert (fault.reason, len(proxy.asked)) == (Reason.NETWORK_UNAVAILABLE, 1)


async def test_the_exceptions_of_the_environment_are_taken(
    world: World,
) -> None:
    environ = {"HTTPS_PROXY": "http://localhost:1", "NO_PROXY": "localhost"}
    out = outside(world, by_environment(settings(world), environ))

    await out.connectors[Provider.GOOGLE].connect(case(Provider.GOOGLE))

    assert world.tally == (1, 1)


async def test_the_keys_are_fetched_through_the_proxy(
    world: World,
) -> None:
    out = outside(world, settings(world, proxyURL="http://localhost:1"))
    token = world.oauth.ledger.sign({"aud": "app"})
    keys = f"{world.oauth.url}/jwks"

    parts = (await google(out)).parts
    verifying = parts.id_tokens.verify(token, keys, lambda _: pytest.fail("had keys"))

    assert (await refusal(verifying)).reason is Reason.NETWORK_UNAVAILABLE


async def test_mail_servers_are_told_the_configured_name(
    world: World,
) -> None:
    configured = load("smtp: {ehloName: mail.acme.example}")

    parts = (await google(outside(world, configured))).parts

    assert parts.bearers.smtp.helo_name == "mail.acme.example"


def test_the_intervals_are_taken() -> None:
    made = assembly.pace(load("intervals: {transient: [1s], person: [2h], lasting: 3h}"))

    assert (made.transient, made.person) == ((timedelta(seconds=1),), (timedelta(hours=2),))
    assert made.lasting == timedelta(hours=3)
