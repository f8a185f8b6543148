"""Plays one fault of the plan, and puts everything right again."""

import asyncio
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import Final

import dns.rcode

from lab.servers.oauth import Failure, google_failure
from lab.servers.smtp import Mischief, Stage
from lab.stand.nodes import Resolver
from tools.soak.people import People
from tools.soak.plan import Act, Fault, Place
from tools.soak.stand import Stand

SLOW_SECONDS: Final = 0.3
AWAKE_SECONDS: Final = 0.05
HANGING_SECONDS: Final = 60.0
"""Longer than any attempt."""

WRONG_SECONDS: Final = (-7200, -300, 300, 7200)

FAILURES: Final[Mapping[Act, Failure]] = {
    Act.UNAVAILABLE: Failure(503, {"error": "temporarily_unavailable"}),
    Act.TOO_MANY: Failure(429, {"error": "rate_limit_exceeded"}, {"Retry-After": "2"}),
    Act.BREAKS: Failure(500, {}),
    Act.DISOWNS: Failure(401, {"error": "invalid_client"}),
    Act.REFUSES: google_failure("invalid_grant", "Token has been expired or revoked."),
}
REPLIES: Final[Mapping[Act, Mapping[Stage, bytes]]] = {
    Act.NOT_NOW: {Stage.AUTH: b"454 4.7.0 Temporary authentication failure"},
    Act.REFUSES_ALL: {Stage.AUTH: b"535 5.7.8 Username and Password not accepted"},
    Act.BUSY: {Stage.BANNER: b"421 4.3.2 Service not available, closing transmission channel"},
}
MISCHIEF: Final[Mapping[Act, Mapping[Stage, Mischief]]] = {
    Act.DROPS: {Stage.EHLO: Mischief.DROP},
    Act.HANGS: {Stage.AUTH: Mischief.HANG},
}
RESOLVERS: Final[Mapping[Act, Resolver]] = {
    Act.FAILS: Resolver.FAILS,
    Act.SILENT: Resolver.SILENT,
    Act.DENIES: Resolver.DENIES,
    Act.LIES: Resolver.LIES,
}
RCODES: Final = {Act.FAILS: dns.rcode.SERVFAIL, Act.DENIES: dns.rcode.NXDOMAIN}

Play = Callable[[Fault], Awaitable[None]]


@dataclass(slots=True)
class Faults:
    """Knows how each kind of fault is played.

    Attributes:
        played: How often each was, by place and act.
    """

    stand: Stand
    people: People
    played: Counter[str] = field(default_factory=Counter)

    async def play(self, fault: Fault) -> None:
        """Play one; it is over when this returns."""
        self.played[f"{fault.kind.place}: {fault.kind.act}"] += 1
        await self._how(fault.kind.place)(fault)

    def _how(self, place: Place) -> Play:
        plays: Mapping[Place, Play] = {
            Place.FIRST: partial(self._replica, 0),
            Place.SECOND: partial(self._replica, 1),
            Place.CLUSTER: self._cluster,
            Place.SIGN_IN: self._sign_in,
            Place.MAIL: self._mail,
            Place.NAMES: self._names,
            Place.RESOLVER: self._resolvers,
            Place.PEOPLE: self._people,
            Place.SECRETS: self._people,
        }
        return plays[place]

    async def _replica(self, number: int, fault: Fault) -> None:
        replica = self.stand.replicas[number]
        match fault.kind.act:
            case Act.KILL:
                await replica.kill(fault.lasts)
            case Act.PAUSE:
                await replica.pause(fault.lasts)
            case _:
                wrong = Random(fault.seed).choice(WRONG_SECONDS)  # noqa: S311 - to be drawn again
                await replica.go_wrong(wrong, fault.lasts)

    async def _cluster(self, fault: Fault) -> None:
        plane = self.stand.cluster.plane
        match fault.kind.act:
            case Act.RESTART_API:
                await self.stand.by_hand(plane.restart_api_server)
            case Act.KILL_API:
                await self.stand.by_hand(partial(plane.restart_api_server, kill=True))
            case Act.STOP_ETCD:
                await self._stopped_etcd(fault.lasts)
            case _:
                await self._slow_etcd(fault.lasts)

    async def _stopped_etcd(self, seconds: float) -> None:
        servers = self.stand.cluster.plane.servers
        assert servers is not None
        servers.etcd.signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            servers.etcd.signal(signal.SIGCONT)

    async def _slow_etcd(self, seconds: float) -> None:
        """Let it run for a moment now and then: each request takes a third of a second or more."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    await self._stopped_etcd(SLOW_SECONDS)
                    await asyncio.sleep(AWAKE_SECONDS)

    async def _sign_in(self, fault: Fault) -> None:
        oauth = self.stand.world.oauth
        latency = HANGING_SECONDS if fault.kind.act is Act.HANGS else 0.0
        failure = FAILURES.get(fault.kind.act)
        oauth.behaviour = replace(oauth.behaviour, fail=failure, latency_seconds=latency)
        try:
            await asyncio.sleep(fault.lasts)
        finally:
            oauth.behaviour = replace(oauth.behaviour, fail=None, latency_seconds=0.0)

    async def _mail(self, fault: Fault) -> None:
        """One of the servers."""
        server = Random(fault.seed).choice(self.stand.servers)  # noqa: S311 - to be drawn again
        replies = REPLIES.get(fault.kind.act, {})
        mischief = MISCHIEF.get(fault.kind.act, {})
        server.behaviour = replace(server.behaviour, replies=replies, mischief=mischief)
        try:
            await asyncio.sleep(fault.lasts)
        finally:
            server.behaviour = replace(server.behaviour, replies={}, mischief={})

    async def _names(self, fault: Fault) -> None:
        names = self.stand.world.names
        names.rcode, names.silent = RCODES.get(fault.kind.act), fault.kind.act is Act.SILENT
        try:
            await asyncio.sleep(fault.lasts)
        finally:
            names.rcode, names.silent = None, False

    async def _resolvers(self, fault: Fault) -> None:
        for each in self.stand.replicas:
            each.node.resolve(RESOLVERS[fault.kind.act])
        try:
            await asyncio.sleep(fault.lasts)
        finally:
            for each in self.stand.replicas:
                each.node.resolve(Resolver.WORKS)

    async def _people(self, fault: Fault) -> None:
        doing = {
            Act.ROTATE: self.people.rotate_some,
            Act.MISTYPE: self.people.mistype,
            Act.ANNOTATE: self.people.annotate_some,
            Act.REPLACE: self.people.replace_some,
            Act.EDIT: self.people.edit_some,
            Act.ASK: self.people.ask_some,
            Act.CONSENT: self.people.revoke_and_consent,
        }
        await doing[fault.kind.act](Random(fault.seed))  # noqa: S311 - to be drawn again
