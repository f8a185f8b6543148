"""The keys that id_tokens are verified with: fetched, kept, renewed, and not to be had."""

from typing import Any, Final

import pytest

from lab.attempts import refusal
from lab.servers.authority import Authority
from mailbox_operator.connect.network.mailthread import MailThread
from mailbox_operator.connect.network.threads import Threads
from mailbox_operator.connect.oauth.https import Https
from mailbox_operator.connect.oauth.idtoken import (
    FETCHED_AGAIN_AFTER_SECONDS,
    KEYS_KEPT_SECONDS,
    MOST_KEY_SETS,
    MOST_KEYS,
    Expected,
)
from mailbox_operator.connect.outlook.endpoints import Microsoft
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.machine.consent import Redeemed
from mailbox_operator.decide.words import Provider
from system.connect.cases import TENANT, UID, case
from system.connect.consents import REQUEST, code_for
from system.connect.oauth import World
from unit import make

NOBODY: Final = Expected((), "", "")
JANE: Final = case(Provider.GOOGLE)


async def redeemed(world: World, authority: Authority) -> Redeemed:
    return await world.google.redeem(JANE, await code_for(world.google, JANE, authority), REQUEST)


async def test_a_new_key_of_the_issuer_is_fetched(world: World, authority: Authority) -> None:
    await redeemed(world, authority)
    world.oauth.ledger.rotate_keys()
    world.clock.seconds += FETCHED_AGAIN_AFTER_SECONDS + 1

    assert (await redeemed(world, authority)).identity


async def test_made_up_keys_do_not_have_the_issuer_asked_again_and_again(
    world: World, authority: Authority
) -> None:
    await redeemed(world, authority)
    world.oauth.ledger.rotate_keys()

    fault = await refusal(redeemed(world, authority))

    assert (fault.reason, "signature" in fault.detail) == (Reason.IDENTITY_MISMATCH, True)


async def test_a_key_that_stays_unknown_is_not_trusted(world: World, authority: Authority) -> None:
    await redeemed(world, authority)
    token = world.oauth.ledger.sign({"aud": "app"})
    world.oauth.ledger.rotate_keys()
    world.clock.seconds += FETCHED_AGAIN_AFTER_SECONDS + 1
    keys = world.google.endpoints.jwks_uri

    fault = await refusal(world.id_tokens.verify(token, keys, lambda _: NOBODY))

    assert fault.reason is Reason.IDENTITY_MISMATCH


async def test_keys_are_fetched_anew_after_an_hour(world: World, authority: Authority) -> None:
    await redeemed(world, authority)
    world.clock.seconds += KEYS_KEPT_SECONDS + 1
    world.knows(jwks_fails=True)

    fault = await refusal(redeemed(world, authority))

    assert fault.reason is Reason.PROVIDER_UNAVAILABLE


async def test_a_set_of_more_keys_than_any_issuer_has_is_not_imported(
    world: World, authority: Authority
) -> None:
    world.knows(surplus_keys=MOST_KEYS)

    fault = await refusal(redeemed(world, authority))

    assert fault.reason is Reason.PROVIDER_UNAVAILABLE


@pytest.mark.parametrize("token", ["a.b.c", "no token", 7, {"alg": "none"}, ""])
async def test_what_is_no_token_is_not_trusted(world: World, token: Any) -> None:
    keys = world.google.endpoints.jwks_uri

    fault = await refusal(world.id_tokens.verify(token, keys, lambda _: NOBODY))

    assert fault.reason is Reason.IDENTITY_MISMATCH


async def test_the_key_sets_that_are_kept_have_a_bound(world: World) -> None:
    token = world.oauth.ledger.sign({"aud": "app"})

    for number in range(MOST_KEY_SETS + 3):
        keys = f"{world.google.endpoints.jwks_uri}?directory={number}"
        await refusal(world.id_tokens.verify(token, keys, lambda _: NOBODY))

    assert len(world.id_tokens._kept) == MOST_KEY_SETS  # noqa: SLF001 - memory shows nowhere else


async def test_keys_that_are_out_of_reach_are_the_platforms_move(world: World) -> None:
    token = world.oauth.ledger.sign({"aud": "app"})

    fault = await refusal(
        world.id_tokens.verify(token, "https://localhost:1/jwks", lambda _: NOBODY)
    )

    assert fault.reason is Reason.NETWORK_UNAVAILABLE


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ("https://localhost:1/tenant", Reason.NETWORK_UNAVAILABLE),
        ("{url}/no/where", Reason.PROVIDER_UNAVAILABLE),
    ],
)
async def test_a_directory_that_does_not_describe_itself(
    world: World, where: str, reason: Reason
) -> None:
    authority = where.format(url=world.oauth.url)
    directory = Microsoft(
        authority, Https(world.trust, 5, MailThread()), Threads("msal", 1), TENANT
    )

    fault = await refusal(directory.discover())

    assert fault.reason is reason


async def test_a_refresh_that_names_another_than_who_consented(world: World) -> None:
    world.grants.content[UID] = StoredGrant("old", identity="sub-of-another", consent="c1")
    managed = case(Provider.GOOGLE, make.offer(google="app"), secret=None)
    world.secrets.content["platform", "app"] = {"client-id": "app", "client-secret": "hush"}

    fault = await refusal(world.google.connect(managed))

    assert fault.reason is Reason.IDENTITY_MISMATCH
