"""One consent, step by step: what is taken, what is refused, what is kept and what is given back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailbox_operator.consent.flow import begin, finish
from mailbox_operator.consent.views import mailbox_view
from mailbox_operator.consent.visitors import Visitor
from mailbox_operator.decide.declared.secret import Secret, origin_of
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.machine.consent import LIFETIME, Redeemed, Refused, Trouble
from mailbox_operator.decide.sharing.shared_rate import SharedRate
from mailbox_operator.decide.status.conditions import Condition, Status
from mailbox_operator.decide.words import Grant
from unit.consent.stage import GOOD, JANE, OWNER, Stage
from unit.make import oauth_spec, spec, unreadable

HELD = StoredGrant("old", identity="sub-1", client="app", consent="before")
CONNECTED = Status(conditions=(Condition("Ready", "True", "Connected", "", 1, ""),))
OTHER = replace(GOOD, account="bob@acme.example", identity="sub-2")
PART = replace(GOOD, scope="openid email")


async def test_a_consent_connects() -> None:
    stage = Stage()

    arrival = await stage.walk()

    assert (arrival.fault, arrival.kept) == (None, True)
    kept = stage.grants.content[JANE.uid]
    assert (kept.refresh_token, kept.scope, kept.identity) == ("refresh", GOOD.scope, "sub-1")
    assert (kept.client, bool(kept.consent)) == ("app", True)
    assert stage.audience.told == ["began", "Connected"]


async def test_each_browser_goes_out_with_secrets_of_its_own() -> None:
    stage = Stage()
    await stage.begin()
    await stage.begin()

    first, second = (each.request for each in stage.requests.content.values())
    drawn = {
        each
        for request in (first, second)
        for each in (request.state, request.nonce, request.code_verifier)
    }
    assert len(drawn) == 6


async def test_the_code_is_exchanged_with_what_the_browser_was_sent_out_with() -> None:
    stage = Stage()
    state = await stage.begin()

    await stage.finish(state, code="of-the-provider")

    assert stage.provider.codes == [("of-the-provider", stage.requests.content[state].request)]


async def test_a_person_who_chose_the_wrong_account_is_asked_which_one() -> None:
    stage = Stage()

    url = await begin(JANE.uid, OWNER, stage.ports, choose=True)

    assert url.endswith("prompt=choose")


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        pytest.param({"spec": spec()}, Trouble.NO_CONSENT_NEEDED, id="a password"),
        pytest.param(
            {"spec": oauth_spec(grant=Grant.JWT_BEARER)}, Trouble.NO_CONSENT_NEEDED, id="a robot"
        ),
        pytest.param(
            {"spec": oauth_spec(suspend=True)}, Trouble.MAILBOX_SUSPENDED, id="a suspended one"
        ),
    ],
)
async def test_the_consent_flow_sends_nobody_out_for(change: Any, trouble: Trouble) -> None:
    stage = Stage()
    stage.change(**change)

    with pytest.raises(Refused) as caught:
        await stage.begin()

    assert caught.value.trouble is trouble


async def test_a_link_to_nothing_leads_nowhere() -> None:
    with pytest.raises(Refused) as caught:
        await begin("another", OWNER, Stage().ports, choose=False)

    assert caught.value.trouble is Trouble.MAILBOX_GONE


@pytest.mark.parametrize("reason", [Reason.DOMAIN_NOT_ALLOWED, Reason.INFRASTRUCTURE_NOT_ALLOWED])
async def test_what_stands_in_the_way_is_said_before_anybody_is_sent_out(reason: Reason) -> None:
    stage = Stage()
    stage.mailboxes.stands_in_the_way = Fault(reason)

    with pytest.raises(Fault) as caught:
        await stage.begin()

    assert caught.value.reason is reason
    assert stage.requests.content == {}


async def test_an_unreadable_spec_is_said_before_anybody_is_sent_out() -> None:
    stage = Stage()
    box = stage.mailboxes.content[JANE.uid] = unreadable(uid=JANE.uid)

    with pytest.raises(Fault, match="InvalidSpec"):
        await stage.begin()
    assert box.problem.__traceback__ is None


def test_the_page_names_no_provider_for_a_mailbox_that_cannot_be_read() -> None:
    view = mailbox_view(unreadable(uid=JANE.uid), Stage().ports, None)

    assert (view.provider, view.address, view.button) == ("Unreadable", "jane", None)


async def test_a_browser_can_try_a_link_so_often_and_no_more() -> None:
    stage = Stage()
    for _ in range(stage.ports.links):
        await stage.begin()

    with pytest.raises(Refused) as caught:
        await stage.begin()

    assert caught.value.trouble is Trouble.TOO_MANY_ATTEMPTS


@pytest.mark.parametrize(
    "stranger",
    [
        pytest.param(replace(OWNER, address="198.51.100.7"), id="at another address"),
        pytest.param(replace(OWNER, browser="x" * 43), id="with a cookie of its own"),
        pytest.param(replace(OWNER, browser="x" * 43, is_known=False), id="without a cookie"),
    ],
)
async def test_a_stranger_who_tries_a_link_does_not_lock_its_owner_out(stranger: Visitor) -> None:
    stage = Stage()
    for _ in range(stage.ports.links):
        await stage.begin(stranger)

    arrival = await stage.finish(await stage.begin())

    assert arrival.kept


async def test_the_links_of_one_tenant_do_not_use_up_the_turns_of_another() -> None:
    stage = Stage(turns=SharedRate(60))
    evil = replace(JANE, uid="evil", key=replace(JANE.key, namespace="evil"))
    stage.mailboxes.content["evil"] = evil
    refused = [await began("evil", stage) for _ in range(70)]

    assert refused.count(True) > 30
    assert await stage.begin()


async def began(uid: str, stage: Stage) -> bool:
    """Begin a consent; return whether that is one too many."""
    try:
        await begin(uid, OWNER, replace(stage.ports, links=1000), choose=False)
    except Refused as refused:
        return refused.trouble is Trouble.TOO_MANY_ATTEMPTS
    return False


async def test_a_state_that_was_not_drawn_here_is_not_looked_up() -> None:
    stage = Stage(returns=SharedRate(0))

    with pytest.raises(Refused) as caught:
        await stage.finish("made up")

    assert caught.value.trouble is Trouble.LINK_EXPIRED


async def test_states_that_are_guessed_do_not_keep_out_the_one_that_is_known() -> None:
    stage, stranger = Stage(returns=SharedRate(60)), replace(OWNER, address="198.51.100.7")
    state = await stage.begin()
    guesses = [await guessed(stage, stranger) for _ in range(100)]

    assert guesses.count(Trouble.TOO_MANY_ATTEMPTS) > 60
    assert (await stage.finish(state)).kept


async def guessed(stage: Stage, stranger: Visitor) -> Trouble:
    """Come back with a state that nobody was sent out with."""
    with pytest.raises(Refused) as caught:
        await finish({"state": "g" * 43, "code": "x"}, stranger, stage.ports)
    return caught.value.trouble


async def test_only_so_many_begin_within_a_minute() -> None:
    stage = Stage(turns=SharedRate(0))

    with pytest.raises(Refused) as caught:
        await stage.begin()

    assert caught.value.trouble is Trouble.TOO_MANY_ATTEMPTS


async def test_a_state_works_once() -> None:
    stage = Stage()
    state = await stage.begin()
    await stage.finish(state)

    with pytest.raises(Refused) as caught:
        await stage.finish(state)

    assert caught.value.trouble is Trouble.LINK_USED
    assert len(stage.provider.codes) == 1


async def test_a_state_works_once_even_if_two_come_at_the_same_time() -> None:
    stage = Stage()
    state = await stage.begin()
    stage.requests.used.add(state)
    pending = stage.requests.content[state]
    stage.requests.used.clear()
    await stage.requests.use(pending)

    with pytest.raises(Refused):
        await stage.finish(state)

    assert stage.provider.codes == []


async def test_a_state_that_nobody_was_sent_out_with_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        await Stage().finish("m" * 43)

    assert caught.value.trouble is Trouble.LINK_EXPIRED


async def test_a_state_lasts_ten_minutes() -> None:
    stage = Stage()
    early, late = await stage.begin(), await stage.begin()
    stage.wait(LIFETIME)
    await stage.finish(early)
    stage.wait(timedelta(seconds=1))

    with pytest.raises(Refused) as caught:
        await stage.finish(late)

    assert caught.value.trouble is Trouble.LINK_EXPIRED


@pytest.mark.parametrize("browser", ["", "x" * 43])
async def test_another_browser_cannot_finish_and_does_not_spoil_it(browser: str) -> None:
    stage = Stage()
    state = await stage.begin()

    with pytest.raises(Refused) as caught:
        await stage.finish(state, browser)

    assert (caught.value.trouble, caught.value.uid) == (Trouble.OTHER_BROWSER, JANE.uid)
    assert (await stage.finish(state)).fault is None


async def test_a_mailbox_that_was_changed_meanwhile_is_not_connected() -> None:
    stage = Stage()
    state = await stage.begin()
    stage.change(generation=2)

    with pytest.raises(Refused) as caught:
        await stage.finish(state)

    assert caught.value.trouble is Trouble.MAILBOX_CHANGED
    assert stage.provider.codes == []


async def test_a_mailbox_that_is_gone_meanwhile_is_not_connected() -> None:
    stage = Stage()
    state = await stage.begin()
    stage.mailboxes.content = {"anew": replace(JANE, uid="anew")}

    with pytest.raises(Refused) as caught:
        await stage.finish(state)

    assert caught.value.trouble is Trouble.MAILBOX_GONE


async def test_a_no_is_a_no() -> None:
    stage = Stage()

    arrival = await stage.finish(await stage.begin(), error="access_denied")

    assert arrival.fault is not None
    assert arrival.fault.reason is Reason.CONSENT_INCOMPLETE
    assert stage.provider.codes == []


@pytest.mark.parametrize(
    ("redeemed", "reason"),
    [
        pytest.param(OTHER, Reason.IDENTITY_MISMATCH, id="another account"),
        pytest.param(PART, Reason.CONSENT_INCOMPLETE, id="a part"),
        pytest.param(replace(GOOD, refresh_token=""), Reason.CONSENT_INCOMPLETE, id="an hour"),
    ],
)
async def test_a_grant_of_no_use_is_given_back(redeemed: Redeemed, reason: Reason) -> None:
    stage = Stage()
    stage.provider.redeemed = redeemed

    arrival = await stage.walk()

    assert arrival.fault is not None
    assert (arrival.fault.reason, arrival.kept) == (reason, False)
    assert stage.provider.revoked == [redeemed.refresh_token or redeemed.access_token]
    assert stage.grants.content == {}


async def test_a_token_that_does_not_open_the_mailbox_is_given_back() -> None:
    stage = Stage()
    stage.provider.disproof = Fault(Reason.IDENTITY_MISMATCH)

    arrival = await stage.walk()

    assert not arrival.kept
    assert (stage.grants.content, stage.provider.revoked) == ({}, ["refresh"])


async def test_a_mail_server_that_is_away_costs_nobody_the_consent() -> None:
    stage = Stage()
    stage.provider.disproof = Fault(Reason.CONNECTION_TIMEOUT)

    arrival = await stage.walk()

    assert arrival.fault is stage.provider.disproof
    assert (arrival.kept, stage.provider.revoked) == (True, [])


async def test_the_account_that_another_mailbox_lives_by_is_left_alone() -> None:
    stage = Stage()
    stage.provider.redeemed = OTHER
    stage.mailboxes.shared = {OTHER.account}

    await stage.walk()

    assert stage.provider.revoked == []


async def test_a_working_mailbox_is_not_cut_off_by_a_consent_that_left_something_out() -> None:
    stage = Stage()
    stage.grants.content[JANE.uid] = HELD
    stage.provider.redeemed = PART

    await stage.walk()

    assert stage.provider.revoked == []
    assert stage.grants.content == {JANE.uid: HELD}


async def test_nor_is_one_that_works_by_a_token_of_the_tenants() -> None:
    stage = Stage()
    stage.change(status=CONNECTED)
    stage.provider.redeemed = PART

    await stage.walk()

    assert stage.provider.revoked == []


async def test_a_new_consent_takes_the_place_of_the_former() -> None:
    stage = Stage()
    stage.grants.content[JANE.uid] = HELD

    await stage.walk()

    assert stage.grants.content[JANE.uid].refresh_token == "refresh"


async def test_a_consent_has_the_moment_when_its_code_was_exchanged() -> None:
    stage = Stage()

    await stage.walk()

    assert stage.grants.content[JANE.uid].consented == stage.now
    assert stage.grants.after == [""]


async def test_a_consent_comes_after_the_one_that_was_kept_when_its_code_was_exchanged() -> None:
    stage = Stage()
    stage.grants.content[JANE.uid] = replace(HELD, consent="before")
    at_once = replace(HELD, consent="at the same time")
    stage.provider.meanwhile = lambda: stage.grants.content.update({JANE.uid: at_once})

    await stage.walk()

    assert stage.grants.after == ["before"]


@pytest.mark.parametrize("recorded", ["in the grant", "in the status"])
async def test_a_mailbox_is_not_bound_to_another_account_of_the_same_address(recorded: str) -> None:
    stage = Stage()
    if recorded == "in the grant":
        stage.grants.content[JANE.uid] = replace(HELD, identity="sub-0")
    else:
        stage.change(status=Status(granted_identity="sub-0"))

    arrival = await stage.walk()

    assert arrival.fault is not None
    assert (arrival.fault.reason, arrival.kept) == (Reason.IDENTITY_MISMATCH, False)


async def test_under_private_it_stands_for_the_token_that_the_secret_holds() -> None:
    stage = Stage()
    own = {"client-id": "app", "client-secret": "hush", "refresh-token": "dead"}
    stage.secrets.content["mail", "jane"] = own
    stage.change(spec=oauth_spec())

    await stage.walk()

    digest = origin_of(Secret("jane", {"refresh-token": b"dead"}))
    assert stage.grants.content[JANE.uid].origin == digest


async def test_a_cluster_that_does_not_answer_is_said_to_the_person() -> None:
    stage = Stage()
    stage.provider.redeemed = Postponed("500")

    with pytest.raises(Refused) as caught:
        await stage.walk()

    assert caught.value.trouble is Trouble.CLUSTER_UNAVAILABLE


@pytest.mark.parametrize("given_back", [True, False], ids=["alone", "another lives by it"])
async def test_a_grant_that_the_cluster_does_not_take_is_given_back(
    given_back: bool,  # noqa: FBT001 - a case of the table
) -> None:
    stage = Stage()
    stage.grants.refuses = True
    stage.mailboxes.shared = set() if given_back else {GOOD.account}

    with pytest.raises(Refused) as caught:
        await stage.walk()

    assert caught.value.trouble is Trouble.GRANT_NOT_KEPT
    assert stage.provider.revoked == (["refresh"] if given_back else [])


async def test_a_grant_that_the_cluster_may_have_taken_is_left_alone() -> None:
    stage = Stage()
    stage.grants.refuses = stage.grants.is_deaf_after_refusal = True

    with pytest.raises(Refused) as caught:
        await stage.walk()

    assert (caught.value.trouble, stage.provider.revoked) == (Trouble.GRANT_NOT_KEPT, [])


async def test_a_working_mailbox_is_not_cut_off_by_a_grant_that_the_cluster_does_not_take() -> None:
    stage = Stage()
    stage.grants.content[JANE.uid] = HELD
    stage.grants.refuses = True

    with pytest.raises(Refused):
        await stage.walk()

    assert stage.provider.revoked == []


async def test_a_person_who_proves_an_address_of_another_mailbox_learns_that_it_is_claimed() -> (
    None
):
    stage = Stage()
    stage.mailboxes.claimed = True

    arrival = await stage.walk()

    assert (arrival.fault and arrival.fault.reason, arrival.kept) == (Reason.ALREADY_CLAIMED, False)
    assert stage.provider.revoked == [GOOD.refresh_token]
    assert stage.grants.content == {}


async def test_a_mailbox_of_the_same_account_is_not_cut_off_when_a_claim_is_refused() -> None:
    stage = Stage()
    stage.mailboxes.claimed = True
    stage.mailboxes.shared.add(GOOD.account)

    arrival = await stage.walk()

    assert (arrival.kept, stage.provider.revoked) == (False, [])


@pytest.mark.parametrize("kept", [GOOD.account, "nobody answers"])
async def test_what_is_kept_for_a_deleted_mailbox_is_not_cut_off(kept: str) -> None:
    stage = Stage()
    stage.mailboxes.claimed = True
    stage.kept.add(kept)

    arrival = await stage.walk()

    assert (arrival.kept, stage.provider.revoked) == (False, [])


async def test_another_account_does_not_learn_that_an_address_is_claimed() -> None:
    stage = Stage()
    stage.mailboxes.claimed = True
    stage.provider.redeemed = replace(GOOD, account="evil@evil.example")

    arrival = await stage.walk()

    assert arrival.fault is not None
    assert arrival.fault.reason is Reason.IDENTITY_MISMATCH


async def test_an_account_that_the_server_refuses_does_not_learn_that_an_address_is_claimed() -> (
    None
):
    stage = Stage()
    stage.mailboxes.claimed = True
    stage.provider.disproof = Fault(Reason.SENDER_NOT_ALLOWED)

    arrival = await stage.walk()

    assert arrival.fault is not None
    assert arrival.fault.reason is Reason.SENDER_NOT_ALLOWED
