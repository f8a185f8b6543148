"""Builders of what the adapters take; whatever a test does not name is ordinary."""

from ipaddress import ip_network
from typing import Any, Final

from lab.attempts import refusal
from lab.servers.authority import Authority
from lab.servers.smtp import Behaviour, SmtpServer
from mailbox_operator.connect.network.network import Network
from mailbox_operator.connect.ports import NO_PHASES, Phases
from mailbox_operator.connect.smtp.credentials import Credential, Password
from mailbox_operator.connect.smtp.proof import Smtp, Target
from mailbox_operator.decide.declared.infrastructure import Offer
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.network.egress import Egress
from mailbox_operator.decide.status.conditions import Endpoint, Status
from mailbox_operator.decide.words import Infrastructure, Kind, Provider, Security
from unit import make

JANE: Final = "jane@acme.example"
JOE: Final = "joe@acme.example"
PASSWORD: Final = "correct horse"
TOKEN: Final = "an access token"
UID: Final = "9f0c"
TENANT: Final = "team"
GOOD: Final = Behaviour(accounts={JANE: PASSWORD}, tokens={JANE: TOKEN}, senders=(JANE,))
UNSEEN: Final = Status()
LOOPBACK: Final = Egress((ip_network("127.0.0.0/8"),), range(1, 65536))
SOON: Final = 0.3
"""Seconds of patience with a server that does not answer anyway."""
JANES: Final = Password(JANE, PASSWORD)


def network(egress: Egress = LOOPBACK, seconds: float = 1, phases: Phases = NO_PHASES) -> Network:
    """Make a way out that may dial the loopback."""
    return Network(egress, seconds, phases=phases)


def smtp(egress: Egress = LOOPBACK, seconds: float = 5, phases: Phases = NO_PHASES) -> Smtp:
    """Make a prover; with so much patience for each step."""
    return Smtp(network(egress, seconds, phases), seconds, phases=phases)


def endpoint(server: SmtpServer, security: Security | None = None) -> Endpoint:
    """Name a server; with another security than its own, if one is given."""
    own = Security(server.behaviour.security.value)
    return Endpoint(server.host, server.port, security or own)


def target(server: SmtpServer, authority: Authority, security: Security | None = None) -> Target:
    """Aim at a server, trusting an authority."""
    return Target(endpoint(server, security), authority.client_context())


async def refusal_of(
    server: SmtpServer, authority: Authority, credential: Credential = JANES, seconds: float = 5
) -> Fault:
    """Try to prove a login that must fail; tell the fault."""
    aim = target(server, authority)
    return await refusal(smtp(seconds=seconds).prove(aim, credential, JANE))


def case(
    provider: Provider = Provider.SMTP,
    offer: Offer | None = None,
    status: Status = UNSEEN,
    version: str = "1",
    uid: str = UID,
    namespace: str = TENANT,
    **spec: Any,
) -> Case:
    """Make a Mailbox of Jane's; Managed if something is offered to it, else Private."""
    how = Infrastructure.MANAGED if offer else Infrastructure.PRIVATE
    changes = {"address": JANE, "provider": provider, "infrastructure": how, "secret": "own"}
    asked = make.oauth_spec(**(changes | spec))
    key = Key(Kind.MAILBOX, namespace, "jane")
    mailbox = make.mailbox(asked, key=key, uid=uid, status=status)
    return Case(mailbox, make.infrastructure(offer) if offer else None, version)
