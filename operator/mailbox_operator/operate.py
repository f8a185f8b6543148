"""The operator's process: every replica watches all, and works on the shards that it holds."""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial

from mailbox_operator import heap
from mailbox_operator.assemble.gauges import Gauges, health
from mailbox_operator.assemble.outside import pace
from mailbox_operator.assemble.parts import Parts
from mailbox_operator.assemble.process import Part, namespace_of, prepare, probes, run
from mailbox_operator.assemble.traces import traced
from mailbox_operator.cluster.apiserver import connect
from mailbox_operator.report.metrics.lag import LoopLag
from mailbox_operator.report.metrics.metrics import Metrics
from mailbox_operator.report.observers import Observers
from mailbox_operator.serving import serve
from mailbox_operator.settings.file import Settings

log = logging.getLogger(__name__)


async def operate(settings: Settings, kubeconfig: str | None) -> None:
    """Run until told to stop by SIGTERM or SIGINT.

    Raises:
        SettingsError: Attempts are to be traced, and what traces them is not installed.
        UnreachableClusterError: There is no cluster to work in.
        ExceptionGroup: A part failed; restarting is the remedy, and cheap.
    """
    prepare(settings.log_level)
    metrics = Metrics(pace(settings), settings.metrics.per_mailbox)
    async with (
        traced(settings) as tracing,
        await connect(kubeconfig, metrics.requests.observe) as api,
    ):
        namespace = namespace_of(settings)
        parts = Parts(settings, namespace, api, metrics, Observers(metrics, tracing), lead)
        Gauges(parts).add_to(metrics)
        await run(parts, parts.intake, parts.leadership.lock.identity, running_parts(parts))


def running_parts(parts: Parts) -> Mapping[str, Part]:
    """Name what runs beside kopf, on every replica."""
    return {
        "probes": probes(parts.settings, health(parts), parts.metrics),
        "consent page": partial(serve_consent, parts),
        "sweeper": partial(know, parts),
        "rights": parts.rights.run,
        "hearing": parts.hearing.run,
        "own Lease": parts.lease_watch.run,
        "secrets": partial(follow_secrets, parts),
        "events": parts.events.run,
        "leadership guard": parts.leadership.guard,
        "election": partial(stand, parts),
        "work": partial(work, parts),
        "loop lag": LoopLag(partial(note_lag, parts)).run,
    }


def note_lag(parts: Parts, late_seconds: float) -> None:
    """Take note of how late the loop is; periodic checks give way to what cannot wait.

    A new Mailbox waits for both loops, its login for that of the sessions most of all.
    """
    parts.metrics.loop_lag.observe(late_seconds)
    parts.runner.slots.leeway.observe(max(late_seconds, parts.outside.mail.take_lateness()))


async def serve_consent(parts: Parts) -> None:
    """Serve the consent page, if there is one."""
    wanted = parts.settings.consent
    if wanted.public_url is None:
        return
    from mailbox_operator.assemble.page import consent_site  # noqa: PLC0415 - jinja2 is large
    from mailbox_operator.consent.web import BOUNDS  # noqa: PLC0415 - the same

    app = consent_site(parts, wanted.public_url).application()
    await serve(app, wanted.address, wanted.port, BOUNDS, "consent page listening")


async def know(parts: Parts) -> None:
    """Take everything in: who cannot list and watch it all must not become ready."""
    await parts.rights.granted()
    await parts.sweeper.run()


async def follow_secrets(parts: Parts) -> None:
    """Follow Secrets from where their first listing ended."""
    await parts.sweeper.ready.wait()
    await parts.secret_watch.run()


async def stand(parts: Parts) -> None:
    """Stand for election once everything is known: who cannot list must not lead."""
    await parts.sweeper.ready.wait()
    await parts.leadership.run()


async def work(parts: Parts) -> None:
    """Take part in the work once everything is known."""
    await parts.sweeper.ready.wait()
    await parts.digest_key.load()
    await parts.refusals.load()
    await parts.authorities.load()
    heap.freeze_heap()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(parts.refusals.run(), name="refusals")
            group.create_task(parts.contents.run(), name="contents")
            group.create_task(parts.grants.run(), name="grants")
            group.create_task(parts.publisher.run(), name="publisher")
            group.create_task(parts.authorities.run(), name="certificate of the gateway")
            group.create_task(parts.accesses.run(), name="access tokens")
            group.create_task(parts.runner.run(), name="runner")
            group.create_task(parts.shards.run(), name="shards")
            group.create_task(parts.capacities.run(), name="capacities")
    finally:
        await parts.work.settle()
        await parts.refusals.flush()
        await parts.shards.release()


async def lead(parts: Parts) -> None:
    """Do what concerns all shards: one replica does it."""
    selector = parts.settings.watch.selector
    log.info("replica is the leader", extra={"selector": selector} if selector else {})
    parts.shards.news.set()
    async with asyncio.TaskGroup() as group:
        group.create_task(parts.orphans.run(), name="orphans")
        if parts.bindings is not None:
            group.create_task(parts.bindings.key.make(), name="login key")
