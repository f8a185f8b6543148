"""The yardstick: the same logins by a bare asyncio loop, without the operator.

With a kubeconfig it also does what a new login costs at the API server: it reads the Secret before, and
writes the status after.
"""

import asyncio
import json
import ssl
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiosmtplib

from tools.bench.cluster import MAILBOXES, ApiServer
from tools.bench.sizes import CONCURRENCY, PASSWORD, address

Job = Callable[[], Awaitable[None]]


async def log_in(port: int, tls: ssl.SSLContext, user: str) -> None:
    """Log in, have the sender accepted, and leave."""
    smtp = aiosmtplib.SMTP(hostname="localhost", port=port, start_tls=True, tls_context=tls)
    async with smtp:
        await smtp.auth_plain(user, PASSWORD)
        await smtp.mail(user)
        await smtp.rset()


async def log_in_and_report(
    port: int, tls: ssl.SSLContext, api: ApiServer, mailbox: dict[str, Any]
) -> None:
    """Log in for a Mailbox, with the requests that the operator needs for a new one."""
    metadata, status = mailbox["metadata"], mailbox["status"]
    namespace, name = metadata["namespace"], metadata["name"]
    await api.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
    await log_in(port, tls, mailbox["spec"]["address"])
    generation = {"observedGeneration": metadata["generation"]}
    conditions = [each | generation for each in status["conditions"]]
    path = MAILBOXES.replace("mailboxes", f"namespaces/{namespace}/mailboxes/{name}")
    await api.replace_status(
        path, metadata["uid"], status | generation | {"conditions": conditions}
    )


async def timed(jobs: list[Job]) -> dict[str, float]:
    """Do all jobs, so many at once as the operator may."""
    waiting = iter(jobs)

    async def work() -> None:
        for job in waiting:
            await job()

    began, cpu = time.monotonic(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for _ in range(CONCURRENCY):
            group.create_task(work())
    return {"seconds": time.monotonic() - began, "cpu_seconds": time.process_time() - cpu}


async def main(port: int, tls: ssl.SSLContext, size: int, kubeconfig: str) -> dict[str, float]:
    """Log in as each user."""
    if not kubeconfig:
        return await timed([lambda n=n: log_in(port, tls, address(n)) for n in range(size)])  # type: ignore[misc]
    async with ApiServer.of(Path(kubeconfig)) as api:
        found = (await api.get(MAILBOXES))["items"]
        return await timed(
            [lambda each=each: log_in_and_report(port, tls, api, each) for each in found]  # type: ignore[misc]
        )


if __name__ == "__main__":
    trusted = ssl.create_default_context(cafile=sys.argv[2])
    print(json.dumps(asyncio.run(main(int(sys.argv[1]), trusted, int(sys.argv[3]), sys.argv[4]))))
