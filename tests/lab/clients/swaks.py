"""swaks, the Swiss army knife of SMTP."""

from pathlib import Path
from typing import Final

from lab.clients.programs import Ended, Login, run

WAYS: Final = {
    "PLAIN": ("--tls", "--auth", "PLAIN"),
    "LOGIN": ("--tls", "--auth", "LOGIN"),
    "pipelined": ("--tls", "--auth", "PLAIN", "--pipeline"),
    "TLS": ("--tls-on-connect", "--auth", "PLAIN"),
}
"""Options by the way to send."""


async def swaks(
    login: Login, directory: Path, to: str, way: str = "PLAIN", sender: str = ""
) -> Ended:
    """Send one message.

    Args:
        login: At the gateway.
        directory: For the file of the authority.
        to: The recipient.
        way: One of the table above.
        sender: In place of the Mailbox's address.
    """
    authority = directory / "authority.pem"
    authority.write_text(login.certificates)
    port = login.tls_port if way == "TLS" else login.port
    return await run(
        *("swaks", "--server", login.host, "--port", str(port)),
        *("--tls-verify", "--tls-ca-path", authority),
        *("--from", sender or login.address, "--to", to),
        *("--auth-user", login.username, "--auth-password", login.password, *WAYS[way]),
    )
