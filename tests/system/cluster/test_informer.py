"""Secrets are followed by their metadata, at a real API server."""

import asyncio

import pytest

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.watch.informer import Informer
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.store import Store
from system.watch.test_informer import Nobody, until_known

pytestmark = pytest.mark.cluster


async def test_a_real_api_server_sends_metadata_alone(api: ApiServer, namespace: str) -> None:
    store = Store("operators")
    informer = Informer(api, Intake(store, Nobody()), namespace)
    await api.create(secret_path(namespace), {"metadata": {"name": "before"}})
    token = {"metadata": {"name": "release"}, "type": "helm.sh/release.v1"}
    await api.create(secret_path(namespace), token)
    following = asyncio.create_task(informer.run())
    await until_known(store, "before")

    await api.create(secret_path(namespace), {"metadata": {"name": "later"}})
    await until_known(store, "before", "later")
    await api.delete(secret_path(namespace, "before"), {})
    await until_known(store, "later")

    following.cancel()
    await asyncio.wait([following])


async def test_a_deletion_while_nobody_watched_is_found(api: ApiServer, namespace: str) -> None:
    store = Store("operators")
    informer = Informer(api, Intake(store, Nobody()), namespace)
    for name in ("a", "b"):
        await api.create(secret_path(namespace), {"metadata": {"name": name}})
    await informer.list()

    await api.delete(secret_path(namespace, "a"), {})
    await informer.list()

    assert list(store.versions.secrets(namespace)) == [(namespace, "b")]
