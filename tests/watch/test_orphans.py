"""What deleted mailboxes leave behind is given back and taken away, and nothing else is."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from controlplane.plane import ControlPlane
from mailbox_operator.apiserver import AUTHORIZATION, ApiServer, ApiServerError
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.mailbox import parse_mailbox
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.words import Provider
from mailbox_operator.watch.grants import MAILBOX
from mailbox_operator.watch.orphans import Orphans
from mailbox_operator.watch.refs import GRANT, grant_name
from mailbox_operator.watch.store import Store

pytestmark = pytest.mark.cluster

GONE: Final = "00000000-0000-0000-0000-00000000dead"
SPEC: Final = {"address": "jane@acme.example", "provider": "Google", "infrastructure": "Managed"}
KEPT: Final = {
    "refresh-token": "token",
    "consent": "c1",
    "provider": "Google",
    "address": "jane@acme.example",
}


class Revoker:
    """Remembers what it was asked to revoke.

    Attributes:
        fails: Whether the provider is away.
    """

    def __init__(self) -> None:
        self.tokens: list[tuple[Provider, str]] = []
        self.fails = False

    async def __call__(self, provider: Provider, token: str) -> None:
        self.tokens.append((provider, token))
        if self.fails:
            raise Fault(Reason.PROVIDER_UNAVAILABLE, "away")


@pytest.fixture
def revoke() -> Revoker:
    return Revoker()


@pytest.fixture
def orphans(api: ApiServer, namespace: str, revoke: Revoker) -> Orphans:
    return Orphans(api, Store(namespace), revoke, lambda: datetime.now(UTC), 60)


async def put(orphans: Orphans, uid: str = GONE, mailbox: str = "", **content: str) -> None:
    """Keep a grant as the operator does."""
    namespace = orphans.store.operator_namespace
    fields = {**KEPT, **{key.replace("_", "-"): value for key, value in content.items()}}
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in fields.items()}
    named = mailbox or f"{namespace}/jane"
    metadata = {"name": grant_name(uid), "labels": {GRANT: "true"}}
    body = {"metadata": {**metadata, "annotations": {MAILBOX: named}}, "data": encoded}
    await orphans.api.create(f"/api/v1/namespaces/{namespace}/secrets", body)


async def names(orphans: Orphans) -> list[str]:
    place = f"/api/v1/namespaces/{orphans.store.operator_namespace}/secrets"
    found = await orphans.api.get(place)
    return [each["metadata"]["name"] for each in found["items"]]


async def declared(orphans: Orphans, name: str = "jane", **spec: Any) -> str:
    """Declare a Mailbox in the cluster; return its uid."""
    namespace = orphans.store.operator_namespace
    body = {
        "apiVersion": "mailbox-operator.io/v1alpha1",
        "kind": "Mailbox",
        "metadata": {"name": name},
        "spec": {**SPEC, **spec},
    }
    place = f"/apis/mailbox-operator.io/v1alpha1/namespaces/{namespace}/mailboxes"
    found = await orphans.api.create(place, body)
    uid: str = found["metadata"]["uid"]
    return uid


async def watched(orphans: Orphans, name: str = "jane", **spec: Any) -> str:
    """Declare a Mailbox that the watch knows of."""
    uid = await declared(orphans, name, **spec)
    metadata = {"name": name, "namespace": orphans.store.operator_namespace, "uid": uid}
    body = {"metadata": {**metadata, "resourceVersion": "1"}, "spec": {**SPEC, **spec}}
    orphans.store.upsert(parse_mailbox(body))
    return uid


async def test_revokes_and_deletes(orphans: Orphans, revoke: Revoker) -> None:
    await put(orphans)

    await orphans.tidy()
    await orphans.tidy()

    assert revoke.tokens == [(Provider.GOOGLE, "token")]
    assert await names(orphans) == []


async def test_leaves_the_living_alone(orphans: Orphans, revoke: Revoker) -> None:
    await put(orphans, await watched(orphans))

    await orphans.tidy()

    assert (revoke.tokens, len(await names(orphans))) == ([], 1)


async def test_leaves_alone_what_only_the_watch_does_not_know_yet(
    orphans: Orphans, revoke: Revoker
) -> None:
    await put(orphans, await declared(orphans))

    await orphans.tidy()

    assert (revoke.tokens, len(await names(orphans))) == ([], 1)


async def test_a_namesake_is_another(orphans: Orphans, revoke: Revoker) -> None:
    await declared(orphans, address="other@acme.example")
    await put(orphans)

    await orphans.tidy()

    assert (len(revoke.tokens), await names(orphans)) == (1, [])


async def test_does_not_cut_off_who_lives_by_the_same_account(
    orphans: Orphans, revoke: Revoker
) -> None:
    await put(orphans, await watched(orphans, "sibling", address="Jane@acme.example"))
    await put(orphans)

    await orphans.tidy()

    assert (revoke.tokens, len(await names(orphans))) == ([], 1)


async def test_what_the_tenant_brought_is_the_tenants_to_revoke(
    orphans: Orphans, revoke: Revoker
) -> None:
    await put(orphans, consent="")

    await orphans.tidy()

    assert (revoke.tokens, await names(orphans)) == ([], [])


async def test_tries_again_when_the_provider_was_away(orphans: Orphans, revoke: Revoker) -> None:
    revoke.fails = True
    await put(orphans)
    await orphans.tidy()
    assert len(await names(orphans)) == 1

    revoke.fails = False
    await orphans.tidy()

    assert (len(revoke.tokens), await names(orphans)) == (2, [])


async def test_an_api_server_that_does_not_answer_is_no_proof_of_death(
    orphans: Orphans, revoke: Revoker, plane: ControlPlane
) -> None:
    await put(orphans, mailbox="a%2Fb/../jane")

    with pytest.raises(ApiServerError):
        await orphans.tidy()

    assert (revoke.tokens, len(await names(orphans))) == ([], 1)


async def test_leaves_alone_what_names_no_mailbox(orphans: Orphans, revoke: Revoker) -> None:
    await put(orphans, mailbox="nobody")

    await orphans.tidy()

    assert (revoke.tokens, len(await names(orphans))) == ([], 1)


@pytest.mark.parametrize(("minutes", "left"), [(11, 1), (69, 1), (71, 0)])
async def test_sweeps_away_what_browsers_did_not_come_back_with(
    api: ApiServer, namespace: str, revoke: Revoker, minutes: int, left: int
) -> None:
    later = datetime.now(UTC) + timedelta(minutes=minutes)
    orphans = Orphans(api, Store(namespace), revoke, lambda: later, 60)
    metadata = {"name": "mailbox-authorization-x", "labels": {AUTHORIZATION: "u"}}
    body = {"metadata": metadata, "type": AUTHORIZATION}
    await api.create(f"/api/v1/namespaces/{namespace}/secrets", body)

    await orphans.tidy()

    assert len(await names(orphans)) == left


async def test_touches_no_other_secret(orphans: Orphans, plane: ControlPlane) -> None:
    namespace = orphans.store.operator_namespace
    plane.kubectl("create", "secret", "generic", "app", "-n", namespace)

    await orphans.tidy()

    assert await names(orphans) == ["app"]
