"""A name server on the loopback that knows what it is told, and fails when it is told."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@dataclass(slots=True)
class NameServer(asyncio.DatagramProtocol):
    """A name server.

    Attributes:
        exchanges: Mail exchangers by domain; no other domain exists. An empty list is a domain
            without any.
        services: SRV records by name, such as `_submission._tcp.acme.example`.
        rcode: The answer to everything, if not the usual one.
        silent: Whether it answers at all.
        port: Where it listens on 127.0.0.1.
        questions: How often it was asked.
    """

    exchanges: Mapping[str, list[str]] = field(default_factory=dict)
    services: Mapping[str, list[str]] = field(default_factory=dict)
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
        """Answer a question."""
        self.questions += 1
        if not self.silent and self._transport is not None:
            self._transport.sendto(self._answer(dns.message.from_wire(data)).to_wire(), addr)

    def _answer(self, question: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        asked = question.question[0]
        known = {"MX": self.exchanges, "SRV": self.services}
        kind = dns.rdatatype.to_text(asked.rdtype)
        found = known.get(kind, {}).get(asked.name.to_text(omit_final_dot=True))
        if self.rcode is not None or found is None:
            answer.set_rcode(self.rcode if self.rcode is not None else dns.rcode.NXDOMAIN)
        elif found:
            answer.answer.append(dns.rrset.from_text_list(asked.name, 60, "IN", kind, found))
        return answer


@asynccontextmanager
async def running(server: NameServer) -> AsyncIterator[NameServer]:
    """Run a name server as long as the block lasts."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: server, local_addr=("127.0.0.1", 0))
    try:
        yield server
    finally:
        transport.close()
