"""The wire between a pod and the node, and the program that holds the pod's end of it.

A pod has a network namespace of its own, with nothing in it but its own loopback. TCP gets across
through Unix sockets in a shared folder: whoever dials sends the port on a line, then the stream.
A destination that is allowed but down is therefore reset rather than refused.

Run as a script inside the sandbox, where nothing but the standard library can be imported:
`python sandbox.py FOLDER PORT,PORT... PROGRAM ARGUMENT...`. Standard input takes a signal number a
line for the program; the exit status is the program's, 128 + N if a signal ended it.
"""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
INTO_POD: Final = "in.sock"
OUT_OF_POD: Final = "out.sock"
CHUNK_BYTES: Final = 64 * 1024
LAST_SECONDS: Final = 1.0
"""For what a program wrote before it ended; a kernel delivers that too."""

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class End:
    """One end of the wire.

    Attributes:
        folder: Shared with the other end.
        address: Where this end listens, and what it dials.
    """

    folder: Path
    address: str = LOOPBACK
    _servers: list[asyncio.Server] = field(default_factory=list)
    _streams: set[asyncio.Task[None]] = field(default_factory=set)

    async def carry(self, to: str, port: int, listen: int = 0) -> int:
        """Listen at this end's address, and carry what arrives to a port at the other end.

        Returns:
            Where it listens.
        """

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                far = await asyncio.open_unix_connection(self.folder / to)
            except OSError:
                writer.transport.abort()
                return
            far[1].write(f"{port}\n".encode())
            await self._join((reader, writer), far)

        server = await asyncio.start_server(accept, self.address, listen)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def admit(self, by: str, may: Callable[[int], bool]) -> None:
        """Take what the other end carries, and dial the port at this end's address if it may."""

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                port = int(await reader.readline() or 0)
                if not may(port):
                    raise ConnectionRefusedError(port)
                near = await asyncio.open_connection(self.address, port)
            except OSError:
                writer.transport.abort()
                return
            await self._join((reader, writer), near)

        self._servers.append(await asyncio.start_unix_server(accept, self.folder / by))

    async def settle(self) -> None:
        """Carry on what is on its way, for a moment."""
        if self._streams:
            await asyncio.wait(self._streams, timeout=LAST_SECONDS)

    async def close(self) -> None:
        """Cut all connections, and take no more."""
        for server in self._servers:
            server.close()
        for stream in self._streams:
            stream.cancel()
        await asyncio.gather(*self._streams, return_exceptions=True)

    async def _join(self, one: Stream, other: Stream) -> None:
        """Copy both ways until both sides have ended."""
        both = asyncio.gather(copy(one[0], other[1]), copy(other[0], one[1]))
        if stream := asyncio.current_task():
            self._streams.add(stream)
            stream.add_done_callback(self._streams.discard)
        try:
            await both
        finally:
            one[1].transport.abort()
            other[1].transport.abort()


async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Copy one way, the end of the stream included; a broken side breaks the other."""
    try:
        while chunk := await source.read(CHUNK_BYTES):
            sink.write(chunk)
            await sink.drain()
        sink.write_eof()
        await sink.drain()
    except OSError:
        sink.transport.abort()


async def obey(child: asyncio.subprocess.Process) -> None:
    """Pass on the signals that the node asks for."""
    orders = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    async for line in orders:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.Signals(int(line)))


async def main(folder: Path, ports: str, *command: str) -> int:
    """Set up the wire, run the program, and report how it ended."""
    end = End(folder)
    await end.admit(INTO_POD, lambda port: True)
    for port in filter(None, ports.split(",")):
        await end.carry(OUT_OF_POD, int(port), listen=int(port))
    try:
        child = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
    except OSError as error:
        print(error, file=sys.stderr)
        return 127
    obeying = asyncio.create_task(obey(child))
    code = await child.wait()
    obeying.cancel()
    await end.settle()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:])))
