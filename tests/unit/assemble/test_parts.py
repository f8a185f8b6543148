"""The parts of the process fit together, and a change that is heard of gets its turn."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from functools import cached_property
from time import monotonic
from typing import Any

import pytest
from kubernetes.aio import client

from mailbox_operator import clock
from mailbox_operator.assemble.gauges import Gauges
from mailbox_operator.assemble.page import consent_site
from mailbox_operator.assemble.parts import Parts
from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.decide.cluster.shards import SHARDS
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.machine.seen import Known
from mailbox_operator.decide.words import Kind
from mailbox_operator.operate import serve_consent
from mailbox_operator.report.metrics.metrics import Metrics
from mailbox_operator.report.observers import Observers
from mailbox_operator.schedule.lines import Lane
from mailbox_operator.settings.file import Settings
from mailbox_operator.settings.operator import WatchSection
from mailbox_operator.watch.intake import MOST_METADATA_ENTRIES
from unit.schedule.tower import conclusion

JANE = Key(Kind.MAILBOX, "mail", "jane")
PARTS = [name for name, part in vars(Parts).items() if isinstance(part, cached_property)]


async def idle(_: Parts) -> None:
    """Lead without doing anything."""


def hold(parts: Parts, shards: int = SHARDS) -> None:
    """Hold so many shards, renewed just now."""
    parts.shards.renewed = dict.fromkeys(range(shards), clock.elapsed())


def lead_and_hold(parts: Parts) -> None:
    """Lead, and hold all shards."""
    parts.leadership.since = clock.now()
    hold(parts)


@pytest.fixture
async def parts() -> AsyncIterator[Parts]:
    """Fit the parts of a replica that works on all; its API server does not answer."""
    metrics = Metrics()
    async with ApiServer(client.ApiClient(client.Configuration(host="http://127.0.0.1:9"))) as api:
        fitted = Parts(Settings(), "operators", api, metrics, Observers(metrics), idle)
        lead_and_hold(fitted)
        yield fitted


def jane(version: int = 1, **labels: str) -> Mapping[str, Any]:
    """Write a Mailbox as the API server tells of it."""
    metadata = {"name": "jane", "namespace": "mail", "uid": "u", "labels": labels}
    spec = {"address": "jane@acme.example", "provider": "SMTP", "secretRef": {"name": "jane"}}
    return {"metadata": {**metadata, "resourceVersion": str(version)}, "spec": spec}


@pytest.fixture
def gold(parts: Parts) -> Parts:
    """Fit the parts again, for the objects of one label."""
    watch = WatchSection(selector="tier=gold")
    fitted = replace(parts, settings=parts.settings.model_copy(update={"watch": watch}))
    lead_and_hold(fitted)
    return fitted


def app() -> Mapping[str, Any]:
    """Write a Sender as the API server tells of it."""
    body = {"spec": {"mailboxes": {"names": ["jane"]}}}
    metadata = {"name": "app", "namespace": "mail", "uid": "s", "generation": 1}
    return body | {"metadata": metadata | {"resourceVersion": "2"}}


@pytest.mark.parametrize("part", PARTS)
async def test_a_part_is_fitted_even_if_it_is_asked_for_first(parts: Parts, part: str) -> None:
    assert getattr(parts, part) is getattr(parts, part)


async def test_the_consent_page_is_fitted_where_it_has_an_address(parts: Parts) -> None:
    site = consent_site(parts, "https://acme.example")

    assert site.application()


async def test_a_platform_without_an_address_for_consents_has_no_page(parts: Parts) -> None:
    assert parts.settings.consent.public_url is None

    await serve_consent(parts)


async def test_the_turn_of_a_new_mailbox_is_now(parts: Parts) -> None:
    parts.intake.take_object(Kind.MAILBOX, jane())

    assert parts.runner.queue.due(monotonic()) == 1


async def test_a_replica_that_does_not_lead_gives_no_turns(parts: Parts) -> None:
    parts.shards.renewed.clear()

    parts.intake.take_object(Kind.MAILBOX, jane())

    assert len(parts.runner.queue) == 0


async def test_a_mailbox_that_is_gone_loses_its_turn(parts: Parts) -> None:
    parts.intake.take_object(Kind.MAILBOX, jane())

    parts.intake.take_object(Kind.MAILBOX, jane(), deleted=True)

    assert len(parts.runner.queue) == 0


async def test_a_login_is_looked_at_when_the_gateway_has_another_authority(parts: Parts) -> None:
    parts.intake.take_object(Kind.SENDER, app())
    parts.runner.queue.remove(Key(Kind.SENDER, "mail", "app"))

    parts.authorities.on_changed()

    assert parts.runner.queue.due(monotonic()) == 1


async def test_without_a_gateway_there_is_no_authority(parts: Parts) -> None:
    await parts.authorities.load()

    assert parts.authorities.pem == b""


async def test_a_mailbox_of_another_selection_is_known_and_has_no_turn(gold: Parts) -> None:
    gold.intake.take_object(Kind.MAILBOX, jane(tier="iron"))

    gold.intake.wake(JANE)
    gold.runner.hasten(JANE)
    gold.dispatch.plan(JANE)

    assert gold.store.find("u") is not None
    assert (len(gold.runner.queue), gold.runner.in_flight) == (0, 0)
    assert Gauges(gold).snapshot().objects == []


async def test_a_label_hands_a_mailbox_over_and_back(gold: Parts) -> None:
    gold.intake.take_object(Kind.MAILBOX, jane(tier="gold"))
    gold.store.conclude(JANE, "u", conclusion())

    gold.intake.take_object(Kind.MAILBOX, jane(2, tier="iron"))
    handed_over = len(gold.runner.queue), gold.orphans.noticing.is_set()
    gold.intake.take_object(Kind.MAILBOX, jane(3, tier="gold"))

    assert handed_over == (0, False)
    assert gold.runner.queue.is_in_line(JANE, monotonic(), Lane.CHANGED)
    ((_, known),) = Gauges(gold).snapshot().objects
    assert known == Known()


async def test_what_a_replica_remembers_of_attempts_goes_with_the_shard(parts: Parts) -> None:
    parts.intake.take_object(Kind.MAILBOX, jane())
    parts.store.conclude(JANE, "u", conclusion())

    await parts.work.end(range(SHARDS))

    assert (len(parts.runner.queue), parts.runner.in_flight) == (0, 0)
    ((_, known),) = Gauges(parts).snapshot().objects
    assert known == Known()


@pytest.mark.parametrize(("held", "part"), [(SHARDS, 20), (SHARDS // 4, 5)])
async def test_a_replica_has_its_part_of_the_limits_at_servers(
    parts: Parts, held: int, part: int
) -> None:
    hold(parts, held)

    parts.work.begin(range(held))

    assert (parts.runner.slots.each, parts.outside.servers.each) == (part, part)
    assert parts.outside.relays.places.total == max(1, part // 4)


async def test_the_schedule_of_a_shard_is_taken_up_when_it_is_held(parts: Parts) -> None:
    parts.shards.renewed.clear()
    parts.intake.take_object(Kind.MAILBOX, jane())
    hold(parts)

    parts.work.begin(range(SHARDS))

    assert parts.runner.queue.due(monotonic()) == 1


async def test_an_oversize_mailbox_is_the_business_of_its_own_operator(gold: Parts) -> None:
    many = [f"label-{number}" for number in range(MOST_METADATA_ENTRIES)]

    gold.intake.take_object(Kind.MAILBOX, jane(1, **dict.fromkeys(many, ""), tier="iron"))

    assert gold.store.find("u") is None
    assert not gold.events._waiting  # noqa: SLF001 - it posts them only
