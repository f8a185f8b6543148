"""A name server on the loopback that knows what it is told, and fails when it is told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class NameServer(asyncio.DatagramProtocol):
    """A name server, over UDP and TCP.

    Attributes:
        exchanges: Mail exchangers by domain; no other domain exists. An empty list is a domain
            without any.
        services: SRV records by name, such as `_submission._tcp.acme.example`.
        hosts: Addresses by name, of both families.
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
        answer = self._answer(data)
        if answer is not None and self._transport is not None:
            wire = answer.to_wire(max_size=MOST_BYTES, prefer_truncation=True)
            self._transport.sendto(wire, addr)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the questions of a connection until its end."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int.from_bytes(await reader.readexactly(2))
                answer = self._answer(await reader.readexactly(length))
                if answer is not None:
                    wire = answer.to_wire(max_size=65_535)
                    writer.write(len(wire).to_bytes(2) + wire)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    def _answer(self, data: bytes) -> dns.message.Message | None:
        question = dns.message.from_wire(data)
        asked = question.question[0]
        name = asked.name.to_text(omit_final_dot=True).lower()
        self.questions += 1
        within = [each for each in self.broken if is_within(name, each)]
        rcode = self.broken[within[0]] if within else self.rcode
        if self.silent or (within and rcode is None):
            return None
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        found = self._records(name, dns.rdatatype.to_text(asked.rdtype))
        if rcode is not None or found is None:
            answer.set_rcode(rcode if rcode is not None else dns.rcode.NXDOMAIN)
        elif found:
            kind = dns.rdatatype.to_text(asked.rdtype)
            answer.answer.append(dns.rrset.from_text_list(asked.name, 60, "IN", kind, found))
        return answer

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
    connections = set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            connections.add(task)
        await server.serve(reader, writer)

    try:
        async with await asyncio.start_server(serve, address, server.port):
            yield server
    finally:
        transport.close()
        await asyncio.gather(*connections)
