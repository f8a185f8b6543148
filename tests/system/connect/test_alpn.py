"""What the HTTP client offers in its handshakes is never offered to a mail server."""

from dataclasses import replace

from lab.attempts import refusal
from lab.servers.alpn_strict import alpn_strict
from lab.servers.smtp import Security as ServerSecurity
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.smtp.proof import Target
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Provider, Security
from system.connect.cases import GOOD, JANE, JANES, case, smtp
from system.connect.conftest import Serve
from system.connect.oauth import World

TLS = replace(GOOD, security=ServerSecurity.TLS)


async def test_a_strict_mail_server_admits_the_operator_after_an_oauth_request(
    serve: Serve, world: World, trust: Trust
) -> None:
    server = await serve(TLS)
    await world.google.connect(case(Provider.GOOGLE))

    async with alpn_strict(server) as port:
        aim = Target(Endpoint("127.0.0.1", port, Security.TLS), trust.context())
        await smtp().prove(aim, JANES, JANE)

    assert server.attempts[0].accepted


async def test_a_server_that_insists_on_alpn_is_its_administrators(
    serve: Serve, trust: Trust
) -> None:
    offering_http = trust.http_context()
    offering_http.set_alpn_protocols(["http/1.1"])

    async with alpn_strict(await serve(TLS)) as port:
        aim = Target(Endpoint("127.0.0.1", port, Security.TLS), offering_http)
        fault = await refusal(smtp().prove(aim, JANES, JANE))

    assert fault.reason is Reason.TLS_HANDSHAKE_FAILED
