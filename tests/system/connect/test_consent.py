"""What both providers do for a consent, against the stand-in that speaks their dialects."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from lab.attempts import refusal
from lab.servers.authority import Authority
from lab.servers.oauth import Identity
from lab.servers.oauth_script import CONTOSO
from mailbox_operator.connect.oauth.code_flow import code_challenge, wire_nonce
from mailbox_operator.decide.declared.providers.table import OAUTH_PROVIDERS
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.consent import Redeemed, objection
from mailbox_operator.decide.words import Provider
from system.connect.cases import JANE, case
from system.connect.consents import REQUEST, authorizer_of, code_for, parameters
from system.connect.oauth import World

BOTH: Final = pytest.mark.parametrize("provider", [Provider.GOOGLE, Provider.OUTLOOK])
HOUR: Final = 3600


async def redeemed(
    world: World, authority: Authority, provider: Provider, mailbox: Case | None = None
) -> Redeemed:
    """Go all the way through a consent."""
    authorizer, found = authorizer_of(world, provider), mailbox or case(provider)
    code = await code_for(authorizer, found, authority)
    return await authorizer.redeem(found, code, REQUEST)


@BOTH
async def test_the_authorizer_asks_with_all_that_makes_it_safe(
    world: World, provider: Provider
) -> None:
    url = (await authorizer_of(world, provider).departure(case(provider), REQUEST)).url

    asked = parameters(url)
    assert asked["response_type"] == "code"
    assert (asked["client_id"], asked["login_hint"]) == ("app", JANE)
    assert asked["redirect_uri"] == REQUEST.redirect_uri
    assert asked["state"] == REQUEST.state
    assert asked["code_challenge_method"] == "S256"
    assert asked["code_challenge"] == code_challenge(REQUEST.code_verifier)
    assert asked["nonce"] == wire_nonce(REQUEST)
    assert OAUTH_PROVIDERS[provider].scope in asked["scope"]
    assert [each for each in (REQUEST.code_verifier, REQUEST.nonce, "hush") if each in url] == []


def test_the_challenge_is_that_of_the_standard() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert code_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


async def test_google_is_asked_for_lasting_access(world: World) -> None:
    url = (await world.google.departure(case(Provider.GOOGLE), REQUEST)).url

    assert parameters(url)["access_type"] == "offline"
    assert parameters(url)["prompt"] == "consent"


@pytest.mark.parametrize(
    ("provider", "prompt"),
    [(Provider.GOOGLE, "select_account consent"), (Provider.OUTLOOK, "select_account")],
)
async def test_the_authorizer_lets_the_person_choose_another_account(
    world: World, provider: Provider, prompt: str
) -> None:
    request = replace(REQUEST, choose_account=True)

    url = (await authorizer_of(world, provider).departure(case(provider), request)).url

    assert parameters(url)["prompt"] == prompt


@BOTH
async def test_the_authorizer_redeems_a_code(
    world: World, authority: Authority, provider: Provider
) -> None:
    found = await redeemed(world, authority, provider)

    assert found.refresh_token in world.oauth.ledger.refresh
    assert found.access_token in world.oauth.ledger.access
    assert (found.account, found.client) == (JANE, "app")
    assert objection(found, case(provider).spec, "") is None


@BOTH
async def test_the_authorizer_proves_the_mailbox_with_the_new_token(
    world: World, authority: Authority, provider: Provider
) -> None:
    found = await redeemed(world, authority, provider)

    proof = await authorizer_of(world, provider).prove(case(provider), found)

    assert proof.identity == found.identity


@BOTH
async def test_a_token_of_another_does_not_open_the_mailbox(
    world: World, authority: Authority, provider: Provider
) -> None:
    world.knows(signed_in="bob@acme.example")
    found = await redeemed(world, authority, provider)

    fault = await refusal(authorizer_of(world, provider).prove(case(provider), found))

    assert found.account == "bob@acme.example"
    assert fault.reason in {Reason.IDENTITY_MISMATCH, Reason.GRANT_REVOKED}


@BOTH
@pytest.mark.parametrize(
    ("changes", "check"),
    [
        pytest.param({"forged": True}, "signature", id="signed by another"),
        pytest.param({"id_token_claims": {"iss": "https://evil.example"}}, "iss", id="issuer"),
        pytest.param({"id_token_claims": {"iss": None}}, "iss", id="no issuer"),
        pytest.param({"id_token_claims": {"aud": "another"}}, "aud", id="for another client"),
        pytest.param({"id_token_claims": {"aud": None}}, "aud", id="for nobody"),
        pytest.param({"id_token_claims": {"exp": None}}, "exp", id="for ever"),
    ],
)
async def test_the_authorizer_does_not_trust(
    world: World, authority: Authority, provider: Provider, changes: Any, check: str
) -> None:
    world.knows(**changes)

    fault = await refusal(redeemed(world, authority, provider))

    assert fault.reason is Reason.IDENTITY_MISMATCH
    assert check in fault.detail


@pytest.mark.parametrize("nonce", ["another", None])
async def test_the_authorizer_does_not_trust_the_answer_to_another_question(
    world: World, authority: Authority, nonce: str | None
) -> None:
    world.knows(id_token_claims={"nonce": nonce})

    fault = await refusal(redeemed(world, authority, Provider.GOOGLE))

    assert (fault.reason, "nonce" in fault.detail) == (Reason.IDENTITY_MISMATCH, True)


@pytest.mark.parametrize("nonce", ["another", None])
async def test_nor_does_it_from_microsoft(
    world: World, authority: Authority, nonce: str | None
) -> None:
    world.knows(id_token_claims={"nonce": nonce})

    fault = await refusal(redeemed(world, authority, Provider.OUTLOOK))

    assert fault.reason in {Reason.IDENTITY_MISMATCH, Reason.PROVIDER_UNAVAILABLE}


@BOTH
@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"exp": -HOUR, "iat": -2 * HOUR}, id="over"),
        pytest.param({"iat": HOUR, "exp": 2 * HOUR}, id="not yet"),
    ],
)
async def test_the_authorizer_says_that_the_clocks_differ(
    world: World, authority: Authority, provider: Provider, claims: dict[str, int]
) -> None:
    now = int(time.time())
    world.knows(id_token_claims={name: now + shift for name, shift in claims.items()})

    fault = await refusal(redeemed(world, authority, provider))

    assert (fault.reason, "clock" in fault.facts["code"]) == (Reason.UNKNOWN, True)


@BOTH
async def test_forgives_clocks_a_few_minutes(
    world: World, authority: Authority, provider: Provider
) -> None:
    now = int(time.time())
    world.knows(id_token_claims={"iat": now + 200, "nbf": now + 200, "exp": now - 200})

    assert (await redeemed(world, authority, provider)).account == JANE


async def test_an_answer_without_an_id_token_proves_nobody(
    world: World, authority: Authority
) -> None:
    world.knows(granted_scopes="https://mail.google.com/")

    fault = await refusal(redeemed(world, authority, Provider.GOOGLE))

    assert fault.reason is Reason.IDENTITY_MISMATCH


@BOTH
async def test_keys_that_cannot_be_had_are_nobodys_fault(
    world: World, authority: Authority, provider: Provider
) -> None:
    world.knows(jwks_fails=True)

    fault = await refusal(redeemed(world, authority, provider))

    assert fault.reason is Reason.PROVIDER_UNAVAILABLE


async def test_the_keys_are_fetched_once(world: World, authority: Authority) -> None:
    await redeemed(world, authority, Provider.GOOGLE)
    world.knows(jwks_fails=True)

    assert (await redeemed(world, authority, Provider.GOOGLE)).account == JANE


async def test_google_vouches_only_for_an_address_it_verified(
    world: World, authority: Authority
) -> None:
    world.knows(id_token_claims={"email_verified": False})

    found = await redeemed(world, authority, Provider.GOOGLE)

    assert found.account == ""


async def test_a_foreign_tenants_mail_claim_counts_for_nothing(
    world: World, authority: Authority
) -> None:
    mallory = Identity(email=JANE, sub="m", preferred_username="mallory@evil.example")
    world.knows(signed_in="mallory@evil.example", identities={"mallory@evil.example": mallory})

    found = await redeemed(world, authority, Provider.OUTLOOK)

    assert found.account == "mallory@evil.example"


async def test_the_own_tenants_mail_claim_stands_for_another_user_name(
    world: World, authority: Authority
) -> None:
    jane = Identity(email=JANE, sub="j", preferred_username="jdoe@contoso.onmicrosoft.example")
    world.knows(identities={JANE: jane})
    mailbox = case(Provider.OUTLOOK, tenant=CONTOSO)

    found = await redeemed(world, authority, Provider.OUTLOOK, mailbox)

    assert found.account == JANE


async def test_a_token_of_another_tenant_is_not_of_this_one(
    world: World, authority: Authority
) -> None:
    other = "11111111-2222-3333-4444-555555555555"
    world.knows(id_token_claims={"iss": f"{world.oauth.url}/{other}/v2.0", "tid": other})

    fault = await refusal(
        redeemed(world, authority, Provider.OUTLOOK, case(Provider.OUTLOOK, tenant=CONTOSO))
    )

    assert fault.reason is Reason.IDENTITY_MISMATCH


@BOTH
async def test_a_code_works_once(world: World, authority: Authority, provider: Provider) -> None:
    authorizer, mailbox = authorizer_of(world, provider), case(provider)
    code = await code_for(authorizer, mailbox, authority)
    await authorizer.redeem(mailbox, code, REQUEST)

    fault = await refusal(authorizer.redeem(mailbox, code, REQUEST))

    assert fault.reason is Reason.GRANT_REVOKED


@BOTH
@pytest.mark.parametrize(
    "other", [{"code_verifier": "w" * 43}, {"redirect_uri": "https://evil.example/callback"}]
)
async def test_a_stolen_code_is_of_no_use_without_what_it_was_asked_with(
    world: World, authority: Authority, provider: Provider, other: Any
) -> None:
    authorizer, mailbox = authorizer_of(world, provider), case(provider)
    code = await code_for(authorizer, mailbox, authority)

    fault = await refusal(authorizer.redeem(mailbox, code, replace(REQUEST, **other)))

    assert fault.reason is Reason.GRANT_REVOKED


@BOTH
async def test_a_wrong_client_secret_is_the_apps_fault(
    world: World, authority: Authority, provider: Provider
) -> None:
    authorizer, mailbox = authorizer_of(world, provider), case(provider)
    code = await code_for(authorizer, mailbox, authority)
    world.holds(client_secret="its-id-and-not-its-value")

    fault = await refusal(authorizer.redeem(mailbox, code, REQUEST))

    assert fault.reason is Reason.OAUTH_APP_INVALID


async def test_the_authorizer_tells_how_long_a_testing_app_is_trusted(
    world: World, authority: Authority
) -> None:
    world.knows(refresh_token_expires_in=604799)

    found = await redeemed(world, authority, Provider.GOOGLE)

    assert found.lasts == timedelta(seconds=604799)


@BOTH
async def test_a_grant_for_an_hour_is_told_from_a_lasting_one(
    world: World, authority: Authority, provider: Provider
) -> None:
    world.knows(offline=False)

    found = await redeemed(world, authority, provider)

    assert found.refresh_token == ""


async def test_google_ends_a_grant(world: World, authority: Authority) -> None:
    found = await redeemed(world, authority, Provider.GOOGLE)

    await world.google.revoke(found.refresh_token)
    await world.google.revoke(found.refresh_token)

    assert world.oauth.ledger.live(found.access_token) is None


async def test_a_revocation_that_is_not_heard_is_told(world: World, authority: Authority) -> None:
    found = await redeemed(world, authority, Provider.GOOGLE)
    world.knows(revoke_fails=True)

    fault = await refusal(world.google.revoke(found.refresh_token))

    assert fault.reason is Reason.PROVIDER_UNAVAILABLE
