"""Speaks SMTP: one session that proves a login and a sender, and says what went wrong.

TLS is always on and verified; credentials are sent once, by one mechanism, to the one server they are
meant for.
"""

from contextlib import closing
from dataclasses import dataclass
from typing import Final

from mailbox_operator.connect.network.network import server_facts
from mailbox_operator.connect.ports import Gate, Trial, open_gate
from mailbox_operator.connect.smtp.conversation import Client
from mailbox_operator.connect.smtp.credentials import Credential
from mailbox_operator.connect.smtp.faults import Exchange, challenge_status, fault_of
from mailbox_operator.connect.smtp.looks import Looks
from mailbox_operator.connect.smtp.mechanisms import next_line
from mailbox_operator.connect.smtp.sessions import TROUBLE, Sessions, Target, hold, peer_address
from mailbox_operator.decide.failure.auth_offers import offers, unspoken
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.microsoft_logins import finding_at_microsoft
from mailbox_operator.decide.failure.smtp_replies import Stage
from mailbox_operator.decide.words import Phase

__all__ = ["Smtp", "Target"]

CHALLENGE: Final = 334
ACCEPTED: Final = 235
COMPLETED: Final = 250
WILL_DELIVER: Final = (250, 251)


@dataclass(frozen=True, slots=True)
class Smtp(Sessions):
    """Proves logins."""

    async def prove(
        self, target: Target, credential: Credential, sender: str | None, gate: Gate = open_gate
    ) -> None:
        """Log in, have the sender accepted as sender and as recipient, and send nothing.

        Args:
            target: Where.
            credential: What to log in with.
            sender: The sender; None to prove the login only.
            gate: Passed right before the login.

        Raises:
            Fault: Why that is not possible; where the server was not reached, the other customary
                port was looked at, without credentials, and the fault says what answers there.
            Postponed: Others are being served, or the gate has no room for this login now.
        """
        exchange = Exchange(
            target.endpoint, credential.login, credential.secrets, credential.app_password
        )
        with self.network.visit(target.tenant) as visit:
            looks = Looks(self, target, exchange, visit)
            try:
                await self._prove(looks, credential, sender, gate)
            except Fault as fault:
                kind = finding_at_microsoft(
                    fault, target.endpoint.host, credential.login, sender or ""
                )
                raise await looks.say_more_of(fault.specified(kind)) from fault

    async def _prove(
        self, looks: Looks, credential: Credential, sender: str | None, gate: Gate
    ) -> None:
        """Dial a server, and hold the session with it on the other loop."""
        exchange = looks.exchange
        try:
            with closing(await self.dial(looks.target, looks.visit)) as metered:
                address = peer_address(metered)
                async with gate(address) as trial:
                    client = self.client(looks.target, metered)
                    session = hold(
                        client, lambda: self._session(client, exchange, credential, sender, trial)
                    )
                    await looks.during(self.elsewhere.run(session), address)
        except TROUBLE as error:
            if exchange.stage is not None:
                raise fault_of(error, exchange) from error

    async def _session(
        self,
        client: Client,
        exchange: Exchange,
        credential: Credential,
        sender: str | None,
        trial: Trial,
    ) -> None:
        await self.begin_securely(client, exchange)
        trial.sent = True
        with self.phases.phase(Phase.AUTH, exchange.endpoint):
            await _authenticate(client, credential, exchange)
        trial.accepted = True
        if sender is None:
            exchange.stage = None
            await client.quit()
        else:
            with self.phases.phase(Phase.SENDER, exchange.endpoint):
                await _offer(client, sender, exchange)


async def _offer(client: Client, sender: str, exchange: Exchange) -> None:
    """Name the sender, and again as the recipient: many servers judge the sender only then.

    With the sender accepted all is proved, so of the recipient only what a server says of the sender
    counts; silence does not. MAIL goes out by itself therefore: Exim keeps the replies to commands that
    came together until it has dealt with the last of them.

    Raises:
        Fault: The sender, the client or its greeting is refused after all.
    """
    exchange.stage = Stage.MAIL
    reply = await client.say(f"MAIL FROM:<{sender}>")()
    if reply.code != COMPLETED:
        raise exchange.fault(reply.code, reply.message)
    exchange.stage = None
    next_reply = client.say(f"RCPT TO:<{sender}>", "RSET", "QUIT")
    reply = await next_reply()
    if reply.code not in WILL_DELIVER and exchange.is_about_sender(reply.code, reply.message):
        exchange.stage = Stage.RCPT
        raise exchange.fault(reply.code, reply.message)
    await next_reply()
    await next_reply()


async def _authenticate(client: Client, credential: Credential, exchange: Exchange) -> None:
    exchange.stage = Stage.AUTH
    mechanisms, offered = credential.mechanisms, offers(client.server_auth_methods)
    mechanism = next((name for name in mechanisms if name in offered), None)
    if mechanism is None:
        raise unspoken(offered, tuple(mechanisms)).with_facts(**server_facts(exchange.endpoint))
    challenge, saying = "", mechanisms[mechanism]()
    first = exchange.said(next(saying))
    response = await client.execute_command(b"AUTH", f"{mechanism} {first}".strip().encode())
    while response.code == CHALLENGE:
        challenge = challenge_status(response.message)
        answer = next_line(saying, response.message)
        if answer is None:
            break
        response = await client.execute_command(exchange.said(answer).encode())
    if response.code != ACCEPTED:
        raise exchange.fault(response.code, response.message, challenge=challenge)
