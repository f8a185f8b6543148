"""An SMTP server as a process of its own: tells its port, then its count for each line it hears."""

import asyncio
import json
import sys
from pathlib import Path

from lab.servers.authority import Authority
from lab.servers.smtp import Behaviour, SmtpServer
from tools.bench.sizes import PASSWORD, address


async def main(authority: Authority, accounts: int) -> None:
    """Serve until the input ends."""
    known = {address(number): PASSWORD for number in range(accounts)}
    async with SmtpServer(authority.server_context(), Behaviour(accounts=known)) as server:
        print(json.dumps({"port": server.port}), flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps({"connections": server.connections}), flush=True)


if __name__ == "__main__":
    ours = Authority()
    Path(sys.argv[1]).write_bytes(ours.ca_pem)
    asyncio.run(main(ours, int(sys.argv[2])))
