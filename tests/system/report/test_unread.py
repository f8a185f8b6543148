"""What readers of /metrics that do not read cost, at ten thousand mailboxes."""

import asyncio
from pathlib import Path
from typing import Final

from lab.serving_site import asked, serving
from mailbox_operator.decide.machine.seen import Known
from mailbox_operator.report.health import Health, application
from mailbox_operator.report.metrics.metrics import Metrics
from mailbox_operator.report.metrics.states import Snapshot
from mailbox_operator.serving import Bounds
from unit.make import NOON, key, mailbox

READERS: Final = 60
MAILBOXES: Final = 10_000
MIB: Final = 1024.0
ASKING: Final = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"


def resident_mib() -> float:
    """Read how much memory this process has now."""
    status = Path("/proc/self/status").read_text()
    (line,) = (each for each in status.splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) / MIB


def fleet() -> Metrics:
    """Make metrics of a leader with many mailboxes."""
    mailboxes = [
        (mailbox(key=key(f"mailbox-of-{i}"), uid=str(i)), Known()) for i in range(MAILBOXES)
    ]
    return Metrics(snapshot=lambda: Snapshot(NOON, mailboxes))


async def test_readers_that_do_not_read_cost_little_and_keep_no_probe_out() -> None:
    health = Health(
        is_ready=lambda: True,
        idle_seconds=lambda: None,
        oldest_seconds=lambda: 0.0,
        longest_seconds=120,
        lagging=lambda: 0,
    )
    async with serving(application(health, fleet()), Bounds()) as peers:
        text = (await asked(peers.port, "/metrics"))[1]
        before = resident_mib()

        for number in range(READERS):
            await peers.open(ASKING, f"127.0.3.{number // 10 + 1}")
        probes = [await asked(peers.port, path) for path in ("/healthz", "/readyz")]
        for _ in range(20):
            await asyncio.sleep(0)
        again = (await asked(peers.port, "/metrics"))[1]

        assert probes == [(200, b"ok"), (200, b"ok")]
        assert len(again) > len(text) // 2 > 1_000_000
        assert resident_mib() - before < 64
