"""A real nginx as a mail proxy: an HTTP back end of the test's says who may log in, and to where."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from aiohttp import web

from lab.servers.authority import Authority
from lab.servers.endpoint import Answer, endpoint
from lab.servers.mail_server import MailServer, greets, running, started
from lab.servers.unpacked import environment, unpacked

PROGRAM: Final = "usr/sbin/nginx"
MODULE: Final = "usr/lib/nginx/modules/ngx_mail_module.so"
REFUSAL: Final = {"Auth-Status": "Invalid login or password"}

CONFIGURATION: Final = """\
load_module {module};
daemon off;
master_process off;
pid {directory}/pid;
error_log {directory}/out info;
events {{}}
mail {{
  server_name mail.test;
  auth_http {logins}/;
  ssl_certificate {directory}/pair.pem;
  ssl_certificate_key {directory}/pair.pem;
  server {{
    listen {server.host}:{server.submission_port};
    protocol smtp;
    starttls only;
  }}
  server {{
    listen {server.host}:{server.smtps_port} ssl;
    protocol smtp;
  }}
  {settings}
}}
"""


@dataclass(frozen=True, slots=True)
class Logins:
    """What nginx asks about a login, by HTTP.

    Attributes:
        users: Passwords by user name.
        port: Of the mail server on 127.0.0.1 that everybody is passed on to.
        refusal: The headers of a refusal.
    """

    users: Mapping[str, str]
    port: int
    refusal: Mapping[str, str]

    async def answer(self, request: web.Request) -> web.Response:
        """Say where a user goes, or why nowhere."""
        user, password = (unquote(request.headers[f"Auth-{part}"]) for part in ("User", "Pass"))
        if self.users.get(user) != password:
            return web.Response(headers=self.refusal)
        where = {"Auth-Server": "127.0.0.1", "Auth-Port": str(self.port)}
        return web.Response(headers={"Auth-Status": "OK", **where})


class NginxMail(MailServer):
    """A running one: PLAIN and LOGIN over TLS only; the server behind it judges the sender."""

    __slots__ = ()

    @classmethod
    @asynccontextmanager
    async def start(
        cls, directory: Path, authority: Authority, logins: Answer, settings: Iterable[str] = ()
    ) -> AsyncIterator["NginxMail"]:
        """Run it as long as the block lasts.

        Args:
            directory: An empty directory.
            authority: Signs the certificate, for localhost and 127.0.0.1.
            logins: Answers what nginx asks about each login.
            settings: More directives for all its ports.

        Raises:
            RuntimeError: It is not there, or would not start.
        """
        program, module = unpacked("nginx", PROGRAM), unpacked("nginx", MODULE)
        server = cls.at_free_ports()
        authority.certificate().write(directory / "pair.pem")
        log = directory / "out"
        async with endpoint(None, logins) as url:
            settings = "\n".join(settings)
            written = CONFIGURATION.format(
                directory=directory, module=module, logins=url, server=server, settings=settings
            )
            (directory / "nginx.conf").write_text(written)
            command = (str(program), "-p", str(directory), "-c", str(directory / "nginx.conf"))
            async with running(log, *command, environment=environment()) as process:
                await started("nginx", process, log, partial(greets, server))
                yield server
