"""Names whose name servers do not answer cost the tenant that asks for them, and nobody else."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from threading import Event

import pytest

from lab.attempts import until
from mailbox_operator.connect.network.name_service import MOST_KEPT_NAMES, PLATFORM, Address, Names
from mailbox_operator.connect.network.network import Network
from mailbox_operator.connect.network.threads import Threads
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.network.egress import Egress
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security

LOOPBACK = Egress((ip_network("127.0.0.0/8"),), range(1, 65536))
STUCK = "mx.evil.example"
LONG = 30.0


@dataclass(slots=True)
class Resolver:
    """Blocks as the system's does while a domain's name servers are silent; counts what is asked."""

    answers: Event = field(default_factory=Event)
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> Sequence[Address]:
        """Answer at once, but for the domain that is stuck."""
        self.asked.append(host)
        if host.lower().endswith(STUCK):
            self.answers.wait(LONG)
        return socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    made = Resolver()
    yield made
    made.answers.set()


def names(
    resolver: Resolver, seconds: float = 0.1, most: int = 8, patience_seconds: float = 0.05
) -> Names:
    return Names(seconds, resolver, Threads("names", most, patience_seconds))


async def outcomes(names: Names, tenant: str, number: int) -> list[str]:
    """Look many names up that are stuck; tell what came of each."""
    asked = [names.find(f"{each}.{STUCK}", 587, tenant) for each in range(number)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    return [type(each).__name__ for each in found]


async def test_a_tenant_whose_names_are_stuck_leaves_threads_to_others(resolver: Resolver) -> None:
    asked = names(resolver)

    stuck = await outcomes(asked, "evil", 20)
    found = await asked.find("mail.honest.example", 587, "honest")

    assert (stuck.count("TimeoutError"), stuck.count("Postponed")) == (4, 16)
    assert found[0][4][0] == "127.0.0.1"


async def test_a_thread_that_is_stuck_counts_after_its_caller_gave_up(resolver: Resolver) -> None:
    asked = names(resolver)
    await outcomes(asked, "evil", 4)

    with pytest.raises(Postponed):
        await asked.find(f"another.{STUCK}", 587, "evil")

    resolver.answers.set()
    await until(lambda: asked.for_tenants.places.in_use == 0)
    assert await asked.find(f"5.{STUCK}", 587, "evil")


async def test_names_of_the_platform_do_not_wait_behind_tenants(resolver: Resolver) -> None:
    asked = names(resolver)
    for tenant in ("a", "b", "c", "d", "e"):
        await outcomes(asked, tenant, 8)

    found = await asked.find("smtp.gmail.com", 587, "honest", trusted=True)

    assert found[0][4][0] == "127.0.0.1"


async def test_the_time_of_a_look_up_begins_with_its_thread(resolver: Resolver) -> None:
    asked = names(resolver, 0.2, most=1, patience_seconds=LONG)
    with pytest.raises(TimeoutError):
        await asked.find(STUCK, 587, "evil")
    waiting = asyncio.create_task(asked.find("mail.honest.example", 587, "honest"))
    await asyncio.wait([waiting], timeout=0.5)

    resolver.answers.set()

    assert await waiting


async def test_a_look_up_serves_all_of_a_tenant_who_ask_the_same(resolver: Resolver) -> None:
    asked = names(resolver, LONG)
    hosts = [STUCK, STUCK.upper()] * 10
    waiting = [asyncio.create_task(asked.find(host, 587, "evil")) for host in hosts]
    await until(lambda: len(resolver.asked) > 0)
    await until(lambda: asked.for_tenants.places.in_use < 4)

    waiting[0].cancel()
    resolver.answers.set()
    found = await asyncio.gather(*waiting[1:])

    assert (len(resolver.asked), len(found)) == (1, 19)


@dataclass(slots=True)
class Clock:
    """Monotonic time that stands still."""

    seconds: float = 100.0

    def __call__(self) -> float:
        return self.seconds


async def test_an_answer_is_used_again_for_some_seconds(resolver: Resolver) -> None:
    clock = Clock()
    asked = Names(LONG, resolver, fresh_seconds=5, monotonic=clock)

    counts = []
    for seconds in (0.0, 4.9, 0.2):
        clock.seconds += seconds
        await asked.find("mail.honest.example", 587, "honest")
        counts.append(len(resolver.asked))

    assert counts == [1, 1, 2]


async def test_an_answer_serves_its_tenant_and_port_alone(resolver: Resolver) -> None:
    asked = Names(LONG, resolver, monotonic=Clock())
    await asked.find("mail.honest.example", 587, "honest")

    await asked.find("mail.honest.example", 587, "evil")
    await asked.find("mail.honest.example", 465, "honest")
    await asked.find("mail.honest.example", 587, "honest", trusted=True)

    assert len(resolver.asked) == 4


async def test_a_name_that_is_not_known_is_asked_for_again() -> None:
    asked: list[str] = []

    def unknown(host: str, _: int) -> Sequence[Address]:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    found = Names(LONG, unknown, monotonic=Clock())
    for _ in range(2):
        with pytest.raises(socket.gaierror):
            await found.find("mail.honest.example", 587, "honest")

    assert len(asked) == 2


async def test_answers_are_kept_in_a_bounded_number(resolver: Resolver) -> None:
    asked = Names(LONG, resolver, monotonic=Clock())
    for number in range(MOST_KEPT_NAMES + 1):
        await asked.find(f"{number}.example", 587, "evil")

    await asked.find(f"{MOST_KEPT_NAMES}.example", 587, "evil")
    await asked.find("0.example", 587, "evil")

    assert len(resolver.asked) == MOST_KEPT_NAMES + 2


async def test_an_answer_of_many_addresses_is_not_kept() -> None:
    asked: list[str] = []

    def many(host: str, port: int) -> Sequence[Address]:
        asked.append(host)
        return [*socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)] * 1_000

    found = Names(LONG, many, monotonic=Clock())
    for _ in range(2):
        await found.find("mail.evil.example", 587, "evil")

    assert len(asked) == 2


async def test_addresses_that_were_kept_are_checked_at_each_dial(resolver: Resolver) -> None:
    kept = Names(LONG, resolver, monotonic=Clock())
    await kept.find("mail.evil.example", 587, PLATFORM)

    with pytest.raises(Fault) as caught:
        await Network(Egress(), names=kept).dial(
            Endpoint("mail.evil.example", 587, Security.STARTTLS)
        )

    assert caught.value.reason is Reason.HOST_NOT_PERMITTED
    assert len(resolver.asked) == 1


async def test_a_look_up_is_not_shared_by_tenants(resolver: Resolver) -> None:
    asked = names(resolver, LONG)
    waiting = [asyncio.create_task(asked.find(STUCK, 587, tenant)) for tenant in ("evil", "honest")]
    await until(lambda: len(resolver.asked) == 2)

    resolver.answers.set()

    assert len(await asyncio.gather(*waiting)) == 2


async def test_waiting_for_a_thread_does_not_read_as_a_network_that_is_down(
    resolver: Resolver,
) -> None:
    way = Network(LOOPBACK, names=names(resolver))
    with way.visit("evil") as visit:
        await outcomes(way.names, "evil", 4)

        with pytest.raises(Postponed):
            await way.dial(Endpoint(STUCK, 587, Security.STARTTLS), visit)


@dataclass(slots=True)
class Families:
    """Knows addresses by family; a family that is missing is never answered about, nor are both.

    Attributes:
        known: An address by family; empty where the name has none.
    """

    known: dict[socket.AddressFamily, str]
    ends: Event = field(default_factory=Event)
    asked: list[socket.AddressFamily] = field(default_factory=list)

    def both(self, _host: str, _port: int) -> Sequence[Address]:
        """Wait for both, and fail in the end."""
        self.ends.wait(LONG)
        raise socket.gaierror(socket.EAI_AGAIN, "no answer about one of them")

    def one(self, _host: str, port: int, family: socket.AddressFamily) -> Sequence[Address]:
        """Answer about a family that is known."""
        self.asked.append(family)
        if family not in self.known:
            self.ends.wait(LONG)
        if not self.known.get(family):
            raise socket.gaierror(socket.EAI_NONAME, "it has none")
        return socket.getaddrinfo(self.known[family], port, type=socket.SOCK_STREAM)

    def names(self, most: int = 8, seconds: float = LONG) -> Names:
        """Make names that wait for both for a moment only."""
        threads = Threads("names", most, patience_seconds=0.05)
        return Names(seconds, self.both, threads, seconds_for_both=0.05, resolve_family=self.one)


def addresses(found: Sequence[Address]) -> list[str]:
    return [str(each[4][0]) for each in found]


@pytest.mark.parametrize(
    ("family", "address"), [(socket.AF_INET, "127.0.0.7"), (socket.AF_INET6, "::1")]
)
async def test_a_name_is_known_by_one_family_where_nothing_answers_about_the_other(
    family: socket.AddressFamily, address: str
) -> None:
    families = Families({family: address})

    found = await families.names().find("mail.half.example", 587, "honest")
    families.ends.set()

    assert addresses(found) == [address]


async def test_both_families_count_where_each_has_an_answer_and_both_together_have_none() -> None:
    families = Families({socket.AF_INET: "127.0.0.7", socket.AF_INET6: "::1"})

    found = await families.names().find("mail.slow.example", 587, "honest")
    families.ends.set()

    assert addresses(found) == ["::1", "127.0.0.7"]


async def test_a_family_without_addresses_is_no_answer_while_the_other_is_silent() -> None:
    families = Families({socket.AF_INET: ""})

    with pytest.raises(TimeoutError):
        await families.names(seconds=0.5).find("mail.half.example", 587, "honest")
    families.ends.set()

    assert sorted(families.asked) == [socket.AF_INET, socket.AF_INET6]


async def test_a_name_is_not_unknown_where_one_family_has_no_answer() -> None:
    families = Families({socket.AF_INET: ""})
    asking = asyncio.create_task(families.names().find("mail.half.example", 587, "honest"))
    await until(lambda: len(families.asked) == 2)

    families.ends.set()
    with pytest.raises(socket.gaierror) as caught:
        await asking

    assert caught.value.errno == socket.EAI_AGAIN


async def test_a_name_that_is_slow_waits_on_where_no_thread_is_free_for_the_families() -> None:
    families = Families({socket.AF_INET: "127.0.0.7"})
    asking = asyncio.create_task(families.names(most=1).find("mail.half.example", 587, "honest"))

    done, _ = await asyncio.wait([asking], timeout=0.3)
    families.ends.set()
    with pytest.raises(socket.gaierror):
        await asking

    assert (done, families.asked) == (set(), [])
