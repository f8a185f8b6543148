"""A name server on the loopback that knows what it is told, and fails when it is told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum, auto
from ipaddress import ip_address
from typing import Any, Final

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from lab.controlplane.ports import free_ports
from mailbox_operator.decide.texts.shapes import is_within

TOP: Final = "example"
"""The one top-level domain there is."""
SOA: Final = "ns.test. hostmaster.test. 1 7200 900 1209600 86400"
MOST_BYTES: Final = 512
MOST_BYTES_OVER_TCP: Final = 65_535
NOTHING_SENSIBLE: Final = b"\xff" * 16


class How(StrEnum):
    """What a name server does with a question."""

    ANSWERS = auto()
    SILENT = auto()
    CUT_SHORT = auto()
    """The answer does not fit into a datagram, and never comes over TCP."""
    GARBLED = auto()


@dataclass(frozen=True, slots=True)
class Trouble:
    """What becomes of questions.

    Attributes:
        kinds: Which ones, by the type of record, such as `AAAA`; empty for all.
        rcode: The answer, if not the usual one.
        seconds: How long it takes.
    """

    how: How = How.ANSWERS
    kinds: frozenset[str] = frozenset()
    rcode: dns.rcode.Rcode | None = None
    seconds: float = 0.0


@dataclass(slots=True)
class NameServer(asyncio.DatagramProtocol):
    """A name server, over UDP and TCP.

    Attributes:
        exchanges: Mail exchangers by domain; no other domain exists. An empty list is a domain
            without any.
        services: SRV records by name, such as `_submission._tcp.acme.example`.
        hosts: Addresses by name, of both families.
        aliases: Another name for a name (CNAME), by name.
        troubles: By domain, the domain itself and what is within it; empty for all names.
        broken: Domains whose own name servers fail: the answer to every question about them; None
            for none.
        rcode: The answer to everything, if not the usual one.
        silent: Whether it answers at all.
        port: Where it listens.
        questions: How often it was asked.
    """

    exchanges: Mapping[str, list[str]] = field(default_factory=dict)
    services: Mapping[str, list[str]] = field(default_factory=dict)
    hosts: Mapping[str, list[str]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    troubles: Mapping[str, Trouble] = field(default_factory=dict)
    broken: Mapping[str, dns.rcode.Rcode | None] = field(default_factory=dict)
    rcode: dns.rcode.Rcode | None = None
    silent: bool = False
    port: int = 0
    questions: int = 0
    _transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: Any) -> None:
        """Take note of the socket."""
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        """Answer a question, in so many bytes as fit."""
        seconds, wire = self._reply(data, MOST_BYTES)
        if wire is not None:
            asyncio.get_running_loop().call_later(seconds, self._send, wire, addr)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the questions of a connection until its end."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int.from_bytes(await reader.readexactly(2))
                seconds, wire = self._reply(await reader.readexactly(length))
                await asyncio.sleep(seconds)
                if wire is not None:
                    writer.write(len(wire).to_bytes(2) + wire)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    def _send(self, wire: bytes, addr: tuple[str | Any, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(wire, addr)

    def _reply(self, data: bytes, most_bytes: int = 0) -> tuple[float, bytes | None]:
        """Return how long an answer takes, and the answer, if any; 0 bytes stand for TCP."""
        question = dns.message.from_wire(data)
        asked = question.question[0]
        name = asked.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(asked.rdtype)
        self.questions += 1
        trouble = self._trouble(name, kind)
        if trouble.how is How.GARBLED:
            return trouble.seconds, data[:2] + NOTHING_SENSIBLE
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        if trouble.how is How.CUT_SHORT and most_bytes:
            answer.flags |= dns.flags.TC
        elif trouble.how is not How.ANSWERS:
            return trouble.seconds, None
        elif trouble.rcode is not None:
            answer.set_rcode(trouble.rcode)
        else:
            self._tell(answer, name, kind)
        wire = answer.to_wire(
            max_size=most_bytes or MOST_BYTES_OVER_TCP, prefer_truncation=bool(most_bytes)
        )
        return trouble.seconds, wire

    def _trouble(self, name: str, kind: str) -> Trouble:
        for domain, trouble in self.troubles.items():
            is_meant = not trouble.kinds or kind in trouble.kinds
            if is_meant and (not domain or is_within(name, domain)):
                return trouble
        within = [each for each in self.broken if is_within(name, each)]
        rcode = self.broken[within[0]] if within else self.rcode
        if self.silent or (within and rcode is None):
            return Trouble(How.SILENT)
        return Trouble(rcode=rcode)

    def _tell(self, answer: dns.message.Message, name: str, kind: str) -> None:
        """Write the answer: the aliases on the way, each once, and what the last one has."""
        passed = [name]
        while (alias := self.aliases.get(passed[-1])) is not None:
            aliased = dns.rrset.from_text(f"{passed[-1]}.", 60, "IN", "CNAME", f"{alias}.")
            answer.answer.append(aliased)
            if alias in passed:
                return
            passed.append(alias)
        found = self._records(passed[-1], kind)
        if found is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif found:
            answer.answer.append(dns.rrset.from_text_list(f"{passed[-1]}.", 60, "IN", kind, found))

    def _records(self, name: str, kind: str) -> list[str] | None:
        """Return the records of a kind; None where there is no such name."""
        if name == TOP:
            return [SOA] if kind == "SOA" else []
        if name in self.hosts:
            version = {"A": 4, "AAAA": 6}.get(kind)
            return [each for each in self.hosts[name] if ip_address(each).version == version]
        known = {"MX": self.exchanges, "SRV": self.services}
        return known.get(kind, {}).get(name)


@asynccontextmanager
async def running(
    server: NameServer, port: int = 0, address: str = "127.0.0.1"
) -> AsyncIterator[NameServer]:
    """Run a name server as long as the block lasts."""
    loop = asyncio.get_running_loop()
    where = (address, port or free_ports(1)[0])
    transport, _ = await loop.create_datagram_endpoint(lambda: server, local_addr=where)
    connections = dict[asyncio.Task[None], asyncio.StreamWriter]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            connections[task] = writer
        await server.serve(reader, writer)

    async with await asyncio.start_server(serve, address, server.port):
        try:
            yield server
        finally:
            transport.close()
            for writer in connections.values():
                writer.transport.abort()
            await asyncio.gather(*connections)
